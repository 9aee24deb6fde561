/** Recording into files here: one, and another one after each break of the stream, until it is stopped or its time is over. */
import type { Chance, Clock, Timer } from "../lib/clock";
import { AbortedError, FatalError, isHikvisionError, isRetryable, type HikvisionError } from "../lib/errors";
import { Backoff } from "../lib/backoff";
import type { StreamUrl } from "../rtsp/stream-urls";
import { say } from "../lib/sentence";
import type { RecordingJob, RecordingSink, Started, Stopped } from "./recording-job";
import { StreamFile, UnfitAudio, type FileFormat } from "./stream-file";

export interface FileRecordingOptions {
  readonly channel: number;
  readonly durationMs: number | undefined;
  readonly directory: string;
  readonly container: FileFormat;
  /** The name of a file that begins now. */
  readonly name: () => string;
  /** Where the stream is, with user name and password. */
  readonly address: (signal: AbortSignal) => Promise<StreamUrl>;
  readonly sink: RecordingSink;
  readonly clock: Clock;
  readonly chance: Chance;
}

/** Between the tries to reach a device again. */
const AGAIN = { firstMs: 1_000, longestMs: 30_000 } as const;
/** A stream that lasted so long was in order. */
const STEADY_MS = 30_000;
/** ffmpeg does not look at certificates unless it is given those to trust. */
const UNCHECKED = say`The video of this recording comes over TLS, but ffmpeg does not check the device's certificate: use it in a network that you trust.`;

export class FileRecording implements RecordingJob {
  readonly over: Promise<void>;
  readonly #options: FileRecordingOptions;
  readonly #life = new AbortController();
  readonly #pause: Backoff;
  /** The one being written. */
  #file: StreamFile;
  #reported = false;
  #timer: Timer | undefined;

  private constructor(options: FileRecordingOptions, file: StreamFile) {
    this.#options = options;
    this.#pause = new Backoff(AGAIN, options.chance);
    this.#file = file;
    this.extend(options.durationMs);
    this.over = this.#keepOn().finally(() => this.#timer?.cancel());
  }

  /** Resolves when video is being written. Throws what {@link StreamFile.open} and the device throw, and leaves nothing then. */
  static async start(options: FileRecordingOptions, signal: AbortSignal): Promise<FileRecording> {
    return new FileRecording(options, await openFile(options, signal));
  }

  get started(): Started {
    return { where: "file", channel: this.#options.channel, path: this.#file.path };
  }

  extend(durationMs: number | undefined): boolean {
    if (this.#isEnding()) return false;
    this.#timer?.cancel();
    this.#timer =
      durationMs === undefined ? undefined : this.#options.clock.after(durationMs, () => void this.#runOut());
    return true;
  }

  async stop(): Promise<Stopped | undefined> {
    return this.#stop("stopped");
  }

  #isEnding(): boolean {
    return this.#life.signal.aborted;
  }

  async close(): Promise<void> {
    await this.#stop("stopped").catch(() => undefined);
    await this.over;
  }

  async #runOut(): Promise<void> {
    const stopped = await this.#stop("duration");
    if (stopped) this.#options.sink.stopped(stopped);
  }

  async #stop(reason: string): Promise<Stopped | undefined> {
    if (this.#isEnding()) return undefined;
    this.#life.abort(new AbortedError());
    await this.#file.stop();
    await this.over;
    return this.#reported ? this.#ended(reason) : this.#ended(reason, this.#file);
  }

  async #ended(reason: string, file?: StreamFile): Promise<Stopped> {
    return { where: "file", channel: this.#options.channel, ...(file && (await file.facts())), reason };
  }

  /** Goes on in a further file when one has ended by itself. Never rejects. */
  async #keepOn(): Promise<void> {
    const { sink, clock } = this.#options;
    for (;;) {
      const began = clock.elapsed();
      const error = await this.#file.ended;
      if (this.#isEnding()) return;
      this.#reported = true;
      if (clock.elapsed() - began > STEADY_MS) this.#pause.reset();
      sink.stopped(await this.#ended(error?.code ?? "interrupted", this.#file));
      if (error?.code === "disk") {
        this.#giveUp(error);
        return;
      }
      const next = await this.#reopen();
      if (!next) return;
      this.#file = next;
      this.#reported = false;
      // A stop that came in this very moment did not know this file.
      if (this.#isEnding()) await next.stop();
      else sink.started({ ...this.started, reason: "continued" });
    }
  }

  /** Undefined: stopped, or hopeless. */
  async #reopen(): Promise<StreamFile | undefined> {
    const { sink, clock } = this.#options;
    const { signal } = this.#life;
    for (let told = false; ; told = true) {
      try {
        await clock.wait(this.#pause.next(), signal);
        return await openFile(this.#options, signal);
      } catch (reason) {
        if (this.#isEnding()) return undefined;
        const error = isHikvisionError(reason) ? reason : defect(reason);
        if (!isRetryable(error)) {
          this.#giveUp(error);
          return undefined;
        }
        if (!told) sink.failed(error);
      }
    }
  }

  #giveUp(error: HikvisionError): void {
    this.#life.abort();
    this.#options.sink.failed(error);
  }
}

function defect(reason: unknown): FatalError {
  return new FatalError("ffmpeg", say`This should not happen: ${String(reason)}. Please report it.`);
}

async function openFile(options: FileRecordingOptions, signal: AbortSignal): Promise<StreamFile> {
  const { address, directory, container, clock, sink, name } = options;
  const file = { directory, container, clock, name: name() };
  const { url, notices } = await address(signal);
  for (const notice of notices) sink.warn(notice);
  if (url.startsWith("rtsps:")) sink.warn(UNCHECKED);
  try {
    return await StreamFile.open({ ...file, url, audio: "copy" }, signal);
  } catch (error) {
    if (!(error instanceof UnfitAudio)) throw error;
    return StreamFile.open({ ...file, url, audio: "aac" }, signal);
  }
}
