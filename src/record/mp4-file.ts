/**
 * One RTSP stream, written into one MP4 file as it comes, by our own client and writer. The file plays up to the last fragment, whatever
 * happens to this process. H.264 or H.265, with AAC or without sound; video is copied as it is.
 */
import type { Chance, Clock, Timer } from "../lib/clock";
import { diskError } from "../lib/disk";
import { AbortedError, FatalError, RetryableError, type HikvisionError } from "../lib/errors";
import { OpenFile, remove } from "../lib/files";
import { say } from "../lib/sentence";
import type { RtspAccess } from "../rtsp/rtsp-connection";
import { RtspSession } from "../rtsp/rtsp-session";
import { splitUrl } from "../rtsp/urls";
import type { DecoderConfig } from "../video/decoder-config";
import { groupFragment, initSegment, VIDEO_SCALE, type Sample } from "../video/mp4-boxes";
import { SampleWriter } from "../video/sample-writer";
import { abortOf, factsOf, type FileFacts, type RecordedFile, reserve } from "./recorded-file";

/** By default no password in clear, and any certificate. */
export interface Mp4FileOptions extends Partial<RtspAccess> {
  /** RTSP, with user name and password; neither leaves this process but for the device. */
  readonly url: string;
  readonly directory: string;
  /** Below the directory; may contain folders, which are created. */
  readonly name: string;
  /** What is done where the sound is not AAC: given up with {@link ForeignAudioError}, or left out. */
  readonly foreignAudio: "refuse" | "leave out";
  readonly clock: Clock;
  readonly chance: Pick<Chance, "token">;
}

/** Without video for this long, the stream counts as interrupted. */
const SILENCE_MS = 15_000;
const FIRST_PICTURE_MS = 20_000;
/** A fragment is written when it is so long or large: no more than that is lost with a killed process. */
const FRAGMENT_SECONDS = 2;
const FRAGMENT_BYTES = 4 * 1024 * 1024;
/** While more waits for the disk the device is held back. */
const MOST_WAITING = 8 * 1024 * 1024;
const CLOSE_MS = 5_000;

/** Sound that is not AAC: MP4 cannot hold it as it is. */
export class ForeignAudioError extends Error {
  constructor(readonly codec: string) {
    super(codec);
  }
}

export class Mp4File implements RecordedFile {
  readonly path: string;
  readonly ended: Promise<HikvisionError | undefined>;
  readonly #file: OpenFile;
  readonly #clock: Clock;
  #resolveEnded: (error: HikvisionError | undefined) => void = () => undefined;
  #onFirstWritten: () => void = () => undefined;
  readonly #firstWritten: Promise<void>;
  #session: RtspSession | undefined;
  #writer: SampleWriter | undefined;
  #firstPicture: Timer | undefined;
  #audio: RtspSession["described"]["audio"];
  /** Of the next fragment. */
  #samples: Sample[] = [];
  #bytes = 0;
  #sequence = 0;
  #begun = false;
  #first: number | undefined;
  #end = 0;
  /** What waits for the disk, in order. */
  #writing: Promise<void> = Promise.resolve();
  #waiting = 0;
  #paused = false;
  /** The disk has refused something. */
  #broken = false;
  /** What comes belongs to another file. */
  #changed = false;
  #ending = false;

  private constructor(file: string, opened: OpenFile, clock: Clock) {
    this.path = file;
    this.#file = opened;
    this.#clock = clock;
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    this.#firstWritten = new Promise((resolve) => (this.#onFirstWritten = resolve));
  }

