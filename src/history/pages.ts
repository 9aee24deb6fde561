/** All pages of one search of the past, by position: until the device has no more, repeats itself, or asks too much. */
import { say, type Sentence } from "../lib/sentence";
import type { HistoryBudget } from "./budget";

export interface Page<Entry> {
  readonly entries: readonly Entry[];
  readonly more: boolean;
  /** In all, where the device says it. */
  readonly total?: number | undefined;
}

export interface AllPages<Entry> {
  readonly entries: readonly Entry[];
  readonly cut?: Sentence;
  /** More than `limit`: it is not read to its end. */
  readonly tooMany?: true;
}

/** @param limit entries after which it is given up with `tooMany`; devices refuse higher positions. */
export async function allPages<Entry>(
  ask: (position: number) => Promise<Page<Entry>>,
  budget: HistoryBudget,
  limit = Infinity,
): Promise<AllPages<Entry>> {
  const entries: Entry[] = [];
  let before = "";
  for (;;) {
    const over = budget.page();
    if (over) return { entries, cut: over };
    const page = await ask(entries.length);
    const same = JSON.stringify(page.entries);
    if (page.entries.length > 0 && same === before)
      return { entries, cut: say`The device repeats the same page, so not all of it could be read.` };
    before = same;
    for (const entry of page.entries) entries.push(entry);
    budget.found(page.entries.length, same.length);
    if (page.entries.length === 0 || !(page.more || (page.total ?? 0) > entries.length)) return { entries };
    if (entries.length >= limit || (page.total ?? 0) > limit) return { entries, tooMany: true };
  }
}
