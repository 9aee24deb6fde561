/** Runs a few commands at a time, the others in the order they came. Knows no device and no time. */
import { AbortedError } from "../lib/errors";

export class CommandQueue {
  readonly #parallel: number;
  /** Starters of the commands that wait, oldest first. */
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(parallel: number) {
    this.#parallel = parallel;
  }

  /** Would a command be run at once? */
  get hasRoom(): boolean {
    return this.#running < this.#parallel;
  }

  /**
   * Runs `command` when it is its turn and settles as it does; the next one's turn comes whatever the outcome.
   * Rejects with {@link AbortedError}, without running it, when the signal aborts before that.
   */
  async run<T>(command: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#turn(signal);
    try {
      return await command();
    } finally {
      this.#next();
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(new AbortedError());
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
        reject(new AbortedError());
      };
      this.#waiting.add(start);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** Hands the turn that ended to the command that has waited longest. */
  #next(): void {
    const [start] = this.#waiting;
    if (start) {
      this.#waiting.delete(start);
      start();
    } else {
      this.#running -= 1;
    }
  }
}
