/** What a device remembers of its events: the log, stored events, people and vehicles, access events. With the traps of real ones. */
import type { VirtualDevice } from "../device";
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { element, leaf, readLeaf } from "../xml";

export interface LogEntry {
  readonly atMs: number;
  /** "Alarm/motionStart/3" */
  readonly what: string;
  /** Of a stop: when it had begun. */
  readonly sinceMs?: number;
}

export interface EventRecord {
  readonly channel: number;
  /** eventType, or one of the behaviors. */
  readonly type: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly pictureUrl?: string;
}

export interface TargetSpan {
  readonly channel: number;
  readonly target: "human" | "vehicle";
  readonly startMs: number;
  readonly endMs: number;
}

export interface AccessEvent {
  readonly atMs: number;
  readonly major: number;
  readonly minor: number;
  readonly more?: Readonly<Record<string, unknown>>;
}

interface LogSearch {
  readonly id: string;
  readonly entries: readonly LogEntry[];
}

export class Past {
  readonly log: LogEntry[] = [];
  /** No log: the path is refused. */
  hasLog = true;
  /** Entries after which an answer ends without a word. */
  logCut = 2_000;
  /** Stops are found by when they had begun. */
  stopsByStart = false;
  /** MORE on every page, the last one again and again. */
  logMoreForEver = false;
  /** responseStatusStrg in place of a list. */
  logStatus: string | undefined;
  logSearches = 0;
  /** Searches that came while another one was under way. */
  crossed = 0;
  current: LogSearch | undefined;

  readonly records: EventRecord[] = [];
  /** eventType and behaviorEventType; undefined: it has no such search. */
  recordTypes: { readonly eventTypes: string; readonly behaviors: string } | undefined;
  /** Rows as the Chinese notes have them: time, channel, eventType. */
  recordsAsMatches = false;

  readonly targets: TargetSpan[] = [];
  hasTargets = false;
  /** The user lacks "Parameter Configuration". */
  targetsForbidden = false;
  /** "+00:00" behind local digits. */
  lyingOffsets = false;

  readonly access: AccessEvent[] = [];
  hasAccess = false;
  positionLimit = 1_000;
  /** Digits of the device's clock without an offset, and no serial number (KV6124). */
  plainTimes = false;
  totals = true;
  pictureTypes = false;
}

export const pastOf = perDevice(() => new Past());

/** Elements of RacmCap. */
export function pastCapabilities(device: VirtualDevice): string {
  const { recordTypes, hasTargets, pictureTypes } = pastOf(device);
  const records =
    recordTypes &&
    element(
      "eventRecordSearch",
      `<eventType opt="all,${recordTypes.eventTypes},behavior"></eventType>` +
        element("behavior", `<behaviorEventType opt="${recordTypes.behaviors}"></behaviorEventType>`),
    );
  return (
    (records ?? "") +
    (hasTargets ? leaf("isSupportRecordSearchByTargetType", true) : "") +
    (pictureTypes ? '<pictureSearchType opt="allPic,MOTION"></pictureSearchType>' : "")
  );
}

