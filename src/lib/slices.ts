/**
 * Work that may take long, cut into slices between which the event loop goes on: a generator that yields after each small step, some
 * 0.3 ms at most. The first slice runs at once; the further ones of all such work take turns, one in each round of the event loop.
 */
import { performance } from "node:perf_hooks";
import { AbortedError } from "./errors";

export type Steps<T> = Generator<void, T, void>;

const SLICE_MS = 3;

/** The slice that a loop is in. Begins when it is made. */
export class Slice {
  #end = performance.now() + SLICE_MS;

  get isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /** Lets the event loop go on, then begins anew. */
  async next(): Promise<void> {
    await nextTurn();
    this.#end = performance.now() + SLICE_MS;
  }
}

/** What fits into one slice is done at once. Rejects with what the steps throw, and with {@link AbortedError} once the signal aborts. */
export async function inSlices<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
  const slice = new Slice();
  for (;;) {
    if (signal?.aborted) throw new AbortedError();
    do {
      const step = steps.next();
      if (step.done) return step.value;
    } while (!slice.isOver);
    await slice.next();
  }
}

/** Items that are mapped, compared or merged in one step. */
const STEP_ITEMS = 32;

/** As `items.flatMap(map)`. */
export function* flatMapInSteps<T, U>(items: readonly T[], map: (item: T) => readonly U[]): Steps<U[]> {
  const mapped: U[] = [];
  for (const [index, item] of items.entries()) {
    if (index % STEP_ITEMS === 0) yield;
    for (const one of map(item)) mapped.push(one);
  }
  return mapped;
}

/** As `items.toSorted(compare)`: sorted stretches, merged two by two. */
export function* sortInSteps<T>(items: readonly T[], compare: (a: T, b: T) => number): Steps<readonly T[]> {
  let sorted: T[] = [];
  for (let at = 0; at < items.length; at += STEP_ITEMS) {
    sorted.push(...items.slice(at, at + STEP_ITEMS).sort(compare));
    yield;
  }
  for (let length = STEP_ITEMS; length < items.length; length *= 2) {
    const merged: T[] = [];
    for (let start = 0; start < sorted.length; start += 2 * length) {
      const middle = Math.min(start + length, sorted.length);
      const end = Math.min(middle + length, sorted.length);
      let [left, right] = [start, middle];
      while (left < middle || right < end) {
        const [a, b] = [sorted[left], sorted[right]];
        const isLeft = right >= end || (left < middle && compare(a as T, b as T) <= 0);
        merged.push((isLeft ? a : b) as T);
        if (isLeft) left++;
        else right++;
        if (merged.length % STEP_ITEMS === 0) yield;
      }
    }
    sorted = merged;
  }
  return sorted;
}

const waiting: (() => void)[] = [];

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(giveTurn);
  });
}

function giveTurn(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(giveTurn);
}
