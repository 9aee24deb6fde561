/** One page of `/ISAPI/ContentMgmt/search`, which finds recordings: the request, and the device's reply. */
import { say } from "../lib/sentence";
import type { Isapi } from "./isapi";
import { list, number, text, xml } from "./xml";

const PATH = "/ISAPI/ContentMgmt/search";
const DESCRIPTOR = "//recordType.meta.std-cgi.com";
/** Devices answer with 40 to 200 at most, whatever is asked. */
export const PAGE_SIZE = 40;

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
  /** Entries on the page, those that lack a time or an address included. */
  readonly size: number;
  /** The device says that there are more, which is not always true. */
  readonly more: boolean;
}

/** Throws what {@link Isapi.post} throws. */
export async function searchPage(
  isapi: Pick<Isapi, "post">,
  query: SearchQuery,
  signal?: AbortSignal,
): Promise<SearchPage> {
  const options = {
    purpose: say`the search for recordings of channel ${Math.floor(query.track / 100)}`,
    retryBusy: true,
    lane: "read" as const,
    ...(signal && { signal }),
  };
  return readPage((await isapi.post(PATH, body(query), options))?.value, query);
}

/** `searchResultPostion` is how the vendor spells it. */
function body({ searchId, track, start, end, recordType, position }: SearchQuery): string {
  const content = recordType === "picture" ? "metadata" : "video";
  return xml`<?xml version="1.0" encoding="UTF-8"?>
<CMSearchDescription><searchID>${searchId}</searchID>
<trackIDList><trackID>${track}</trackID></trackIDList>
<timeSpanList><timeSpan><startTime>${start}</startTime><endTime>${end}</endTime></timeSpan></timeSpanList>
<contentTypeList><contentType>${content}</contentType></contentTypeList>
<maxResults>${PAGE_SIZE}</maxResults><searchResultPostion>${position}</searchResultPostion>
<metadataList><metadataDescriptor>${DESCRIPTOR}${DESCRIPTOR_SUFFIX[recordType]}</metadataDescriptor></metadataList></CMSearchDescription>`;
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

function readPage(result: unknown, { track, position }: SearchQuery): SearchPage {
  const entries = list(result, "matchList", "searchMatchItem");
  // Some firmware spells the name of the status with a p at its end.
  const status = text(result, "responseStatusStrg") ?? text(result, "responseStatusStrp") ?? "";
  const total = number(result, "totalMatches") ?? 0;
  const size = entries.length;
  return {
    matches: entries.flatMap((entry) => readMatch(entry, track)),
    size,
    more: /^more/i.test(status) || total > position + size,
  };
}

function readMatch(entry: unknown, queriedTrack: number): readonly SearchMatch[] {
  const start = text(entry, "timeSpan", "startTime");
  const end = text(entry, "timeSpan", "endTime");
  const playbackUri = text(entry, "mediaSegmentDescriptor", "playbackURI");
  if (start === undefined || end === undefined || playbackUri === undefined) return [];
  const name = text(entry, "mediaSegmentDescriptor", "name");
  const codec = text(entry, "mediaSegmentDescriptor", "codecType");
  const recordType = text(entry, "metadataMatches", "metadataDescriptor")?.split("/").at(-1);
  return [
    {
      track: number(entry, "trackID") ?? queriedTrack,
      start,
      end,
      playbackUri,
      ...(name !== undefined && { name }),
      ...(codec !== undefined && { codec }),
      ...(recordType !== undefined && recordType !== "" && { recordType }),
    },
  ];
}
