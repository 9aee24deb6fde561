/**
 * Time for nodes, virtual device and faults alike, which stands while bytes move and jumps while nothing happens:
 * minutes of silence take milliseconds, and a busy machine causes no timeouts.
 */
import { systemClock, waitOn, type Clock, type Timer } from "../../src/lib/clock";

interface Entry {
  at: number;
  readonly ms: number;
  readonly run: () => void;
}

/** The longest jump: files are written meanwhile, which no byte counter shows. */
const LONGEST_JUMP_MS = 2_500;
/** So many looks without a byte moved, a millisecond apart, mean that nothing happens but waiting. */
const QUIET_LOOKS = 3;
/** Longer than any file takes; what never ends must not stop time. */
const MOST_LOOKS_AT_FILES = 2_000;

export class DrivenClock {
  readonly #start = Date.now();
  #elapsed = 0;
  readonly #pending = new Set<Entry>();

  get elapsed(): number {
    return this.#elapsed;
  }

  /** A clock of one party, which knows how many timers that party has pending. */
  view(): Clock & { readonly pending: number } {
    const mine = new Set<Entry>();
    const after = (ms: number, run: () => void): Timer => {
      let cancelled = false;
      const entry: Entry = {
        at: 0,
        ms,
        run: () => {
          mine.delete(entry);
          run();
        },
      };
      const start = (): void => {
        // As Node.js, which waits for a millisecond at least: by less, time would not go on.
        entry.at = this.#elapsed + Math.max(1, ms);
        mine.add(entry);
        this.#pending.add(entry);
      };
      start();
      return {
        cancel: () => {
          cancelled = true;
          mine.delete(entry);
          this.#pending.delete(entry);
        },
        restart: () => {
          if (!cancelled) start();
        },
      };
    };
    return {
      now: () => this.#start + this.#elapsed,
      elapsed: () => this.#elapsed,
      after,
      wait: (ms, ...signals) => waitOn({ after }, ms, ...signals),
      get pending() {
        return mine.size;
      },
    };
  }

  /**
   * Lets everything run until it holds, for `ms` of this clock at most; whether it came to hold.
   * `moved`: grows with every byte that goes somewhere. `longestJumpMs`: where nothing is written meanwhile, it may be long.
   */
  async runUntil(
    holds: () => boolean,
    ms: number,
    moved: () => number,
    longestJumpMs = LONGEST_JUMP_MS,
  ): Promise<boolean> {
    const end = this.#elapsed + ms;
    while (!holds()) {
      await quiet(moved, holds);
      if (holds()) return true;
      if (this.#elapsed >= end) return false;
      this.#jump(Math.min(end, this.#elapsed + longestJumpMs));
    }
    return true;
  }

  /** Moves to the next timer due until `to`, and runs it. */
  #jump(to: number): void {
    let next: Entry | undefined;
    for (const entry of this.#pending) if (entry.at <= to && (!next || entry.at < next.at)) next = entry;
    this.#elapsed = Math.max(this.#elapsed, next?.at ?? to);
    if (!next) return;
    this.#pending.delete(next);
    next.run();
  }
}

/** Resolves when no byte has moved and no file has been at work for a few looks, or when it holds. */
async function quiet(moved: () => number, holds: () => boolean): Promise<void> {
  let before = moved();
  let atFiles = 0;
  for (let looks = 0; looks < QUIET_LOOKS && !holds(); looks++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setImmediate(resolve));
    const now = moved();
    if (now !== before) looks = -1;
    else if (isAtFiles() && atFiles++ < MOST_LOOKS_AT_FILES) looks = -1;
    before = now;
  }
}

/** A disk may be slow, which no byte counter shows. */
function isAtFiles(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith("FSReq"));
}

/** Everything that asks for the real time gets this clock until the result is called. */
export function replaceSystemClock(clock: Clock): () => void {
  const real = { ...systemClock };
  Object.assign(systemClock, {
    now: () => clock.now(),
    elapsed: () => clock.elapsed(),
    after: (ms: number, run: () => void) => clock.after(ms, run),
    wait: (ms: number, ...signals: readonly (AbortSignal | undefined)[]) => clock.wait(ms, ...signals),
  });
  return () => void Object.assign(systemClock, real);
}
