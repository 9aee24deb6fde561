/** One page of `/ISAPI/ContentMgmt/search`: the question, and what a device's answer says. */
import type { Isapi } from "../isapi/isapi";
import { list, number, text, xml } from "../isapi/xml";
import { say } from "../lib/sentence";
import type { RecordType } from "./recording";

const PATH = "/ISAPI/ContentMgmt/search";
const DESCRIPTOR = "//recordType.meta.std-cgi.com";
/** Devices answer with 40 to 200 at most, whatever is asked. */
export const PAGE_SIZE = 40;

export interface PageQuery {
  /** One per search; devices may keep their place by it. */
  readonly searchId: string;
  readonly track: number;
  /** As devices write times; so is `end`. */
  readonly start: string;
  readonly end: string;
  readonly recordType: RecordType;
  readonly position: number;
}

/** A hit, as the device wrote it. */
export interface Match {
  readonly track: number;
  readonly start: string;
  readonly end: string;
  readonly playbackUri: string;
  readonly name?: string;
  readonly codec?: string;
  readonly recordType?: string;
}

export interface Page {
  readonly matches: readonly Match[];
  /** Entries on the page, also those that were no use. */
  readonly size: number;
  /** The device says that there are more, which is not always true. */
  readonly more: boolean;
}

/** Throws what {@link Isapi.post} throws. */
export async function searchPage(isapi: Pick<Isapi, "post">, query: PageQuery, signal?: AbortSignal): Promise<Page> {
  const options = {
    purpose: say`the search for recordings of channel ${Math.floor(query.track / 100)}`,
    retryBusy: true,
    ...(signal && { signal }),
  };
  return readPage((await isapi.post(PATH, body(query), options))?.value, query);
}

/** `searchResultPostion` is how the vendor spells it. */
function body({ searchId, track, start, end, recordType, position }: PageQuery): string {
  const content = recordType === "picture" ? "metadata" : "video";
  return xml`<?xml version="1.0" encoding="UTF-8"?>
<CMSearchDescription><searchID>${searchId}</searchID>
<trackIDList><trackID>${track}</trackID></trackIDList>
<timeSpanList><timeSpan><startTime>${start}</startTime><endTime>${end}</endTime></timeSpan></timeSpanList>
<contentTypeList><contentType>${content}</contentType></contentTypeList>
<maxResults>${PAGE_SIZE}</maxResults><searchResultPostion>${position}</searchResultPostion>
<metadataList><metadataDescriptor>${DESCRIPTOR}${SUFFIX[recordType]}</metadataDescriptor></metadataList></CMSearchDescription>`;
}

const SUFFIX: Readonly<Record<RecordType, string>> = {
  all: "",
  timing: "/timing",
  motion: "/motion",
  alarm: "/alarm",
  manual: "/manual",
  picture: "/allPic",
};

function readPage(result: unknown, { track, position }: PageQuery): Page {
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

function readMatch(entry: unknown, asked: number): readonly Match[] {
  const start = text(entry, "timeSpan", "startTime");
  const end = text(entry, "timeSpan", "endTime");
  const playbackUri = text(entry, "mediaSegmentDescriptor", "playbackURI");
  if (start === undefined || end === undefined || playbackUri === undefined) return [];
  const name = text(entry, "mediaSegmentDescriptor", "name");
  const codec = text(entry, "mediaSegmentDescriptor", "codecType");
  const recordType = text(entry, "metadataMatches", "metadataDescriptor")?.split("/").at(-1);
  return [
    {
      track: number(entry, "trackID") ?? asked,
      start,
      end,
      playbackUri,
      ...(name !== undefined && { name }),
      ...(codec !== undefined && { codec }),
      ...(recordType !== undefined && recordType !== "" && { recordType }),
    },
  ];
}
