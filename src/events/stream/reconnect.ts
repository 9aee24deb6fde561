/** How long to wait before the next try to open the alert stream, by the reason why the last one ended. */
import { Backoff } from "../../lib/backoff";
import type { Chance } from "../../lib/clock";
import type { HikvisionError } from "../../lib/errors";

/** A connection that lasted this long was a good one: the next pause is short again. */
const STEADY_MS = 10_000;
const BROKEN = { firstMs: 1_000, longestMs: 60_000 };
/** Slots come free when another client disconnects: quick retries do not help. */
const NO_SLOTS = { firstMs: 15_000, longestMs: 300_000 };
/** Until somebody has changed something at the device, it is the same. The login decides whether it may be tried at all. */
const REFUSED = { firstMs: 600_000, longestMs: 600_000 };

export class ReconnectPauses {
  readonly #broken: Backoff;
  readonly #noSlots: Backoff;
  readonly #refused: Backoff;

  constructor(chance: Chance) {
    this.#broken = new Backoff(BROKEN, chance);
    this.#noSlots = new Backoff(NO_SLOTS, chance);
    this.#refused = new Backoff(REFUSED, chance);
  }

  /** The device had a slot for us. */
  opened(): void {
    this.#noSlots.reset();
  }

  /** A connection has ended after `lastedMs`. */
  ended(lastedMs: number): void {
    if (lastedMs >= STEADY_MS) this.#broken.reset();
  }

  nextMs({ code }: HikvisionError): number {
    switch (code) {
      case "noSlots":
        return this.#noSlots.next();
      case "unauthorized":
      case "locked":
      case "forbidden":
      case "notActivated":
        return this.#refused.next();
      default:
        return this.#broken.next();
    }
  }
}
