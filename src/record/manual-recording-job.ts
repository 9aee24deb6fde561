/** Manual recording on the device's own disk or card. The device never ends it by itself: it has to be stopped. */
import type { Chance, Clock, Timer } from "../lib/clock";
import { codeOf, isHikvisionError, isRetryable } from "../lib/errors";
import { Backoff } from "../lib/backoff";
import type { Isapi } from "../isapi/isapi";
import { PathFallback } from "../isapi/path-fallback";
import { streamId } from "../isapi/channel-number";
import { say } from "../lib/sentence";
import type { RecordingJob, RecordingSink, Started, Stopped } from "./recording-job";

interface SwitchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bypasses the command queue: for a stop before the connections close. */
  readonly urgent?: boolean;
}

/** Starts and stops manual recording, with the HTTP method that this device accepts. */
export class ManualControl {
  readonly #isapi: Isapi;
  /** The vendor's ISAPI guide says POST; all known programs PUT. */
  readonly #methods: PathFallback<"put" | "post">;

  constructor(isapi: Isapi, clock: Clock) {
    this.#isapi = isapi;
    this.#methods = new PathFallback<"put" | "post">(["put", "post"], clock);
  }

  /** Idempotent on the device. */
  async switch(channel: number, to: "start" | "stop", { signal, urgent = false }: SwitchOptions = {}): Promise<void> {
    const path = `/ISAPI/ContentMgmt/record/control/manual/${to}/tracks/${streamId(channel, 1)}`;
    const purpose = say`manual recording of channel ${channel}`;
    const options = { purpose, urgent, retryBusy: true, ...(signal && { signal }) };
    await this.#methods.ask({ of: "manual", exactly: String(channel) }, (method) =>
      this.#isapi[method](path, undefined, options),
    );
  }
}

export interface ManualRecordingJobOptions {
  readonly channel: number;
  readonly durationMs: number | undefined;
  readonly control: Pick<ManualControl, "switch">;
  readonly sink: RecordingSink;
  readonly clock: Clock;
  readonly chance: Chance;
}

/** A stop that did not reach the device is repeated until it does. */
const RETRY = { firstMs: 1_000, longestMs: 60_000 } as const;

export class ManualRecordingJob implements RecordingJob {
  readonly started: Started;
  readonly over: Promise<void>;
  readonly #options: ManualRecordingJobOptions;
  readonly #startedAt: number;
  #timer: Timer | undefined;
  /** Aborts the repetition of a stop. */
  #retries = new AbortController();
  /** Stop requests without an answer so far. */
  #runningStops = 0;
  #closing: Promise<void> | undefined;
  #isOver = false;
  #resolveOver: () => void = () => undefined;

  private constructor(options: ManualRecordingJobOptions) {
    this.#options = options;
    this.started = { where: "device", channel: options.channel };
    this.#startedAt = options.clock.elapsed();
    this.over = new Promise((resolve) => (this.#resolveOver = resolve));
    this.extend(options.durationMs);
  }

  /** Sends a stop when it is uncertain whether the device has started. */
  static async start(options: ManualRecordingJobOptions, signal: AbortSignal): Promise<ManualRecordingJob> {
    const { channel, control } = options;
    try {
      await control.switch(channel, "start", { signal });
    } catch (error) {
      if (UNCERTAIN.has(codeOf(error) ?? ""))
        await control.switch(channel, "stop", { urgent: true }).catch(() => undefined);
      throw error;
    }
    return new ManualRecordingJob(options);
  }

  extend(durationMs: number | undefined): boolean {
    if (this.#isOver || this.#runningStops > 0) return false;
    this.#cancelTimers();
    this.#timer =
      durationMs === undefined
        ? undefined
        : this.#options.clock.after(durationMs, () => void this.#stopAfterDuration());
    return true;
  }

  /** Throws when the stop does not reach the device; it may be tried again then. */
  stop(signal?: AbortSignal): Promise<Stopped | undefined> {
    return this.#stop("stopped", { signal, urgent: true });
  }

  /** One attempt, ahead of all other requests. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    if (this.#isOver) return;
    await this.#stop("stopped", { urgent: true }).catch(() => undefined);
    this.#finish();
  }

  async #stopAfterDuration(): Promise<void> {
    const { sink, clock, chance } = this.#options;
    const { signal } = this.#retries;
    const backoff = new Backoff(RETRY, chance);
    for (let failed = false; ; failed = true) {
      try {
        if (failed) await clock.wait(backoff.next(), signal);
        const stopped = await this.#stop("duration", { signal });
        if (stopped) sink.stopped(stopped);
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!failed && isHikvisionError(error)) sink.failed(error);
        if (!isRetryable(error)) {
          this.#finish();
          return;
        }
      }
    }
  }

  async #stop(reason: string, options: SwitchOptions): Promise<Stopped | undefined> {
    const { channel, control, clock } = this.#options;
    this.#runningStops += 1;
    try {
      await control.switch(channel, "stop", options);
    } finally {
      this.#runningStops -= 1;
    }
    if (this.#isOver) return undefined;
    this.#finish();
    return { where: "device", channel, duration: Math.round(clock.elapsed() - this.#startedAt) / 1000, reason };
  }

  #finish(): void {
    this.#isOver = true;
    this.#cancelTimers();
    this.#resolveOver();
  }

  /** Neither the end of the duration nor a repeated stop follows. */
  #cancelTimers(): void {
    this.#timer?.cancel();
    this.#retries.abort();
    this.#retries = new AbortController();
  }
}

/** After these errors the device may have started. */
const UNCERTAIN: ReadonlySet<string> = new Set(["timeout", "aborted", "protocol", "offline"]);
