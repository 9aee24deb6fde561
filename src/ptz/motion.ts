/**
 * A motion that runs until it is stopped: motors, focus, iris. The stop is sent in any case: after the duration, when the flow is
 * redeployed, and when it is not known whether the start arrived.
 */
import type { Clock } from "../lib/clock";
import {
  AbortedError,
  FatalError,
  isHikvisionError,
  isRetryable,
  RetryableError,
  type RetryableCode,
  type FatalCode,
} from "../lib/errors";
import { tooManyWaiting } from "../http/lanes";
import { say } from "../lib/sentence";

export interface SendOptions {
  readonly signal: AbortSignal;
  /** Must not wait behind other commands. */
  readonly urgent: boolean;
}

export interface MotionOptions<Speed> {
  readonly send: (speed: Speed, options: SendOptions) => Promise<unknown>;
  /** The speed that means stop. */
  readonly still: Speed;
  readonly clock: Clock;
  /** See Device.beforeClose. */
  readonly beforeClose: (task: Promise<unknown>) => void;
}

/** A running motion; ended when another command replaces it. */
interface MotionRun {
  readonly ended: AbortController;
  /** Set while this is a stop: further calls of stop share it. */
  stop?: Promise<void> | undefined;
}

/** How long a stop waits for the answer to an earlier command before it aborts that. */
const CUT_OFF_AFTER_MS = 300;
/** A stop is tried for about half a minute. */
const STOP_TRIES = 7;
const STOP_PAUSE_MS = 250;
/** Commands that wait for one before them, a stop apart. */
const MOST_WAITING = 50;

export class Motion<Speed> {
  readonly #options: MotionOptions<Speed>;
  #run: MotionRun | undefined;
  /** Requests are sent one after the other, or a stop could overtake the start. These abort them. */
  readonly #queue = new Set<AbortController>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: MotionOptions<Speed>) {
    this.#options = options;
  }

  /** Started, and not stopped since. */
  get isRunning(): boolean {
    return this.#run !== undefined;
  }

  /**
   * Starts. With `ms` it stops after that time and resolves then, else when the device has accepted.
   * False: another command replaced it. When `signal` aborts while it runs, also long after, it is stopped.
   */
  async start(speed: Speed, { ms, signal }: { readonly ms?: number; readonly signal: AbortSignal }): Promise<boolean> {
    signal.throwIfAborted();
    this.#checkRoom();
    const run = this.#begin();
    const onAbort = (): void => void this.stop().catch(() => undefined);
    signal.addEventListener("abort", onAbort);
    run.ended.signal.addEventListener("abort", () => signal.removeEventListener("abort", onAbort), { once: true });
    try {
      await this.#enqueue((cut) => this.#send(run, speed, cut, false));
      if (ms !== undefined) await this.#options.clock.wait(ms, run.ended.signal);
    } catch (error) {
      if (signal.aborted) throw new AbortedError();
      if (this.#run !== run) return false;
      // A start without an answer may have arrived.
      if (isRetryable(error)) this.#stopRun(run).catch(() => undefined);
      else this.#end(run);
      throw error;
    }
    return ms === undefined ? this.#run === run : this.#stopRun(run);
  }

  /** Stops, whoever started it. Resolves when the device has accepted; throws after half a minute of trying. */
  stop(): Promise<void> {
    if (this.#run?.stop) return this.#run.stop;
    const run = this.#begin();
    run.stop = this.#stopRun(run, CUT_OFF_AFTER_MS).then(
      () => undefined,
      (error: unknown) => {
        run.stop = undefined;
        throw error;
      },
    );
    return run.stop;
  }

  /** Ends all retries of a stop. */
  close(): void {
    if (this.#run) this.#end(this.#run);
  }

  /** Sends a command that ends the motion by itself, such as a move to a preset: no stop is sent after it. */
  supersede<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const run = this.#run;
    return this.#enqueue(async (cut) => {
      const result = await work(cut);
      if (run) this.#end(run);
      return result;
    }, signal);
  }

  #begin(): MotionRun {
    const run: MotionRun = { ended: new AbortController() };
    this.#run?.ended.abort();
    this.#run = run;
    return run;
  }

  #end(run: MotionRun): void {
    run.ended.abort();
    if (this.#run === run) this.#run = undefined;
  }

  /** Stops this run; false when another command had replaced it. */
  #stopRun(run: MotionRun, cutOffAfterMs?: number): Promise<boolean> {
    const stopping = this.#retryStop(run, cutOffAfterMs);
    this.#options.beforeClose(stopping);
    return stopping;
  }

  async #retryStop(run: MotionRun, cutOffAfterMs: number | undefined): Promise<boolean> {
    for (let attempt = 1; this.#run === run; attempt++) {
      try {
        await this.#queued((cut) => this.#send(run, this.#options.still, cut, true), undefined, cutOffAfterMs);
        if (this.#run !== run) return false;
        this.#end(run);
        return true;
      } catch (error) {
        if (this.#run !== run) return false;
        if (!isRetryable(error) || attempt === STOP_TRIES) throw stillMoving(error);
        await this.#options.clock.wait(STOP_PAUSE_MS * 2 ** attempt, run.ended.signal).catch(() => undefined);
      }
    }
    return false;
  }

  async #send(run: MotionRun, speed: Speed, signal: AbortSignal, urgent: boolean): Promise<void> {
    if (this.#run === run) await this.#options.send(speed, { signal, urgent });
  }

  /** Throws `busy` where too many wait. Stops are never too many. */
  #checkRoom(): void {
    if (this.#queue.size > MOST_WAITING) throw tooManyWaiting(MOST_WAITING);
  }

  /** Any command but a stop: see {@link #queued}. */
  async #enqueue<T>(work: (cut: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    this.#checkRoom();
    return this.#queued(work, signal);
  }

  /** Runs when all earlier ones have been answered; with `cutOffAfterMs` those are aborted after that time. */
  async #queued<T>(work: (cut: AbortSignal) => Promise<T>, signal?: AbortSignal, cutOffAfterMs?: number): Promise<T> {
    const before = this.#last;
    const earlier = [...this.#queue];
    const own = new AbortController();
    const cut = (): void => own.abort(new AbortedError());
    const cutOffTimer =
      cutOffAfterMs === undefined || earlier.length === 0
        ? undefined
        : this.#options.clock.after(cutOffAfterMs, () => earlier.forEach((one) => one.abort(new AbortedError())));
    signal?.addEventListener("abort", cut);
    this.#queue.add(own);
    const result = before.then(() => {
      own.signal.throwIfAborted();
      return work(own.signal);
    });
    this.#last = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      cutOffTimer?.cancel();
      signal?.removeEventListener("abort", cut);
      this.#queue.delete(own);
    }
  }
}

function stillMoving(error: unknown): unknown {
  if (!isHikvisionError(error) || error.code === "aborted") return error;
  const sentence = say`The stop did not get through, so the camera may still be moving. ${error.sentence}`;
  return isRetryable(error)
    ? new RetryableError(error.code as RetryableCode, sentence, error.cause)
    : new FatalError(error.code as FatalCode, sentence, error.cause);
}
