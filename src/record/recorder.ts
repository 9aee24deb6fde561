/** The recording jobs of one device: at most one per channel on its own storage, and one per stream in a file here. */
import type { Chance, Clock } from "../lib/clock";
import type { Isapi } from "../isapi/isapi";
import type { StreamUrls } from "../rtsp/stream-urls";
import { streamId } from "../isapi/channel-number";
import { fileName, nameStamp } from "../lib/file-name";
import type { RtspAccess } from "../rtsp/rtsp-connection";
import { FileRecordingJob } from "./file-recording-job";
import { ManualControl, ManualRecordingJob } from "./manual-recording-job";
import type { RecordingJob, RecordingSink, Started, Stopped } from "./recording-job";
import type { FileFormat } from "./stream-file";

/** How often a start looks whether the job it waits for has ended. */
const RECHECK_MS = 500;

export interface RecorderOptions {
  readonly isapi: Isapi;
  readonly streamUrls: Pick<StreamUrls, "live">;
  /** Default: no password in clear, any certificate. */
  readonly access?: RtspAccess;
  /** Minutes east of UTC at a wall time, in the zone that file names show. */
  readonly minutesAt: (wallMs: number) => number;
  readonly clock: Clock;
  readonly chance: Chance;
  /** See Device.beforeClose. */
  readonly beforeClose: (task: Promise<unknown>) => void;
}

export interface OnDevice {
  readonly where: "device";
  readonly channel: number;
}

export interface InFile {
  readonly where: "file";
  readonly channel: number;
  readonly stream: number;
}

export interface FileSettings {
  readonly directory: string;
  /** See {@link fileName}; it knows {device}, {channel} and {start}. */
  readonly template: string;
  readonly container: FileFormat;
}

export interface StartResult {
  readonly started: Started;
  /** Absent when it was running before: then whoever started it owns it. */
  readonly job?: RecordingJob;
}

export interface StartOptions {
  /** Undefined: until it is stopped. */
  readonly durationMs: number | undefined;
  readonly sink: RecordingSink;
  readonly signal: AbortSignal;
}

export class Recorder {
  readonly #options: RecorderOptions;
  readonly #control: ManualControl;
  /** By target; those that are still starting, too. */
  readonly #running = new Map<string, Promise<RecordingJob>>();

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#control = new ManualControl(options.isapi, options.clock);
  }

  /** Records until stopped, or for `durationMs`. A job that is running gets this end instead of its own. */
  startOnDevice(target: OnDevice, options: StartOptions): Promise<StartResult> {
    const { clock, chance, beforeClose } = this.#options;
    const starting = this.#start(target, options, () =>
      ManualRecordingJob.start({ ...options, ...target, control: this.#control, clock, chance }, options.signal),
    );
    // A close in the middle of a start must still send the stop to the device.
    beforeClose(starting);
    return starting;
  }

  /** As {@link startOnDevice}; resolves when video is being written. */
  startFile(target: InFile, settings: FileSettings, options: StartOptions): Promise<StartResult> {
    const { clock, chance, streamUrls, access = { basic: false, tls: { mode: "insecure" } } } = this.#options;
    const { channel, stream } = target;
    return this.#start(target, options, () =>
      FileRecordingJob.start(
        {
          ...options,
          channel,
          directory: settings.directory,
          container: settings.container,
          access,
          name: () => this.#name(channel, settings),
          address: (signal) =>
            streamUrls.live({ channel, stream, transport: "unicast", withCredentials: true, signal }),
          clock,
          chance,
        },
        options.signal,
      ),
    );
  }

  /** Stops the device also when no job is known: a recording may be left from before a restart of Node-RED. */
  async stop(target: OnDevice | InFile, signal: AbortSignal): Promise<Stopped> {
    const running = await this.#running.get(keyOf(target))?.catch(() => undefined);
    const stopped = await running?.stop(signal);
    if (stopped) return stopped;
    if (!running && target.where === "device")
      await this.#control.switch(target.channel, "stop", { signal, urgent: true });
    await running?.over;
    return { where: target.where, channel: target.channel, reason: "nothing" };
  }

  /** Stops all jobs at once. Resolves when the stops are sent and the files are ended. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#running.values()].map(async (starting) => {
        const job = await starting.catch(() => undefined);
        await job?.close();
      }),
    );
  }

  #name(channel: number, { template, container }: FileSettings): string {
    const { clock, minutesAt } = this.#options;
    const now = clock.now();
    const start = nameStamp(now, minutesAt(now + minutesAt(now) * 60_000));
    return fileName(template, { device: this.#options.isapi.http.identity.name, channel, start }, `.${container}`);
  }

  async #start(
    target: OnDevice | InFile,
    { durationMs, signal }: StartOptions,
    make: () => Promise<RecordingJob>,
  ): Promise<StartResult> {
    const key = keyOf(target);
    for (let known = this.#running.get(key); known; known = this.#running.get(key)) {
      const job = await known.catch(() => undefined);
      if (job?.extend(durationMs)) return { started: { ...job.started, reason: "extended" } };
      // A stop that fails leaves the job running, so its end alone is not enough to wait for.
      if (job) await Promise.race([job.over, this.#options.clock.wait(RECHECK_MS, signal)]);
    }
    const making = make();
    this.#running.set(key, making);
    const forget = (): void => void this.#running.delete(key);
    making.then(({ over }) => over.then(forget), forget);
    const job = await making;
    return { started: job.started, job };
  }
}

function keyOf(target: OnDevice | InFile): string {
  return target.where === "device" ? `device ${target.channel}` : `file ${streamId(target.channel, target.stream)}`;
}
