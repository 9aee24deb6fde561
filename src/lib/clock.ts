/** Time and chance, injected so that tests need no waiting. The default is the real one. */
import { randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import { AbortedError } from "./errors";

/** One pending call. Its owner cancels it. */
export interface Timer {
  cancel(): void;
  /** Starts the full delay anew, also after it has fired; nothing after `cancel`. */
  restart(): void;
}

export interface Clock {
  /** Wall time, ms since 1970. Jumps when the machine's clock is set. */
  now(): number;
  /** Monotonic time, ms from an arbitrary start. For durations. */
  elapsed(): number;
  /** Calls `run` once after `ms`, however long; what is no number, or negative, means now. */
  after(ms: number, run: () => void): Timer;
  /** Resolves after `ms`; rejects with {@link AbortedError} when one of the signals aborts first. */
  wait(ms: number, ...signals: readonly (AbortSignal | undefined)[]): Promise<void>;
}

/** Chance: `random` in [0, 1) for jitter, `token` for nonces and names (hex). */
export interface Chance {
  random(): number;
  token(bytes: number): string;
}

export const systemChance: Chance = {
  random: Math.random,
  token: (bytes) => randomBytes(bytes).toString("hex"),
};

export const systemClock: Clock = {
  now: Date.now,
  elapsed: () => performance.now(),
  after: (ms, run) => (ms <= LONGEST_TIMER_MS ? shortTimer(ms, run) : longTimer(ms, run)),
  wait: (ms, ...signals) => waitOn(systemClock, ms, ...signals),
};

/** Node.js fires a timer of more than 2^31 − 1 ms at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function shortTimer(ms: number, run: () => void): Timer {
  const timer = setTimeout(run, ms);
  return {
    cancel: () => clearTimeout(timer),
    restart: () => void timer.refresh(),
  };
}

/** One after the other. Not a number comes here, too, and is over at once. */
function longTimer(ms: number, run: () => void): Timer {
  let timer: NodeJS.Timeout | undefined;
  let cancelled = false;
  const go = (left: number): void => {
    clearTimeout(timer);
    if (left > LONGEST_TIMER_MS) timer = setTimeout(() => go(left - LONGEST_TIMER_MS), LONGEST_TIMER_MS);
    else timer = setTimeout(run, left);
  };
  const start = (): void => go(Number.isNaN(ms) ? 0 : ms);
  start();
  return {
    cancel: () => {
      cancelled = true;
      clearTimeout(timer);
    },
    restart: () => {
      if (!cancelled) start();
    },
  };
}

/** `wait` for any clock that has `after`. */
export function waitOn(
  clock: Pick<Clock, "after">,
  ms: number,
  ...signals: readonly (AbortSignal | undefined)[]
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signals.some((signal) => signal?.aborted)) {
      reject(new AbortedError());
      return;
    }
    const leave = (): void => {
      for (const signal of signals) signal?.removeEventListener("abort", onAbort);
    };
    const onAbort = (): void => {
      timer.cancel();
      leave();
      reject(new AbortedError());
    };
    const timer = clock.after(ms, () => {
      leave();
      resolve();
    });
    for (const signal of signals) signal?.addEventListener("abort", onAbort);
  });
}
