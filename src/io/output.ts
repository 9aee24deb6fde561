/**
 * One alarm output: its commands one after the other but for off, which never waits, and at most one pulse, which always ends in "off":
 * after its time, at redeploy, close or failure. A later command takes the output over; then the pulse sends nothing more.
 */
import type { Clock } from "../lib/clock";
import { AbortedError, codeOf, FatalError, isHikvisionError, isRetryable, RetryableError } from "../lib/errors";
import { tooManyWaiting } from "../http/lanes";
import { type Lane, Semaphore } from "../lib/semaphore";
import { say } from "../lib/sentence";

export type OutputState = "on" | "off";

export interface SwitchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Does not wait behind other commands. */
  readonly urgent?: boolean;
}

export type SwitchOutput = (state: OutputState, options: SwitchOptions) => Promise<void>;

interface Pulse {
  /** Aborts when a later command has taken the output over. */
  readonly superseded: AbortController;
  /** How the output was left. */
  state: OutputState;
}

/** Of one output. An off is never refused. */
const ONS: Lane = { order: 1, longest: 50, full: tooManyWaiting };
const OFFS: Lane = { order: 0 };
const OFF_TRIES = 4;
const FIRST_PAUSE_MS = 1_000;

export class Output {
  readonly #number: number;
  readonly #switch: SwitchOutput;
  readonly #clock: Clock;
  readonly #stop: AbortSignal;
  readonly #queue = new Semaphore(1);
  #pulse: Pulse | undefined;
  /** How often it was told to switch off. */
  #offs = 0;
  /** An off under way that nothing has followed. */
  #offing: Promise<void> | undefined;

  /** @param stop ends a pulse at once: the device is about to be closed */
  constructor(number: number, { change, clock, stop }: { change: SwitchOutput; clock: Clock; stop: AbortSignal }) {
    this.#number = number;
    this.#switch = change;
    this.#clock = clock;
    this.#stop = stop;
  }

  /** Switches and leaves it so. Rejects with {@link AbortedError} when it waited, and the output was switched off meanwhile. */
  async set(state: OutputState, signal?: AbortSignal): Promise<void> {
    if (state === "off") return this.#off(signal);
    await this.#on(async () => {
      await this.#switch("on", { signal });
      this.#takeOver("on");
    }, signal);
  }

  /** Those that come while one is under way, and nothing else was told meanwhile, are this one. */
  async #off(signal: AbortSignal | undefined): Promise<void> {
    const shared = this.#offing;
    if (shared) {
      try {
        await shared;
        return;
      } catch (error) {
        // Whoever had sent it has gone.
        if (signal?.aborted || codeOf(error) !== "aborted") throw error;
      }
    }
    const own = this.#switchOff(signal);
    this.#offing = own;
    const forget = (): void => {
      if (this.#offing === own) this.#offing = undefined;
    };
    own.then(forget, forget);
    await own;
  }

  /**
   * Sent at once. The device may carry out what was sent before after it, so when that has ended, off is sent again.
   * What still waits is not sent any more.
   */
  async #switchOff(signal: AbortSignal | undefined): Promise<void> {
    this.#offs += 1;
    const off = (): Promise<void> => this.#switch("off", { signal, urgent: true });
    const atOnce = this.#queue.hasRoom ? undefined : off().catch(() => undefined);
    await this.#queue.run(
      async () => {
        await atOnce;
        await off();
        this.#takeOver("off");
      },
      signal,
      OFFS,
    );
  }

  #on<T>(task: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const given = this.#offs;
    this.#offing = undefined;
    return this.#queue.run(
      async () => {
        if (this.#offs !== given)
          throw new AbortedError(say`Output ${this.#number} was switched off before this command had its turn.`);
        return task();
      },
      signal,
      ONS,
    );
  }

  /**
   * On, and off after `ms`; at once when a signal aborts. Gives the state it ends with: "on" when a later command wants
   * it so. Off is tried four times; the error says when the output may still be on.
   */
  async pulse(ms: number, signal: AbortSignal, switchedOn: () => void): Promise<OutputState> {
    const pulse = await this.#begin(signal);
    switchedOn();
    try {
      await this.#clock.wait(ms, signal, pulse.superseded.signal, this.#stop);
    } catch {
      // Ended early; the reason is checked below.
    }
    await this.#end(pulse);
    if (signal.aborted || this.#stop.aborted) throw new AbortedError();
    return pulse.state;
  }

  #begin(signal: AbortSignal): Promise<Pulse> {
    return this.#on(async () => {
      try {
        await this.#switch("on", { signal });
      } catch (error) {
        // It may be on nevertheless. A pulse under way will switch it off.
        if (!wasRefused(error) && !this.#pulse) await this.#switch("off", { urgent: true }).catch(() => undefined);
        throw error;
      }
      this.#takeOver("on");
      return (this.#pulse = { superseded: new AbortController(), state: "on" });
    }, signal);
  }

  /** Off, unless a later command has taken the output over. */
  async #end(pulse: Pulse): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#queue.run(
          async () => {
            if (this.#pulse !== pulse) return;
            await this.#switch("off", { urgent: true });
            this.#takeOver("off");
          },
          undefined,
          OFFS,
        );
        return;
      } catch (error) {
        if (!isRetryable(error) || attempt === OFF_TRIES || this.#stop.aborted) {
          if (this.#pulse === pulse) this.#pulse = undefined;
          throw stillOn(this.#number, error);
        }
        // When stopped meanwhile: once more, at once.
        await this.#clock.wait(FIRST_PAUSE_MS * 2 ** (attempt - 1), this.#stop).catch(() => undefined);
      }
    }
  }

  #takeOver(state: OutputState): void {
    if (!this.#pulse) return;
    this.#pulse.state = state;
    this.#pulse.superseded.abort();
    this.#pulse = undefined;
  }
}

/** The device refused, so nothing was switched. */
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
