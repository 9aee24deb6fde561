/**
 * The life of one device's alert stream: connect, read, notice death, say so once, reconnect for ever (design.md 6).
 * Bytes become parts, notifications and events elsewhere; this file owns the connection and its timers.
 */
import { systemChance, systemClock, type Chance, type Clock } from "../../lib/clock";
import { codeOf, FatalError, isHikvisionError, RetryableError, type HikvisionError } from "../../lib/errors";
import type { DeviceHttp, HttpStream } from "../../http/device-http";
import { readPrefix } from "../../lib/read-prefix";
import { replyError } from "../../isapi/response-status";
import { say } from "../../lib/sentence";
import { Backoff } from "../../lib/backoff";
import { StateNotifier, type AlertSink, type EventSource, type StreamState } from "../event-source";
import type { EventPipeline } from "../pipeline";
import { HeartbeatStatistics, Watchdog } from "./watchdog";
import { PartReader } from "../../multipart/part-reader";

/** What the stream needs of a device's HTTP conversation. */
export type StreamHttp = Pick<DeviceHttp, "identity" | "request" | "openEndless">;

export interface AlertStreamOptions {
  readonly http: StreamHttp;
  readonly sink: AlertSink;
  readonly intake: EventPipeline;
  /** Seconds of silence after which a stream that had heartbeats is dead. */
  readonly heartbeatTimeout: number;
  /** Before each opening: proves the login for less than a stream slot. Rejects when the device cannot be talked to. */
  readonly prepare: (signal: AbortSignal) => Promise<void>;
  readonly clock?: Clock;
  readonly chance?: Chance;
}

const PATHS = ["/ISAPI/Event/notification/alertStream", "/Event/notification/alertStream"] as const;
/** Asked for a sign of life. */
const CHEAP_PATH = "/ISAPI/System/deviceInfo";
const HEADERS_TIMEOUT_MS = 20_000;
const PROBE_TIMEOUT_MS = 5_000;
/** A connection that lived this long was a good one: the next pause is short again. */
const STEADY_MS = 10_000;
const RECONNECT = { firstMs: 1_000, longestMs: 60_000 };
/** Slots come free when somebody lets go: knocking fast helps nobody. */
const SLOTS = { firstMs: 15_000, longestMs: 300_000 };
/** The login decides whether it may be tried at all; most of these tries send nothing. */
const REFUSED = { firstMs: 600_000, longestMs: 600_000 };
const ERROR_BODY_LIMIT = 64 * 1024;

export class AlertStream implements EventSource {
  readonly #http: StreamHttp;
  readonly #intake: EventPipeline;
  readonly #prepare: (signal: AbortSignal) => Promise<void>;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #reconnect: Backoff;
  readonly #slots: Backoff;
  readonly #refused: Backoff;
  readonly #habit = new HeartbeatStatistics();
  readonly #announced: StateNotifier;
  #path: string = PATHS[0];
  #heard = false;
  #life: AbortController | undefined;
  #wake: AbortController | undefined;

  constructor(options: AlertStreamOptions) {
    const chance = options.chance ?? systemChance;
    this.#http = options.http;
    this.#intake = options.intake;
    this.#announced = new StateNotifier(options.sink);
    this.#prepare = options.prepare;
    this.#timeoutMs = options.heartbeatTimeout * 1000;
    this.#clock = options.clock ?? systemClock;
    this.#reconnect = new Backoff(RECONNECT, chance);
    this.#slots = new Backoff(SLOTS, chance);
    this.#refused = new Backoff(REFUSED, chance);
  }

  get state(): StreamState {
    return this.#announced.state;
  }

  get heard(): boolean {
    return this.#heard;
  }

