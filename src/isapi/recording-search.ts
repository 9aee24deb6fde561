/**
 * One page of `/ISAPI/ContentMgmt/search`, which finds recordings: the request, and the device's reply. Devices know one of three
 * spellings of the track. Those that do not know ours refuse it, or overlook it and answer for channel 1.
 */
import { randomUUID } from "node:crypto";
import { codeOf, RetryableError } from "../lib/errors";
import { say } from "../lib/sentence";
import { flatMapInSteps, inSlices, type Steps } from "../lib/slices";
import { trackOf } from "../rtsp/urls";
import type { Isapi } from "./isapi";
import { list, number, raw, text, xml, type RawXml } from "./xml";

const PATH = "/ISAPI/ContentMgmt/search";
const DESCRIPTOR = "//recordType.meta.std-cgi.com";
/** Devices answer with 40 to 200 at most, whatever is asked. */
export const PAGE_SIZE = 40;
const MAX_ADDRESS = 1_000;
const MAX_TEXT = 255;

/** What to search for. */
export type RecordType = "all" | "timing" | "motion" | "alarm" | "manual" | "picture";

export interface SearchQuery {
  /** The same for all pages of one search: some devices ignore `position` and count the pages themselves. */
  readonly searchId: string;
  /** channel * 100 + 1, of pictures + 3. */
  readonly track: number;
  /** As devices write times ("2021-08-18T15:18:15Z"); so is `end`. */
  readonly start: string;
  readonly end: string;
  readonly recordType: RecordType;
  /** Whatever the device has recorded is an answer, of other tracks, too. */
  readonly anyTrack?: true;
  /** Matches before this page. */
  readonly position: number;
}

/** As the device wrote it. */
export interface SearchMatch {
  readonly track: number;
  readonly start: string;
  readonly end: string;
  readonly playbackUri: string;
  readonly name?: string;
  readonly codec?: string;
  readonly recordType?: string;
}

export interface SearchPage {
  readonly matches: readonly SearchMatch[];
  /** Entries on the page, those that lack a time or an address, and those of other tracks, included. */
  readonly size: number;
  /** Entries of other tracks. */
  readonly foreign: number;
  /** The device says that there are more, which is not always true. */
  readonly more: boolean;
}

/** In the order in which they are tried. */
const SPELLINGS = ["trackIDList", "trackList", "trackID"] as const;
type Spelling = (typeof SPELLINGS)[number];
/** What each device has understood. */
const understood = new WeakMap<Pick<Isapi, "post">, Spelling>();

/**
 * Recordings of another track are no answer: then, and where the device refuses one spelling of the track, the others are tried.
 * Throws `protocol` when it answers for another track each time or without XML, else what {@link Isapi.post} throws.
 */
export async function searchPage(
  isapi: Pick<Isapi, "post">,
  query: SearchQuery,
  signal?: AbortSignal,
): Promise<SearchPage> {
  const known = understood.get(isapi);
  // Later pages are asked for as the first one was.
  const spellings = known === undefined ? SPELLINGS : [known, ...(query.position > 0 ? [] : without(known))];
  let refusal: unknown;
  for (const spelling of spellings) {
    try {
      const page = await askPage(isapi, query, spelling, signal);
      if (page.foreign > 0 && page.matches.length === 0 && query.position === 0) continue;
      if (refusal !== undefined && page.size === 0 && !(await isRefused(isapi, query, signal))) throw refusal as Error;
      if (page.size > 0 || spelling !== SPELLINGS[0]) understood.set(isapi, spelling);
      return page;
    } catch (error) {
      // Refused by a device that is known to understand it: this is about the channel or the times.
      if (codeOf(error) !== "badRequest" || error === refusal || spelling === known) throw error;
      refusal ??= error;
    }
  }
  throw (refusal as Error | undefined) ?? otherTrack(query);
}

function without(known: Spelling): readonly Spelling[] {
  return SPELLINGS.filter((spelling) => spelling !== known);
}

/** Is the usual spelling refused for channel 1, too? Then it is not the channel that the device does not know. */
async function isRefused(isapi: Pick<Isapi, "post">, query: SearchQuery, signal?: AbortSignal): Promise<boolean> {
  try {
    await askPage(isapi, { ...query, searchId: randomUUID().toUpperCase(), track: 101 }, SPELLINGS[0], signal);
    return false;
  } catch (error) {
    if (codeOf(error) !== "badRequest") throw error;
    return true;
  }
}

async function askPage(
  isapi: Pick<Isapi, "post">,
  query: SearchQuery,
  spelling: Spelling,
  signal: AbortSignal | undefined,
): Promise<SearchPage> {
  const purpose = say`the search for recordings of channel ${Math.floor(query.track / 100)}`;
  const document = await isapi.post(PATH, BODIES[spelling](query), {
    purpose,
    retryBusy: true,
    lane: "read",
    ...(signal && { signal }),
  });
  if (document === undefined)
    throw new RetryableError(
      "protocol",
      say`The device answered the search without a list. Try again; if this goes on, restart the device.`,
    );
  return inSlices(readPage(document.value, query), signal);
}

