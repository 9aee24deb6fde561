/** A plate on its way to the flow, and what makes two of them the same. */
import type { PlateReading, Picture } from "../events/notification";
import { formatWall } from "../time/timestamp";
import { sameMoment, type Captured } from "./capture-time";

/** What tells one passing of a vehicle from another, whether the stream brought it or the list. */
export interface Sight {
  /** To the letter; "" when unread. */
  readonly plate: string;
  readonly captured: Captured;
  readonly lane: number | undefined;
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
  /** It passed while nobody was looking. */
  readonly backfilled: boolean;
  readonly pictures: Picture[];
  /** The alert, or the entry of the list, as parsed. */
  readonly raw: Record<string, unknown>;
}

/** "1-AB123CD-20260301T120000": channel, plate, and the second of its capture by the device's wall clock. */
export function plateId(channel: number, { plate, captured }: Sight): string {
  return `${channel}-${plate}-${formatWall(captured.wallMs).replace(/[-:]/g, "")}`;
}

/** Same text at the same moment. Unread plates are told apart by their lanes. */
export function isSameSight(a: Sight, b: Sight): boolean {
  if (a.plate !== b.plate || !sameMoment(a.captured, b.captured)) return false;
  return a.plate !== "" || a.lane === undefined || b.lane === undefined || a.lane === b.lane;
}
