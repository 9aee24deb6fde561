/** How much one question to the past may cost: pages, rows, text and time over all of its sources. */
import type { Clock } from "../lib/clock";
import { say, type Sentence } from "../lib/sentence";

const LIMITS = { pages: 5_000, rows: 50_000, bytes: 64 * 1024 * 1024, ms: 2 * 60_000 };

export class HistoryBudget {
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #limits: typeof LIMITS;
  /** With the first page: until then it may wait for its turn. */
  #began: number | undefined;
  #pages = 0;
  #rows = 0;
  #bytes = 0;

  constructor(clock: Pick<Clock, "elapsed">, limits: Partial<typeof LIMITS> = {}) {
    this.#clock = clock;
    this.#limits = { ...LIMITS, ...limits };
  }

  /** Undefined: another page may be asked for; else why not. */
  page(): Sentence | undefined {
    const over = this.over();
    if (over) return over;
    this.#began ??= this.#clock.elapsed();
    this.#pages += 1;
    return undefined;
  }

  /** Why no other page may be asked for; undefined: one may. */
  over(): Sentence | undefined {
    const { pages, rows, bytes, ms } = this.#limits;
    const late = this.#began !== undefined && this.#clock.elapsed() - this.#began >= ms;
    if (late || this.#pages >= pages || this.#rows >= rows || this.#bytes >= bytes)
      return say`The search was ended after ${this.#rows} entries on ${this.#pages} pages: the device has more. Choose a shorter range, or fewer channels.`;
    return undefined;
  }

  /** @param bytes about, of their text */
  found(rows: number, bytes = 0): void {
    this.#rows += rows;
    this.#bytes += bytes;
  }
}
