/**
 * Who rings at a device. Asked for while somebody listens, one question at a time, and not at all where the device reports its rings in
 * its event stream. Commands are followed by a reading: a station says OK to them whether or not they have an effect.
 */
import { Backoff } from "../lib/backoff";
import type { Chance, Clock } from "../lib/clock";
import { AbortedError, codeOf, FatalError, type HikvisionError, isHikvisionError, RetryableError } from "../lib/errors";
import { isWholeJpeg } from "../lib/jpeg";
import { say, type Sentence } from "../lib/sentence";
import type { CallOptions, Isapi } from "../isapi/isapi";
import { PathFallback } from "../isapi/path-fallback";
import { isNotOffered, isRefusedPath, isUnreachable } from "../isapi/unavailable";
import type { Notification } from "../events/types";
import type { Snapshots } from "../snapshot/snapshot";
import { CALL_SIGNAL, type CallReading, type CallWay, readCall, readCaller, tellsOfCalls } from "./call-answers";
import { callSign } from "./call-signs";
import { CallTracker } from "./call-tracker";
import { type CallAction, callAction, type CallChange, type Caller, type CallStatus } from "./call-words";

export interface CallListener {
  /** The shortest of all listeners counts. */
  readonly pollMs: number;
  /** Must not throw. */
  changed(change: CallChange): void;
  /** Does it answer when it is asked? On every change; false at first. Must not throw. */
  answers(whether: boolean): void;
  /** Once: the device cannot be asked whether somebody rings, and why. Must not throw. */
  warn(sentence: Sentence): void;
}

export interface CallResult {
  readonly done: CallAction;
  /** As read afterwards, in the device's words. */
  readonly status: CallStatus | "unknown";
}

export interface CallsOptions {
  readonly isapi: Isapi;
  readonly snapshots: Pick<Snapshots, "take">;
  readonly clock: Clock;
  readonly chance: Chance;
}

const ANSWER_MS = 5_000;
/** A ring does not wait longer for the name of the caller. */
const CALLER_MS = 2_000;
/** While the device does not answer; the event stream reports that. */
const RETRY = { firstMs: 2_000, longestMs: 60_000 };
/** When it has nothing to be asked: firmware may be updated, or still be starting. */
const REFUSED_MS = 10 * 60_000;
/** So many answers in a row that nobody can read are told. */
const UNREADABLE = 5;
/** Stations (KV6113-WPE1) change their state while they send their history: not believed until it has been quiet so long. */
const HISTORY_MS = 3_000;
const LONGEST_HISTORY_MS = 10 * 60_000;
/** Pauses between looks for the effect of a command. */
const LOOK_AGAIN_MS = [0, 250, 500, 1_000, 1_500];

export class Calls {
  readonly #options: CallsOptions;
  readonly #ways: PathFallback<CallWay>;
  readonly #retry: Backoff;
  readonly #tracker: CallTracker;
  readonly #listeners = new Set<CallListener>();
  /** Those that know why it is not asked. */
  readonly #told = new Set<CallListener>();
  #refusal: Sentence | undefined;
  #polling: AbortController | undefined;
  /** Ends the pause that the poller is in. */
  #pause = new AbortController();
  /** It has reported a ring by itself. */
  #reports = false;
  #last: Notification | undefined;
  #history: { readonly first: number; readonly last: number } | undefined;
  #unreadable = 0;
  #isAnswering = false;
  #namesCaller = true;
  /** Readings in the order in which they were asked for; the last one that was taken. */
  #asked = 0;
  #taken = 0;
  #commands = 0;
  #dismissals = 0;

