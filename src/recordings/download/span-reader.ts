/**
 * One playback, from its first picture to the end of its span, whatever the device plays behind that. Says whether all of it came, and
 * whether it comes fast enough. Nothing throws.
 */
import type { Clock, Timer } from "../../lib/clock";
import { FatalError, RetryableError, type HikvisionError } from "../../lib/errors";
import { say, type Sentence } from "../../lib/sentence";
import type { MediaSink, RtspSession, TimedAudio, TimedPicture } from "../../rtsp/rtsp-session";
import type { TimeRange } from "../time-range";
import type { Mp4User, PlayedMp4 } from "./played-mp4";

export interface SpanReaderOptions {
  readonly span: TimeRange;
  readonly mp4: PlayedMp4;
  /** A noun phrase for error messages. */
  readonly purpose: Sentence;
  readonly clock: Clock;
  /** So far it has come, ms since 1970. */
  readonly onTime: (ms: number) => void;
}

/** It plays in real time, or leaves pictures out: another way may be better. */
export class TooSlowError extends RetryableError {
  constructor(purpose: Sentence) {
    super(
      "timeout",
      say`The device sends ${purpose} too slowly. Check the network; restart the device if this goes on.`,
    );
  }
}

/** Times of recordings are whole seconds. */
const TOLERANCE_MS = 2_000;
/** Of a "smart" codec pictures are 16 s apart at most; more is a hole. */
const HOLE_MS = 20_000;
/** Behind the end devices fall silent. */
const NEAR_MS = 2_000;
const QUIET_MS = 1_500;
/** Sound that is announced gets so long to come. */
const AUDIO_WAIT_MS = 1_000;
const MAX_EARLY = 64;
/** After so long it is seen how fast it plays; where less is left than that it does not matter. */
const PACE_MS = 3_000;
const LITTLE_LEFT_MS = 15_000;
const LEAST_PACE = 1.5;
/** Key pictures alone, with so much between them, are not all. */
const SPARSE_MS = 500;
/** Kept while the answer to PLAY is on its way. */
const MAX_WAITING = 10_000;

export class SpanReader implements MediaSink, Mp4User {
  /** Rejects when not all of it came. */
  readonly done: Promise<void>;
  readonly #options: SpanReaderOptions;
  #resolve: () => void = () => undefined;
  #reject: (error: HikvisionError) => void = () => undefined;
  #session: RtspSession | undefined;
  #zeroMs: number | undefined;
  /** Pictures before it is known when they are, and whether there is sound. */
  #early: TimedPicture[] | undefined = [];
  #firstMs: number | undefined;
  #lastMs: number | undefined;
  #longestStepMs = 0;
  #pictures = 0;
  #keys = 0;
  #held = false;
  #everHeld = false;
  #quiet: Timer | undefined;
  #judges = false;
  #pace: Timer | undefined;
  #over = false;

  constructor(options: SpanReaderOptions) {
    this.#options = options;
    options.mp4.user = this;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.done.catch(() => undefined);
  }

