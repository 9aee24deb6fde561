/** A range of time, and how messages carry it. */
import type { TimeFrame } from "../time/time-frame";
import type { Recording } from "./recording";

/** Ms since 1970. */
export interface TimeRange {
  readonly startMs: number;
  readonly endMs: number;
}

export function recordingTimes(
  { startMs, endMs }: TimeRange,
  frame: TimeFrame,
): Pick<Recording, "start" | "end" | "startLocal" | "endLocal"> {
  return {
    start: new Date(startMs).toISOString(),
    end: new Date(endMs).toISOString(),
    startLocal: frame.local(startMs),
    endLocal: frame.local(endMs),
  };
}
