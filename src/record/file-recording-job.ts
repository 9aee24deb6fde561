/** Recording into files here: a new file after each interruption of the stream, until it is stopped or its duration is over. */
import type { Chance, Clock, Timer } from "../lib/clock";
import { AbortedError, codeOf, FatalError, isHikvisionError, isRetryable, type HikvisionError } from "../lib/errors";
import { Backoff } from "../lib/backoff";
import { isSilentDisk } from "../lib/disk";
import type { RtspAccess } from "../rtsp/rtsp-connection";
import type { StreamUrl } from "../rtsp/stream-urls";
import { say } from "../lib/sentence";
import type { RecordingJob, RecordingSink, Started, Stopped } from "./recording-job";
import { ForeignAudioError, Mp4File } from "./mp4-file";
import type { RecordedFile } from "./recorded-file";
import { StreamFile, UnsupportedAudioError, type FileFormat } from "./stream-file";

export interface FileRecordingJobOptions {
  readonly channel: number;
  readonly durationMs: number | undefined;
  readonly directory: string;
  readonly container: FileFormat;
  /** The name of a file that starts now. */
  readonly name: () => string;
  /** The URL of the stream, with user name and password. */
  readonly address: (signal: AbortSignal) => Promise<StreamUrl>;
  readonly access: RtspAccess;
  readonly sink: RecordingSink;
  readonly clock: Clock;
  readonly chance: Chance;
}

/** Between attempts to open the stream again. */
const RETRY = { firstMs: 1_000, longestMs: 30_000 } as const;
/** A stream that lasted this long resets the backoff. */
const STABLE_MS = 30_000;
const UNVERIFIED_CERTIFICATE = say`The video of this recording comes over TLS, but the device's certificate is not checked: use it in a network that you trust, or choose HTTPS with a checked certificate in the device node.`;

export class FileRecordingJob implements RecordingJob {
  readonly over: Promise<void>;
  readonly #options: FileRecordingJobOptions;
  readonly #ending = new AbortController();
  readonly #backoff: Backoff;
  /** The file being written. */
  #file: RecordedFile;
  #reported = false;
  #timer: Timer | undefined;

  private constructor(options: FileRecordingJobOptions, file: RecordedFile) {
    this.#options = options;
    this.#backoff = new Backoff(RETRY, options.chance);
    this.#file = file;
    this.extend(options.durationMs);
    this.over = this.#run().finally(() => this.#timer?.cancel());
  }

  /** Resolves when video is being written. Throws what the device, the disk and ffmpeg make of it, and leaves nothing then. */
  static async start(options: FileRecordingJobOptions, signal: AbortSignal): Promise<FileRecordingJob> {
    return new FileRecordingJob(options, await openFile(options, signal));
  }

  get started(): Started {
    return { where: "file", channel: this.#options.channel, path: this.#file.path };
  }

  extend(durationMs: number | undefined): boolean {
    if (this.#isEnding()) return false;
    this.#timer?.cancel();
    this.#timer =
      durationMs === undefined
        ? undefined
        : this.#options.clock.after(durationMs, () => void this.#stopAfterDuration());
    return true;
  }

  async stop(): Promise<Stopped | undefined> {
    return this.#stop("stopped");
  }

  #isEnding(): boolean {
    return this.#ending.signal.aborted;
  }

  async close(): Promise<void> {
    await this.#stop("stopped").catch(() => undefined);
    await this.over;
  }

  async #stopAfterDuration(): Promise<void> {
    const stopped = await this.#stop("duration");
    if (stopped) this.#options.sink.stopped(stopped);
  }

  async #stop(reason: string): Promise<Stopped | undefined> {
    if (this.#isEnding()) return undefined;
    this.#ending.abort(new AbortedError());
    await this.#file.stop();
    await this.over;
    return this.#reported ? this.#stoppedFacts(reason) : this.#stoppedFacts(reason, this.#file);
  }

  async #stoppedFacts(reason: string, file?: RecordedFile): Promise<Stopped> {
    return { where: "file", channel: this.#options.channel, ...(file && (await file.facts())), reason };
  }

