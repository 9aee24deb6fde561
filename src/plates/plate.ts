/** A plate as the flow gets it, and when two captures are the same. */
import type { PlateReading } from "../events/decode/anpr";
import type { Picture } from "../events/types";
import { formatWall } from "../time/timestamp";
import { isSameTime, type CaptureTime } from "./capture-time";

/** One capture of a vehicle: what identifies it, from the stream or the list. */
export interface Capture {
  /** As sent; "" when unread. */
  readonly plate: string;
  readonly capturedAt: CaptureTime;
  readonly lane: number | undefined;
  /** The stamp of its alert, where that is another time than that of its pictures. */
  readonly stampedAt?: CaptureTime | undefined;
}

export interface Plate {
  readonly id: string;
  readonly channel: number;
  readonly reading: PlateReading;
  /** ISO 8601 with offset. */
  readonly time: string;
  /** Wall time of this computer, ms since 1970. */
  readonly receivedAt: number;
  readonly source: "stream" | "list";
  /** It passed while the connection was lost or the flow was stopped. */
  readonly backfilled: boolean;
  readonly pictures: Picture[];
  /** The alert, or the entry of the list, as parsed. */
  readonly raw: Record<string, unknown>;
}

/** "1-AB123CD-20260301T120000": channel, plate, and the second of its capture by the device's wall clock. */
export function plateId(channel: number, { plate, capturedAt }: Capture): string {
  return `${channel}-${plate}-${formatWall(capturedAt.wallMs).replace(/[-:]/g, "")}`;
}

/** Same text at the same time, of the pictures or of the alert. Unread plates are distinguished by lane. */
export function isSameCapture(a: Capture, b: Capture): boolean {
  if (a.plate !== b.plate || !timesOf(a).some((one) => timesOf(b).some((other) => isSameTime(one, other))))
    return false;
  return a.plate !== "" || a.lane === undefined || b.lane === undefined || a.lane === b.lane;
}

function timesOf({ capturedAt, stampedAt }: Capture): CaptureTime[] {
  return stampedAt === undefined ? [capturedAt] : [capturedAt, stampedAt];
}
