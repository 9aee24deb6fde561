/** What one device is recording for us: at most one recording per channel on its own disk, and per stream in a file here. */
import type { Chance, Clock } from "../lib/clock";
import type { Isapi } from "../isapi/isapi";
import type { StreamUrls } from "../rtsp/stream-urls";
import { streamId } from "../isapi/channel-number";
import { fileName, nameStamp } from "../lib/file-name";
import { FileRecording } from "./file-recording";
import { ManualControl, ManualRecording } from "./manual-recording";
import type { RecordingJob, RecordingSink, Started, Stopped } from "./recording-job";
import type { FileFormat } from "./stream-file";

const LOOK_AGAIN_MS = 500;

export interface RecorderOptions {
  readonly isapi: Isapi;
  readonly streamUrls: Pick<StreamUrls, "live">;
  /** Of the zone whose clock file names show, at a wall time. */
  readonly minutesAt: (wallMs: number) => number;
  readonly clock: Clock;
  readonly chance: Chance;
  /** See Device.beforeClose. */
  readonly beforeClose: (words: Promise<unknown>) => void;
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

export interface Begun {
  readonly started: Started;
  /** Absent when it was under way before: then somebody else owns it. */
  readonly recording?: RecordingJob;
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
  /** By what is recorded; also those that are still starting. */
  readonly #running = new Map<string, Promise<RecordingJob>>();

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#control = new ManualControl(options.isapi, options.clock);
  }

  /** Records until stopped, or for `durationMs`; one that is under way gets this end instead of its own. */
  startOnDevice(target: OnDevice, options: StartOptions): Promise<Begun> {
    const { clock, chance, beforeClose } = this.#options;
    const begun = this.#start(target, options, () =>
      ManualRecording.start({ ...options, ...target, control: this.#control, clock, chance }, options.signal),
    );
    // Cut off in the middle, it must still tell the device to stop.
    beforeClose(begun);
    return begun;
  }

  /** As {@link startOnDevice}; resolves when video is being written. */
  startFile(target: InFile, settings: FileSettings, options: StartOptions): Promise<Begun> {
    const { clock, chance, streamUrls } = this.#options;
    const { channel, stream } = target;
    return this.#start(target, options, () =>
      FileRecording.start(
        {
          ...options,
          channel,
          directory: settings.directory,
          container: settings.container,
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

  /** The device is told to stop also when nothing is known to be recorded: it may still be from an earlier life. */
  async stop(target: OnDevice | InFile, signal: AbortSignal): Promise<Stopped> {
    const running = await this.#running.get(keyOf(target))?.catch(() => undefined);
    const stopped = await running?.stop(signal);
    if (stopped) return stopped;
    if (!running && target.where === "device") await this.#control.switch(target.channel, "stop", { signal });
    await running?.over;
    return { where: target.where, channel: target.channel, reason: "nothing" };
  }

  /** Ends everything, now; what has to be said to the device are last words. Resolves when files are ended. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#running.values()].map(async (starting) => {
        const recording = await starting.catch(() => undefined);
        await recording?.close();
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
  ): Promise<Begun> {
    const key = keyOf(target);
    for (let known = this.#running.get(key); known; known = this.#running.get(key)) {
      const recording = await known.catch(() => undefined);
      if (recording?.extend(durationMs)) return { started: { ...recording.started, reason: "extended" } };
      // A stop that fails leaves it running.
      if (recording) await Promise.race([recording.over, this.#options.clock.wait(LOOK_AGAIN_MS, signal)]);
    }
    const making = make();
    this.#running.set(key, making);
    const forget = (): void => void this.#running.delete(key);
    making.then(({ over }) => over.then(forget), forget);
    const recording = await making;
    return { started: recording.started, recording };
  }
}

function keyOf(target: OnDevice | InFile): string {
  return target.where === "device" ? `device ${target.channel}` : `file ${streamId(target.channel, target.stream)}`;
}
