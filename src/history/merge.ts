/** What several sources tell of one event becomes one row. Pure. */
import { defined } from "../lib/defined";
import type { FoundRow, HistorySource } from "./types";

export interface SourcedRow extends FoundRow {
  readonly source: HistorySource;
}

/** Sources stamp an event apart from each other. */
const APART_MS = 3_000;
/** Free and taken ones that are looked at for one row. */
const MOST_LOOKED_AT = 100;

/**
 * Oldest first. Rows of the same type and channel, at most 3 s apart, of different sources, are one, each of at most one row of a
 * source; the earlier source has the word. Rows of one source stay what they are.
 */
export function merged(bySource: readonly (readonly SourcedRow[])[]): readonly SourcedRow[] {
  const groups = new Map<string, SourcedRow[]>();
  for (const rows of bySource) {
    const places = new Map<string, Places>();
    for (const [key, known] of groups) places.set(key, new Places(known));
    for (const row of [...rows].sort((a, b) => a.startMs - b.startMs)) {
      const key = `${row.type} ${row.channel}`;
      const known = groups.get(key) ?? [];
      groups.set(key, known);
      const index = places.get(key)?.take(row.startMs);
      const same = index === undefined ? undefined : known[index];
      if (index === undefined || !same) known.push(row);
      else known[index] = { ...row, ...defined(same) };
    }
  }
  return [...groups.values()].flat().sort((a, b) => a.startMs - b.startMs);
}

/** What earlier sources know of one type and channel, to be taken once each by rows in the order of their time. */
class Places {
  readonly #places: readonly { readonly startMs: number; readonly index: number }[];
  readonly #taken = new Set<number>();
  #first = 0;

  constructor(known: readonly SourcedRow[]) {
    this.#places = known.map(({ startMs }, index) => ({ startMs, index })).sort((a, b) => a.startMs - b.startMs);
  }

  /** The index of the nearest that is free; of two as near the lower one. */
  take(startMs: number): number | undefined {
    for (let place; (place = this.#places[this.#first]); this.#first++)
      if (place.startMs >= startMs - APART_MS && !this.#taken.has(place.index)) break;
    let best: { readonly distance: number; readonly index: number } | undefined;
    for (let at = this.#first; at < this.#first + MOST_LOOKED_AT; at++) {
      const place = this.#places[at];
      if (!place || place.startMs > startMs + APART_MS) break;
      const { index } = place;
      const distance = Math.abs(place.startMs - startMs);
      const nearer = !best || distance < best.distance || (distance === best.distance && index < best.index);
      if (nearer && !this.#taken.has(index)) best = { distance, index };
    }
    if (best) this.#taken.add(best.index);
    return best?.index;
  }
}
