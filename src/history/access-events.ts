/**
 * Who passed a door: `/ISAPI/AccessControl/AcsEvent` of terminals and controllers. Some take no position above 1000, and none keeps an
 * order, so that a long list is asked for in halves of its time.
 */
import { randomUUID } from "node:crypto";
import { accessText, readAccess } from "../events/decode/access";
import { Fields } from "../events/decode/fields";
import { child, list, number, text, type XmlNode } from "../isapi/xml";
import { say, type Sentence } from "../lib/sentence";
import { momentIn } from "./moments";
import { allPages, type Page } from "./pages";
import type { Found, FoundRow, Question, SearchIsapi } from "./types";

const PATH = "/ISAPI/AccessControl/AcsEvent?format=json";
const PAGE_SIZE = 30;
/** Below the lowest limit of a position that was seen (KV6124: 1000). */
const MOST = 900;
const SECOND_MS = 1000;

/** Both ends included, whole seconds. */
interface Window {
  readonly from: number;
  readonly to: number;
}

interface Entries {
  readonly entries: readonly XmlNode[];
  readonly cut?: Sentence;
}

/** Throws what {@link Isapi.json} throws. */
export async function searchAccess(isapi: SearchIsapi, question: Question): Promise<Found> {
  const { range } = question;
  const from = Math.floor(range.startMs / SECOND_MS) * SECOND_MS;
  const to = Math.floor((range.endMs - 1) / SECOND_MS) * SECOND_MS;
  const { entries, cut } = await searchWindow(isapi, question, { from, to });
  const seen = new Set<string>();
  const rows = entries.flatMap((entry): readonly FoundRow[] => {
    const startMs = momentIn(question.frame, range, text(entry, "time"));
    const access = readAccess(new Fields({ AccessControllerEvent: entry }))[0]?.detail;
    if (startMs === undefined || !access) return [];
    // Without a number two rows alike are two events.
    const key = `${access.serial} ${startMs}`;
    if (access.serial !== undefined && seen.has(key)) return [];
    seen.add(key);
    const url = text(entry, "pictureURL");
    return [
      {
        startMs,
        type: "AccessControllerEvent",
        channel: null,
        text: accessText(access),
        access,
        ...(access.person && { person: access.person }),
        ...(url !== undefined && { urls: [url] }),
        raw: entry,
      },
    ];
  });
  return { rows, ...(cut && { cut }) };
}

async function searchWindow(isapi: SearchIsapi, question: Question, window: Window): Promise<Entries> {
  const { frame, signal, budget } = question;
  const searchID = randomUUID();
  const ask = async (position: number): Promise<Page<XmlNode>> => {
    const AcsEventCond = {
      searchID,
      searchResultPosition: position,
      maxResults: PAGE_SIZE,
      major: 0,
      minor: 0,
      startTime: frame.local(window.from),
      endTime: frame.local(window.to),
    };
    const options = {
      purpose: say`the access events`,
      retryBusy: true,
      lane: "read",
      ...(signal && { signal }),
    } as const;
    const answer = child(await isapi.json("POST", PATH, { AcsEventCond }, options), "AcsEvent");
    return {
      entries: list(answer, "InfoList"),
      more: /^more/i.test(text(answer, "responseStatusStrg") ?? ""),
      total: number(answer, "totalMatches"),
    };
  };
  const { entries, cut, tooMany } = await allPages(ask, budget, MOST);
  if (!tooMany) return { entries, ...(cut && { cut }) };
  if (window.from >= window.to)
    return {
      entries,
      cut: say`The device has more than ${MOST} access events in one second, and does not tell the rest.`,
    };
  const middle = Math.floor((window.from + window.to) / 2 / SECOND_MS) * SECOND_MS;
  const first = await searchWindow(isapi, question, { from: window.from, to: middle });
  const second = await searchWindow(isapi, question, { from: middle + SECOND_MS, to: window.to });
  const missing = first.cut ?? second.cut;
  return { entries: [...first.entries, ...second.entries], ...(missing && { cut: missing }) };
}