  /**
   * Resolves when the first picture is written; the name gets a number when it is taken. Leaves no file when it fails.
   * @throws {ForeignAudioError} see the options; else `notSupported` for a codec that it does not know, and errors of device and disk.
   */
  static async open(options: Mp4FileOptions, signal: AbortSignal): Promise<Mp4File> {
    const reserved = await reserve(options);
    try {
      const file = new Mp4File(reserved, await OpenFile.open(reserved, "r+"), options.clock);
      try {
        await file.#start(options, signal);
        return file;
      } catch (error) {
        await file.stop();
        // What ended the session has broken what was under way.
        throw (await file.ended) ?? error;
      }
    } catch (error) {
      await remove(reserved).catch(() => undefined);
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#finish(undefined);
    await this.ended;
  }

  async facts(): Promise<FileFacts> {
    return factsOf(this.path, this.#first === undefined ? 0 : (this.#end - this.#first) / VIDEO_SCALE);
  }

  async #start(options: Mp4FileOptions, signal: AbortSignal): Promise<void> {
    const { url, basic = false, tls = { mode: "insecure" }, login, foreignAudio, clock, chance } = options;
    const target = splitUrl(url);
    if (!target) throw new FatalError("badRequest", say`The address of the video is none that can be recorded.`);
    const { credentials, origin, path } = target;
    const session = await RtspSession.open(
      { url: origin + path, credentials, basic, tls, login, clock, chance, audio: true, silenceMs: SILENCE_MS },
      {
        picture: (picture) => this.#writer?.picture(picture),
        audio: (frame) => this.#writer?.audio(frame),
        ended: (error) => this.#finish(error),
      },
      signal,
    );
    this.#session = session;
    const { audio, otherAudio } = session.described;
    if (otherAudio !== undefined && foreignAudio === "refuse") throw new ForeignAudioError(otherAudio);
    this.#audio = audio;
    this.#writer = new SampleWriter(
      { live: true, audio },
      {
        begin: (config) => this.#begin(config),
        picture: (sample) => this.#add(sample, true),
        audio: (sample) => this.#add(sample, false),
      },
    );
    this.#firstPicture = clock.after(FIRST_PICTURE_MS, () => this.#finish(noPicture()));
    await session.play({ range: "npt=0.000-" }, signal);
    const aborted = abortOf(signal);
    try {
      const over = this.ended.then((error) => {
        throw error ?? ended();
      });
      await Promise.race([this.#firstWritten, over, aborted.promise]);
      if (signal.aborted) throw new AbortedError();
    } finally {
      aborted.forget();
    }
  }

  /** A file has one set of parameters: where they change it ends, and the job goes on in another. */
  #begin(config: DecoderConfig): void {
    if (!this.#begun) this.#append([initSegment(config, this.#audio)]);
    this.#changed = this.#begun;
    this.#begun = true;
    if (this.#changed) this.#finish(undefined);
  }

  #add(sample: Sample, picture: boolean): void {
    if (this.#changed) return;
    const begins = picture && this.#first === undefined;
    if (picture && sample.key) this.#flush();
    this.#samples.push(sample);
    this.#bytes += sample.pieces.reduce((sum, { length }) => sum + length, 0);
    if (!picture) return;
    this.#first ??= sample.decodeTime;
    this.#end = sample.decodeTime + sample.duration;
    const [first] = this.#samples.filter(({ track }) => track === sample.track);
    const seconds = (this.#end - (first?.decodeTime ?? this.#end)) / VIDEO_SCALE;
    // The first picture alone: from then on there is something to see.
    if (begins || seconds >= FRAGMENT_SECONDS || this.#bytes >= FRAGMENT_BYTES) this.#flush();
    if (!begins) return;
    this.#firstPicture?.cancel();
    void this.#writing.then(() => this.#broken || this.#onFirstWritten());
  }

  #flush(): void {
    if (this.#samples.length === 0) return;
    const parts = groupFragment(++this.#sequence, this.#samples);
    this.#samples = [];
    this.#bytes = 0;
    this.#append(parts);
  }

  /** One after the other. The device is held back while the disk is behind. */
  #append(parts: readonly Buffer[]): void {
    const bytes = Buffer.concat(parts);
    this.#waiting += bytes.length;
    if (this.#waiting > MOST_WAITING && !this.#paused) {
      this.#paused = true;
      this.#session?.pause();
    }
    this.#writing = this.#writing
      .then(() => this.#file.write(bytes))
      .then(
        () => this.#written(bytes.length),
        (error: unknown) => {
          this.#written(bytes.length);
          this.#broken = true;
          this.#finish(diskError(say`The recording cannot be written to ${this.path}`, error));
        },
      );
  }

  #written(size: number): void {
    this.#waiting -= size;
    if (!this.#paused || this.#waiting > MOST_WAITING / 4) return;
    this.#paused = false;
    this.#session?.resume();
  }

  /** Writes what is there, and closes. */
  #finish(error: HikvisionError | undefined): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#firstPicture?.cancel();
    this.#session?.close();
    if (error?.code !== "disk") {
      this.#writer?.end();
      this.#flush();
    }
    this.#changed = true;
    const closed = this.#writing.then(() => this.#file.close()).catch(() => undefined);
    const limit = new AbortController();
    // A disk that does not answer holds nobody up.
    const late = this.#clock.wait(CLOSE_MS, limit.signal).catch(() => undefined);
    void Promise.race([closed, late]).then(() => {
      limit.abort();
      this.#resolveEnded(error);
    });
  }
}

function noPicture(): RetryableError {
  return new RetryableError(
    "timeout",
    say`The device sends no picture of this video (RTSP). Check the camera and the network.`,
  );
}

function ended(): RetryableError {
  return new RetryableError("offline", say`The device ended the video (RTSP) before it began. Try again.`);
}
