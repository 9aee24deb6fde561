/** Bits one after the other, the first in the highest place of its byte, as MPEG's headers want them. */
export class Bits {
  readonly #bytes: number[] = [];
  /** Places left in the last byte. */
  #left = 0;

  /** The lowest `count` bits of a number, 32 at most. */
  put(value: number, count: number): this {
    for (let bit = count - 1; bit >= 0; bit--) {
      if (this.#left === 0) {
        this.#bytes.push(0);
        this.#left = 8;
      }
      this.#left -= 1;
      const last = this.#bytes.length - 1;
      this.#bytes[last] = (this.#bytes[last] ?? 0) | (((value >>> bit) & 1) << this.#left);
    }
    return this;
  }

  /** Numbers of H.264 that have no fixed length, from 0: ue(v) of ITU-T H.264, 9.1. */
  golomb(...values: readonly number[]): this {
    for (const value of values) {
      const length = 32 - Math.clz32(value + 1);
      this.put(0, length - 1).put(value + 1, length);
    }
    return this;
  }

  /** The last byte is filled up with zeros. */
  get bytes(): Buffer {
    return Buffer.from(this.#bytes);
  }
}
