/** Time stamps of devices → ISO 8601 with offset. What is one already stays to the letter. */
import { parseTimestamp } from "../../time/timestamp";
import { computerZone, fromWall, offsetText } from "../../time/zone";

/** Minutes east of UTC that a device's clock shows at a wall time (its fields read as if they were UTC, in ms). */
export type MinutesAt = (wallMs: number) => number;

/** Longer text is no time. */
const MAX_STAMP_LENGTH = 64;

/** The zone of this machine: the best guess for a device at the same place that says nothing. */
export const hostMinutesAt: MinutesAt = (wallMs) => (wallMs - fromWall(computerZone, wallMs, "earlier")) / 60_000;

/**
 * A device's stamp with its offset; one without gets the offset of `minutesAt`.
 * Undefined: missing, no time of day, or no date ("0000-00-00T00:00:00").
 */
export function deviceTimestamp(sent: string | undefined, minutesAt: MinutesAt = hostMinutesAt): string | undefined {
  const stamp = sent === undefined || sent.length > MAX_STAMP_LENGTH ? undefined : parseTimestamp(sent);
  if (stamp?.local === undefined) return undefined;
  const { local, wallMs, zone = minutesAt(wallMs) * 60_000 } = stamp;
  return local + (zone === "Z" ? "Z" : offsetText(zone));
}
