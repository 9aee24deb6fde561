/**
 * The log of a camera or recorder: `/ISAPI/ContentMgmt/logSearch`. A recorder ends its answer at 2000 entries without saying so
 * (DS-7732NI-M4): then the time is halved until every part is smaller. Starts and stops of an event are paired.
 */
import { randomUUID } from "node:crypto";
import { eventType } from "../events/event-types";
import { list, text, xml, type XmlNode } from "../isapi/xml";
import { RetryableError } from "../lib/errors";
import { say, type Sentence } from "../lib/sentence";
import { table } from "../lib/table";
import { formatWall } from "../time/timestamp";
import { toWall } from "../time/zone";
import { digitsAt } from "./moments";
import { allPages, type Page } from "./pages";
import type { Found, FoundRow, Question, SearchIsapi } from "./types";

const PATH = "/ISAPI/ContentMgmt/logSearch";
const PAGE_SIZE = 64;
/** Where a recorder cuts its answer. */
const CUT_AT = 2_000;
/** Positions beyond are of a device that says MORE for ever. */
const MOST = 50_000;
const SECOND_MS = 1000;
/** No two changes of an offset lie nearer together. */
const AFTER_FOLD_MS = 2 * 3_600_000;
const MAX_TEXT = 255;
/** Of the answers, and of the requests; the rest of the log is what users and programs have done. */
const MAJORS = ["Alarm", "Exception"] as const;

/** The log's words, in lower case, where they are not those of the table of event types. */
const WORDS = table<string>({
  motion: "VMD",
  videolost: "videoloss",
  hide: "tamperdetection",
  hidealarm: "tamperdetection",
  tamper: "tamperdetection",
  alarmin: "IO",
  alarmout: "IOOutput",
  traverseplane: "linedetection",
  intrusion: "fielddetection",
  hdfull: "diskfull",
  hderror: "diskerror",
  illlegealaccess: "illaccess",
  illegalaccess: "illaccess",
  netbroken: "nicbroken",
  recorderror: "recordException",
  videoformatmismatch: "videomismatch",
  audiodetection: "audioexception",
  scenechange: "scenechangedetection",
  facedetect: "facedetection",
});

/** An entry of the log, by the device's clock. */
interface Entry {
  readonly minor: string;
  readonly channel: number | null;
  readonly time: string;
  readonly key: string;
  readonly raw: XmlNode;
}

/** A range by the wall clock, both ends included, as if it were UTC. */
interface Window {
  readonly from: number;
  readonly to: number;
}

interface Entries {
  readonly entries: readonly Entry[];
  readonly cut?: Sentence;
}

/** Throws what {@link Isapi.post} throws. */
export async function searchLog(isapi: SearchIsapi, question: Question): Promise<Found> {
  const window = windowOf(question);
  const rows: FoundRow[] = [];
  let cut: Sentence | undefined;
  for (const major of MAJORS) {
    const found = await searchWindow(isapi, question, major, window);
    cut ??= found.cut;
    for (const row of paired(found.entries, question)) rows.push(row);
  }
  return { rows, ...(cut && { cut }) };
}

/** Where the wall clock goes back within the range, an hour more. */
function windowOf({ frame: { zone }, range: { startMs, endMs } }: Question): Window {
  const from = Math.min(toWall(zone, startMs), startMs + zone.offsetAt(startMs + AFTER_FOLD_MS));
  const to = Math.max(toWall(zone, endMs), endMs + zone.offsetAt(endMs - AFTER_FOLD_MS));
  return { from: floor(from), to: floor(to - 1) };
}

function floor(ms: number): number {
  return Math.floor(ms / SECOND_MS) * SECOND_MS;
}

async function searchWindow(isapi: SearchIsapi, question: Question, major: string, window: Window): Promise<Entries> {
  const searchId = randomUUID().toUpperCase();
  const ask = (position: number): Promise<Page<Entry>> =>
    askPage(isapi, question, { searchId, major, position, ...window });
  const { entries, cut, tooMany } = await allPages(ask, question.budget, MOST);
  if (cut) return { entries, cut };
  if (entries.length < CUT_AT) return { entries };
  if (tooMany || window.from >= window.to)
    return {
      entries,
      cut: say`The device cuts its log at ${entries.length} entries, and has as many in one second. What is missing cannot be asked for.`,
    };
  const middle = floor((window.from + window.to) / 2);
  const first = await searchWindow(isapi, question, major, { from: window.from, to: middle });
  const second = await searchWindow(isapi, question, major, { from: middle + SECOND_MS, to: window.to });
  const both = first.cut ?? second.cut;
  return { entries: union(entries, [...first.entries, ...second.entries]), ...(both && { cut: both }) };
}

/** What is in either, as often as in the one that has it more often: equal entries of one search are two events. */
function union(a: readonly Entry[], b: readonly Entry[]): readonly Entry[] {
  const left = new Map<string, number>();
  for (const { key } of b) left.set(key, (left.get(key) ?? 0) + 1);
  const missing = a.filter(({ key }) => {
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    return count <= 0;
  });
  return [...b, ...missing];
}

