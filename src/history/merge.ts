/** What several sources tell of one event becomes one row. Pure. */
import { defined } from "../lib/defined";
import type { FoundRow, HistorySource } from "./types";

export interface SourcedRow extends FoundRow {
  readonly source: HistorySource;
}

/** Sources stamp an event apart from each other. */
const APART_MS = 3_000;

/**
 * Oldest first. Rows of the same type and channel, at most 3 s apart, of different sources, are one, each of at most one row of a
 * source; the earlier source has the word. Rows of one source stay what they are.
 */
export function merged(bySource: readonly (readonly SourcedRow[])[]): readonly SourcedRow[] {
  const groups = new Map<string, SourcedRow[]>();
  for (const rows of bySource) {
    const places = new Map<string, { readonly startMs: number; readonly index: number }[]>();
    for (const [key, known] of groups)
      places.set(
        key,
        known.map(({ startMs }, index) => ({ startMs, index })),
      );
    for (const row of [...rows].sort((a, b) => a.startMs - b.startMs)) {
      const key = `${row.type} ${row.channel}`;
      const known = groups.get(key) ?? [];
      groups.set(key, known);
      const free = places.get(key) ?? [];
      const nearest = free.reduce<(typeof free)[number] | undefined>((best, one) => {
        const distance = Math.abs(one.startMs - row.startMs);
        return distance <= APART_MS && (!best || distance < Math.abs(best.startMs - row.startMs)) ? one : best;
      }, undefined);
      const same = nearest && known[nearest.index];
      if (!nearest || !same) known.push(row);
      else {
        free.splice(free.indexOf(nearest), 1);
        known[nearest.index] = { ...row, ...defined(same) };
      }
    }
  }
  return [...groups.values()].flat().sort((a, b) => a.startMs - b.startMs);
}
