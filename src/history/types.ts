/** What history is asked for, what its sources find, and how messages carry it. */
import type { Access, Person } from "../events/decode/access";
import type { EventFilter } from "../events/filter";
import type { Isapi } from "../isapi/isapi";
import type { Sentence } from "../lib/sentence";
import type { TimeRange } from "../recordings/time-range";
import type { TimeFrame } from "../time/time-frame";
import type { HistoryBudget } from "./budget";

/** The one that tells most comes first: of a merged row it has the word. */
export const HISTORY_SOURCES = ["events", "access", "targets", "log", "pictures"] as const;
export type HistorySource = (typeof HISTORY_SOURCES)[number];

/** What a source has found; moments are ms since 1970. */
export interface FoundRow {
  readonly startMs: number;
  readonly endMs?: number;
  /** As event-in spells it. */
  readonly type: string;
  /** Where the table of event types has none. */
  readonly label?: string;
  /** Null: the device itself. */
  readonly channel: number | null;
  readonly text?: string | Sentence;
  readonly targets?: readonly string[];
  readonly access?: Access;
  readonly person?: Person;
  readonly urls?: readonly string[];
  readonly raw: unknown;
}

export interface Found {
  readonly rows: readonly FoundRow[];
  /** Why something is missing; undefined: nothing is. */
  readonly cut?: Sentence;
}

/** What a source is asked for. */
export interface Question {
  readonly range: TimeRange;
  /** At least one. */
  readonly channels: readonly number[];
  readonly filter: EventFilter;
  /** Is any type of event as good? */
  readonly anyEvent: boolean;
  /** "human", "vehicle" …; empty: all. */
  readonly targets: readonly string[];
  /** The device's zone; `Z` is local. */
  readonly frame: TimeFrame;
  readonly budget: HistoryBudget;
  readonly signal: AbortSignal | undefined;
}

export type SearchIsapi = Pick<Isapi, "post" | "json">;

export interface HistoryPicture {
  readonly url: string;
  data?: Buffer;
  error?: { code: string; message: Sentence };
}

/** As messages carry it, sentences apart. */
export interface HistoryRow {
  /** ISO 8601 with the offset of the device's zone. */
  readonly time: string;
  readonly end?: string;
  readonly type: string;
  /** English. */
  readonly label: string;
  readonly channel: number | null;
  readonly text?: string | Sentence;
  readonly targets?: readonly string[];
  readonly person?: Person;
  readonly pictures?: readonly HistoryPicture[];
  readonly source: HistorySource;
  /** As the device sent it. */
  readonly raw: unknown;
}
