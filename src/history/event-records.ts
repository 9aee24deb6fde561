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
  let cut: Sentence | undefined;
  const ask = async (channel: number, kind: Kind): Promise<readonly FoundRow[]> => {
    const found = await searchKind(isapi, question, channel, kind);
    cut ??= found.cut;
    return found.rows;
  };
  for (const channel of channels) {
    /** Those whose kind is not known yet: where there are none, nothing more need be asked. */
    const left = new Map<string, FoundRow>();
    const askAll = anyEvent && eventTypes.includes("all");
    if (askAll) {
      for (const row of await ask(channel, { eventType: "all", type: "" }))
        if (row.type === "") left.set(keyOf(row), row);
        else rows.push(row);
      if (left.size === 0) continue;
    }
    for (const kind of kinds) {
      if (!question.filter.mayAccept(kind.type, channel)) continue;
      for (const row of await ask(channel, kind)) {
        left.delete(keyOf(row));
        rows.push(row);
      }
      if (askAll && left.size === 0) break;
    }
    for (const row of left.values()) rows.push({ ...row, type: "other" });
  }
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
