/** When a node sends what begins: from–to on some days of the week, also across midnight. Pure: the moment and the zone are given. */
import { toWall, type Zone } from "../time/zone";

/** As a form saves them (docs/contract.md, event-in). */
export interface ActiveHours {
  /** "22:00" */
  readonly from: string;
  /** "06:00"; not after `from`: of the next day. The same as `from`: a whole day. */
  readonly to: string;
  /** 1 = Monday … 7 = Sunday, the day on which the hours begin. None: every day. */
  readonly days: readonly number[];
  /** Whose wall clock counts. */
  readonly zone: "device" | "local";
}

const DAY_MINUTES = 1440;
const MINUTE_MS = 60_000;

/** Undefined: no hours, or none that can be read. */
export function activeHours(saved: unknown): ActiveHours | undefined {
  if (typeof saved !== "object" || saved === null) return undefined;
  const { from, to, days, zone } = saved as Readonly<Record<string, unknown>>;
  if (typeof from !== "string" || typeof to !== "string") return undefined;
  if (minuteOf(from) === undefined || minuteOf(to) === undefined) return undefined;
  const listed = Array.isArray(days)
    ? days.map(Number).filter((day) => Number.isInteger(day) && day >= 1 && day <= 7)
    : [];
  return { from, to, days: listed, zone: zone === "local" ? "local" : "device" };
}

/** @param zone of the wall clock that counts. */
export function isWithin({ from, to, days }: ActiveHours, utcMs: number, zone: Zone): boolean {
  const [begin, end] = [minuteOf(from), minuteOf(to)];
  if (begin === undefined || end === undefined) return true;
  const wallMinutes = Math.floor(toWall(zone, utcMs) / MINUTE_MS);
  const minute = wallMinutes % DAY_MINUTES;
  const today = weekday(Math.floor(wallMinutes / DAY_MINUTES));
  const isDay = (day: number): boolean => days.length === 0 || days.includes(day);
  if (begin < end) return isDay(today) && minute >= begin && minute < end;
  const yesterday = today === 1 ? 7 : today - 1;
  return (minute >= begin && isDay(today)) || (minute < end && isDay(yesterday));
}

/** 1 January 1970 was a Thursday. */
function weekday(dayNumber: number): number {
  return ((dayNumber + 3) % 7) + 1;
}

/** "22:00" → 1320; "24:00" is the end of a day. */
function minuteOf(text: string): number | undefined {
  const [, hour, minute] = /^([01]?\d|2[0-4]):([0-5]\d)$/.exec(text.trim()) ?? [];
  const minutes = Number(hour) * 60 + Number(minute);
  return Number.isInteger(minutes) && minutes <= DAY_MINUTES ? minutes : undefined;
}