  /** The device plays, from that moment on. */
  playing(session: RtspSession, zeroMs: number, pace: "unlimited" | "scaled" | "real"): void {
    if (this.#over) return;
    this.#session = session;
    this.#zeroMs = zeroMs;
    if (this.#held) session.pause();
    this.#judges = pace !== "real";
    this.#look();
  }

  picture(picture: TimedPicture): void {
    if (this.#over) return;
    if (!this.#early) this.#take(picture);
    else {
      this.#early.push(picture);
      this.#look();
    }
  }

  audio(frame: TimedAudio): void {
    if (this.#over || this.#zeroMs === undefined) return;
    if (this.#early && this.#early.length > 0) this.#begin(this.#session?.described.audio);
    const ms = this.#timeOf(frame);
    if (!this.#early && !this.#isOver() && ms < this.#options.span.endMs) this.#options.mp4.sound(frame, ms);
  }

  ended(error: HikvisionError | undefined): void {
    if (error && error.code !== "timeout" && error.code !== "offline") this.#fail(error);
    else this.#finish(error);
  }

  onFull(): void {
    this.#held = true;
    this.#everHeld = true;
    this.#quiet?.cancel();
    this.#session?.pause();
  }

  onOtherFormat(): void {
    this.#fail(
      new FatalError(
        "notSupported",
        say`The size or the codec of the video changes within this recording: it does not fit into one MP4. Download the parts before and after that.`,
      ),
    );
  }

  /** What was written has been taken. */
  resume(): void {
    if (!this.#held || this.#over) return;
    this.#held = false;
    this.#listen();
    this.#session?.resume();
  }

  /** Nothing more is wanted. */
  close(): void {
    this.#over = true;
    this.#quiet?.cancel();
    this.#pace?.cancel();
  }

  #timeOf({ seconds }: { readonly seconds: number }): number {
    return (this.#zeroMs ?? this.#options.span.startMs) + seconds * 1000;
  }

  /** Is it time to take those that have waited? */
  #look(): void {
    const [first, last] = [this.#early?.[0], this.#early?.at(-1)];
    if (!this.#early || !first || !last) return;
    if (this.#zeroMs === undefined) {
      if (this.#early.length > MAX_WAITING) this.#fail(this.#incomplete());
      return;
    }
    const { mp4, span } = this.#options;
    const expectsSound = mp4.begun ? mp4.audio : this.#session?.described.audio;
    const waited = (last.seconds - first.seconds) * 1000;
    const isEnd = this.#timeOf(last) >= span.endMs - NEAR_MS;
    if (!expectsSound || waited > AUDIO_WAIT_MS || this.#early.length > MAX_EARLY || isEnd) this.#begin(undefined);
  }

  #begin(audio: RtspSession["described"]["audio"]): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    this.#options.mp4.begin(audio);
    for (const picture of early) this.#take(picture);
  }

  #take(picture: TimedPicture): void {
    if (this.#over) return;
    const { span, onTime, mp4 } = this.#options;
    const ms = this.#timeOf(picture);
    if (ms >= span.endMs) {
      this.#finish(undefined);
      return;
    }
    const step = ms - (this.#lastMs ?? ms);
    if (step > HOLE_MS) {
      this.#fail(this.#incomplete());
      return;
    }
    this.#longestStepMs = Math.max(this.#longestStepMs, step);
    this.#pictures += 1;
    if (picture.key) this.#keys += 1;
    if (this.#firstMs === undefined) {
      this.#firstMs = ms;
      // From the first picture on: a recorder may look for it for long.
      if (this.#judges) this.#pace = this.#options.clock.after(PACE_MS, () => this.#judgePace());
    }
    this.#lastMs = Math.max(ms, this.#lastMs ?? ms);
    mp4.picture(picture, ms);
    onTime(ms);
    this.#listen();
  }

  /** Near the end a short silence is the end. */
  #listen(): void {
    this.#quiet?.cancel();
    if (this.#over || this.#held || (this.#lastMs ?? 0) < this.#options.span.endMs - NEAR_MS) return;
    this.#quiet = this.#options.clock.after(QUIET_MS, () => this.#finish(undefined));
  }

  #judgePace(): void {
    const { span, purpose } = this.#options;
    const [first, last] = [this.#firstMs, this.#lastMs];
    if (this.#over || this.#everHeld || first === undefined || last === undefined) return;
    if (span.endMs - last < LITTLE_LEFT_MS) return;
    const sparse = this.#keys === this.#pictures && this.#pictures > 2 && this.#longestStepMs >= SPARSE_MS;
    if (last - first < LEAST_PACE * PACE_MS || sparse) this.#fail(new TooSlowError(purpose));
  }

  #finish(error: HikvisionError | undefined): void {
    if (this.#over) return;
    if (this.#early && this.#early.length > 0 && this.#zeroMs !== undefined) {
      this.#begin(undefined);
      if (this.#isOver()) return;
    }
    const { span } = this.#options;
    const [first, last] = [this.#firstMs, this.#lastMs];
    const tolerance = Math.max(TOLERANCE_MS, 2 * this.#longestStepMs);
    const whole =
      first !== undefined && last !== undefined && first - span.startMs <= tolerance && span.endMs - last <= tolerance;
    if (!whole) {
      this.#fail(first === undefined && error ? error : this.#incomplete());
      return;
    }
    this.close();
    this.#resolve();
  }

  /** Taking pictures may have ended it. */
  #isOver(): boolean {
    return this.#over;
  }

  #fail(error: HikvisionError): void {
    if (this.#over) return;
    this.close();
    this.#reject(error);
  }

  #incomplete(): RetryableError {
    const { span, purpose } = this.#options;
    const came = Math.max(0, Math.round(((this.#lastMs ?? 0) - (this.#firstMs ?? this.#lastMs ?? 0)) / 1000));
    const why = say`${came} of ${Math.round((span.endMs - span.startMs) / 1000)} seconds came`;
    return new RetryableError(
      "protocol",
      say`The device did not send ${purpose} as a whole: ${why}. Try again; if this goes on, restart the device or check its disk.`,
    );
  }
}
