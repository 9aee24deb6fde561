/**
 * Does a device mean UTC by the `Z` of its recordings, or its own wall clock? Vendors' captures show both: an NVR V4.60 labels local
 * digits `Z`, a camera with SD card means UTC. Neither model nor version tells, so the newest recordings are asked.
 */
import { formatWall, parseTimestamp } from "./timestamp";
import type { ZuluMeaning } from "./time-frame";

/** One recording, times as the device wrote them. */
export interface Clip {
  readonly start: string;
  readonly end: string;
}

/** Recordings between two times, written as the device wants them ("2021-08-18T15:18:15Z"); any order, the first page will do. */
export type FindClips = (start: string, end: string) => Promise<readonly Clip[]>;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A clip may end a little in the future: the file still being written, a clock that was read a moment ago. */
const SLACK_MS = 2 * MINUTE_MS;
const RECENT_MS = 5 * MINUTE_MS;

/**
 * Undefined: what was recorded lately fits both readings, or nothing was, or the device's zone is UTC just now.
 * @param utcMs what the device believes is now.
 * @param offsetMs what its wall clock is ahead of UTC.
 */
export async function detectZulu(find: FindClips, utcMs: number, offsetMs: number): Promise<ZuluMeaning | undefined> {
  if (offsetMs === 0) return undefined;
  const [early, late]: readonly [ZuluMeaning, ZuluMeaning] = offsetMs > 0 ? ["utc", "local"] : ["local", "utc"];
  const earlyNow = Math.min(utcMs, utcMs + offsetMs);
  const lateNow = Math.max(utcMs, utcMs + offsetMs);
  // By the early reading, all of this has yet to come.
  const ahead = await spans(find, earlyNow + SLACK_MS, lateNow + SLACK_MS);
  if (ahead.some(([start, end]) => start > earlyNow + SLACK_MS || Math.abs(end - lateNow) < RECENT_MS)) return late;
  const lastHour = await spans(find, earlyNow - HOUR_MS, earlyNow + SLACK_MS);
  const recent = lastHour.some(([, end]) => Math.abs(end - earlyNow) < RECENT_MS);
  const recorded = lastHour.reduce((sum, [start, end]) => sum + end - Math.max(start, earlyNow - HOUR_MS), 0);
  // A lone clip from earlier in the hour may as well be the last one of a quiet day, by the late reading.
  return recent || recorded > HOUR_MS / 2 ? early : undefined;
}

type Span = readonly [startMs: number, endMs: number];

/** The clips that touch a span. A file still being written may show any end: one beyond the span counts as unknown. */
async function spans(find: FindClips, fromMs: number, toMs: number): Promise<readonly Span[]> {
  const clips = await find(`${formatWall(fromMs)}Z`, `${formatWall(toMs)}Z`);
  return clips.flatMap((clip): readonly Span[] => {
    const start = parseTimestamp(clip.start)?.wallMs;
    const end = parseTimestamp(clip.end)?.wallMs;
    if (start === undefined || end === undefined || start > toMs || end < fromMs) return [];
    return [[start, end > toMs ? start : end]];
  });
}
