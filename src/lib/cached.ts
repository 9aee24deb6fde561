/** Something read from a device once and kept for a while. Callers at the same moment share one reading. */
import type { Clock } from "./clock";
import { AbortedError } from "./errors";

export class Cached<T> {
  readonly #read: () => Promise<T>;
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #keepMs: number;
  #reading: Promise<T> | undefined;
  #kept: { readonly value: T; readonly until: number } | undefined;

  /** @param keepMs how long a value is good. A failure is never kept. */
  constructor(read: () => Promise<T>, clock: Pick<Clock, "elapsed">, keepMs: number) {
    this.#read = read;
    this.#clock = clock;
    this.#keepMs = keepMs;
  }

  /** The kept value, or a fresh one. `signal` ends this caller's waiting, not the reading that others share. */
  get(signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) return Promise.reject(new AbortedError());
    const kept = this.#kept;
    if (kept && this.#clock.elapsed() < kept.until) return Promise.resolve(kept.value);
    const reading = (this.#reading ??= this.#fresh());
    return signal ? orAborted(reading, signal) : reading;
  }

  /** The next {@link get} reads anew. */
  forget(): void {
    this.#kept = undefined;
  }

  async #fresh(): Promise<T> {
    try {
      const value = await this.#read();
      this.#kept = { value, until: this.#clock.elapsed() + this.#keepMs };
      return value;
    } finally {
      this.#reading = undefined;
    }
  }
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new AbortedError());
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