  /** Opens the stream and keeps it open until `close`. Opening an open stream does nothing. */
  open(): void {
    if (this.#life) return;
    this.#life = new AbortController();
    this.#announced.state = { phase: "connecting" };
    void this.#run(this.#life.signal);
  }

  /** Cuts the connection at once and forgets what waits. Can be opened again. */
  close(): void {
    this.#life?.abort();
    this.#life = undefined;
    this.#intake.close();
    this.#announced.state = { phase: "closed" };
  }

  /** Ends a pause between two tries: somebody changed something at the device. */
  retryNow(): void {
    this.#wake?.abort();
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (;;) {
      const error = await this.#live(signal);
      if (signal.aborted) return;
      this.#announced.state = { phase: "offline", error };
      if (!(await this.#pause(error, signal))) return;
    }
  }

  /** One life of the stream. Never throws; answers why it ended. */
  async #live(signal: AbortSignal): Promise<HikvisionError> {
    try {
      this.#heard = false;
      const stream = await this.#connect(signal);
      const startedAt = this.#clock.elapsed();
      this.#slots.reset();
      this.#announced.state = { phase: "online" };
      const error = await this.#read(stream, signal);
      if (this.#clock.elapsed() - startedAt >= STEADY_MS) this.#reconnect.reset();
      return error;
    } catch (error) {
      return asOurs(error).at(this.#http.identity);
    }
  }

  async #connect(signal: AbortSignal): Promise<HttpStream> {
    await this.#prepare(signal);
    const first = await this.#openAt(this.#path, signal);
    if (first.statusCode === 200) return first;
    const error = await this.#refusal(first);
    if (first.statusCode !== 404) throw error;
    // Very old firmware has no /ISAPI; but some units also say 404 while their slots are taken (then the other path fails, too).
    const other = PATHS.find((path) => path !== this.#path) ?? PATHS[0];
    const second = await this.#openAt(other, signal);
    if (second.statusCode !== 200) {
      await this.#refusal(second);
      throw error;
    }
    this.#path = other;
    return second;
  }

  async #openAt(path: string, signal: AbortSignal): Promise<HttpStream> {
    const stream = await this.#http.openEndless({ method: "GET", path, signal, timeoutMs: HEADERS_TIMEOUT_MS });
    const type = String(stream.headers["content-type"] ?? "").toLowerCase();
    if (stream.statusCode !== 200 || !/^(text\/html|application\/(xml|json)|text\/xml)/.test(type)) return stream;
    // 200, but a page or a ResponseStatus where the stream should be.
    throw await this.#refusal(stream);
  }

  async #refusal(stream: HttpStream): Promise<HikvisionError> {
    const stalled = this.#clock.after(PROBE_TIMEOUT_MS, () => stream.body.destroy());
    const body = await readPrefix(stream.body, ERROR_BODY_LIMIT).finally(() => stalled.cancel());
    return replyError({ ...stream, body }, { purpose: say`the event stream` }) ?? notAStream();
  }

  #read(stream: HttpStream, signal: AbortSignal): Promise<HikvisionError> {
    return new Promise((resolve) => {
      const { body } = stream;
      const liveness = new Watchdog(
        {
          clock: this.#clock,
          timeoutMs: this.#timeoutMs,
          probe: (probeSignal) => this.#answers(probeSignal),
          onDead: (silentMs) => body.destroy(silence(silentMs)),
        },
        this.#habit,
      );
      const reader = new PartReader({
        contentType: String(stream.headers["content-type"] ?? ""),
        onPart: (part) => {
          this.#heard = true;
          for (let beats = this.#intake.part(part); beats > 0; beats--) liveness.heartbeat();
        },
      });
      this.#intake.connected();
      let ending: unknown;
      body.on("data", (chunk: Buffer) => {
        liveness.bytes();
        reader.write(chunk);
      });
      body.on("error", (error) => (ending = error));
      body.on("close", () => {
        liveness.stop();
        if (!signal.aborted) {
          reader.end();
          this.#intake.flush();
        }
        resolve((ending === undefined ? ended() : asOurs(ending)).at(this.#http.identity));
      });
    });
  }

  /** Does the device answer anything at all? A refusal is an answer. */
  async #answers(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#http.request({ method: "GET", path: CHEAP_PATH, signal, timeoutMs: PROBE_TIMEOUT_MS });
      return true;
    } catch (error) {
      const code = codeOf(error);
      return code === "unauthorized" || code === "locked";
    }
  }

  /** False: closed meanwhile. */
  async #pause(error: HikvisionError, signal: AbortSignal): Promise<boolean> {
    const wake = new AbortController();
    this.#wake = wake;
    try {
      await this.#clock.wait(this.#backoffFor(error).next(), AbortSignal.any([signal, wake.signal]));
    } catch {
      // Woken, or closed.
    }
    return !signal.aborted;
  }

  #backoffFor(error: HikvisionError): Backoff {
    switch (error.code) {
      case "noSlots":
        return this.#slots;
      case "unauthorized":
      case "locked":
        return this.#refused;
      default:
        return this.#reconnect;
    }
  }
}

function silence(ms: number): RetryableError {
  return new RetryableError(
    "timeout",
    say`The device has been silent for ${Math.round(ms / 1000)} seconds: no event, no heartbeat. Reconnecting.`,
  );
}

function ended(): RetryableError {
  return new RetryableError("offline", say`The device closed the event stream. Reconnecting.`);
}

function notAStream(): FatalError {
  return new FatalError("notIsapi", say`The device answered the request for its event stream with something else.`);
}

function asOurs(error: unknown): HikvisionError {
  if (isHikvisionError(error)) return error;
  return new RetryableError(
    "protocol",
    say`The event stream broke: ${error instanceof Error ? error.message : say`unknown reason`}.`,
  );
}
