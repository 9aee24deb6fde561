/** Finds the current delimiter in a queue. Remembers what it has looked at, so that no byte is searched twice. */
import type { ByteQueue } from "./byte-queue";

export class DelimiterSearch {
  readonly delimiter: Buffer;
  /** Stream position of the last one found, -1 if none. */
  #hit = -1;
  /** Stream position up to which no other one begins. */
  #clearTo = 0;

  constructor(delimiter: Buffer) {
    this.delimiter = delimiter;
  }

  /** Index of the next delimiter at or after `from`, -1 if there is none yet. One passed over is not found again. */
  next(queue: ByteQueue, from: number): number {
    if (this.#hit >= queue.position(from)) return queue.index(this.#hit);
    const start = Math.max(from, queue.index(this.#clearTo));
    const found = queue.bytes.indexOf(this.delimiter, start);
    this.#hit = found < 0 ? -1 : queue.position(found);
    const clear = found < 0 ? Math.max(start, queue.bytes.length - this.delimiter.length + 1) : found + 1;
    this.#clearTo = queue.position(clear);
    return found;
  }
}
