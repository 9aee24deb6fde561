/** Finds delimiters in a queue. Remembers what it has looked at, so that no byte is searched twice. */
import type { Delimiters } from "./boundary";
import type { ByteQueue } from "./byte-queue";

export class DelimiterSearch {
  readonly #queue: ByteQueue;
  readonly #delimiters: Delimiters;
  /** Stream position of the last one found, -1 if none. */
  #hit = -1;
  /** Stream position up to which no other one begins. */
  #clearTo = 0;

  constructor(queue: ByteQueue, delimiters: Delimiters) {
    this.#queue = queue;
    this.#delimiters = delimiters;
  }

  /** Index of the next delimiter, perhaps half there, at or after `from`; -1: none. One passed over is not found again. */
  next(from: number): number {
    const queue = this.#queue;
    if (this.#hit >= queue.position(from)) return queue.index(this.#hit);
    const start = Math.max(from, queue.index(this.#clearTo));
    const found = this.#delimiters.indexIn(queue.bytes, start);
    const clear = found < 0 ? Math.max(start, queue.bytes.length - 1) : found + 1;
    this.#hit = found < 0 ? -1 : queue.position(found);
    this.#clearTo = queue.position(clear);
    return found;
  }

  /** A delimiter was learnt: looks at everything anew. */
  restart(): void {
    this.#hit = -1;
    this.#clearTo = 0;
  }
}