  /** Continues in another file when one has ended by itself. Never rejects. */
  async #run(): Promise<void> {
    const { sink, clock } = this.#options;
    for (;;) {
      const startedAt = clock.elapsed();
      const error = await this.#file.ended;
      if (this.#isEnding()) return;
      this.#reported = true;
      if (clock.elapsed() - startedAt > STABLE_MS) this.#backoff.reset();
      sink.stopped(await this.#stoppedFacts(error?.code ?? "interrupted", this.#file));
      if (error?.code === "disk" && !isSilentDisk(error)) {
        this.#giveUp(error);
        return;
      }
      const next = await this.#reopen();
      if (!next) return;
      this.#file = next;
      this.#reported = false;
      // A stop during the reopening did not know this file.
      if (this.#isEnding()) await next.stop();
      else sink.started({ ...this.started, reason: "continued" });
    }
  }

  /** Undefined: stopped, or an error that no retry can mend. */
  async #reopen(): Promise<RecordedFile | undefined> {
    const { sink, clock } = this.#options;
    const { signal } = this.#ending;
    for (let reported = false; ; reported = true) {
      try {
        await clock.wait(this.#backoff.next(), signal);
        return await openFile(this.#options, signal);
      } catch (reason) {
        if (this.#isEnding()) return undefined;
        const error = isHikvisionError(reason) ? reason : unexpectedError(reason);
        if (!isRetryable(error) && !isRemembered(error) && !isSilentDisk(error)) {
          this.#giveUp(error);
          return undefined;
        }
        if (!reported) sink.failed(error);
      }
    }
  }

  #giveUp(error: HikvisionError): void {
    this.#ending.abort();
    this.#options.sink.failed(error);
  }
}

/** The login was refused a short while ago, perhaps for another channel, and is not sent for now. */
function isRemembered(error: HikvisionError): boolean {
  return error.code === "unauthorized" && error.cause.retryAfter !== undefined;
}

function unexpectedError(reason: unknown): FatalError {
  return new FatalError("ffmpeg", say`This should not happen: ${String(reason)}. Please report it.`);
}

async function openFile(options: FileRecordingJobOptions, signal: AbortSignal): Promise<RecordedFile> {
  const { address, container, access, sink } = options;
  const { url, notices } = await address(signal);
  for (const notice of notices) sink.warn(notice);
  if (url.startsWith("rtsps:") && access.tls.mode === "insecure") sink.warn(UNVERIFIED_CERTIFICATE);
  if (container === "mkv") return openByFfmpeg(options, url, "copy", signal);
  try {
    return await openMp4(options, url, "refuse", signal);
  } catch (error) {
    const foreign = error instanceof ForeignAudioError;
    if (!foreign && codeOf(error) !== "notSupported") throw error;
    try {
      return await openByFfmpeg(options, url, foreign ? "aac" : "copy", signal);
    } catch (failure) {
      if (codeOf(failure) !== "ffmpeg") throw failure;
      if (!foreign) throw error;
      sink.warn(
        say`The sound of this recording is left out: it is ${error.codec}, which MP4 cannot hold and ffmpeg did not convert. Set the audio to AAC on the device's web page, or install ffmpeg where Node-RED runs.`,
      );
      return openMp4(options, url, "leave out", signal);
    }
  }
}

function openMp4(
  { directory, access, name, clock, chance }: FileRecordingJobOptions,
  url: string,
  foreignAudio: "refuse" | "leave out",
  signal: AbortSignal,
): Promise<Mp4File> {
  return Mp4File.open({ ...access, directory, name: name(), url, foreignAudio, clock, chance }, signal);
}

/** MKV, sound that MP4 cannot hold, and codecs that our own writer does not know. */
async function openByFfmpeg(
  { directory, container, access, name, clock }: FileRecordingJobOptions,
  url: string,
  audio: "copy" | "aac",
  signal: AbortSignal,
): Promise<StreamFile> {
  const file = { ...access, directory, container, clock, name: name(), url };
  try {
    return await StreamFile.open({ ...file, audio }, signal);
  } catch (error) {
    if (!(error instanceof UnsupportedAudioError) || audio === "aac") throw error;
    return StreamFile.open({ ...file, audio: "aac" }, signal);
  }
}
