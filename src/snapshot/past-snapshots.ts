/**
 * The picture of a past moment: what is recorded is looked up first, because devices play another moment where there is nothing; then the
 * recording is played until the moment, and its picture decoded here. No ISAPI call gives such a picture.
 */
import { lanesOf } from "../http/lanes";
import { AbortedError, codeOf, FatalError, isHikvisionError, RetryableError, type DeviceIdentity } from "../lib/errors";
import { Semaphore } from "../lib/semaphore";
import { say, type Sentence } from "../lib/sentence";
import { GAP_MS, spansOf } from "../recordings/coverage";
import type { Recordings } from "../recordings/recordings";
import type { RtspConnectionOptions } from "../rtsp/rtsp-connection";
import { RtspSession, type PlayAnswer } from "../rtsp/rtsp-session";
import { toldStart } from "../rtsp/told-start";
import type { StreamUrl, StreamUrls } from "../rtsp/stream-urls";
import type { DeviceTime } from "../time/device-time";
import type { TimeFrame } from "../time/time-frame";
import { fromWall } from "../time/zone";
import { ffmpegDecoder, type DecodePicture, type PictureSize } from "./decode-picture";
import { MomentReader, otherMoment, type MomentPictures } from "./moment-reader";
import { withLimit } from "../lib/signals";

export interface PastSnapshotOptions extends PictureSize {
  readonly channel: number;
  /** As {@link TimeFrame.read} takes it. */
  readonly time: unknown;
  readonly signal: AbortSignal;
}

export interface PastSnapshot {
  readonly picture: Buffer;
  /** Of what the picture shows: ms since 1970. */
  readonly timeMs: number;
  /** Seconds from the moment that was asked for to the one that is shown. */
  readonly shift: number;
  /** The device's own clock tells the time. Else the picture may be earlier, by the distance of two key pictures at most. */
  readonly exact: boolean;
  readonly notices: readonly Sentence[];
}

export interface PastSnapshotsOptions extends RtspConnectionOptions {
  readonly identity: DeviceIdentity;
  readonly time: Pick<DeviceTime, "frame">;
  readonly recordings: Pick<Recordings, "search">;
  readonly streamUrls: Pick<StreamUrls, "byTime">;
  readonly decode?: DecodePicture;
}

/** So much is asked for beyond the moment. */
const BEYOND_MS = 10_000;
/** Recorders look for the recording first: 15 s were seen for one of the day before. */
const DESCRIBE_MS = 25_000;
const SILENCE_MS = 10_000;
const TIME_MS = 45_000;

export class PastSnapshots {
  readonly #options: PastSnapshotsOptions;
  readonly #decode: DecodePicture;
  /** Recorders play few recordings at once. */
  readonly #turns = new Semaphore(1);
  readonly #lane = lanesOf(1).picture;

  constructor(options: PastSnapshotsOptions) {
    this.#options = options;
    this.#decode = options.decode ?? ffmpegDecoder(options.clock);
  }

