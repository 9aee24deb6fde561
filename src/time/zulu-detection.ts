/**
 * Does a device mean UTC by the `Z` of its recordings, or its own wall clock? Captures of real devices show both: an NVR V4.60 labels
 * local time `Z`, a camera with an SD card means UTC. Neither model nor version tells, so the newest recordings are searched.
 */
import type { ZuluMeaning } from "./time-frame";
import { formatWall, parseTimestamp } from "./timestamp";

/** One recording, with its times as the device wrote them. */
export interface RecordedSpan {
  readonly start: string;
  readonly end: string;
}

/** Recordings between two times, written as the device wants them ("2021-08-18T15:18:15Z"); any order, the first page is enough. */
export type SearchSpans = (start: string, end: string) => Promise<readonly RecordedSpan[]>;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A recording may end a little in the future: it is still being written, or the clock was read a moment ago. */
const TOLERANCE_MS = 2 * MINUTE_MS;
const RECENT_MS = 5 * MINUTE_MS;

/**
 * Undefined: recent recordings fit both meanings, there are none, or the device's zone is UTC at the moment.
 * @param utcMs the current time by the device's clock.
 * @param offsetMs what its wall clock is ahead of UTC.
 */
export async function detectZulu(
  search: SearchSpans,
  utcMs: number,
  offsetMs: number,
): Promise<ZuluMeaning | undefined> {
  if (offsetMs === 0) return undefined;
  const [early, late]: readonly [ZuluMeaning, ZuluMeaning] = offsetMs > 0 ? ["utc", "local"] : ["local", "utc"];
  const earlyNow = Math.min(utcMs, utcMs + offsetMs);
  const lateNow = Math.max(utcMs, utcMs + offsetMs);
  // By the early meaning, all of this is in the future.
  // No end lies in the future by the meaning that it is about: devices refuse that.
  const ahead = await searchTimes(search, earlyNow + TOLERANCE_MS, lateNow);
  if (ahead.some(([start, end]) => start > earlyNow + TOLERANCE_MS || Math.abs(end - lateNow) < RECENT_MS)) return late;
  const lastHour = await searchTimes(search, earlyNow - HOUR_MS, earlyNow);
  const isRecent = lastHour.some(([, end]) => Math.abs(end - earlyNow) < RECENT_MS);
  const recordedMs = lastHour.reduce((sum, [start, end]) => sum + end - Math.max(start, earlyNow - HOUR_MS), 0);
  // A single recording from earlier in the hour may just as well be the last one of a quiet day, by the late meaning.
  return isRecent || recordedMs > HOUR_MS / 2 ? early : undefined;
}

type StartAndEnd = readonly [startMs: number, endMs: number];

/** The recordings that touch a range. One still being written may show any end: an end beyond the range counts as unknown. */
async function searchTimes(search: SearchSpans, fromMs: number, toMs: number): Promise<readonly StartAndEnd[]> {
  const found = await search(`${formatWall(fromMs)}Z`, `${formatWall(toMs)}Z`);
  return found.flatMap((recording): readonly StartAndEnd[] => {
    const start = parseTimestamp(recording.start)?.wallMs;
    const end = parseTimestamp(recording.end)?.wallMs;
    if (start === undefined || end === undefined || start > toMs || end < fromMs) return [];
    return [[start, end > toMs ? start : end]];
  });
}
