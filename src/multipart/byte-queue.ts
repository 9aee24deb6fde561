/**
 * The unread bytes of a stream, in one piece. A chunk that meets an empty queue is read in place; only what is
 * left of it after the read is copied, so no reader pins the socket's memory and an idle one holds none.
 */
const EMPTY = Buffer.alloc(0);
/** Spare room beside a leftover, bytes: as much again, so that small writes do not reallocate each time. */
const MIN_SPARE = 256;
const MAX_SPARE = 1 << 20;

export class ByteQueue {
  /** Everything at hand; unread from `at` on. Replaced by `push` and `putBack`. */
  bytes: Buffer = EMPTY;
  at = 0;
  /** Stream position of `bytes[0]`. */
  #base = 0;
  /** Memory of our own behind `bytes`, with room to append; undefined while `bytes` is somebody else's. */
  #memory: Buffer | undefined;

  get unread(): number {
    return this.bytes.length - this.at;
  }

  /** Bytes of memory behind it. */
  get heldBytes(): number {
    return this.#memory?.length ?? this.bytes.length;
  }

  /** Stream position of an index into `bytes`. */
  position(index: number): number {
    return this.#base + index;
  }

  /** Index into `bytes` of a stream position. */
  index(position: number): number {
    return position - this.#base;
  }

  /** Appends a chunk; the caller's memory is read until `settle`. */
  push(chunk: Buffer): void {
    if (this.unread === 0) {
      this.#replace(chunk, this.#base + this.bytes.length);
      return;
    }
    const end = this.bytes.length + chunk.length;
    if (this.#memory !== undefined && end <= this.#memory.length) {
      chunk.copy(this.#memory, this.bytes.length);
      this.bytes = this.#memory.subarray(0, end);
    } else {
      this.#copyToOwnMemory(chunk);
    }
  }

  /** Puts bytes read before back in front of the unread ones. */
  putBack(read: Buffer): void {
    const rest = this.bytes.subarray(this.at);
    const base = this.#base + this.at - read.length;
    this.#replace(rest.length === 0 ? read : Buffer.concat([read, rest]), base);
  }

  /** Ends a read: lets go of the caller's memory, and of our own when most of it is spare. */
  settle(): void {
    const { unread } = this;
    if (unread === 0) this.#replace(EMPTY, this.#base + this.bytes.length);
    else if (this.#memory === undefined || this.#memory.length > 4 * unread + MIN_SPARE) this.#copyToOwnMemory(EMPTY);
  }

  #replace(bytes: Buffer, base: number): void {
    this.#base = base;
    this.bytes = bytes;
    this.at = 0;
    this.#memory = undefined;
  }

  /** Moves the unread bytes and `more` to new memory of our own, with room for more. */
  #copyToOwnMemory(more: Buffer): void {
    const { unread } = this;
    const spare = Math.min(Math.max(unread, MIN_SPARE), MAX_SPARE);
    const memory = Buffer.allocUnsafe(unread + more.length + spare);
    this.bytes.copy(memory, 0, this.at);
    more.copy(memory, unread);
    this.#replace(memory.subarray(0, unread + more.length), this.#base + this.at);
    this.#memory = memory;
  }
}
