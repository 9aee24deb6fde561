/** Moments in words, as people give them to a form or a message: now, -1h, yesterday, today 07:30. Pure: now and the zone are given. */
import { formatWall } from "./timestamp";
import { table } from "../lib/table";
import { fromWall, offsetText, toWall, type Side, type Zone } from "./zone";

const UNIT_MS = table({
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
});
const DAY_MS = 86_400_000;
/** "now", "-1h", "now-1.5h" */
const AGO = /^(?:now|(?:now)?\s*-\s*(\d{1,9}(?:\.\d{1,3})?)\s*(s|min|m|h|d|w))$/i;
/** "today", "yesterday 07:30", "today 07:30:15" */
const DAY = /^(today|yesterday)(?:\s+([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?)?$/i;

export function isTimeWord(text: string): boolean {
  return AGO.test(text.trim()) || DAY.test(text.trim());
}

/**
 * The moment, ms since 1970; undefined for other text.
 * @param zone whose day "today" is; @param side of a repeated hour.
 */
export function momentOfWord(text: string, nowMs: number, zone: Zone, side: Side = "earlier"): number | undefined {
  const ago = AGO.exec(text.trim());
  if (ago) return nowMs - Math.round(Number(ago[1] ?? 0) * (UNIT_MS[ago[2]?.toLowerCase() ?? "s"] ?? 0));
  const [, day, hour = "0", minute = "0", second = "0"] = DAY.exec(text.trim()) ?? [];
  if (day === undefined) return undefined;
  const today = Math.floor(toWall(zone, nowMs) / DAY_MS) * DAY_MS;
  const midnight = day.toLowerCase() === "today" ? today : today - DAY_MS;
  return fromWall(zone, midnight + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000, side);
}

/** "2026-11-22T14:00:00+01:00" */
export function localText(zone: Zone, utcMs: number): string {
  return formatWall(toWall(zone, utcMs)) + offsetText(zone.offsetAt(utcMs));
}
