/**
 * A relay as a way of moving a door or barrier: a pulse opens. What is held on is a lock (YS-46-G0): nothing here lets go of what
 * somebody else, or a lock of ours, holds on.
 */
import { FatalError, RetryableError } from "../lib/errors";
import { say } from "../lib/sentence";
import type { Outputs } from "../io/outputs";
import type { DoorKind, DoorMove } from "./door-words";

/** As long as in the field. */
const PULSE_MS = 3_000;

/** What was sent; `over` ends with the pulse. */
export interface Sent {
  readonly over?: Promise<unknown>;
}

export class Relay {
  readonly #outputs: Outputs;
  readonly #number: number;
  readonly #kind: DoorKind;
  /** A pulse of ours, and so what the device calls "on". */
  #pulses = 0;

  constructor(outputs: Outputs, kind: DoorKind, number: number) {
    this.#outputs = outputs;
    this.#kind = kind;
    this.#number = number;
  }

  /**
   * Resolves when the device has accepted. Throws `notSupported`, with nothing sent, for what a relay cannot do, and `busy` for what
   * would let go of a relay that is held on.
   * @param ms how long `open` takes at most
   */
  async send(move: DoorMove, ms: number | undefined, signal: AbortSignal): Promise<Sent> {
    if (move === "lock" && this.#kind === "barrier") {
      await this.#outputs.set(this.#number, "on", signal);
      return {};
    }
    if (move === "unlock" && this.#kind === "barrier") {
      await this.#outputs.set(this.#number, "off", signal);
      return {};
    }
    // A door that is to stay open for some time: the strike stays energized for it, and is let go in any case.
    const holds = this.#kind === "door" && move === "holdOpen" && ms !== undefined;
    if (move !== "open" && move !== "close" && !holds)
      throw new FatalError(
        "notSupported",
        say`Only relay ${this.#number} moves this door, and a relay has no "${move}".`,
      );
    await this.#checkFree(signal);
    if (move === "close") {
      await this.#outputs.set(this.#number, "off", signal);
      return {};
    }
    return this.#pulse(holds ? ms : Math.min(ms ?? PULSE_MS, PULSE_MS), signal);
  }

  #pulse(ms: number, signal: AbortSignal): Promise<Sent> {
    return new Promise((resolve, reject) => {
      this.#pulses += 1;
      const over: Promise<unknown> = this.#outputs
        .pulse(this.#number, ms, signal, () => resolve({ over }))
        .finally(() => (this.#pulses -= 1));
      over.catch(reject);
    });
  }

  async #checkFree(signal: AbortSignal): Promise<void> {
    if (this.#pulses > 0) return;
    const state = await this.#outputs.status(this.#number, signal).then(
      (status) => status.state,
      () => undefined,
    );
    if (state !== "on") return;
    throw new RetryableError(
      "busy",
      say`Relay ${this.#number} is held on already, which locks a barrier: a pulse would let go of it, so nothing was sent.`,
    );
  }
}
