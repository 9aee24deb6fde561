/**
 * Wall time of a place ↔ UTC. A wall time is a number, too: date and time as if they were UTC, in ms since 1970.
 * At the end of summer time an hour is repeated (a fold), at its start one is skipped (a gap).
 */

export interface Zone {
  /** What wall time is ahead of UTC at that moment, ms. */
  offsetAt(utcMs: number): number;
}

/** Which of two moments a wall time in a fold or a gap means. */
export type Side = "earlier" | "later";

/** A place without summer time. */
export function fixedZone(offsetMs: number): Zone {
  return { offsetAt: () => offsetMs };
}

/** The time zone of this computer. */
export const computerZone: Zone = { offsetAt: (utcMs) => -new Date(utcMs).getTimezoneOffset() * 60_000 };

export function toWall(zone: Zone, utcMs: number): number {
  return utcMs + zone.offsetAt(utcMs);
}

const DAY_MS = 86_400_000;

/** In a fold the first or the second moment; in a gap the moment by the old or the new offset. */
export function fromWall(zone: Zone, wallMs: number, side: Side): number {
  // No two changes lie within two days of each other, so these are the offsets before and after the nearest one.
  const candidates = [zone.offsetAt(wallMs - DAY_MS), zone.offsetAt(wallMs + DAY_MS)].map((offset) => wallMs - offset);
  const shown = candidates.filter((utcMs) => toWall(zone, utcMs) === wallMs);
  const choice = shown.length > 0 ? shown : candidates;
  return side === "earlier" ? Math.min(...choice) : Math.max(...choice);
}

/** "+01:00" */
export function offsetText(offsetMs: number): string {
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${offsetMs < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
