/** What happened at a device while nobody listened: its log, its stored events, targets, pictures and access events, as one list. */
import type { FetchPicture } from "../events/pictures/assembler";
import { EventFilter } from "../events/filter";
import { eventType } from "../events/event-types";
import type { DeviceFacts } from "../isapi/device-facts";
import type { Isapi } from "../isapi/isapi";
import { inSearchTurn } from "../isapi/search-turn";
import { isRefusedPath, isUnavailable } from "../isapi/unavailable";
import { Cached } from "../lib/cached";
import type { Clock } from "../lib/clock";
import { FatalError, isHikvisionError, type HikvisionError } from "../lib/errors";
import { say, type Sentence } from "../lib/sentence";
import type { Recordings } from "../recordings/recordings";
import type { TimeRange } from "../recordings/time-range";
import type { DeviceTime } from "../time/device-time";
import { TimeFrame } from "../time/time-frame";
import { searchAccess } from "./access-events";
import { HistoryBudget } from "./budget";
import { readHistoryCapabilities, type HistoryCapabilities } from "./capabilities";
import { searchEventRecords } from "./event-records";
import { searchLog } from "./log";
import { merged, type SourcedRow } from "./merge";
import { fetchAll, type PictureLimits } from "./row-pictures";
import { searchPictures } from "./stored-pictures";
import { searchTargets } from "./target-spans";
import {
  HISTORY_SOURCES,
  type Found,
  type FoundRow,
  type HistoryRow,
  type HistorySource,
  type Question,
} from "./types";

export interface HistoryOptions {
  readonly isapi: Pick<Isapi, "get" | "post" | "json" | "reply" | "http">;
  readonly time: Pick<DeviceTime, "now" | "zone">;
  readonly facts: Pick<DeviceFacts, "channels">;
  readonly recordings: Pick<Recordings, "search">;
  readonly fetchPicture: FetchPicture;
  readonly clock: Clock;
  readonly pictureLimits?: PictureLimits;
}

export interface HistoryQuery {
  /** "auto": all that the device offers. */
  readonly source: HistorySource | "auto";
  /** Empty: all. */
  readonly channels: readonly number[];
  /** Types in any spelling, or one kind of a type; empty: all. */
  readonly events: readonly string[];
  readonly targets: readonly string[];
  /** As TimeFrame.read takes it. Default: a day before the end; with `newest` as far back as it takes, at most 31 days. */
  readonly start?: unknown;
  /** Default, and at most: now. */
  readonly end?: unknown;
  /** Only this many, the latest ones. */
  readonly newest?: number | undefined;
  /** Fetches the pictures that rows point to. */
  readonly pictures: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface HistoryResult {
  readonly rows: readonly HistoryRow[];
  readonly complete: boolean;
  /** Why it is not complete. */
  readonly reason?: Sentence;
  /** Those that have answered. */
  readonly sources: readonly HistorySource[];
}

const DAY_MS = 86_400_000;
const LOOKBACK_DAYS = [1, 7, 31];
const MOST_DAYS = 366;
const KEEP_MS = 10 * 60_000;
/** With these nothing else would answer, either. */
const ENDS_ALL: ReadonlySet<string> = new Set(["offline", "unauthorized", "locked", "tls", "notActivated", "aborted"]);

export class History {
  readonly #options: HistoryOptions;
  readonly #capabilities: Cached<HistoryCapabilities>;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#capabilities = new Cached(() => readHistoryCapabilities(options.isapi), options.clock, KEEP_MS);
  }

