/** How much one question to the past may cost: pages, rows and time over all of its sources. */
import type { Clock } from "../lib/clock";
import { say, type Sentence } from "../lib/sentence";

const LIMITS = { pages: 5_000, rows: 50_000, ms: 2 * 60_000 };

export class HistoryBudget {
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #limits: typeof LIMITS;
  readonly #began: number;
  #pages = 0;
  #rows = 0;

  constructor(clock: Pick<Clock, "elapsed">, limits = LIMITS) {
    this.#clock = clock;
    this.#limits = limits;
    this.#began = clock.elapsed();
  }

  /** Undefined: another page may be asked for; else why not. */
  page(): Sentence | undefined {
    const { pages, rows, ms } = this.#limits;
    if (this.#pages >= pages || this.#rows >= rows || this.#clock.elapsed() - this.#began >= ms)
      return say`The search was ended after ${this.#rows} entries on ${this.#pages} pages: the device has more. Choose a shorter range, or fewer channels.`;
    this.#pages += 1;
    return undefined;
  }

  found(rows: number): void {
    this.#rows += rows;
  }
}
