/**
 * One ffmpeg process that copies one RTSP stream into one file, as long as video arrives: what Mp4File cannot write. It gets no password,
 * only the address of a relay that logs in; on its standard input, as a playlist, because every user of the computer can read a process's
 * arguments.
 */
import type { Tls } from "../http/tls";
import { systemChance, type Clock, type Timer } from "../lib/clock";
import { AbortedError, RetryableError, isHikvisionError, type HikvisionError } from "../lib/errors";
import { Ffmpeg } from "../lib/ffmpeg";
import { remove } from "../lib/files";
import { say } from "../lib/sentence";
import { RtspRelay } from "../rtsp/rtsp-relay";
import { FrameCounter } from "./frame-counter";
import { abortOf, factsOf, type FileFacts, type RecordedFile, reserve } from "./recorded-file";

export type FileFormat = "mp4" | "mkv";

export interface StreamFileOptions {
  /** RTSP, with user name and password; neither leaves this process but for the device. */
  readonly url: string;
  /** May the password go to the device in clear? Default: no. */
  readonly basic?: boolean;
  /** Of an rtsps address. Default: any certificate. */
  readonly tls?: Tls;
  readonly directory: string;
  /** Below the directory; may contain folders, which are created. */
  readonly name: string;
  readonly container: FileFormat;
  /** "copy": as it is. "aac": transcoded, because MP4 cannot hold G.711, which most cameras send. */
  readonly audio: "copy" | "aac";
  readonly clock: Clock;
}

/** Without a frame for this long, the stream counts as interrupted. */
const NO_FRAME_MS = 15_000;

export class StreamFile implements RecordedFile {
  readonly path: string;
  /** The error that ended it; undefined when it was stopped, or the device ended the stream. */
  readonly ended: Promise<HikvisionError | undefined>;
  readonly #ffmpeg: Ffmpeg;
  readonly #frames = new FrameCounter();
  readonly #watchdog: Timer;
  #timedOut = false;
  #onFirstFrame: () => void = () => undefined;

  private constructor(file: string, relay: RtspRelay, options: StreamFileOptions) {
    const { clock } = options;
    this.path = file;
    this.#ffmpeg = new Ffmpeg({
      args: argumentsFor(file, options),
      input: playlist(relay.url),
      onOutput: (chunk) => this.#onFrames(chunk),
      clock,
    });
    this.#watchdog = clock.after(NO_FRAME_MS, () => {
      this.#timedOut = true;
      void this.#ffmpeg.stop();
    });
    const toError = (error: unknown): HikvisionError | undefined => (isHikvisionError(error) ? error : undefined);
    this.ended = this.#ffmpeg.ended
      .then(() => (this.#timedOut ? noVideoError() : undefined), toError)
      // What ffmpeg makes of a relay that has ended says less.
      .then((error) => relay.failure ?? error);
    void this.ended.then(() => {
      this.#watchdog.cancel();
      relay.close();
    });
  }

  /**
   * Resolves when the first frame is written; the name gets a number when it is taken. Leaves no file when it fails.
   * @throws {UnsupportedAudioError} when "copy" is impossible in this format; else errors of the device, of ffmpeg and of the disk.
   */
  static async open(options: StreamFileOptions, signal: AbortSignal): Promise<StreamFile> {
    const reserved = await reserve(options);
    const file = await startRelayed(reserved, options, signal, (relay) => new StreamFile(reserved, relay, options));
    try {
      await file.#firstFrame(signal);
      return file;
    } catch (error) {
      await file.#ffmpeg.stop();
      await remove(file.path).catch(() => undefined);
      throw error;
    }
  }

  /** Ends the file properly. Resolves when that is done. */
  async stop(): Promise<void> {
    await this.#ffmpeg.stop();
  }

  /** Valid once it has ended. */
  async facts(): Promise<FileFacts> {
    return factsOf(this.path, this.#frames.seconds);
  }

  #onFrames(chunk: Buffer): void {
    this.#frames.write(chunk);
    if (this.#frames.frames === 0) return;
    this.#watchdog.restart();
    this.#onFirstFrame();
  }

  async #firstFrame(signal: AbortSignal): Promise<void> {
    const firstFrame = new Promise<true>((resolve) => (this.#onFirstFrame = () => resolve(true)));
    const aborted = abortOf(signal);
    try {
      const outcome = await Promise.race([firstFrame, this.ended, aborted.promise]);
      if (signal.aborted) throw new AbortedError();
      if (outcome === true) return;
      if (/could not find tag for codec|codec not currently supported in container/i.test(this.#ffmpeg.errorOutput))
        throw new UnsupportedAudioError();
      throw (
        outcome ?? new RetryableError("offline", say`The device ended the video (RTSP) before it began. Try again.`)
      );
    } finally {
      aborted.forget();
    }
  }
}

/** The file format cannot hold the audio codec of the stream. */
export class UnsupportedAudioError extends Error {}

function noVideoError(): RetryableError {
  return new RetryableError(
    "timeout",
    say`The device sends no video any more (RTSP). Check the camera and the network.`,
  );
}

/** Connects to the device, and starts ffmpeg. Leaves no file when that fails. */
async function startRelayed<T>(
  file: string,
  { url, basic = false, tls = { mode: "insecure" }, clock }: StreamFileOptions,
  signal: AbortSignal,
  start: (relay: RtspRelay) => T,
): Promise<T> {
  try {
    return start(await RtspRelay.open(url, { basic, tls, clock, chance: systemChance }, signal));
  } catch (error) {
    await remove(file).catch(() => undefined);
    throw error;
  }
}

/** Skips the detection of the frame rate: it takes 20 frames, and a copy does not need it. */
function playlist(url: string): string {
  const file = `file '${url.replaceAll("'", "'\\''")}'`;
  return ["ffconcat version 1.0", file, "option rtsp_transport tcp", "option fpsprobesize 0", ""].join("\n");
}

function argumentsFor(file: string, { container, audio }: StreamFileOptions): string[] {
  const input = ["-f", "concat", "-safe", "0", "-protocol_whitelist", "pipe,rtp,rtsp,rtsps,srtp,tcp,tls,crypto"];
  // Video and audio only: cameras add data tracks of their own, which no file format takes.
  const tracks = ["-map", "0:v:0", "-map", "0:a:0?", "-c:v", "copy", "-c:a", audio];
  const muxer =
    container === "mp4"
      ? // Fragmented, so that the file plays up to where it was written even if it is never ended.
        ["-f", "mp4", "-movflags", "+frag_keyframe+empty_moov+default_base_moof"]
      : ["-f", "matroska"];
  // Should Node-RED be killed, this pipe breaks and ffmpeg ends instead of recording for ever.
  const frameReport = ["-map", "0:v:0", "-c:v", "copy", "-f", "framecrc", "-flush_packets", "1", "pipe:1"];
  return [...input, "-i", "pipe:0", ...tracks, ...muxer, "-y", `file:${file}`, ...frameReport];
}
