/**
 * Of the pictures of a playback, those that are needed to see one moment: from the key picture at or before it up to the last one that is
 * not later. Places them by the device's own clock where it tells one.
 */
import type { HikvisionError } from "../lib/errors";
import type { Clock, Timer } from "../lib/clock";
import { RetryableError } from "../lib/errors";
import { say } from "../lib/sentence";
import type { MediaSink, TimedPicture } from "../rtsp/rtsp-session";
import { MOST_EARLY_MS } from "../rtsp/told-start";

export interface MomentPictures {
  /** The first is a key picture, the last the one that is asked for. */
  readonly pictures: readonly TimedPicture[];
  /** Ms since 1970 of each. */
  readonly times: readonly number[];
  /** Where the clock is the device's own. Else the key picture before the moment may have been sent as if it were of the moment. */
  readonly exact: boolean;
}

export interface MomentReaderOptions {
  /** Ms since 1970. */
  readonly atMs: number;
  /** What the playback was asked to begin with. */
  readonly startMs: number;
  /** Which moments a reading of the device's clock may mean: UTC, or its local time. */
  readonly meanings: (ms: number) => readonly number[];
  readonly clock: Clock;
}

/** Devices and their searches count in seconds. */
const MOST_LATE_MS = 2_000;
/** Recordings of one picture in 16 seconds are the slowest that cameras make. */
const OLDEST_MS = 20_000;
/** The last picture of a recording: devices fall silent behind it. */
const NEAR_MS = 2_000;
const QUIET_MS = 1_500;
const MOST_BYTES = 48 * 1024 * 1024;
/** A key picture comes within seconds: more are none of a camera. */
const MOST_WAITING = 10_000;

export class MomentReader implements MediaSink {
  /** Rejects when the moment cannot be shown. */
  readonly found: Promise<MomentPictures>;
  readonly #options: MomentReaderOptions;
  readonly #resolve: (found: MomentPictures) => void;
  readonly #reject: (error: HikvisionError) => void;
  #pictures: TimedPicture[] = [];
  #bytes = 0;
  /** Ms since 1970 of the first picture of the playback. Undefined: it is not known yet how the device has answered. */
  #zeroMs: number | undefined;
  #exact = false;
  #quiet: Timer | undefined;
  #over = false;

  constructor(options: MomentReaderOptions) {
    this.#options = options;
    let resolve: (found: MomentPictures) => void = () => undefined;
    let reject: (error: HikvisionError) => void = () => undefined;
    this.found = new Promise((ok, failed) => {
      resolve = ok;
      reject = failed;
    });
    this.found.catch(() => undefined);
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** The device plays. `toldMs`: from when on, as its answer says. */
  playing(toldMs: number | undefined): void {
    if (this.#exact) return;
    const { startMs } = this.#options;
    this.#zeroMs = toldMs ?? startMs;
    // What is as it was asked for may be an echo.
    this.#exact = toldMs !== undefined && toldMs !== startMs;
    this.#look();
  }

  clock(ms: number, seconds: number): void {
    const { startMs } = this.#options;
    for (const meant of this.#options.meanings(ms)) {
      const zeroMs = meant - seconds * 1000;
      if (zeroMs < startMs - MOST_EARLY_MS || zeroMs > startMs + MOST_LATE_MS) continue;
      this.#zeroMs = zeroMs;
      this.#exact = true;
      return;
    }
  }

  picture(picture: TimedPicture): void {
    if (this.#over) return;
    if (picture.key && this.#zeroMs !== undefined && this.#timeOf(picture) <= this.#options.atMs) {
      this.#pictures = [];
      this.#bytes = 0;
    }
    this.#pictures.push(picture);
    this.#bytes += picture.bytes;
    this.#quiet?.cancel();
    if (this.#bytes > MOST_BYTES || this.#pictures.length > MOST_WAITING)
      this.#fail(
        new RetryableError(
          "protocol",
          say`The recording has no key picture for too long: it cannot be read from here.`,
        ),
      );
    this.#look();
  }

  ended(error: HikvisionError | undefined): void {
    if (error !== undefined && error.code !== "timeout") this.#fail(error);
    else this.#finish(error);
  }

  /** Nothing more is wanted. */
  close(): void {
    this.#over = true;
    this.#quiet?.cancel();
  }

  #timeOf({ seconds }: TimedPicture): number {
    return (this.#zeroMs ?? this.#options.startMs) + seconds * 1000;
  }

  #look(): void {
    if (this.#over || this.#zeroMs === undefined) return;
    const last = this.#pictures.at(-1);
    if (!last) return;
    const early = this.#options.atMs - this.#timeOf(last);
    if (early < 0) this.#finish(undefined);
    else if (early <= NEAR_MS) this.#quiet = this.#options.clock.after(QUIET_MS, () => this.#finish(undefined));
  }

  /** With the last picture that is not later than the moment; with the first one, where it is hardly later. */
  #finish(error: HikvisionError | undefined): void {
    if (this.#over) return;
    const { atMs } = this.#options;
    const times = this.#pictures.map((picture) => this.#timeOf(picture));
    const until = times.filter((time) => time <= atMs).length;
    const shown = until > 0 ? until : 1;
    const shownMs = times[shown - 1];
    if (shownMs === undefined || shownMs < atMs - OLDEST_MS || shownMs > atMs + MOST_LATE_MS) {
      this.#fail(error ?? (shownMs === undefined ? endedEarly() : otherMoment()));
      return;
    }
    this.close();
    // From the last key picture on: the depacketizer hands out nothing before the first.
    const pictures = this.#pictures.slice(0, shown);
    const from = Math.max(
      0,
      pictures.findLastIndex(({ key }) => key),
    );
    this.#resolve({ pictures: pictures.slice(from), times: times.slice(from, shown), exact: this.#exact });
  }

  #fail(error: HikvisionError): void {
    if (this.#over) return;
    this.close();
    this.#reject(error);
  }
}

function endedEarly(): RetryableError {
  return new RetryableError(
    "offline",
    say`The device has ended its recorded video before its first picture. Try again.`,
  );
}

export function otherMoment(): RetryableError {
  return new RetryableError(
    "protocol",
    say`The device plays another moment than the one that was asked for. Its picture is not shown. Try again later, or choose a moment some seconds away.`,
  );
}