  constructor(options: CallsOptions) {
    this.#options = options;
    this.#ways = new PathFallback<CallWay>(["callStatus", "callerInfo"], options.clock);
    this.#retry = new Backoff(RETRY, options.chance);
    this.#tracker = new CallTracker({
      clock: options.clock,
      emit: (change) => {
        for (const listener of this.#listeners) listener.changed(change);
      },
    });
  }

  /** Until the result is called. The last listener ends all asking. */
  listen(listener: CallListener): () => void {
    this.#listeners.add(listener);
    if (this.#isAnswering) listener.answers(true);
    // Somebody has deployed: also a device that had refused is asked now.
    this.#pause.abort();
    this.#open();
    return () => {
      this.#told.delete(listener);
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.stop();
    };
  }

  /** Its event stream has begun anew: a station that is starting refuses at first what it answers a minute later. */
  online(): void {
    if (this.#refusal !== undefined) this.#pause.abort();
  }

  /** An event of the stream. Several listeners may pass on the same one. */
  notification(notification: Notification): void {
    if (notification === this.#last) return;
    this.#last = notification;
    const sign = callSign(notification);
    if (!sign) return;
    if (sign.says === "ring") {
      this.#reports = true;
      this.#close();
    }
    this.#tracker.sign(sign);
  }

  /** The device has sent something of its history. */
  history(): void {
    const now = this.#options.clock.elapsed();
    const goesOn = this.#history && now - this.#history.last < HISTORY_MS;
    this.#history = { first: goesOn && this.#history ? this.#history.first : now, last: now };
  }

  /** Stops asking, and forgets a call that is under way. Can be listened to again. */
  stop(): void {
    this.#close();
    this.#tracker.close();
  }

  /** The picture of the door station now. Throws what {@link Snapshots.take} throws. */
  async picture(signal: AbortSignal): Promise<Buffer> {
    const { isapi, snapshots } = this.#options;
    try {
      return await snapshots.take({ channel: 1, stream: 1, signal });
    } catch (error) {
      if (!isRefusedPath(error)) throw error;
      // Some stations count their channel as streams of others are counted.
      const options: CallOptions = { purpose: say`the snapshot of channel ${1}`, lane: "picture", signal };
      const { data } = await isapi.bytes("/ISAPI/Streaming/channels/1/picture", options).catch(() => {
        throw error;
      });
      if (!isWholeJpeg(data)) throw error;
      return data;
    }
  }

  /**
   * Sends it once, and tells what the device says afterwards.
   * Throws `busy` when the device has accepted it and it had no effect.
   */
  async run(given: unknown, signal: AbortSignal): Promise<CallResult> {
    const action = callAction(given);
    const command = ++this.#commands;
    const dismisses = action !== "answer";
    if (dismisses) this.#dismissals += 1;
    try {
      await this.#send(action, signal);
      return { done: action, status: await this.#effect(action, command, signal) };
    } finally {
      if (dismisses) this.#dismissals -= 1;
    }
  }

  async #send(action: CallAction, signal: AbortSignal): Promise<void> {
    const { isapi } = this.#options;
    try {
      await isapi.json(
        "PUT",
        CALL_SIGNAL,
        { CallSignal: { cmdType: action } },
        {
          purpose: say`the command "${action}" to the call`,
          signal,
          urgent: action !== "answer",
          timeoutMs: ANSWER_MS,
        },
      );
    } catch (error) {
      if (!isRefusedPath(error) || !isHikvisionError(error)) throw error;
      throw new FatalError(
        error instanceof FatalError ? error.code : "notSupported",
        say`The device does not take "${action}". Some firmware takes only some of answer, reject and hangUp: try another,
          send it to the indoor station, or update the firmware. ${error.sentence}`,
        error.cause,
      );
    }
  }

  /** What is read after an accepted command; whatever goes wrong now is "unknown". */
  async #effect(action: CallAction, command: number, signal: AbortSignal): Promise<CallResult["status"]> {
    const { clock, isapi } = this.#options;
    let status: CallResult["status"] = "unknown";
    for (const pauseMs of LOOK_AGAIN_MS) {
      await clock.wait(pauseMs, signal);
      const reading = await this.#read({ signal }).catch(() => undefined);
      if (signal.aborted) throw new AbortedError().at(isapi.http.identity);
      if (!reading) return "unknown";
      status = reading.status;
      this.#take(reading, action);
      if (isDone(action, status) || command !== this.#commands) return status;
    }
    throw new RetryableError(
      "busy",
      say`The device has accepted "${action}", but it had no effect: the call is still "${status}". Stations take it only
        while somebody rings or talks, many only with an indoor station or Hik-Connect: send it to the indoor station.`,
    ).at(isapi.http.identity);
  }

  #open(): void {
    if (this.#polling || this.#reports) return;
    this.#polling = new AbortController();
    void this.#poll(this.#polling.signal);
  }

  #close(): void {
    this.#polling?.abort();
    this.#polling = undefined;
    this.#pause.abort();
    this.#answers(false);
  }

  /** Never rejects. */
  async #poll(stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      const pause = (this.#pause = new AbortController());
      const pauseMs = await this.#round(stopped);
      await this.#options.clock.wait(pauseMs, pause.signal).catch(() => undefined);
    }
  }

  /** Gives the ms to wait until the next one. */
  async #round(signal: AbortSignal): Promise<number> {
    try {
      if (this.#refusal === undefined && this.#taken === 0) await this.#checkAbility(signal);
      const reading = await this.#read({ signal, lane: "background", retryBusy: false });
      if (signal.aborted) return 0;
      this.#retry.reset();
      this.#unreadable = 0;
      this.#refusal = undefined;
      this.#told.clear();
      this.#answers(true);
      this.#take(reading);
      return Math.min(...[...this.#listeners].map(({ pollMs }) => pollMs));
    } catch (error) {
      return signal.aborted ? 0 : this.#failed(error);
    }
  }

  /** Throws `notSupported` where the device says so; whatever else goes wrong says nothing. */
  async #checkAbility(signal: AbortSignal): Promise<void> {
    const { isapi } = this.#options;
    const options = this.#asking({ signal, lane: "background", retryBusy: false });
    const tells = await tellsOfCalls(isapi, options).catch((error: unknown) => {
      if (isUnreachable(error)) throw error;
      return true;
    });
    if (!tells) throw new FatalError("notSupported", say`The device says that it has no state of calls.`);
  }

  #answers(whether: boolean): void {
    if (whether === this.#isAnswering) return;
    this.#isAnswering = whether;
    for (const listener of this.#listeners) listener.answers(whether);
  }

  #failed(error: unknown): number {
    this.#answers(false);
    if (codeOf(error) === "protocol") this.#unreadable += 1;
    const unreadable = this.#unreadable >= UNREADABLE;
    if (!isNotOffered(error) && !unreadable) return this.#retry.next();
    this.#refusal = say`The device cannot be asked whether somebody rings, so only the rings that it reports among its events are seen. ${reasonOf(error)}`;
    for (const listener of this.#listeners) {
      if (this.#told.has(listener)) continue;
      this.#told.add(listener);
      listener.warn(this.#refusal);
    }
    return REFUSED_MS;
  }

  /** Of those under way at once, an older one is not taken after a newer one: it may be from before a command. */
  async #read(options: CallOptions): Promise<CallReading & { readonly asked: number }> {
    const { isapi } = this.#options;
    const asked = ++this.#asked;
    const reading = await this.#ways.ask({ of: "call" }, (way) => readCall(isapi, way, this.#asking(options)));
    const caller = reading.status === "ring" ? (reading.caller ?? (await this.#caller(options))) : undefined;
    return { ...reading, caller, asked };
  }

  async #caller(options: CallOptions): Promise<Caller | undefined> {
    if (!this.#namesCaller || !this.#tracker.isNews || this.#reports) return undefined;
    try {
      return await readCaller(this.#options.isapi, this.#asking({ ...options, timeoutMs: CALLER_MS }));
    } catch (error) {
      if (isNotOffered(error)) this.#namesCaller = false;
      return undefined;
    }
  }

  #take({ status, caller, asked }: CallReading & { readonly asked: number }, action?: CallAction): void {
    if (asked < this.#taken || this.#listeners.size === 0) return;
    this.#taken = asked;
    // What reports its rings need not know of them when it is asked: only the effect of a command counts.
    if (this.#reports && (action === undefined || !isDone(action, status))) return;
    if (action === undefined && this.#sendsHistory) return;
    this.#tracker.read(status, caller, this.#dismissals > 0);
  }

  get #sendsHistory(): boolean {
    if (!this.#history) return false;
    const now = this.#options.clock.elapsed();
    return now - this.#history.last < HISTORY_MS && now - this.#history.first < LONGEST_HISTORY_MS;
  }

  #asking(options: CallOptions): CallOptions {
    return { purpose: say`the state of the call`, timeoutMs: ANSWER_MS, ...options };
  }
}

function isDone(action: CallAction, status: CallStatus): boolean {
  return status === (action === "answer" ? "onCall" : "idle");
}

function reasonOf(error: unknown): Sentence | string {
  return isHikvisionError(error) ? (error satisfies HikvisionError).sentence : String(error);
}
