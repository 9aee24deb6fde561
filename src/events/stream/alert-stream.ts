/**
 * One device's alert stream as an event source: connects, reads until the connection ends or the watchdog ends it, tells the
 * state, and reconnects until it is closed (docs/contract.md, "The alert stream").
 */
import type { Chance, Clock } from "../../lib/clock";
import { codeOf, isHikvisionError, RetryableError, type HikvisionError } from "../../lib/errors";
import type { DeviceHttp, HttpStream } from "../../http/device-http";
import { say, type Sentence } from "../../lib/sentence";
import { StateNotifier, type AlertSink, type EventSource, type StreamState } from "../event-source";
import type { EventPipeline } from "../pipeline";
import { AlertConnection } from "./connection";
import { ReconnectPauses } from "./reconnect";
import { RegularEndings } from "./regular-endings";
import { HeartbeatStatistics, Watchdog } from "./watchdog";
import { PartReader } from "../../multipart/part-reader";

type StreamHttp = Pick<DeviceHttp, "identity" | "request" | "openEndless">;

export interface AlertStreamOptions {
  readonly http: StreamHttp;
  readonly sink: AlertSink;
  readonly pipeline: EventPipeline;
  /** Seconds of silence after which a stream that had heartbeats is dead. */
  readonly heartbeatTimeout: number;
  /** Before each opening: proves the login for less than a stream slot. Rejects when the device cannot be talked to. */
  readonly prepare: (signal: AbortSignal) => Promise<void>;
  /** For the user, once. */
  readonly warn?: (sentence: Sentence) => void;
  readonly clock: Clock;
  readonly chance: Chance;
}

/** How a connection, or the try to open one, ended. */
interface Ending {
  readonly error: HikvisionError;
  /** Undefined: it was not opened. */
  readonly lastedMs?: number;
}

/** Asked whether the device still answers. */
const PROBE_PATH = "/ISAPI/System/deviceInfo";
const PROBE_TIMEOUT_MS = 5_000;
const HEADERS_TIMEOUT_MS = 20_000;

export class AlertStream implements EventSource {
  readonly #http: StreamHttp;
  readonly #pipeline: EventPipeline;
  readonly #prepare: (signal: AbortSignal) => Promise<void>;
  #timeoutMs: number;
  readonly #clock: Clock;
  readonly #connection: AlertConnection;
  readonly #pauses: ReconnectPauses;
  readonly #heartbeats = new HeartbeatStatistics();
  readonly #endings = new RegularEndings();
  readonly #warn: (sentence: Sentence) => void;
  readonly #notifier: StateNotifier;
  #heard = false;
  #closing: AbortController | undefined;
  #wake: AbortController | undefined;

  constructor(options: AlertStreamOptions) {
    const { http, clock, chance } = options;
    this.#http = http;
    this.#pipeline = options.pipeline;
    this.#notifier = new StateNotifier(options.sink);
    this.#prepare = options.prepare;
    this.#warn = options.warn ?? (() => undefined);
    this.#timeoutMs = options.heartbeatTimeout * 1000;
    this.#clock = clock;
    this.#connection = new AlertConnection({ http, clock, timeoutMs: HEADERS_TIMEOUT_MS });
    this.#pauses = new ReconnectPauses(chance);
  }

  get state(): StreamState {
    return this.#notifier.state;
  }

  get heard(): boolean {
    return this.#heard;
  }

  /** Seconds; looked at whenever the present one has passed. */
  set heartbeatTimeout(seconds: number) {
    this.#timeoutMs = seconds * 1000;
  }

  get endings(): number {
    return this.#endings.count;
  }

