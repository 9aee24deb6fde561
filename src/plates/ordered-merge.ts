/** Merges sorted batches from several readers: emits nothing until none of them is still reading. Knows nothing of plates. */
import { Slice } from "../lib/slices";

interface Batch<T> {
  /** Sorted. */
  readonly items: readonly T[];
  /** How many of them have been emitted. */
  emitted: number;
  readonly emit: (item: T) => Promise<void>;
  readonly done: () => void;
  readonly failed: (reason: unknown) => void;
}

export class OrderedMerge<T> {
  readonly #isBefore: (a: T, b: T) => boolean;
  #reading = 0;
  #emitting = false;
  #waiting: Batch<T>[] = [];

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  /**
   * Calls `emit` for each item of the sorted batch that `read` gives, one at a time, merged with the batches of all who read at this
   * moment. Rejects as `read` or `emit` does; the other batches go on.
   */
  async add(read: () => Promise<readonly T[]>, emit: (item: T) => Promise<void>): Promise<void> {
    this.#reading += 1;
    let items: readonly T[];
    try {
      items = await read();
    } catch (error) {
      this.#endRead();
      throw error;
    }
    await new Promise<void>((done, failed) => {
      this.#waiting.push({ items, emitted: 0, emit, done, failed });
      this.#endRead();
    });
  }

  #endRead(): void {
    this.#reading -= 1;
    if (this.#reading === 0 && !this.#emitting) void this.#emitAll();
  }

  async #emitAll(): Promise<void> {
    this.#emitting = true;
    const slice = new Slice();
    while (this.#reading === 0 && this.#waiting.length > 0) {
      let batches = this.#waiting;
      this.#waiting = [];
      for (let next = this.#batchWithLeast(batches); next; next = this.#batchWithLeast(batches)) {
        const batch = next;
        try {
          await batch.emit(batch.items[batch.emitted++] as T);
        } catch (error) {
          batch.failed(error);
          batches = batches.filter((other) => other !== batch);
        }
        if (slice.isOver) await slice.next();
      }
      for (const { done } of batches) done();
    }
    this.#emitting = false;
  }

  /** The batch whose next item is the least. */
  #batchWithLeast(batches: readonly Batch<T>[]): Batch<T> | undefined {
    let first: Batch<T> | undefined;
    for (const batch of batches) {
      const item = batch.items[batch.emitted];
      if (item === undefined) continue;
      const least = first?.items[first.emitted];
      if (least === undefined || this.#isBefore(item, least)) first = batch;
    }
    return first;
  }
}
