/**
 * When a plate was captured, by the wall clock of its device: an alert and the device's plate list write the same moment in different
 * ways, and often only one of them says the offset. So moments are compared by what the clock on the wall showed.
 */
import { Fields } from "../events/decode/fields";
import type { Notification } from "../events/notification";
import { formatWall, parseTimestamp } from "../time/timestamp";
import { offsetText } from "../time/zone";

export interface Captured {
  /** The digits read as if they were UTC, ms since 1970. */
  readonly wallMs: number;
  /** What they are ahead of UTC, ms; undefined: not said. */
  readonly offsetMs: number | undefined;
}

/** The alert is stamped when it is sent, its pictures (`absTime`) when they are taken. More apart: another clock, or an unset one. */
const MOST_APART_MS = 60_000;
/** What the same capture may differ by in the stream and in the list. */
const SAME_MS = 2_000;

/** Undefined: no date. */
export function parseCaptured(sent: string | undefined): Captured | undefined {
  const stamp = parseTimestamp(sent ?? "");
  return stamp && { wallMs: stamp.wallMs, offsetMs: stamp.zone === "Z" ? 0 : stamp.zone };
}

/** Of a plate's alert: by its pictures where they say it (DS-TCG405-E, DS-TCG406-E), else as the alert is stamped. */
export function capturedIn({ raw, time }: Pick<Notification, "raw" | "time">): Captured | undefined {
  const stamped = parseCaptured(time);
  const picture = new Fields(raw).in("anpr").in("pictureinfolist").in("pictureinfo");
  const taken = parseCaptured(picture.word("abstime"));
  if (!stamped || !taken) return stamped;
  if (Math.abs(taken.wallMs - stamped.wallMs) > MOST_APART_MS) return stamped;
  return { wallMs: taken.wallMs, offsetMs: stamped.offsetMs };
}

/** True when both can be the same capture: two seconds apart at most, by the wall or by UTC. */
export function sameMoment(a: Captured, b: Captured): boolean {
  if (Math.abs(a.wallMs - b.wallMs) <= SAME_MS) return true;
  if (a.offsetMs === undefined || b.offsetMs === undefined) return false;
  return Math.abs(a.wallMs - a.offsetMs - (b.wallMs - b.offsetMs)) <= SAME_MS;
}

/** ISO 8601, without an offset that nobody said: "2026-03-01T12:00:00+01:00". */
export function capturedText({ wallMs, offsetMs }: Captured): string {
  const fraction = wallMs % 1000 === 0 ? "" : new Date(wallMs).toISOString().slice(19, 23);
  return formatWall(wallMs) + fraction + (offsetMs === undefined ? "" : offsetText(offsetMs));
}