  /** Opens the stream and keeps it open until `close`. Opening an open stream does nothing. */
  open(): void {
    if (this.#closing) return;
    this.#closing = new AbortController();
    this.#notifier.state = { phase: "connecting" };
    void this.#run(this.#closing.signal);
  }

  /** Cuts the connection at once and drops pending events. Can be opened again. */
  close(): void {
    this.#closing?.abort();
    this.#closing = undefined;
    this.#endings.reset();
    this.#pipeline.close();
    this.#notifier.state = { phase: "closed" };
  }

  /** Ends a pause between two tries: somebody changed something at the device. */
  retryNow(): void {
    this.#wake?.abort();
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (;;) {
      const ending = await this.#connectOnce(signal);
      if (signal.aborted) return;
      if (!this.#isUsual(ending)) this.#notifier.state = { phase: "offline", error: ending.error };
      if (!(await this.#pause(ending.error, signal))) return;
    }
  }

  /** True: as the last times, which was told, and it opened again at once. */
  #isUsual({ error, lastedMs }: Ending): boolean {
    if (lastedMs === undefined) {
      this.#endings.failed();
      return false;
    }
    const ended = this.#endings.ended(error, lastedMs);
    if (ended === "again")
      this.#warn(
        say`The device ends its event stream again and again, this time after ${Math.round(lastedMs / 1000)} seconds. It is
          opened again each time, which is not told any more; an event in between is lost.`,
      );
    return ended !== "loss";
  }

  /** From the opening of one connection to its end. Never throws; answers why it ended. */
  async #connectOnce(signal: AbortSignal): Promise<Ending> {
    try {
      this.#heard = false;
      await this.#prepare(signal);
      const stream = await this.#connection.open(signal);
      const openedAt = this.#clock.elapsed();
      this.#pauses.opened();
      this.#notifier.state = { phase: "online" };
      const error = await this.#read(stream, signal);
      const lastedMs = this.#clock.elapsed() - openedAt;
      this.#pauses.ended(lastedMs);
      return { error, lastedMs };
    } catch (error) {
      return { error: asHikvisionError(error).at(this.#http.identity) };
    }
  }

  #read(stream: HttpStream, signal: AbortSignal): Promise<HikvisionError> {
    return new Promise((resolve) => {
      const { body } = stream;
      const timeoutMs = (): number => this.#timeoutMs;
      const watchdog = new Watchdog(
        {
          clock: this.#clock,
          get timeoutMs() {
            return timeoutMs();
          },
          probe: (probeSignal) => this.#answers(probeSignal),
          onDead: (silentMs) => body.destroy(silent(silentMs)),
        },
        this.#heartbeats,
      );
      const reader = new PartReader({
        contentType: String(stream.headers["content-type"] ?? ""),
        onPart: (part) => {
          this.#heard = true;
          watchdog.part();
          const free = this.#pipeline.isUnwantedPicture(part);
          for (let count = this.#pipeline.part(part); count > 0; count--) watchdog.heartbeat();
          return free ? "free" : undefined;
        },
      });
      this.#pipeline.connected(() => reader.isInPicture);
      let cause: unknown;
      body.on("data", (chunk: Buffer) => reader.write(chunk));
      body.on("error", (error) => (cause = error));
      body.on("close", () => {
        watchdog.stop();
        if (!signal.aborted) {
          reader.end();
          this.#pipeline.flush();
        }
        resolve((cause === undefined ? closedByDevice() : asHikvisionError(cause)).at(this.#http.identity));
      });
    });
  }

  /** Does the device answer anything at all? A refusal is an answer. */
  async #answers(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#http.request({ method: "GET", path: PROBE_PATH, signal, timeoutMs: PROBE_TIMEOUT_MS });
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
      await this.#clock.wait(this.#pauses.nextMs(error), signal, wake.signal);
    } catch {
      // Woken, or closed.
    }
    return !signal.aborted;
  }
}

function silent(ms: number): RetryableError {
  return new RetryableError(
    "timeout",
    say`The device has been silent for ${Math.round(ms / 1000)} seconds: no event, no heartbeat. Reconnecting.`,
  );
}

function closedByDevice(): RetryableError {
  return new RetryableError("offline", say`The device closed the event stream. Reconnecting.`);
}

function asHikvisionError(error: unknown): HikvisionError {
  if (isHikvisionError(error)) return error;
  return new RetryableError(
    "protocol",
    say`The event stream broke: ${error instanceof Error ? error.message : say`unknown reason`}.`,
  );
}
