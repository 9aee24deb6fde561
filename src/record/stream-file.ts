/**
 * One ffmpeg that copies one RTSP stream into one file, as long as video comes. The address with its password goes to ffmpeg's standard
 * input, as a playlist, because everybody can see a program's arguments.
 */
import { mkdir, open, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Clock, Timer } from "../lib/clock";
import { diskError } from "../lib/disk";
import { AbortedError, RetryableError, isHikvisionError, type HikvisionError } from "../lib/errors";
import { Ffmpeg } from "../lib/ffmpeg";
import { numbered } from "../lib/file-name";
import { say } from "../lib/sentence";
import { FrameReport } from "./frame-report";

export type FileFormat = "mp4" | "mkv";

export interface StreamFileOptions {
  /** RTSP, with user name and password in it. */
  readonly url: string;
  readonly directory: string;
  /** Below the directory; may have folders of its own, which are made. */
  readonly name: string;
  readonly container: FileFormat;
  /** "copy" as it is, or recoded to AAC, because MP4 cannot hold G.711, which most cameras send. */
  readonly audio: "copy" | "aac";
  readonly clock: Clock;
}

export interface FileFacts {
  readonly path: string;
  /** Seconds. */
  readonly duration: number;
  readonly bytes: number;
}

/** Without a frame for so long, the stream counts as broken. */
const SILENCE_MS = 15_000;

export class StreamFile {
  readonly path: string;
  /** Why it ended: an error; undefined when it was stopped, or the device ended the stream. */
  readonly ended: Promise<HikvisionError | undefined>;
  readonly #ffmpeg: Ffmpeg;
  readonly #report = new FrameReport();
  readonly #silence: Timer;
  #silent = false;
  #began: () => void = () => undefined;

  private constructor(file: string, options: StreamFileOptions) {
    const { clock } = options;
    this.path = file;
    this.#ffmpeg = new Ffmpeg({
      args: argumentsFor(file, options),
      input: playlist(options.url),
      onOutput: (chunk) => this.#onFrames(chunk),
      clock,
    });
    this.#silence = clock.after(SILENCE_MS, () => {
      this.#silent = true;
      void this.#ffmpeg.stop();
    });
    const why = (error: unknown): HikvisionError | undefined => (isHikvisionError(error) ? error : undefined);
    this.ended = this.#ffmpeg.ended.then(() => (this.#silent ? silence() : undefined), why);
    void this.ended.then(() => this.#silence.cancel());
  }

  /**
   * Resolves with the first frame in the file; the name gets a number when it is taken. Leaves nothing when it fails.
   * @throws {UnfitAudio} when "copy" does not work in this container; else errors of the device, of ffmpeg and of the disk.
   */
  static async open(options: StreamFileOptions, signal: AbortSignal): Promise<StreamFile> {
    const file = new StreamFile(await reserve(options), options);
    try {
      await file.#firstFrame(signal);
      return file;
    } catch (error) {
      await file.#ffmpeg.stop();
      await rm(file.path, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  /** Lets it end its file. Resolves when that is done. */
  async stop(): Promise<void> {
    await this.#ffmpeg.stop();
  }

  /** Once it has ended. */
  async facts(): Promise<FileFacts> {
    const size = await stat(this.path).then(
      ({ size }) => size,
      () => 0,
    );
    return { path: this.path, duration: Math.round(this.#report.seconds * 1000) / 1000, bytes: size };
  }

  #onFrames(chunk: Buffer): void {
    this.#report.write(chunk);
    if (this.#report.frames === 0) return;
    this.#silence.restart();
    this.#began();
  }

  async #firstFrame(signal: AbortSignal): Promise<void> {
    const began = new Promise<true>((resolve) => (this.#began = () => resolve(true)));
    const aborted = once(signal);
    try {
      const outcome = await Promise.race([began, this.ended, aborted.promise]);
      if (signal.aborted) throw new AbortedError();
      if (outcome === true) return;
      if (/could not find tag for codec|codec not currently supported in container/i.test(this.#ffmpeg.errorOutput))
        throw new UnfitAudio();
      throw (
        outcome ?? new RetryableError("offline", say`The device ended the video (RTSP) before it began. Try again.`)
      );
    } finally {
      aborted.forget();
    }
  }
}

/** MP4 has no place for the sound as it comes. */
export class UnfitAudio extends Error {}

function silence(): RetryableError {
  return new RetryableError(
    "timeout",
    say`The device sends no video any more (RTSP). Check the camera and the network.`,
  );
}

/** Numbered when the name is taken, so that nothing is ever overwritten. */
async function reserve({ directory, name }: StreamFileOptions): Promise<string> {
  const wanted = path.resolve(directory, name);
  const folder = path.dirname(wanted);
  try {
    await mkdir(folder, { recursive: true });
    for (let number = 1; ; number++) {
      const file = number === 1 ? wanted : numbered(wanted, number);
      try {
        await (await open(file, "wx")).close();
        return file;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
    }
  } catch (error) {
    throw diskError(say`The recording cannot be written to ${folder}`, error);
  }
}

/** Does not wait to learn the frame rate: that takes 20 frames, which a copy does not need. */
function playlist(url: string): string {
  const file = `file '${url.replaceAll("'", "'\\''")}'`;
  return ["ffconcat version 1.0", file, "option rtsp_transport tcp", "option fpsprobesize 0", ""].join("\n");
}

function argumentsFor(file: string, { container, audio }: StreamFileOptions): string[] {
  const input = ["-f", "concat", "-safe", "0", "-protocol_whitelist", "pipe,rtp,rtsp,rtsps,srtp,tcp,tls,crypto"];
  // Picture and sound only: cameras add tracks of their own, which no container takes.
  const tracks = ["-map", "0:v:0", "-map", "0:a:0?", "-c:v", "copy", "-c:a", audio];
  const muxer =
    container === "mp4"
      ? // In fragments, so that what was written plays even if nobody ends the file.
        ["-f", "mp4", "-movflags", "+frag_keyframe+empty_moov+default_base_moof"]
      : ["-f", "matroska"];
  // Should Node-RED die, this pipe breaks and ffmpeg ends, instead of recording for ever.
  const report = ["-map", "0:v:0", "-c:v", "copy", "-f", "framecrc", "-flush_packets", "1", "pipe:1"];
  return [...input, "-i", "pipe:0", ...tracks, ...muxer, "-y", `file:${file}`, ...report];
}

/** An abort as a promise, with its listener's end. */
function once(signal: AbortSignal): { readonly promise: Promise<undefined>; forget(): void } {
  let onAbort: () => void = () => undefined;
  const promise = new Promise<undefined>((resolve) => (onAbort = () => resolve(undefined)));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  return { promise, forget: () => signal.removeEventListener("abort", onAbort) };
}
