/** Some recorders end the event stream every 40 s. That is a loss the first time; then it is counted, as long as it opens again at once. */
import type { HikvisionError } from "../../lib/errors";

const SHORTEST_MS = 10_000;
const LONGEST_MS = 10 * 60_000;

export class RegularEndings {
  #count = 0;
  #inARow = 0;

  /** How often the device has ended the stream after a short while. */
  get count(): number {
    return this.#count;
  }

  /** A connection has ended. "loss": to be told; "again": as before; "known": as before, and that was said. */
  ended({ code }: HikvisionError, lastedMs: number): "loss" | "again" | "known" {
    if (code !== "offline" || lastedMs < SHORTEST_MS || lastedMs > LONGEST_MS) {
      this.#inARow = 0;
      return "loss";
    }
    this.#count += 1;
    this.#inARow += 1;
    if (this.#inARow === 1) return "loss";
    return this.#inARow === 2 ? "again" : "known";
  }

  /** It could not be opened again: a loss, whatever came before. */
  failed(): void {
    this.#inARow = 0;
  }

  reset(): void {
    this.#count = this.#inARow = 0;
  }
}
