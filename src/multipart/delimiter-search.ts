/** Finds delimiters in a queue. Remembers what it has looked at, so that no byte is searched twice. */
import type { Delimiters } from "./boundary";
import type { ByteQueue } from "./byte-queue";

export class DelimiterSearch {
  readonly #queue: ByteQueue;
  readonly #delimiters: Delimiters;
  /** Stream position of the last one found, -1 if none. */
  #found = -1;
  /** Stream position up to which no other one begins. */
  #searchedTo = 0;

  constructor(queue: ByteQueue, delimiters: Delimiters) {
    this.#queue = queue;
    this.#delimiters = delimiters;
  }

  /** Index of the next delimiter, perhaps half there, at or after `from`; -1: none. One passed over is not found again. */
  next(from: number): number {
    const queue = this.#queue;
    if (this.#found >= queue.position(from)) return queue.index(this.#found);
    const start = Math.max(from, queue.index(this.#searchedTo));
    const found = this.#delimiters.indexIn(queue.bytes, start);
    const clear = found < 0 ? Math.max(start, queue.bytes.length - 1) : found + 1;
    this.#found = found < 0 ? -1 : queue.position(found);
    this.#searchedTo = queue.position(clear);
    return found;
  }

  /** A delimiter was learnt: looks at everything anew. */
  restart(): void {
    this.#found = -1;
    this.#searchedTo = 0;
  }
}
