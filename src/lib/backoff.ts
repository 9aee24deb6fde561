/** Pauses between tries that fail: jittered, doubling, with a cap, for ever. */
import type { Chance } from "./clock";

export interface BackoffRange {
  readonly firstMs: number;
  readonly longestMs: number;
}

export class Backoff {
  readonly #range: BackoffRange;
  readonly #chance: Pick<Chance, "random">;
  #failures = 0;

  constructor(range: BackoffRange, chance: Pick<Chance, "random">) {
    this.#range = range;
    this.#chance = chance;
  }

  /** The next pause in ms: between half of and the whole of `first · 2^failures`, at most the longest. */
  next(): number {
    const { firstMs, longestMs } = this.#range;
    const full = Math.min(longestMs, firstMs * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    return full / 2 + (full / 2) * this.#chance.random();
  }

  reset(): void {
    this.#failures = 0;
  }
}
