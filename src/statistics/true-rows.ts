/**
 * Rows of a camera's wall clock → rows in true time, one per interval. At the end of summer time one wall hour stands for two: where
 * the camera tells it once, it becomes one row of two hours; nothing is lost and nothing counted twice. Pure.
 */
import { fromWall, toWall, type Zone } from "../time/zone";
import type { CountedRow } from "./counting-search";

export interface TrueRow {
  readonly startMs: number;
  readonly endMs: number;
  /** Null: the camera has no row for it. */
  readonly enter: number | null;
  readonly exit: number | null;
  readonly pass?: number | null;
}

interface Span {
  startMs: number;
  endMs: number;
}

interface Counted extends Span {
  enter: number;
  exit: number;
  pass: number | undefined;
}

const DAY_MS = 86_400_000;

/**
 * All rows of one day of the camera's calendar, gaps included.
 * @param wallDayMs its midnight, as if it were UTC; @param stepMs size of a row by the wall clock.
 */
export function trueRows(
  counted: readonly CountedRow[],
  zone: Zone,
  wallDayMs: number,
  stepMs: number,
): readonly TrueRow[] {
  const parts: (Span | Counted)[] = [...slotsOf(zone, wallDayMs, stepMs), ...placed(counted, zone)];
  parts.sort((a, b) => a.startMs - b.startMs || b.endMs - a.endMs);
  const rows: { span: Span; counts: Counted[] }[] = [];
  for (const part of parts) {
    const last = rows.at(-1);
    // What has no length of its own is counted with what comes before or after it.
    const joins = last && (part.startMs < last.span.endMs || part.startMs === part.endMs);
    const row = joins ? last : { span: { startMs: part.startMs, endMs: part.endMs }, counts: [] };
    if (!joins) rows.push(row);
    row.span.endMs = Math.max(row.span.endMs, part.endMs);
    if ("enter" in part) row.counts.push(part);
  }
  return rows.map(({ span, counts }) => ({ ...span, ...sum(counts) }));
}

function sum(counts: readonly Counted[]): Pick<TrueRow, "enter" | "exit" | "pass"> {
  if (counts.length === 0) return { enter: null, exit: null };
  const total = (of: (one: Counted) => number): number => counts.reduce((all, one) => all + of(one), 0);
  const passes = counts.some(({ pass }) => pass !== undefined);
  return {
    enter: total(({ enter }) => enter),
    exit: total(({ exit }) => exit),
    ...(passes && { pass: total(({ pass }) => pass ?? 0) }),
  };
}

/** The intervals of a day, by every moment at which the wall clock shows the start of one. */
function slotsOf(zone: Zone, wallDayMs: number, stepMs: number): readonly Span[] {
  const starts = new Set<number>();
  for (let wall = wallDayMs; wall < wallDayMs + DAY_MS; wall += stepMs)
    for (const moment of shownAt(zone, wall)) starts.add(moment);
  const sorted = [...starts].sort((a, b) => a - b);
  const end = firstOf(zone, wallDayMs + DAY_MS);
  return sorted.map((startMs, index) => ({ startMs, endMs: sorted[index + 1] ?? end }));
}

/** When the wall clock shows this: once, twice, or, where it is skipped, the moment at which it is put forward. */
function shownAt(zone: Zone, wall: number): readonly number[] {
  const [earlier, later] = [fromWall(zone, wall, "earlier"), fromWall(zone, wall, "later")];
  if (toWall(zone, earlier) === wall) return [earlier, later];
  return [changeBetween(zone, earlier, later)];
}

function firstOf(zone: Zone, wall: number): number {
  return shownAt(zone, wall)[0] ?? wall;
}

function lastOf(zone: Zone, wall: number): number {
  return shownAt(zone, wall).at(-1) ?? wall;
}

/** The first moment at which the offset is the later one. */
function changeBetween(zone: Zone, from: number, to: number): number {
  const after = zone.offsetAt(to);
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zone.offsetAt(middle) === after) high = middle;
    else low = middle;
  }
  return high;
}

function placed(counted: readonly CountedRow[], zone: Zone): Counted[] {
  const byStart = new Map<string, CountedRow[]>();
  for (const row of counted) {
    const key = `${row.wallStartMs} ${row.offsetMs ?? ""}`;
    byStart.set(key, [...(byStart.get(key) ?? []), row]);
  }
  return [...byStart.values()].flatMap((rows) => placeSame(rows, zone));
}

/** Rows of the same start: of a repeated hour the first and the second, else the same row again. */
function placeSame(rows: readonly CountedRow[], zone: Zone): Counted[] {
  const [first, second] = rows;
  if (!first) return [];
  const { wallStartMs, wallEndMs, offsetMs } = first;
  if (offsetMs !== undefined) return [counts(largest(rows), wallStartMs - offsetMs, wallEndMs - offsetMs)];
  const lastMs = wallEndMs - 1;
  const repeated = shownAt(zone, wallStartMs)[0] !== shownAt(zone, wallStartMs).at(-1);
  if (repeated && second)
    return [
      counts(first, firstOf(zone, wallStartMs), firstOf(zone, lastMs) + 1),
      counts(largest(rows.slice(1)), lastOf(zone, wallStartMs), lastOf(zone, lastMs) + 1),
    ];
  const skipped = toWall(zone, fromWall(zone, lastMs, "earlier")) !== lastMs;
  const startMs = firstOf(zone, wallStartMs);
  return [counts(largest(rows), startMs, skipped ? startMs : lastOf(zone, lastMs) + 1)];
}

/** A count only grows: of a row that was sent twice the larger one is the later. */
function largest(rows: readonly CountedRow[]): CountedRow {
  return rows.reduce((a, b) => (b.enter + b.exit > a.enter + a.exit ? b : a));
}

function counts({ enter, exit, pass }: CountedRow, startMs: number, endMs: number): Counted {
  return { startMs, endMs, enter, exit, pass };
}
