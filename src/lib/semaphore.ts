/** A fixed number of slots, taken in turn. Waiting ends at once when the signal aborts. */
export class Semaphore {
  #free: number;
  readonly #queue: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Resolves when a slot is ours; rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const next = (): void => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      const onAbort = (): void => {
        this.#queue.splice(this.#queue.indexOf(next), 1);
        reject(signal.reason as Error);
      };
      this.#queue.push(next);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** Gives a slot back, to the one that has waited longest. */
  give(): void {
    const next = this.#queue.shift();
    if (next) next();
    else this.#free += 1;
  }
}