interface PageQuery extends Window {
  readonly searchId: string;
  readonly major: string;
  readonly position: number;
}

/** Times are the device's own, with a `Z` that means nothing, as its viewer sends them. */
async function askPage(isapi: SearchIsapi, { signal }: Question, query: PageQuery): Promise<Page<Entry>> {
  const { searchId, major, position, from, to } = query;
  const body = xml`<?xml version="1.0" encoding="UTF-8"?>
<CMSearchDescription><searchID>${searchId}</searchID><metaId>log.std-cgi.com/${major}</metaId>
<timeSpanList><timeSpan><startTime>${formatWall(from)}Z</startTime><endTime>${formatWall(to)}Z</endTime></timeSpan></timeSpanList>
<maxResults>${PAGE_SIZE}</maxResults><searchResultPostion>${position}</searchResultPostion></CMSearchDescription>`;
  const options = { purpose: say`the log`, retryBusy: true, lane: "read", ...(signal && { signal }) } as const;
  const document = await isapi.post(PATH, body, options);
  const status = text(document?.value, "responseStatusStrg") ?? text(document?.value, "responseStatusStrp") ?? "";
  if (!document || /^(failed|parm error|invalid time|timeout)/i.test(status))
    throw new RetryableError(
      "protocol",
      say`The device answered the search of its log with "${status.slice(0, 40)}". Try again, or choose a shorter range.`,
    );
  const items = ["searchMatchItem", "matchElement"].flatMap((name) => list(document.value, "matchList", name));
  return { entries: items.map((item) => readEntry(item)), more: /^more/i.test(status) };
}

/** `log.hikvision.com/Alarm/motionStart/15`: what is no alarm has an empty `minor`. */
function readEntry(item: XmlNode): Entry {
  const descriptor = list(item, "logDescriptor")[0] ?? item;
  const metaId = text(descriptor, "metaId") ?? text(descriptor, "metaID") ?? "";
  const time = text(descriptor, "StartDateTime") ?? text(descriptor, "startDateTime") ?? "";
  const [, major = "", minor = "", channel = ""] = metaId
    .slice(0, MAX_TEXT)
    .replace(/^\w+:\/\/|^\/\//, "")
    .split("/");
  const known = MAJORS.some((one) => one.toLowerCase() === major.toLowerCase());
  return {
    minor: known ? minor : "",
    channel: /^[1-9]\d{0,4}$/.test(channel) ? Number(channel) : null,
    time,
    key: `${metaId}|${time}`,
    raw: descriptor,
  };
}

interface Timed extends Entry {
  readonly at: number;
}

interface Open {
  readonly row: FoundRow;
  /** Areas in which it goes on. */
  depth: number;
}

/** One row per event. One that is still going on has no end; one that began before the range is left out. */
function paired(entries: readonly Entry[], { frame, range, filter }: Question): readonly FoundRow[] {
  const rows: FoundRow[] = [];
  const open = new Map<string, Open>();
  for (const entry of inOrder(entries, frame)) {
    const [, word = entry.minor, edge = ""] = /^(.+?)(start|stop)$/i.exec(entry.minor) ?? [];
    const { type } = eventType(WORDS[word.toLowerCase()] ?? word);
    if (entry.minor === "" || !filter.mayAccept(type, entry.channel)) continue;
    const key = `${type} ${entry.channel}`;
    const going = open.get(key);
    if (/stop/i.test(edge)) {
      if (!going || --going.depth > 0) continue;
      open.delete(key);
      rows.push({ ...going.row, endMs: entry.at });
      continue;
    }
    if (entry.at < range.startMs || entry.at >= range.endMs) continue;
    if (going && edge !== "") {
      going.depth += 1;
      continue;
    }
    const { additionInformation, logInfo } = entry.raw;
    const words = [additionInformation, logInfo].find((one) => typeof one === "string" && one !== "");
    const row = {
      startMs: entry.at,
      type,
      channel: entry.channel,
      ...(typeof words === "string" && { text: words.slice(0, MAX_TEXT) }),
      raw: entry.raw,
    };
    if (edge === "") rows.push(row);
    else open.set(key, { row, depth: 1 });
  }
  return [...rows, ...[...open.values()].map(({ row }) => row)];
}

/** Oldest first; of the same second in the order of the device. */
function inOrder(entries: readonly Entry[], frame: Question["frame"]): readonly Timed[] {
  let before = -Infinity;
  const timed = entries.flatMap((entry): Timed[] => {
    const at = digitsAt(frame, entry.time, before);
    if (at === undefined) return [];
    before = at;
    return [{ ...entry, at }];
  });
  const [first, last] = [timed[0], timed.at(-1)];
  if (first && last && first.at > last.at) timed.reverse();
  return timed.sort((a, b) => a.at - b.at);
}
