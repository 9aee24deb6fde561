/** Runs a few tasks at a time, the others in the order they came. Knows no device and no time. */
import { AbortedError, isHikvisionError } from "./errors";

export class Semaphore {
  readonly #slots: number;
  /** Starters of the tasks that wait, oldest first. */
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(slots: number) {
    this.#slots = slots;
  }

  /** Would a task be run at once? */
  get hasRoom(): boolean {
    return this.#running < this.#slots;
  }

  /**
   * Runs `task` when a slot is free and settles as it does; the next task follows whatever the outcome.
   * When the signal aborts before that, rejects with its reason (else {@link AbortedError}) without running it.
   */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#acquire(signal);
    try {
      return await task();
    } finally {
      this.#release();
    }
  }

  #acquire(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(abortError(signal));
        return;
      }
      if (this.hasRoom) {
        this.#running += 1;
        resolve();
        return;
      }
      const start = (): void => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      const onAbort = (): void => {
        this.#waiting.delete(start);
        reject(signal ? abortError(signal) : new AbortedError());
      };
      this.#waiting.add(start);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** Hands the slot to the task that has waited longest. */
  #release(): void {
    const [start] = this.#waiting;
    if (start) {
      this.#waiting.delete(start);
      start();
    } else {
      this.#running -= 1;
    }
  }
}

function abortError({ reason }: AbortSignal): Error {
  return isHikvisionError(reason) ? reason : new AbortedError();
}