function searchLog(exchange: Exchange): void {
  const past = pastOf(exchange.device);
  if (!past.hasLog) {
    exchange.status("notSupport");
    return;
  }
  const body = exchange.xmlBody("CMSearchDescription");
  if (body === undefined) return;
  const read = (name: string): string => readLeaf(body, name) ?? "";
  const [id, start, end] = [read("searchID"), read("startTime"), read("endTime")];
  const major = /^log\.(?:std-cgi|hikvision)\.com(?:\/(\w+))?$/.exec(read("metaId"));
  const stamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
  if (!major || !stamp.test(start) || !stamp.test(end) || start > end) {
    exchange.status("badXmlContent");
    return;
  }
  const position = Number(read("searchResultPostion"));
  if (past.current?.id !== id) {
    if (position > 0) past.crossed += 1;
    past.logSearches += 1;
    past.current = { id, entries: findLog(exchange.device, major[1], start, end).slice(0, past.logCut) };
  }
  const { entries } = past.current;
  const size = Math.min(Number(read("maxResults")), 64);
  const from = past.logMoreForEver ? Math.max(0, Math.min(position, entries.length - size)) : position;
  const page = entries.slice(from, from + size);
  const more = past.logMoreForEver || entries.length > from + page.length;
  const word = past.logStatus ?? (page.length === 0 ? "NO MATCHES" : more ? "MORE" : "OK");
  const items = page.map(({ what, atMs }) =>
    element(
      "searchMatchItem",
      element(
        "logDescriptor",
        leaf("metaId", `log.hikvision.com/${what}`) + leaf("StartDateTime", digits(exchange.device, atMs)),
      ),
    ),
  );
  exchange.xml(
    element(
      "CMSearchResult",
      leaf("searchID", id) +
        leaf("responseStatusStrg", word) +
        leaf("numOfMatches", page.length) +
        element("matchList", past.logStatus === undefined ? items.join("") : ""),
    ),
  );
}

/** Oldest first, by the digits of its clock. */
function findLog(device: VirtualDevice, major: string | undefined, start: string, end: string): readonly LogEntry[] {
  const past = pastOf(device);
  return past.log
    .filter(({ what, atMs, sinceMs = atMs }) => {
      const shown = `${digits(device, past.stopsByStart ? sinceMs : atMs)}Z`;
      return (major === undefined || what.startsWith(`${major}/`)) && shown >= start && shown <= end;
    })
    .sort((a, b) => a.atMs - b.atMs);
}

function digits(device: VirtualDevice, atMs: number): string {
  return device.time.stamp(atMs).slice(0, 19);
}

type Body = Readonly<Record<string, unknown>>;

function jsonBody(exchange: Exchange, root: string): Body | undefined {
  try {
    const body = (JSON.parse(exchange.body.toString("utf8")) as Body)[root];
    if (typeof body === "object" && body !== null && exchange.query.get("format") === "json") return body as Body;
  } catch {
    // No JSON.
  }
  exchange.status("MessageParametersLack");
  return undefined;
}

function searchRecords(exchange: Exchange): void {
  const past = pastOf(exchange.device);
  if (!past.recordTypes) {
    exchange.status("notSupport");
    return;
  }
  const body = jsonBody(exchange, "EventSearchDescription");
  if (!body) return;
  const { searchResultPosition: position, maxResults, timeSpanList, eventType, channels, behavior } = body;
  const [span] = timeSpanList as readonly { startTime: string; endTime: string }[];
  const wanted = eventType === "behavior" ? (behavior as Body)["behaviorEventType"] : eventType;
  const known = `all,${past.recordTypes.eventTypes},${past.recordTypes.behaviors}`.split(",");
  const [channel, ...others] = channels as readonly number[];
  if (!span || !known.includes(String(wanted)) || others.length > 0 || body["type"] !== "all") {
    exchange.status("badParameters");
    return;
  }
  const hits = past.records.filter(
    (one) =>
      one.channel === channel &&
      (wanted === "all" || one.type === wanted) &&
      one.startMs < Date.parse(span.endTime) &&
      one.endMs >= Date.parse(span.startTime),
  );
  const page = hits.slice(Number(position), Number(position) + Math.min(Number(maxResults), 30));
  const stamp = (ms: number): string => exchange.device.time.stamp(ms);
  const rows = page.map(({ startMs, endMs, pictureUrl, type, channel: of }) =>
    past.recordsAsMatches
      ? { time: stamp(startMs), channel: of, eventType: type }
      : { startTime: stamp(startMs), endTime: stamp(endMs), ...(pictureUrl !== undefined && { pictureUrl }) },
  );
  const more = hits.length > Number(position) + page.length;
  exchange.json({
    EventSearchResult: {
      responseStatusStrg: page.length === 0 ? "NO MATCHES" : more ? "MORE" : "OK",
      numOfMatches: page.length,
      totalMatches: hits.length,
      [past.recordsAsMatches ? "matchList" : "Targets"]: rows,
    },
  });
}

