/**
 * Time zones as Hikvision devices write them in `/ISAPI/System/time`: POSIX, so with an inverted sign (`CST-8` is UTC+8,
 * `CST+4` is UTC-4), but after `DST` comes what summer adds: `CST-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00`.
 */
import type { Zone } from "./zone";

/** "Mmonth.week.day/time": the week's 5 is the last one, day 0 is Sunday, the time is wall time before the change. */
interface Change {
  readonly month: number;
  readonly week: number;
  readonly day: number;
  readonly atMs: number;
}

const TIME = String.raw`\d{1,2}(?::\d\d){0,2}`;
const CHANGE = String.raw`M\d{1,2}\.\d\.\d(?:/${TIME})?`;
const ZONE = new RegExp(`^[A-Z]{3,}([+-]?)(${TIME})(?:DST(${TIME})?(?:,(${CHANGE}),(${CHANGE}))?)?$`, "i");
const HOUR_MS = 3_600_000;
/** Offsets range from 12 h west to 14 h east. */
const FARTHEST_MS = 14 * HOUR_MS;

/**
 * White space and line breaks are ignored (an NVR put one on each side: qb60/hikvision-downloader#5).
 * Undefined: not in this format. Summer time without its two dates is ignored.
 */
export function parsePosixZone(text: string): Zone | undefined {
  const [, sign, size = "", saving, start, end] = ZONE.exec(text.replace(/\s+/g, "")) ?? [];
  if (sign === undefined) return undefined;
  const winterMs = sign === "-" ? duration(size) : -duration(size);
  if (Math.abs(winterMs) > FARTHEST_MS) return undefined;
  if (start === undefined || end === undefined) return { offsetAt: () => winterMs };
  const [begin, finish] = [parseChange(start), parseChange(end)];
  if (!begin || !finish) return undefined;
  const savingMs = saving === undefined ? HOUR_MS : duration(saving);
  return {
    offsetAt(utcMs) {
      const year = new Date(utcMs + winterMs).getUTCFullYear();
      const from = wallOf(begin, year) - winterMs;
      const to = wallOf(finish, year) - winterMs - savingMs;
      const summer = from < to ? utcMs >= from && utcMs < to : utcMs >= from || utcMs < to;
      return summer ? winterMs + savingMs : winterMs;
    },
  };
}

function parseChange(text: string): Change | undefined {
  const [rule = "", time = "2"] = text.slice(1).split("/");
  const [month = 0, week = 0, day = 0] = rule.split(".").map(Number);
  if (month < 1 || month > 12 || week < 1 || week > 5 || day > 6) return undefined;
  return { month, week, day, atMs: duration(time) };
}

function wallOf({ month, week, day, atMs }: Change, year: number): number {
  const first = 1 + ((day - new Date(Date.UTC(year, month - 1, 1)).getUTCDay() + 7) % 7);
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const date = first + (week - 1) * 7;
  return Date.UTC(year, month - 1, date > last ? date - 7 : date) + atMs;
}

/** "1", "01:30" or "01:30:00" → ms. */
function duration(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(":").map(Number);
  return hours * HOUR_MS + minutes * 60_000 + seconds * 1000;
}
