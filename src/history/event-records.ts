/**
 * Events that newer recorders store with a picture: `/ISAPI/ContentMgmt/eventRecordSearch`. A row does not say what it is, so each kind
 * is asked for by itself, on each channel.
 */
import { randomUUID } from "node:crypto";
import { eventType } from "../events/event-types";
import { child, number, text } from "../isapi/xml";
import { defined } from "../lib/defined";
import { say, type Sentence } from "../lib/sentence";
import { table } from "../lib/table";
import type { HistoryCapabilities } from "./capabilities";
import { momentIn } from "./moments";
import { allPages, type Page } from "./pages";
import type { Found, FoundRow, Question, SearchIsapi } from "./types";

const PATH = "/ISAPI/ContentMgmt/eventRecordSearch?format=json";
const PAGE_SIZE = 30;
/** What a recorder calls otherwise than its alerts do, in lower case. */
const WORDS = table<string>({ alarmin: "IO", audioabnormal: "audioexception" });

/** What to ask for; `type` as event-in spells it. */
interface Kind {
  readonly eventType: string;
  readonly behavior?: string;
  readonly type: string;
}

type Record = Readonly<globalThis.Record<string, unknown>>;

/** Throws what {@link Isapi.json} throws. */
export async function searchEventRecords(
  isapi: SearchIsapi,
  question: Question,
  { eventTypes, behaviors }: HistoryCapabilities,
): Promise<Found> {
  const { anyEvent, channels } = question;
  const kinds = [
    ...eventTypes.filter((name) => name !== "all" && name !== "behavior").map((name) => ({ eventType: name, name })),
    ...behaviors.map((name) => ({ eventType: "behavior", behavior: name, name })),
  ].map(({ name, ...kind }): Kind => ({ ...kind, type: typeOf(name) }));
  const rows: FoundRow[] = [];
  const askAll = anyEvent && eventTypes.includes("all");
  let cut: Sentence | undefined;
  for (const channel of channels) {
    const asked = kinds.filter(({ type }) => question.filter.mayAccept(type, channel));
    const ask = (kind: Kind): Promise<Found> => searchKind(isapi, question, channel, kind);
    const found = await searchChannel(ask, asked, askAll, () => question.budget.over() !== undefined);
    for (const row of found.rows) rows.push(row);
    cut ??= found.cut;
    if (cut && question.budget.over()) break;
  }
  return { rows, ...(cut && { cut }) };
}

async function searchChannel(
  ask: (kind: Kind) => Promise<Found>,
  kinds: readonly Kind[],
  askAll: boolean,
  isOver: () => boolean,
): Promise<Found> {
  const rows: FoundRow[] = [];
  /** Those whose kind is not known yet: where there are none, nothing more need be asked. */
  const left = new Map<string, FoundRow[]>();
  /** Those that came with their kind: a search for it brings them again. */
  const told = new Set<string>();
  let cut: Sentence | undefined;
  if (askAll) {
    const all = await ask({ eventType: "all", type: "" });
    cut = all.cut;
    for (const row of all.rows) {
      const key = keyOf(row);
      if (row.type !== "") {
        rows.push(row);
        told.add(key).add(`${row.type} ${key}`);
      } else {
        const same = left.get(key);
        if (same) same.push(row);
        else left.set(key, [row]);
      }
    }
  }
  const isNew = (row: FoundRow): boolean => {
    const key = keyOf(row);
    if (told.has(`${row.type} ${key}`)) return false;
    const same = left.get(key);
    if (!same) return !told.has(key);
    same.pop();
    if (same.length === 0) left.delete(key);
    return true;
  };
  for (const kind of kinds) {
    if ((askAll && left.size === 0) || (cut && isOver())) break;
    const found = await ask(kind);
    cut ??= found.cut;
    for (const row of found.rows) if (isNew(row)) rows.push(row);
  }
  for (const same of left.values()) for (const row of same) rows.push({ ...row, type: "other" });
  return { rows, ...(cut && { cut }) };
}

function keyOf({ startMs, endMs, urls = [] }: FoundRow): string {
  return `${startMs} ${endMs} ${urls.join(" ")}`;
}

function typeOf(name: string): string {
  return eventType(WORDS[name.toLowerCase()] ?? name).type;
}

async function searchKind(isapi: SearchIsapi, question: Question, channel: number, kind: Kind): Promise<Found> {
  const { frame, range, signal, budget } = question;
  const searchID = randomUUID().toUpperCase();
  const ask = async (position: number): Promise<Page<Record>> => {
    const EventSearchDescription = {
      searchID,
      searchResultPosition: position,
      maxResults: PAGE_SIZE,
      timeSpanList: [{ startTime: frame.local(range.startMs), endTime: frame.local(range.endMs) }],
      type: "all",
      eventType: kind.eventType,
      channels: [channel],
      ...(kind.behavior !== undefined && { behavior: { behaviorEventType: kind.behavior } }),
    };
    const options = {
      purpose: say`the stored events of channel ${channel}`,
      retryBusy: true,
      lane: "read",
      ...(signal && { signal }),
    } as const;
    const answer = await isapi.json("POST", PATH, { EventSearchDescription }, options);
    const result = child(answer, "EventSearchResult") ?? answer;
    return {
      entries: ["Targets", "matchList"].flatMap((name) => recordsIn((result as Record | undefined)?.[name])),
      more: /^more/i.test(text(result, "responseStatusStrg") ?? ""),
      total: number(result, "totalMatches"),
    };
  };
  const { entries, cut } = await allPages(ask, budget);
  const rows = entries.flatMap((entry): readonly FoundRow[] => {
    const startMs = momentIn(frame, range, text(entry, "startTime") ?? text(entry, "time"));
    if (startMs === undefined) return [];
    const endMs = momentIn(frame, range, text(entry, "endTime"));
    const own = text(entry, "eventType");
    const url = text(entry, "pictureUrl") ?? text(entry, "pictureURL");
    return [
      {
        startMs,
        ...defined({ endMs: endMs !== undefined && endMs >= startMs ? endMs : undefined }),
        type: kind.type === "" && own !== undefined ? typeOf(own) : kind.type,
        channel: number(entry, "channel") ?? channel,
        ...(url !== undefined && { urls: [url] }),
        raw: entry,
      },
    ];
  });
  return { rows, ...(cut && { cut }) };
}

function recordsIn(value: unknown): readonly Record[] {
  if (!Array.isArray(value)) return [];
  return value.filter((one): one is Record => typeof one === "object" && one !== null && !Array.isArray(one));
}