  /**
   * Oldest first. A source that refuses, or cuts its answer, makes the result incomplete; when it is the only one that was asked, or all
   * refuse, its error is thrown. Throws `badRequest` for a range that is none, `notSupported` where the device offers no source.
   */
  async search(query: HistoryQuery): Promise<HistoryResult> {
    const { signal, newest } = query;
    const { time, clock } = this.#options;
    // Also tells the zone.
    const now = await time.now(signal);
    const frame = new TimeFrame(time.zone, "local", false);
    const budget = new HistoryBudget(clock);
    let result: Outcome | undefined;
    let before: TimeRange | undefined;
    for (const range of ranges(query, frame, now)) {
      const found = await this.#searchRange(query, { range, frame, budget });
      result = result && before && found.reasons.length > 0 ? withNewest(found, result, before) : found;
      before = range;
      if (newest === undefined || result.rows.length >= newest) break;
    }
    const { rows = [], reasons = [], sources = [] } = result ?? {};
    const kept = newest === undefined ? rows : rows.slice(-newest);
    const sent = kept.map((row) => sentRow(row, frame));
    const missing = query.pictures ? await this.#fetchPictures(sent, signal) : undefined;
    const reason = [...reasons, ...(missing ? [missing] : [])].reduce<Sentence | undefined>(
      (all, one) => (all ? say`${all} ${one}` : one),
      undefined,
    );
    return { rows: sent, complete: reason === undefined, ...(reason && { reason }), sources };
  }

  /** Which of them the device says it has; the log is tried on any. Throws when it cannot be talked to. */
  async offered(signal?: AbortSignal): Promise<readonly HistorySource[]> {
    const can = await this.#capabilities.get(signal);
    return HISTORY_SOURCES.filter((source) => source === "log" || can[source]);
  }

  async #searchRange(query: HistoryQuery, about: Pick<Question, "range" | "frame" | "budget">): Promise<Outcome> {
    const { signal, channels, events, targets, source } = query;
    const capabilities = await this.#capabilities.get(signal);
    const asked = source === "auto" ? sourcesFor(query, capabilities) : [source];
    const question: Question = {
      ...about,
      channels: await this.#channels(channels, signal),
      filter: new EventFilter({ events, channels }),
      anyEvent: events.length === 0,
      targets,
      signal,
    };
    const by = { ofChannels: question.filter, ofAny: new EventFilter({ events }) };
    const bySource: SourcedRow[][] = [];
    const sources: HistorySource[] = [];
    const reasons: Sentence[] = [];
    let failure: HikvisionError | undefined;
    for (const one of asked) {
      const over = sources.length > 0 ? question.budget.over() : undefined;
      if (over) {
        if (!reasons.some((reason) => String(reason) === String(over))) reasons.push(over);
        break;
      }
      try {
        const { rows, cut } = await this.#ask(one, question, capabilities);
        const wanted = rows.filter((row) => passes(row, one, targets, question.range, by));
        bySource.push(wanted.map((row) => ({ ...row, source: one })));
        sources.push(one);
        if (cut) reasons.push(cut);
      } catch (error) {
        if (!isHikvisionError(error) || asked.length === 1 || ENDS_ALL.has(error.code)) throw error;
        failure ??= error;
        // Nobody has said that there is a log.
        if (one !== "log" || !isRefusedPath(error)) reasons.push(error.sentence);
      }
    }
    if (sources.length === 0) throw failure ?? this.#nothing();
    return { rows: merged(bySource), sources, reasons };
  }

  #ask(source: HistorySource, question: Question, capabilities: HistoryCapabilities): Promise<Found> {
    const { isapi, recordings } = this.#options;
    const turn = (search: () => Promise<Found>): Promise<Found> => inSearchTurn(isapi, search, question.signal);
    switch (source) {
      case "events":
        return turn(() => searchEventRecords(isapi, question, capabilities));
      case "access":
        return turn(() => searchAccess(isapi, question));
      case "targets":
        return turn(() => searchTargets(isapi, question));
      case "log":
        return turn(() => searchLog(isapi, question));
      case "pictures":
        // A search for recordings has its own turn.
        return searchPictures(recordings, question);
    }
  }

  async #channels(channels: readonly number[], signal: AbortSignal | undefined): Promise<readonly number[]> {
    if (channels.length > 0) return channels;
    try {
      const found = await this.#options.facts.channels(signal);
      if (found.length > 0) return found.map(({ number }) => number);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
    }
    return [1];
  }

  #fetchPictures(rows: readonly HistoryRow[], signal: AbortSignal | undefined): Promise<Sentence | undefined> {
    const { fetchPicture, clock, pictureLimits } = this.#options;
    return fetchAll(rows, fetchPicture, signal, clock, pictureLimits);
  }

  #nothing(): FatalError {
    return new FatalError(
      "notSupported",
      say`The device offers no memory of events that can be searched for this. Choose another source, or search its recordings.`,
    ).at(this.#options.isapi.http.identity);
  }
}

