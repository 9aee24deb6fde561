/** Moments in the answers of searches: with an offset, without, and with one that is not true. */
import { parseTimestamp } from "../time/timestamp";
import type { TimeFrame } from "../time/time-frame";
import type { TimeRange } from "../recordings/time-range";
import { fromWall } from "../time/zone";

/** Digits of the device's own clock, whatever stands behind them. In a repeated hour the first, unless that is before `notBefore`. */
export function digitsAt({ zone }: TimeFrame, text: string | undefined, notBefore = -Infinity): number | undefined {
  const wallMs = parseTimestamp(bounded(text))?.wallMs;
  if (wallMs === undefined) return undefined;
  const earlier = fromWall(zone, wallMs, "earlier");
  return earlier < notBefore ? fromWall(zone, wallMs, "later") : earlier;
}

/** By its offset, where that lies in the range that was asked for; else by its digits. */
export function momentIn(
  frame: TimeFrame,
  { startMs, endMs }: TimeRange,
  text: string | undefined,
): number | undefined {
  const parsed = parseTimestamp(bounded(text));
  if (!parsed) return undefined;
  const byDigits = digitsAt(frame, text);
  if (parsed.zone === undefined) return byDigits;
  const byOffset = parsed.wallMs - (parsed.zone === "Z" ? 0 : parsed.zone);
  const within = (moment: number | undefined): boolean =>
    moment !== undefined && moment >= startMs - HOUR_MS && moment < endMs + HOUR_MS;
  return within(byOffset) || !within(byDigits) ? byOffset : byDigits;
}

/** A device may send anything; no timestamp is longer. */
function bounded(text = ""): string {
  return text.slice(0, 64);
}

/** An event may have begun before the range. */
const HOUR_MS = 3_600_000;
