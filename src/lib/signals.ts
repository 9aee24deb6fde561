/**
 * Signals that end a task with the first of several. `AbortSignal.any` and `AbortSignal.timeout` are not used, and the linter forbids
 * them: Node.js 20 holds the sources of the one, and the signals of the other, weakly. A collection of garbage then takes the limit away,
 * which never comes; and a signal that lives as long as a device keeps an entry for each that was ever made of it. Both measured with
 * Node.js 20.20: 3 of 3 limits lost, 60 bytes kept for each signal.
 */
import { setMaxListeners } from "node:events";
import type { Clock } from "./clock";

/** Runs it with a signal that aborts with the first of those, for the same reason; when it has ended, nothing is left on them. */
export async function withSignals<T>(
  signals: readonly AbortSignal[],
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  // Every request under way listens to it.
  setMaxListeners(0, controller.signal);
  const abort = ({ target }: Event): void => controller.abort((target as AbortSignal).reason);
  const already = signals.find(({ aborted }) => aborted);
  if (already) controller.abort(already.reason);
  else for (const signal of signals) signal.addEventListener("abort", abort, { once: true });
  try {
    return await run(controller.signal);
  } finally {
    for (const signal of signals) signal.removeEventListener("abort", abort);
  }
}

export interface TimeLimit {
  readonly clock: Clock;
  readonly ms: number;
  /** Who else may end it. */
  readonly signal?: AbortSignal;
  /** The error of who misses the limit. */
  readonly late: () => Error;
}

/** Runs it with a signal that aborts with the caller's, and after a time; what fails from that moment on fails with `late`. */
export async function withLimit<T>(
  { clock, ms, signal, late }: TimeLimit,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = clock.after(ms, () => limit.abort());
  try {
    return await withSignals(signal ? [signal, limit.signal] : [limit.signal], run);
  } catch (error) {
    throw limit.signal.aborted && signal?.aborted !== true ? late() : error;
  } finally {
    timer.cancel();
  }
}