function searchTargets(exchange: Exchange): void {
  const past = pastOf(exchange.device);
  if (!past.hasTargets || past.targetsForbidden) {
    exchange.status(past.targetsForbidden ? "lowPrivilege" : "notSupport");
    return;
  }
  const body = jsonBody(exchange, "SearchDescription");
  if (!body) return;
  const [condition] = body["SearchCondList"] as readonly {
    channelID: number;
    targetTypes: readonly string[];
    searchTimeList: readonly { searchTime: { startTime: string; endTime: string } }[];
  }[];
  const time = condition?.searchTimeList[0]?.searchTime;
  if (!condition || !time || condition.targetTypes.length !== 1) {
    exchange.status("badParameters");
    return;
  }
  const hits = past.targets.filter(
    ({ channel, target, startMs, endMs }) =>
      channel === condition.channelID &&
      target === condition.targetTypes[0] &&
      startMs <= Date.parse(time.endTime) &&
      endMs >= Date.parse(time.startTime),
  );
  const position = Number(body["searchResultPosition"]);
  const page = hits.slice(position, position + 2);
  const stamp = (ms: number): string =>
    past.lyingOffsets ? `${digits(exchange.device, ms)}+00:00` : exchange.device.time.stamp(ms);
  exchange.json({
    SearchResult: {
      responseStatusStrg: hits.length > position + page.length ? "MORE" : page.length === 0 ? "NO MATCHES" : "OK",
      matchList: [
        {
          RecordInfoList: page.map(({ startMs, endMs }) => ({
            RecordTime: { startTime: stamp(startMs), endTime: stamp(endMs) },
          })),
        },
      ],
    },
  });
}

function searchAccess(exchange: Exchange): void {
  const past = pastOf(exchange.device);
  if (!past.hasAccess) {
    exchange.status("notSupport");
    return;
  }
  const body = jsonBody(exchange, "AcsEventCond");
  if (!body) return;
  const position = Number(body["searchResultPosition"]);
  if (Number(body["maxResults"]) > 30 || position > past.positionLimit) {
    exchange.status("badParameters");
    return;
  }
  const [start, end] = [Date.parse(String(body["startTime"])), Date.parse(String(body["endTime"]))];
  const hits = past.access.filter(({ atMs }) => {
    const second = Math.floor(atMs / 1000) * 1000;
    return second >= start && second <= end;
  });
  const page = hits.slice(position, position + Number(body["maxResults"]));
  const stamp = ({ atMs }: AccessEvent): string =>
    past.plainTimes ? digits(exchange.device, atMs).replace("T", " ") : exchange.device.time.stamp(atMs);
  exchange.json({
    AcsEvent: {
      searchID: body["searchID"],
      responseStatusStrg: hits.length > position + page.length ? "MORE" : page.length === 0 ? "NO MATCH" : "OK",
      numOfMatches: page.length,
      ...(past.totals && { totalMatches: hits.length }),
      ...(page.length > 0 && {
        InfoList: page.map((one) => ({ major: one.major, minor: one.minor, time: stamp(one), ...one.more })),
      }),
    },
  });
}

function accessCapabilities(exchange: Exchange): void {
  if (!pastOf(exchange.device).hasAccess) exchange.status("notSupport");
  else exchange.xml(element("AccessControl", leaf("isSupportAcsEvent", true), 'version="2.0"'));
}

export const past: readonly Route[] = [
  route("POST", "/ISAPI/ContentMgmt/logSearch", searchLog),
  route("POST", "/ISAPI/ContentMgmt/eventRecordSearch", searchRecords),
  route("POST", "/ISAPI/ContentMgmt/SearchByTargetType", searchTargets),
  route("POST", "/ISAPI/AccessControl/AcsEvent", searchAccess),
  route("GET", "/ISAPI/AccessControl/capabilities", accessCapabilities),
];
