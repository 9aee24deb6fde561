/**
 * Something that goes on until it is told to stop: the motors, the focus, the iris. Whatever happens to the flow, the stop
 * is sent: after the time, when the flow is deployed anew, and when nobody knows whether the start arrived.
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
  readonly beforeClose: (words: Promise<unknown>) => void;
}

/** One going on; over when something else takes its place. */
interface Run {
  readonly over: AbortController;
  /** Set while this is a stop: another one that comes meanwhile is the same. */
  stop?: Promise<void> | undefined;
}

/** How long a stop waits for an earlier command to be answered before it cuts it off. */
const PATIENCE_MS = 300;
/** A stop is tried for about half a minute. */
const STOP_TRIES = 7;
const STOP_PAUSE_MS = 250;

export class Motion<Speed> {
  readonly #options: MotionOptions<Speed>;
  #run: Run | undefined;
  /** Requests go one after the other, or a stop could overtake the start. These cut them off. */
  readonly #line = new Set<AbortController>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: MotionOptions<Speed>) {
    this.#options = options;
  }

  /** Was it told to go, and not to stop since? */
  get going(): boolean {
    return this.#run !== undefined;
  }

  /**
   * Starts. With `ms` it stops after that time and resolves then, else when the device has accepted.
   * False: something else took its place before. When `signal` aborts, also long after, while it still goes, it stops.
   */
  async go(speed: Speed, { ms, signal }: { readonly ms?: number; readonly signal: AbortSignal }): Promise<boolean> {
    signal.throwIfAborted();
    const run = this.#begin();
    const onAbort = (): void => void this.stop().catch(() => undefined);
    signal.addEventListener("abort", onAbort);
    run.over.signal.addEventListener("abort", () => signal.removeEventListener("abort", onAbort), { once: true });
    try {
      await this.#inLine((cut) => this.#send(run, speed, cut, false));
      if (ms !== undefined) await this.#options.clock.wait(ms, run.over.signal);
    } catch (error) {
      if (signal.aborted) throw new AbortedError();
      if (this.#run !== run) return false;
      // Nobody knows whether a start without an answer arrived.
      if (isRetryable(error)) this.#halt(run).catch(() => undefined);
      else this.#end(run);
      throw error;
    }
    return ms === undefined ? this.#run === run : this.#halt(run);
  }

  /** Stops, whoever started it. Resolves when the device has accepted; throws after half a minute of trying. */
  stop(): Promise<void> {
    if (this.#run?.stop) return this.#run.stop;
    const run = this.#begin();
    run.stop = this.#halt(run, PATIENCE_MS).then(
      () => undefined,
      (error: unknown) => {
        run.stop = undefined;
        throw error;
      },
    );
    return run.stop;
  }

  /** No more tries to stop. */
  close(): void {
    if (this.#run) this.#end(this.#run);
  }

  /** Does something that ends the going by itself, such as a move to a preset: no stop comes after it then. */
  instead<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const run = this.#run;
    return this.#inLine(async (cut) => {
      const result = await work(cut);
      if (run) this.#end(run);
      return result;
    }, signal);
  }

  #begin(): Run {
    const run: Run = { over: new AbortController() };
    this.#run?.over.abort();
    this.#run = run;
    return run;
  }

  #end(run: Run): void {
    run.over.abort();
    if (this.#run === run) this.#run = undefined;
  }

  /** Stops this run; false when something else had taken its place. */
  #halt(run: Run, patienceMs?: number): Promise<boolean> {
    const words = this.#tryToHalt(run, patienceMs);
    this.#options.beforeClose(words);
    return words;
  }

  async #tryToHalt(run: Run, patienceMs: number | undefined): Promise<boolean> {
    for (let attempt = 1; this.#run === run; attempt++) {
      try {
        await this.#inLine((cut) => this.#send(run, this.#options.still, cut, true), undefined, patienceMs);
        if (this.#run !== run) return false;
        this.#end(run);
        return true;
      } catch (error) {
        if (this.#run !== run) return false;
        if (!isRetryable(error) || attempt === STOP_TRIES) throw stillMoving(error);
        await this.#options.clock.wait(STOP_PAUSE_MS * 2 ** attempt, run.over.signal).catch(() => undefined);
      }
    }
    return false;
  }

  async #send(run: Run, speed: Speed, signal: AbortSignal, urgent: boolean): Promise<void> {
    if (this.#run === run) await this.#options.send(speed, { signal, urgent });
  }

  /** When all before have been answered; with `patienceMs` they are cut off after that time. */
  async #inLine<T>(work: (cut: AbortSignal) => Promise<T>, signal?: AbortSignal, patienceMs?: number): Promise<T> {
    signal?.throwIfAborted();
    const before = this.#last;
    const earlier = [...this.#line];
    const own = new AbortController();
    const cut = (): void => own.abort(new AbortedError());
    const impatience =
      patienceMs === undefined || earlier.length === 0
        ? undefined
        : this.#options.clock.after(patienceMs, () => earlier.forEach((one) => one.abort(new AbortedError())));
    signal?.addEventListener("abort", cut);
    this.#line.add(own);
    const turn = before.then(() => {
      own.signal.throwIfAborted();
      return work(own.signal);
    });
    this.#last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      impatience?.cancel();
      signal?.removeEventListener("abort", cut);
      this.#line.delete(own);
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