  /**
   * Throws `badRequest` for a time that is none, `notFound` where nothing is recorded, `notSupported` for video that is encrypted,
   * `ffmpeg`, and what the search and the playback throw.
   */
  async take({ channel, time, width, height, signal }: PastSnapshotOptions): Promise<PastSnapshot> {
    const { identity, clock } = this.#options;
    try {
      return await this.#turns.run(
        async () => {
          const frame = await this.#options.time.frame({ channel, signal });
          const atMs = frame.read("time", time, "earlier");
          const { startMs, url } = await this.#covered(channel, atMs, frame, signal);
          const found = await withLimit({ clock, ms: TIME_MS, signal, late: tooLate }, (both) =>
            this.#play(url.url, { atMs, startMs, frame }, both),
          );
          const { picture, timeMs } = await this.#decoded(found, { width, height }, signal);
          const shift = Math.round(timeMs - atMs) / 1000;
          return { picture, timeMs: Math.round(timeMs), shift, exact: found.exact, notices: url.notices };
        },
        signal,
        this.#lane,
      );
    } catch (error) {
      throw isHikvisionError(error) ? error.at(identity) : error;
    }
  }

  /** From where to play. */
  async #covered(
    channel: number,
    atMs: number,
    frame: TimeFrame,
    signal: AbortSignal,
  ): Promise<{ readonly startMs: number; readonly url: StreamUrl }> {
    const { recordings, streamUrls } = this.#options;
    const around = { start: new Date(atMs - GAP_MS), end: new Date(atMs + GAP_MS) };
    const found = await recordings.search({ channel, ...around, signal });
    // Files that follow each other are one span: a moment between them is shown by the next.
    const holds = found.some(
      ({ kind, start, end }) => kind === "video" && Date.parse(start) <= atMs && atMs < Date.parse(end),
    );
    const covered = spansOf(found).some((span) => span.startMs <= atMs && atMs < span.endMs);
    const next = found.find(({ kind, start }) => kind === "video" && Date.parse(start) > atMs);
    if (!covered)
      throw new FatalError("notFound", say`Nothing is recorded of channel ${channel} at ${frame.local(atMs)}.`);
    const startMs = holds ? atMs - (atMs % 1000) : Date.parse(next?.start ?? "");
    const end = new Date(Math.max(startMs, atMs) + BEYOND_MS);
    const url = await streamUrls.byTime({ channel, start: new Date(startMs), end, signal });
    if (url.encrypted === true)
      throw new FatalError(
        "notSupported",
        say`The device encrypts its video for Hik-Connect: players show black. Switch off stream encryption on its web page, under platform access.`,
      );
    return { startMs, url };
  }

  async #play(url: string, { atMs, startMs, frame }: Moment, signal: AbortSignal): Promise<MomentPictures> {
    const { credentials, basic, tls, login, clock, chance } = this.#options;
    const meanings = (ms: number): readonly number[] => [ms, fromWall(frame.zone, ms, "earlier")];
    const reader = new MomentReader({ atMs, startMs, meanings, clock });
    const connection = { credentials, basic, tls, login, clock, chance };
    let session: RtspSession | undefined;
    let onAbort: (() => void) | undefined;
    try {
      session = await RtspSession.open(
        { url, ...connection, describeMs: DESCRIBE_MS, silenceMs: SILENCE_MS },
        reader,
        signal,
      );
      const aborted = new Promise<never>((_, reject) => {
        onAbort = () => reject(new AbortedError());
        signal.addEventListener("abort", onAbort, { once: true });
        if (signal.aborted) onAbort();
      });
      aborted.catch(() => undefined);
      const { range } = await playFast(session, signal);
      const told = toldStart(range, url, startMs, frame.zone.offsetAt(startMs));
      if (told === "other") throw otherMoment();
      reader.playing(told);
      return await Promise.race([reader.found, aborted]);
    } finally {
      if (onAbort) signal.removeEventListener("abort", onAbort);
      reader.close();
      session?.close();
    }
  }

  /** The picture; where it cannot be decoded, the key picture before it, with its own time. */
  async #decoded(
    { pictures, times }: MomentPictures,
    size: PictureSize,
    signal: AbortSignal,
  ): Promise<{ readonly picture: Buffer; readonly timeMs: number }> {
    for (const shown of [pictures, pictures.slice(0, 1)]) {
      const timeMs = times[shown.length - 1];
      const picture = await this.#decode(shown, size, signal);
      if (picture && timeMs !== undefined) return { picture, timeMs };
    }
    throw new FatalError("ffmpeg", say`ffmpeg could not make a picture of the recorded video.`);
  }
}

interface Moment {
  readonly atMs: number;
  readonly startMs: number;
  readonly frame: TimeFrame;
}

/** As fast as it goes; devices that do not know that play in real time, or refuse it. */
async function playFast(session: RtspSession, signal: AbortSignal): Promise<PlayAnswer> {
  const play = { range: "npt=0.000-" };
  try {
    return await session.play({ ...play, rateControl: "no" }, signal);
  } catch (error) {
    const code = codeOf(error);
    if (code !== "protocol" && code !== "notSupported") throw error;
    return session.play(play, signal);
  }
}

function tooLate(): RetryableError {
  return new RetryableError(
    "timeout",
    say`The device has not played its recording up to this moment in ${TIME_MS / 1000} seconds. Try again.`,
  );
}
