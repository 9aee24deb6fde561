/** What a camera has counted in a past time: people by quarter, hour or day, heat maps; and its counter set to zero. */
import type { Isapi } from "../isapi/isapi";
import type { Clock } from "../lib/clock";
import { FatalError, RetryableError } from "../lib/errors";
import { say } from "../lib/sentence";
import type { DeviceTime } from "../time/device-time";
import { TimeFrame } from "../time/time-frame";
import { toWall, fromWall } from "../time/zone";
import { CountingSearch } from "./counting-search";
import { readHeatMap, type HeatMap } from "./heat-map";
import { trueRows, type TrueRow } from "./true-rows";

export const INTERVALS = ["quarter", "hour", "day"] as const;
export type Interval = (typeof INTERVALS)[number];

export interface StatisticsOptions {
  readonly isapi: Pick<Isapi, "get" | "post" | "put" | "bytes" | "http">;
  readonly time: Pick<DeviceTime, "now" | "zone">;
  readonly clock: Pick<Clock, "elapsed">;
}

export interface StatisticsRange {
  readonly channel: number;
  /** As TimeFrame.read takes it. Default: the first moment of the day of the end, by the device's calendar. */
  readonly start?: unknown;
  /** Default, and at most: now. */
  readonly end?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** As messages carry it. */
export interface PeopleRow {
  /** ISO 8601 with the offset of the device's zone. */
  readonly start: string;
  readonly end: string;
  /** Null: the device has no count of it. */
  readonly enter: number | null;
  readonly exit: number | null;
  readonly pass?: number | null;
}

export interface PeopleCounts {
  readonly rows: readonly PeopleRow[];
  /** What the rows cover. */
  readonly start: string;
  readonly end: string;
  /** As the device gave it, which may be coarser than what was asked for. */
  readonly interval: Interval;
}

export interface RangedHeatMap extends HeatMap {
  readonly start: string;
  readonly end: string;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const STEPS: Readonly<Record<Interval, number>> = { quarter: 15 * MINUTE_MS, hour: 60 * MINUTE_MS, day: DAY_MS };
/** One request each. */
const MOST_DAYS = 400;
const MOST_MS = 5 * MINUTE_MS;

export class Statistics {
  readonly #options: StatisticsOptions;
  readonly #search: CountingSearch;

  constructor(options: StatisticsOptions) {
    this.#options = options;
    this.#search = new CountingSearch(options.isapi);
  }

  /**
   * One row per interval that touches the range, oldest first, day by day of the device's calendar. Throws `badRequest` for a range that
   * is none or too long, `timeout` when the device takes too long for all of it, else what {@link Isapi.post} throws.
   */
  async people({ interval, ...range }: StatisticsRange & { readonly interval: Interval }): Promise<PeopleCounts> {
    const { channel, signal } = range;
    const { startMs, endMs, frame } = await this.#range(range);
    const { clock, isapi } = this.#options;
    const began = clock.elapsed();
    const days = daysOf(frame, startMs, endMs);
    const rows: TrueRow[] = [];
    let coarser = false;
    for (const wallDayMs of days) {
      if (clock.elapsed() - began >= MOST_MS) throw tooSlow(days.length).at(isapi.http.identity);
      const day = await this.#search.day(channel, wallDayMs, interval === "quarter", signal);
      coarser ||= day.coarser;
      rows.push(...trueRows(day.rows, frame.zone, wallDayMs, STEPS[day.coarser ? "hour" : interval]));
    }
    const within = rows.filter((row) => row.startMs < endMs && row.endMs > startMs);
    return {
      rows: within.map(({ startMs: from, endMs: to, ...counts }) => ({
        start: frame.local(from),
        end: frame.local(to),
        ...counts,
      })),
      start: frame.local(within[0]?.startMs ?? startMs),
      end: frame.local(within.at(-1)?.endMs ?? endMs),
      interval: coarser ? "hour" : sizeOf(within, interval),
    };
  }

  /** Throws as {@link people} does, and what {@link readHeatMap} throws. */
  async heatMap(range: StatisticsRange): Promise<RangedHeatMap> {
    const { startMs, endMs, frame } = await this.#range(range);
    if (endMs - startMs > MOST_DAYS * DAY_MS)
      throw new FatalError("badRequest", say`A heat map has at most ${MOST_DAYS} days.`);
    const wall = { wallStartMs: toWall(frame.zone, startMs), wallEndMs: toWall(frame.zone, endMs) };
    const heatMap = await readHeatMap(this.#options.isapi, range.channel, wall, range.signal);
    return { ...heatMap, start: frame.local(startMs), end: frame.local(endMs) };
  }

  /** Sets the counter of the live picture to zero, which cannot be undone. Sent once. Throws what {@link Isapi.put} throws. */
  async reset(channel: number, signal?: AbortSignal): Promise<void> {
    const purpose = say`the reset of the people counter of channel ${channel}`;
    const path = `/ISAPI/System/Video/inputs/channels/${channel}/counting/resetCount`;
    await this.#options.isapi.put(path, undefined, { purpose, ...(signal && { signal }) });
  }

  async #range({
    start,
    end,
    signal,
  }: StatisticsRange): Promise<{ readonly startMs: number; readonly endMs: number; readonly frame: TimeFrame }> {
    const { time } = this.#options;
    // Also tells the zone.
    const now = await time.now(signal);
    const frame = new TimeFrame(time.zone, "local", false);
    const given = end === undefined ? now : frame.read("end", end, "later");
    const endMs = Math.min(now, given);
    const startMs = start === undefined ? dayBefore(frame, endMs) : frame.read("start", start, "earlier");
    frame.requirePast(startMs, given, now);
    return { startMs, endMs, frame };
  }
}

function dayBefore({ zone }: TimeFrame, endMs: number): number {
  return fromWall(zone, Math.floor(toWall(zone, endMs - 1) / DAY_MS) * DAY_MS, "earlier");
}

/** Midnights by the device's clock, as if they were UTC. Throws `badRequest` where they are too many. */
function daysOf({ zone }: TimeFrame, startMs: number, endMs: number): readonly number[] {
  const first = Math.floor(toWall(zone, startMs) / DAY_MS);
  const count = Math.floor(toWall(zone, endMs - 1) / DAY_MS) - first + 1;
  if (count > MOST_DAYS)
    throw new FatalError(
      "badRequest",
      say`The range has ${count} days, each of which is a question to the device. Choose at most ${MOST_DAYS}.`,
    );
  return Array.from({ length: count }, (_, index) => (first + index) * DAY_MS);
}

/** Of most rows: a long hour, or a day in which the clock is changed, is an exception. */
function sizeOf(rows: readonly TrueRow[], asked: Interval): Interval {
  const counted = rows.filter(({ enter }) => enter !== null);
  const larger = INTERVALS.slice(INTERVALS.indexOf(asked)).findLast(
    (interval) =>
      counted.filter(({ startMs, endMs }) => endMs - startMs >= STEPS[interval] * 0.9).length > counted.length / 2,
  );
  return larger ?? asked;
}

function tooSlow(days: number): RetryableError {
  return new RetryableError(
    "timeout",
    say`The device did not tell all ${days} days within ${MOST_MS / MINUTE_MS} minutes. Choose a shorter range.`,
  );
}
