/** Dates of a device's calendar in a range. Pure. */
import { FatalError } from "../lib/errors";
import { say } from "../lib/sentence";
import type { TimeFrame } from "../time/time-frame";
import { fromWall, toWall } from "../time/zone";
import type { TimeRange } from "./time-range";

export interface DatesRange extends TimeRange {
  /** "2026-03-01" */
  readonly first: string;
  readonly last: string;
  readonly months: readonly { readonly year: number; readonly month: number }[];
}

/** One question for each. */
const MOST_MONTHS = 24;

/**
 * Whole days, those of both ends included. Default: the current month of the device; with a start alone until now, with an end alone the
 * month of it. Throws `badRequest`.
 */
export function datesRange(frame: TimeFrame, now: number, start: unknown, end: unknown): DatesRange {
  const { zone } = frame;
  const endMs = end === undefined ? now : frame.read("end", end, "later");
  const lastWall = toWall(zone, endMs - 1);
  const month = new Date(lastWall);
  const firstOfMonth = fromWall(zone, Date.UTC(month.getUTCFullYear(), month.getUTCMonth()), "earlier");
  const startMs = start === undefined ? firstOfMonth : frame.read("start", start, "earlier");
  if (startMs >= endMs)
    throw new FatalError(
      "badRequest",
      say`"end" must come after "start": ${frame.local(startMs)} is not before ${frame.local(endMs)}.`,
    );
  const firstWall = toWall(zone, startMs);
  const of = (wallMs: number): number => new Date(wallMs).getUTCFullYear() * 12 + new Date(wallMs).getUTCMonth();
  const count = of(lastWall) - of(firstWall) + 1;
  if (count > MOST_MONTHS)
    throw new FatalError("badRequest", say`The range touches ${count} months. Choose at most ${MOST_MONTHS}.`);
  return {
    startMs,
    endMs,
    first: dateOf(firstWall),
    last: dateOf(lastWall),
    months: Array.from({ length: count }, (_, index) => {
      const month = of(firstWall) + index;
      return { year: Math.floor(month / 12), month: (month % 12) + 1 };
    }),
  };
}

/** Of a recording: each that it touches. */
export function datesBetween({ zone }: TimeFrame, start: string, end: string): readonly string[] {
  const firstMs = toWall(zone, Date.parse(start));
  const lastMs = Math.max(firstMs, toWall(zone, Date.parse(end)) - 1);
  const first = Math.floor(firstMs / DAY_MS);
  // A recording is a file of some hours; what a device says of one that still grows may be anything.
  const count = Math.min(MOST_DAYS, Math.floor(lastMs / DAY_MS) - first + 1);
  return Array.from({ length: count }, (_, index) => dateOf((first + index) * DAY_MS));
}

const DAY_MS = 86_400_000;
const MOST_DAYS = 31;

function dateOf(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 10);
}
