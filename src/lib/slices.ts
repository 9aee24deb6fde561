/**
 * Work that may take long, cut into slices between which the event loop goes on: a generator that yields after each small step, some
 * 0.3 ms at most. Slices of all such work take turns, one in each round of the event loop.
 */
import { performance } from "node:perf_hooks";
import { AbortedError } from "./errors";

export type Steps<T> = Generator<void, T, void>;

const SLICE_MS = 3;

/** What fits into one slice is done at once. Rejects with what the steps throw, and with {@link AbortedError} once the signal aborts. */
export async function inSlices<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    if (signal?.aborted) throw new AbortedError();
    const end = performance.now() + SLICE_MS;
    do {
      const step = steps.next();
      if (step.done) return step.value;
    } while (performance.now() < end);
    await nextTurn();
  }
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