interface Outcome {
  readonly rows: readonly SourcedRow[];
  readonly sources: readonly HistorySource[];
  readonly reasons: readonly Sentence[];
}

/** Of a range that was cut the newest may be what is missing: those of the shorter one are there. */
function withNewest(found: Outcome, newest: Outcome, { startMs }: TimeRange): Outcome {
  const older = found.rows.filter((row) => row.startMs < startMs);
  // Some last from the one into the other.
  const known = new Set(newest.rows.filter((row) => row.startMs < startMs).map(keyOf));
  return {
    rows: [...older.filter((row) => !known.has(keyOf(row))), ...newest.rows].sort((a, b) => a.startMs - b.startMs),
    sources: [...new Set([...newest.sources, ...found.sources])],
    reasons: found.reasons,
  };
}

function keyOf({ source, type, channel, startMs }: SourcedRow): string {
  return `${source} ${type} ${channel} ${startMs}`;
}

/** The longer ones only for as many as were asked for. */
function ranges({ start, end, newest }: HistoryQuery, frame: TimeFrame, now: number): readonly TimeRange[] {
  const given = end === undefined ? now : frame.read("end", end, "later");
  // Devices refuse an end in the future.
  const endMs = Math.min(given, now);
  if (start === undefined) {
    const days = newest === undefined ? LOOKBACK_DAYS.slice(0, 1) : LOOKBACK_DAYS;
    return days.map((one) => ({ startMs: endMs - one * DAY_MS, endMs }));
  }
  const startMs = frame.read("start", start, "earlier");
  frame.requirePast(startMs, given, now);
  if (endMs - startMs > MOST_DAYS * DAY_MS)
    throw new FatalError("badRequest", say`History is searched for at most ${MOST_DAYS} days at once.`);
  return [{ startMs, endMs }];
}

/** What cannot tell events apart is no answer to a question for certain ones; what knows no targets none to one for these. */
function sourcesFor({ events, targets }: HistoryQuery, capabilities: HistoryCapabilities): readonly HistorySource[] {
  const offered = HISTORY_SOURCES.filter((source) => source === "log" || capabilities[source]);
  if (targets.length > 0) return offered.filter((source) => source === "targets");
  return events.length > 0 ? offered.filter((source) => source !== "targets") : offered;
}

interface Filters {
  readonly ofChannels: EventFilter;
  /** A terminal's events are of no channel. */
  readonly ofAny: EventFilter;
}

function passes(
  row: FoundRow,
  source: HistorySource,
  targets: readonly string[],
  range: TimeRange,
  by: Filters,
): boolean {
  const { startMs, endMs, type, channel, access } = row;
  // What lasts into the range belongs to it.
  if (startMs >= range.endMs || (endMs ?? startMs) < range.startMs) return false;
  if (source === "targets") return true;
  if (targets.length > 0 && !(row.targets ?? []).some((target) => targets.includes(target))) return false;
  if (source !== "access") return by.ofChannels.mayAccept(type, channel);
  return by.ofAny.accepts({ type, channel, targets: [], regions: [], ...(access && { access }) });
}

function sentRow(row: SourcedRow, frame: TimeFrame): HistoryRow {
  const { startMs, endMs, type, label, channel, text, targets, person, urls, source, raw } = row;
  return {
    time: frame.local(startMs),
    ...(endMs !== undefined && { end: frame.local(endMs) }),
    type,
    label: label ?? eventType(type).label,
    channel,
    ...(text !== undefined && { text }),
    ...(targets && { targets }),
    ...(person && { person }),
    ...(urls && { pictures: urls.map((url) => ({ url })) }),
    source,
    raw,
  };
}