function otherTrack({ track }: SearchQuery): RetryableError {
  return new RetryableError(
    "protocol",
    say`Asked for recordings of channel ${Math.floor(track / 100)}, the device answers with those of another channel. Update its firmware, or choose the channel that it knows.`,
  );
}

/** Recorders that want `trackList` want the rest as of old, too: a version, braces, no XML declaration (DS-7616NXI V4.84). */
const BODIES: Readonly<Record<Spelling, (query: SearchQuery) => string>> = {
  trackIDList: (query) =>
    xml`<?xml version="1.0" encoding="UTF-8"?>
<CMSearchDescription><searchID>${query.searchId}</searchID>
<trackIDList><trackID>${query.track}</trackID></trackIDList>
${rest(query)}`,
  trackList: (query) =>
    xml`<CMSearchDescription version="1.0" xmlns="http://www.hikvision.com/ver20/XMLSchema"><searchID>{${query.searchId}}</searchID>
<trackList><trackID>${query.track}</trackID></trackList>
${rest(query)}`,
  trackID: (query) =>
    xml`<?xml version="1.0" encoding="UTF-8"?>
<CMSearchDescription><searchID>${query.searchId}</searchID>
<trackID>${query.track}</trackID>
${rest(query)}`,
};

/** `searchResultPostion` is how the vendor spells it. */
function rest({ start, end, recordType, position }: SearchQuery): RawXml {
  const content = recordType === "picture" ? "metadata" : "video";
  return raw(xml`<timeSpanList><timeSpan><startTime>${start}</startTime><endTime>${end}</endTime></timeSpan></timeSpanList>
<contentTypeList><contentType>${content}</contentType></contentTypeList>
<maxResults>${PAGE_SIZE}</maxResults><searchResultPostion>${position}</searchResultPostion>
<metadataList><metadataDescriptor>${DESCRIPTOR}${DESCRIPTOR_SUFFIX[recordType]}</metadataDescriptor></metadataList></CMSearchDescription>`);
}

const DESCRIPTOR_SUFFIX: Readonly<Record<RecordType, string>> = {
  all: "",
  timing: "/timing",
  motion: "/motion",
  alarm: "/alarm",
  manual: "/manual",
  picture: "/allPic",
};

export function isRecordType(value: unknown): value is RecordType {
  return typeof value === "string" && Object.hasOwn(DESCRIPTOR_SUFFIX, value);
}

function* readPage(result: unknown, query: SearchQuery): Steps<SearchPage> {
  // The vendor's guide calls them matchElement.
  const entries = ["searchMatchItem", "matchElement"].flatMap((name) => list(result, "matchList", name));
  // Some firmware spells the name of the status with a p at its end.
  const status = text(result, "responseStatusStrg") ?? text(result, "responseStatusStrp") ?? "";
  const total = number(result, "totalMatches") ?? 0;
  const size = entries.length;
  let foreign = 0;
  const matches = yield* flatMapInSteps(entries, (entry) => {
    const isOwn = query.anyTrack === true || tracksOf(entry).every((one) => one === query.track);
    if (!isOwn) foreign++;
    return isOwn ? readMatch(entry, query.track) : [];
  });
  return { matches, size, foreign, more: /^more/i.test(status) || total > query.position + size };
}

/** What the entry says about its track: in its own element, and in the address by which it is played. */
function tracksOf(entry: unknown): readonly number[] {
  const inAddress = trackOf(text(entry, "mediaSegmentDescriptor", "playbackURI") ?? "");
  return [number(entry, "trackID"), inAddress].filter((track) => track !== undefined);
}

function readMatch(entry: unknown, queriedTrack: number): readonly SearchMatch[] {
  const start = text(entry, "timeSpan", "startTime");
  const end = text(entry, "timeSpan", "endTime");
  const playbackUri = text(entry, "mediaSegmentDescriptor", "playbackURI");
  if (start === undefined || end === undefined || playbackUri === undefined) return [];
  // An address has some 200 characters. Many long ones would fill the memory.
  if (playbackUri.length > MAX_ADDRESS || start.length > MAX_TEXT || end.length > MAX_TEXT) return [];
  const short = (value: string | undefined): string | undefined => value?.slice(0, MAX_TEXT);
  const name = short(text(entry, "mediaSegmentDescriptor", "name"));
  const codec = short(text(entry, "mediaSegmentDescriptor", "codecType"));
  const recordType = short(text(entry, "metadataMatches", "metadataDescriptor")?.split("/").at(-1));
  return [
    {
      track: queriedTrack,
      start,
      end,
      playbackUri,
      ...(name !== undefined && { name }),
      ...(codec !== undefined && { codec }),
      ...(recordType !== undefined && recordType !== "" && { recordType }),
    },
  ];
}
