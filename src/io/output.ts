/**
 * One alarm output: its commands one after the other, and at most one pulse, which ends in "off" however it ends:
 * by time, redeploy, close or failure. A later command takes the output over; then the pulse leaves it alone.
 */
import type { Clock } from "../lib/clock";
import { AbortedError, FatalError, isHikvisionError, isRetryable, RetryableError } from "../lib/errors";
import { Semaphore } from "../lib/semaphore";
import { say } from "../lib/sentence";

export type OutputState = "on" | "off";

export interface SwitchOptions {
  readonly signal?: AbortSignal | undefined;
  /** It must not wait behind other commands. */
  readonly urgent?: boolean;
}

export type Switch = (state: OutputState, options: SwitchOptions) => Promise<void>;

interface Pulse {
  /** Aborts when a later command has taken the output over. */
  readonly over: AbortController;
  /** How the output was left. */
  state: OutputState;
}

const OFF_TRIES = 4;
const FIRST_PAUSE_MS = 1_000;

export class Output {
  readonly #number: number;
  readonly #switch: Switch;
  readonly #clock: Clock;
  readonly #stop: AbortSignal;
  readonly #order = new Semaphore(1);
  #pulse: Pulse | undefined;

  /** @param stop ends a pulse at once: the device is about to be closed */
  constructor(number: number, { change, clock, stop }: { change: Switch; clock: Clock; stop: AbortSignal }) {
    this.#number = number;
    this.#switch = change;
    this.#clock = clock;
    this.#stop = stop;
  }

  /** Switches and leaves it so. */
  async set(state: OutputState, signal?: AbortSignal): Promise<void> {
    await this.#order.run(async () => {
      await this.#switch(state, { signal });
      this.#takeOver(state);
    }, signal);
  }

  /**
   * On, and off after `ms`; at once when a signal aborts. Gives the state it ends with: "on" when a later command wants
   * it so. Off is tried four times; the error says when the output may still be on.
   */
  async pulse(ms: number, signal: AbortSignal, switchedOn: () => void): Promise<OutputState> {
    const pulse = await this.#begin(signal);
    switchedOn();
    try {
      await this.#clock.wait(ms, AbortSignal.any([signal, pulse.over.signal, this.#stop]));
    } catch {
      // Over before its time; how is looked at below.
    }
    await this.#end(pulse);
    if (signal.aborted || this.#stop.aborted) throw new AbortedError();
    return pulse.state;
  }

  #begin(signal: AbortSignal): Promise<Pulse> {
    return this.#order.run(async () => {
      try {
        await this.#switch("on", { signal });
      } catch (error) {
        // It may be on all the same. A pulse that is under way will see to it.
        if (!wasRefused(error) && !this.#pulse) await this.#switch("off", { urgent: true }).catch(() => undefined);
        throw error;
      }
      this.#takeOver("on");
      return (this.#pulse = { over: new AbortController(), state: "on" });
    }, signal);
  }

  /** Off, unless the output belongs to another by then. */
  async #end(pulse: Pulse): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#order.run(async () => {
          if (this.#pulse !== pulse) return;
          await this.#switch("off", { urgent: true });
          this.#takeOver("off");
        });
        return;
      } catch (error) {
        if (!isRetryable(error) || attempt === OFF_TRIES || this.#stop.aborted) {
          if (this.#pulse === pulse) this.#pulse = undefined;
          throw stillOn(this.#number, error);
        }
        // Stopped meanwhile: once more, at once.
        await this.#clock.wait(FIRST_PAUSE_MS * 2 ** (attempt - 1), this.#stop).catch(() => undefined);
      }
    }
  }

  #takeOver(state: OutputState): void {
    if (!this.#pulse) return;
    this.#pulse.state = state;
    this.#pulse.over.abort();
    this.#pulse = undefined;
  }
}

/** The device has said no, so nothing was switched. */
function wasRefused(error: unknown): boolean {
  return isHikvisionError(error) && error.code !== "aborted" && (!isRetryable(error) || error.code === "busy");
}

function stillOn(output: number, error: unknown): unknown {
  const sentence = say`Output ${output} may still be on: switching it off failed.`;
  if (error instanceof RetryableError)
    return new RetryableError(error.code, say`${sentence} ${error.sentence}`, error.cause);
  return error instanceof FatalError
    ? new FatalError(error.code, say`${sentence} ${error.sentence}`, error.cause)
    : error;
}
