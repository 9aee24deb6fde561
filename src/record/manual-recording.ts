/** Recording on the device's own disk or card, started by hand. Nothing there ends it: whoever started it has to stop it. */
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
  /** Past the queue, for a last word. */
  readonly urgent?: boolean;
}

/** Starts and stops, by the verb that this device takes. */
export class ManualControl {
  readonly #isapi: Isapi;
  /** All public programs PUT; the vendor's guide says POST. */
  readonly #verbs: PathFallback<"put" | "post">;

  constructor(isapi: Isapi, clock: Clock) {
    this.#isapi = isapi;
    this.#verbs = new PathFallback<"put" | "post">(["put", "post"], clock);
  }

  /** Either may be repeated, also when it is so already. */
  async switch(channel: number, to: "start" | "stop", { signal, urgent = false }: SwitchOptions = {}): Promise<void> {
    const path = `/ISAPI/ContentMgmt/record/control/manual/${to}/tracks/${streamId(channel, 1)}`;
    const purpose = say`manual recording of channel ${channel}`;
    const options = { purpose, urgent, retryBusy: true, ...(signal && { signal }) };
    await this.#verbs.ask({ of: "manual", exactly: String(channel) }, (verb) =>
      this.#isapi[verb](path, undefined, options),
    );
  }
}

export interface ManualRecordingOptions {
  readonly channel: number;
  readonly durationMs: number | undefined;
  readonly control: Pick<ManualControl, "switch">;
  readonly sink: RecordingSink;
  readonly clock: Clock;
  readonly chance: Chance;
}

/** A stop that the device did not hear is repeated until it does. */
const AGAIN = { firstMs: 1_000, longestMs: 60_000 } as const;

export class ManualRecording implements RecordingJob {
  readonly started: Started;
  readonly over: Promise<void>;
  readonly #options: ManualRecordingOptions;
  readonly #beganAt: number;
  #timer: Timer | undefined;
  /** Ends the repetition of a stop. */
  #again = new AbortController();
  /** Stops under way. */
  #stops = 0;
  #closing: Promise<void> | undefined;
  #isOver = false;
  #end: () => void = () => undefined;

  private constructor(options: ManualRecordingOptions) {
    this.#options = options;
    this.started = { where: "device", channel: options.channel };
    this.#beganAt = options.clock.elapsed();
    this.over = new Promise((resolve) => (this.#end = resolve));
    this.extend(options.durationMs);
  }

  /** When it is uncertain whether the device has begun, it is told to stop. */
  static async start(options: ManualRecordingOptions, signal: AbortSignal): Promise<ManualRecording> {
    const { channel, control } = options;
    try {
      await control.switch(channel, "start", { signal });
    } catch (error) {
      if (UNCERTAIN.has(codeOf(error) ?? ""))
        await control.switch(channel, "stop", { urgent: true }).catch(() => undefined);
      throw error;
    }
    return new ManualRecording(options);
  }

  extend(durationMs: number | undefined): boolean {
    if (this.#isOver || this.#stops > 0) return false;
    this.#quiet();
    this.#timer =
      durationMs === undefined ? undefined : this.#options.clock.after(durationMs, () => void this.#runOut());
    return true;
  }

  /** Throws when the device does not hear it: it may be tried again then. */
  stop(signal?: AbortSignal): Promise<Stopped | undefined> {
    return this.#stop("stopped", { signal });
  }

  /** One try, past everything else. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    if (this.#isOver) return;
    await this.#stop("stopped", { urgent: true }).catch(() => undefined);
    this.#finish();
  }

  async #runOut(): Promise<void> {
    const { sink, clock, chance } = this.#options;
    const { signal } = this.#again;
    const pause = new Backoff(AGAIN, chance);
    for (let told = false; ; told = true) {
      try {
        if (told) await clock.wait(pause.next(), signal);
        const stopped = await this.#stop("duration", { signal });
        if (stopped) sink.stopped(stopped);
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!told && isHikvisionError(error)) sink.failed(error);
        if (!isRetryable(error)) {
          this.#finish();
          return;
        }
      }
    }
  }

  async #stop(reason: string, options: SwitchOptions): Promise<Stopped | undefined> {
    const { channel, control, clock } = this.#options;
    this.#stops += 1;
    try {
      await control.switch(channel, "stop", options);
    } finally {
      this.#stops -= 1;
    }
    if (this.#isOver) return undefined;
    this.#finish();
    return { where: "device", channel, duration: Math.round(clock.elapsed() - this.#beganAt) / 1000, reason };
  }

  #finish(): void {
    this.#isOver = true;
    this.#quiet();
    this.#end();
  }

  /** No timer, no repetition. */
  #quiet(): void {
    this.#timer?.cancel();
    this.#again.abort();
    this.#again = new AbortController();
  }
}

/** The device may have heard it. */
const UNCERTAIN: ReadonlySet<string> = new Set(["timeout", "aborted", "protocol", "offline"]);
