/** The first page of what a channel has recorded in a span: no more than the probe of zulu.ts needs. */
import { randomUUID } from "node:crypto";
import type { Isapi } from "../isapi/isapi";
import { isUnavailable } from "../isapi/unavailable";
import { list, text, xml } from "../isapi/xml";
import { say } from "../lib/sentence";
import type { Clip, FindClips } from "./zulu-detection";

const PATH = "/ISAPI/ContentMgmt/search";

/** A device that cannot search, or does not let this user, has no clips to ask. */
export function clipsOf(isapi: Pick<Isapi, "post">, channel: number, signal?: AbortSignal): FindClips {
  return async (start, end) => {
    const body = xml`<?xml version="1.0" encoding="UTF-8"?>
<CMSearchDescription><searchID>${randomUUID().toUpperCase()}</searchID>
<trackIDList><trackID>${channel * 100 + 1}</trackID></trackIDList>
<timeSpanList><timeSpan><startTime>${start}</startTime><endTime>${end}</endTime></timeSpan></timeSpanList>
<maxResults>40</maxResults><searchResultPostion>0</searchResultPostion>
<metadataList><metadataDescriptor>//recordType.meta.std-cgi.com</metadataDescriptor></metadataList></CMSearchDescription>`;
    try {
      const options = { purpose: say`the search for recordings`, retryBusy: true, ...(signal && { signal }) };
      return parse((await isapi.post(PATH, body, options))?.value);
    } catch (error) {
      if (isUnavailable(error)) return [];
      throw error;
    }
  };
}

function parse(result: unknown): readonly Clip[] {
  return list(result, "matchList", "searchMatchItem").flatMap((item) => {
    const [start, end] = [text(item, "timeSpan", "startTime"), text(item, "timeSpan", "endTime")];
    return start === undefined || end === undefined ? [] : [{ start, end }];
  });
}
