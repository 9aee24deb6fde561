/** The clock and time zone of a device: `/ISAPI/System/time`. Its fields sometimes contradict each other. */
import type { Clock } from "../lib/clock";
import type { Isapi } from "../isapi/isapi";
import { isUnavailable } from "../isapi/unavailable";
import { text, type XmlDocument } from "../isapi/xml";
import { say } from "../lib/sentence";
import { parsePosixZone } from "./posix-zone";
import { parseTimestamp } from "./timestamp";
import { computerZone, fixedZone, fromWall, type Zone } from "./zone";

export interface DeviceClock {
  readonly zone: Zone;
  /** What the device's clock is ahead of this computer's, ms; undefined when the device sent no time. */
  readonly driftMs: number | undefined;
  /** By how much `driftMs` may be wrong: nobody knows at which moment of the request the device looked at its clock. */
  readonly errorMs: number;
}

const PATH = "/ISAPI/System/time";
/** The device sends whole seconds. */
const MEAN_ERROR_MS = 500;
const QUARTER_MS = 15 * 60_000;

/** A device that has no such service, or hides it from this user, counts as in the time zone of this computer. */
export async function readDeviceClock(
  isapi: Pick<Isapi, "get">,
  clock: Pick<Clock, "now">,
  signal?: AbortSignal,
): Promise<DeviceClock> {
  const sentAt = clock.now();
  try {
    const document = await isapi.get(PATH, { purpose: say`the device's time`, ...(signal && { signal }) });
    const answeredAt = clock.now();
    return parseDeviceClock(document, (sentAt + answeredAt) / 2, Math.abs(answeredAt - sentAt) / 2);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return { zone: computerZone, driftMs: undefined, errorMs: 0 };
  }
}

/**
 * @param nowMs this computer's time when the document was made, ms since 1970. It decides where `timeZone` and the offset of
 * `localTime` contradict each other: a recorder was seen to show summer time under its winter offset.
 * @param nowErrorMs by how much `nowMs` may be wrong
 */
export function parseDeviceClock({ value }: XmlDocument, nowMs: number, nowErrorMs = 0): DeviceClock {
  const rule = parsePosixZone(text(value, "timeZone") ?? "");
  const stamp = parseTimestamp(text(value, "localTime") ?? "");
  const errorMs = nowErrorMs + MEAN_ERROR_MS;
  if (!stamp) return { zone: rule ?? computerZone, driftMs: undefined, errorMs };
  const wallMs = stamp.wallMs + MEAN_ERROR_MS;
  const zones: Zone[] = rule ? [rule] : [];
  if (stamp.zone !== undefined) zones.push(fixedZone(stamp.zone === "Z" ? 0 : stamp.zone));
  if (zones.length === 0) zones.push(fixedZone(Math.round((wallMs - nowMs) / QUARTER_MS) * QUARTER_MS));
  return zones
    .map((zone) => ({ zone, driftMs: nearest(zone, wallMs, nowMs) - nowMs, errorMs }))
    .reduce((best, other) => (Math.abs(other.driftMs) < Math.abs(best.driftMs) ? other : best));
}

/** In the repeated hour at the end of summer time, the moment that is nearer to now. */
function nearest(zone: Zone, wallMs: number, nowMs: number): number {
  const [earlier, later] = [fromWall(zone, wallMs, "earlier"), fromWall(zone, wallMs, "later")];
  return Math.abs(later - nowMs) < Math.abs(earlier - nowMs) ? later : earlier;
}
