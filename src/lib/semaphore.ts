/**
 * Runs a few tasks at a time; of those that wait, the one of the first lane goes first, within a lane in the order they came.
 * Knows no device and no time.
 */
import { AbortedError, isHikvisionError } from "./errors";

/** How tasks of one kind wait. Tasks of the same kind give the same object. */
export interface Lane {
  /** The lower, the earlier. */
  readonly order: number;
  /** Slots that stay free for other lanes when a task of this one starts. */
  readonly leaves?: number;
  /** Tasks of this lane at once. */
  readonly most?: number;
  /** Tasks of this lane that may wait; what comes then is refused with `full`. */
  readonly longest?: number;
  readonly full?: (waiting: number) => Error;
}

const ONLY: Lane = { order: 0 };

interface Waiter {
  readonly lane: Lane;
  readonly start: () => void;
}

export class Semaphore {
  readonly #slots: number;
  /** Those of a lane together, oldest first. */
  readonly #waiting = new Map<Lane, Set<Waiter>>();
  readonly #running = new Map<Lane, number>();
  #taken = 0;

  constructor(slots: number) {
    this.#slots = slots;
  }

  /** Is a slot free? */
  get hasRoom(): boolean {
    return this.#taken < this.#slots;
  }

  /**
   * Runs `task` when it is its turn and settles as it does; the next task follows whatever the outcome.
   * When the signal aborts before that, rejects with its reason (else {@link AbortedError}) without running it.
   */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal, lane: Lane = ONLY): Promise<T> {
    await this.#acquire(signal, lane);
    try {
      return await task();
    } finally {
      this.#release(lane);
    }
  }

  #acquire(signal: AbortSignal | undefined, lane: Lane): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(abortError(signal));
        return;
      }
      const waiting = this.#queue(lane);
      if (waiting.size === 0 && this.#mayStart(lane)) {
        this.#take(lane, 1);
        resolve();
        return;
      }
      if (waiting.size >= (lane.longest ?? Infinity)) {
        reject(lane.full?.(waiting.size) ?? new AbortedError());
        return;
      }
      const onAbort = (): void => {
        waiting.delete(waiter);
        reject(signal ? abortError(signal) : new AbortedError());
      };
      const start = (): void => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      const waiter: Waiter = { lane, start };
      waiting.add(waiter);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  #queue(lane: Lane): Set<Waiter> {
    const known = this.#waiting.get(lane);
    if (known) return known;
    const made = new Set<Waiter>();
    this.#waiting.set(lane, made);
    return made;
  }

  #mayStart(lane: Lane): boolean {
    const { leaves = 0, most = Infinity } = lane;
    return this.#taken + leaves < this.#slots && (this.#running.get(lane) ?? 0) < most;
  }

  #take(lane: Lane, slots: 1 | -1): void {
    this.#taken += slots;
    this.#running.set(lane, (this.#running.get(lane) ?? 0) + slots);
  }

  /** Hands the slot to whoever is next, and every other slot that now may be used. */
  #release(lane: Lane): void {
    this.#take(lane, -1);
    for (let next = this.#next(); next; next = this.#next()) {
      this.#queue(next.lane).delete(next);
      this.#take(next.lane, 1);
      next.start();
    }
  }

  #next(): Waiter | undefined {
    let first: Waiter | undefined;
    for (const [lane, [oldest]] of this.#waiting)
      if (oldest && this.#mayStart(lane) && (!first || lane.order < first.lane.order)) first = oldest;
    return first;
  }
}

function abortError({ reason }: AbortSignal): Error {
  return isHikvisionError(reason) ? reason : new AbortedError();
}
