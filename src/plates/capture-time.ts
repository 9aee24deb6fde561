/**
 * When a plate was captured, by the wall clock of its device: an alert and the device's plate list write the same moment in different
 * ways, and often only one of them says the offset. So times are compared by wall clock.
 */
import { Fields } from "../events/decode/fields";
import type { Notification } from "../events/types";
import { formatWall, parseTimestamp } from "../time/timestamp";
import { offsetText } from "../time/zone";

export interface CaptureTime {
  /** Wall time, its digits read as UTC, ms since 1970. */
  readonly wallMs: number;
  /** Ahead of UTC, ms; undefined: not sent. */
  readonly offsetMs: number | undefined;
}

/** Longer text is no time. */
const MAX_LENGTH = 64;
/** The alert is stamped when it is sent, its pictures (`absTime`) when they are taken. Further apart: a different clock, or one that was not set. */
const MAX_CLOCK_GAP_MS = 60_000;
/** The times of one capture may differ by this much between stream and list. */
const SAME_MS = 2_000;

/** Undefined: not a date. */
export function parseCaptureTime(sent: string | undefined): CaptureTime | undefined {
  const stamp = sent === undefined || sent.length > MAX_LENGTH ? undefined : parseTimestamp(sent);
  return stamp && { wallMs: stamp.wallMs, offsetMs: stamp.zone === "Z" ? 0 : stamp.zone };
}

/** Of a plate's alert: the time of its pictures where sent (DS-TCG405-E, DS-TCG406-E), else the alert's. */
export function captureTimeOf({ raw, time }: Pick<Notification, "raw" | "time">): CaptureTime | undefined {
  const stamped = parseCaptureTime(time);
  const picture = new Fields(raw).in("anpr").in("pictureinfolist").in("pictureinfo");
  const taken = parseCaptureTime(picture.word("abstime"));
  if (!stamped || !taken) return stamped;
  if (Math.abs(taken.wallMs - stamped.wallMs) > MAX_CLOCK_GAP_MS) return stamped;
  return { wallMs: taken.wallMs, offsetMs: stamped.offsetMs };
}

/** True when both can be the same capture: two seconds apart at most, by wall time or UTC. */
export function isSameTime(a: CaptureTime, b: CaptureTime): boolean {
  if (Math.abs(a.wallMs - b.wallMs) <= SAME_MS) return true;
  if (a.offsetMs === undefined || b.offsetMs === undefined) return false;
  return Math.abs(a.wallMs - a.offsetMs - (b.wallMs - b.offsetMs)) <= SAME_MS;
}

/** ISO 8601, without an offset that was not sent: "2026-03-01T12:00:00+01:00". */
export function captureTimeText({ wallMs, offsetMs }: CaptureTime): string {
  const fraction = wallMs % 1000 === 0 ? "" : new Date(wallMs).toISOString().slice(19, 23);
  return formatWall(wallMs) + fraction + (offsetMs === undefined ? "" : offsetText(offsetMs));
}
