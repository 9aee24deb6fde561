/** From when on a device plays, by its answer to PLAY. Pure. */
import { parseTimestamp } from "../time/timestamp";

/** A device begins with the key picture before: those of "smart" codecs are 12 s apart at most. */
export const MOST_EARLY_MS = 60_000;
/** Devices count in seconds. */
const MOST_LATE_MS = 2_000;

/**
 * Ms since 1970. Its digits are compared with those of the address: what a device means by its Z, it means in both. Undefined: it does
 * not say; "other": it plays another moment. `offsetMs`: what its wall clock is ahead of UTC then.
 */
export function toldStart(
  range: string | undefined,
  url: string,
  startMs: number,
  offsetMs: number,
): number | undefined | "other" {
  const digits = /clock\s*=\s*([0-9TZ.:-]+?Z?)-/i.exec(range ?? "")?.[1];
  const asked = /[?&]starttime=([^&]+)/i.exec(url)?.[1];
  const told = digits === undefined ? undefined : parseTimestamp(digits)?.wallMs;
  const from = asked === undefined ? undefined : parseTimestamp(asked)?.wallMs;
  if (told === undefined || from === undefined) return undefined;
  const later = told - from;
  const near = (ms: number): boolean => ms >= -MOST_EARLY_MS && ms <= MOST_LATE_MS;
  if (near(later)) return startMs + later;
  // One of the two is in UTC, the other in the device's zone.
  return near(later - offsetMs) || near(later + offsetMs) ? undefined : "other";
}
