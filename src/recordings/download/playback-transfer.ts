/**
 * Gets a recording by playing it (RTSP), for devices that refuse the download: the pictures as they come, as MP4, without ffmpeg. What is
 * recorded is looked up first, because devices play another moment where there is nothing; what has come is measured in time.
 */
import { Readable } from "node:stream";
import { Backoff } from "../../lib/backoff";
import type { Chance } from "../../lib/clock";
import { AbortedError, codeOf, FatalError, isHikvisionError, isRetryable, RetryableError } from "../../lib/errors";
import type { DeviceIdentity } from "../../lib/errors";
import { say, type Sentence } from "../../lib/sentence";
import type { RtspConnectionOptions } from "../../rtsp/rtsp-connection";
import { RtspSession, type PlayAnswer, type PlayOptions } from "../../rtsp/rtsp-session";
import type { StreamUrls } from "../../rtsp/stream-urls";
import { toldStart } from "../../rtsp/told-start";
import type { DeviceTime } from "../../time/device-time";
import { GAP_MS } from "../coverage";
import type { Recording } from "../recording";
import type { Recordings } from "../recordings";
import type { TimeRange } from "../time-range";
import type { FileSummary, PartFile } from "./part-file";
import { PlayedMp4 } from "./played-mp4";
import { SpanReader, TooSlowError } from "./span-reader";
import { tooLarge, TooLongError } from "./transfer-limits";
import { withLimit, withSignals } from "../../lib/signals";

export interface PlaybackTransferOptions extends RtspConnectionOptions {
  readonly identity: DeviceIdentity;
  readonly time: Pick<DeviceTime, "frame" | "now">;
  readonly recordings: Pick<Recordings, "search">;
  readonly streamUrls: Pick<StreamUrls, "byTime">;
  readonly chance: Chance;
}

export interface PlaybackRequest {
  readonly source: Recording;
  /** The part of it that is wanted. */
  readonly range: TimeRange;
  /** A noun phrase for error messages. */
  readonly purpose: Sentence;
  readonly signal: AbortSignal;
  /** More bytes are `badRequest`, before they are on the disk. */
  readonly maxBytes?: number | undefined;
  /** Bytes received in the current attempt, and which share of its time, 0 … 1. */
  readonly onProgress: (bytes: number, share: number) => void;
}

export interface PlayedFile {
  readonly filled: FileSummary;
  /** From its first picture, which may be earlier than asked for, to its end. */
  readonly range: TimeRange;
}

/** The fastest first: `Rate-Control: no` plays eight times as fast (DS-9632NI-I16), `Scale` four times, nothing in real time. */
const PACES = ["unlimited", "scaled", "real"] as const;
type Pace = (typeof PACES)[number];
const PLAYS: Readonly<Record<Pace, PlayOptions>> = {
  unlimited: { range: "npt=0.000-", rateControl: "no" },
  scaled: { range: "npt=0.000-", scale: 4 },
  real: { range: "npt=0.000-" },
};

const PACE_KEEP_MS = 3_600_000;
/** What was recorded just now is not there yet: the index of a camera is 5 s late. */
const FRESH_MS = 10_000;
const ATTEMPTS = 3;
const PAUSES = { firstMs: 1_000, longestMs: 30_000 } as const;
/** Recorders look for the recording first: 15 s were seen for one of the day before. */
const DESCRIBE_MS = 25_000;
const SILENCE_MS = 10_000;
/** In real time, and as much as half again, and a minute besides. */
const LONGEST_SHARE = 1.5;
const LEAST_MS = 60_000;
const MIB = 1 << 20;
/** Of no camera: 32 Mbit/s, and what is written before it is seen. */
const BYTES_PER_MS = (4 * MIB) / 1000;
const LEAST_BYTES = 64 * MIB;
const BUFFERED_BYTES = 4 * MIB;

export class PlaybackTransfer {
  readonly #options: PlaybackTransferOptions;
  /** What this device has proven slow at, or refused, is not tried again for a while: the network may have been slow. */
  #pace: Pace = "unlimited";
  /** Monotonic ms. */
  #paceUntil = Infinity;

  constructor(options: PlaybackTransferOptions) {
    this.#options = options;
  }

  /**
   * Up to three attempts while the error is retryable. Throws `notFound` where nothing of the range is recorded, `notSupported` for video
   * that is encrypted or of another codec, `protocol` where less or another moment came, and what search, login and disk throw.
   */
  async fetch(request: PlaybackRequest, file: PartFile): Promise<PlayedFile> {
    const { clock, chance, identity } = this.#options;
    const backoff = new Backoff(PAUSES, chance);
    for (let attempt = 1; ;) {
      try {
        return await this.#attempt(request, file);
      } catch (error) {
        if (request.signal.aborted) throw new AbortedError().at(identity);
        if (error instanceof TooSlowError) continue;
        if (!isHikvisionError(error)) throw error;
        if (!isRetryable(error) || error instanceof TooLongError || attempt === ATTEMPTS) throw error.at(identity);
        await clock.wait(backoff.next(), request.signal);
        attempt += 1;
      }
    }
  }

  async #attempt(request: PlaybackRequest, file: PartFile): Promise<PlayedFile> {
    const { purpose, signal, maxBytes, onProgress } = request;
    const spans = await this.#covered(request);
    const wholeMs = spans.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
    const mostBytes = LEAST_BYTES + wholeMs * BYTES_PER_MS;
    let share = 0;
    onProgress(0, 0);
    let reader: SpanReader | undefined;
    const body = new Readable({ highWaterMark: BUFFERED_BYTES, read: () => reader?.resume() });
    const gone = new AbortController();
    body.once("close", () => gone.abort());
    const filling = file.fill(body, {
      signal,
      onChunk: (_, bytes) => {
        if (maxBytes !== undefined && bytes > maxBytes) throw tooLarge(bytes, maxBytes);
        if (bytes > mostBytes) throw tooLong(purpose, bytes);
        onProgress(bytes, share);
      },
    });
    const mp4 = new PlayedMp4((bytes) => body.push(bytes));
    const playing = withSignals([signal, gone.signal], (both) =>
      this.#playAll(spans, request, both, {
        mp4,
        at: (playedMs) => void (share = Math.max(0, Math.min(1, playedMs / Math.max(1, wholeMs)))),
        reads: (next) => void (reader = next),
      }),
    );
    // The end of the one is the end of the other.
    const played = playing.then(
      (range) => {
        body.push(null);
        return range;
      },
      (error: unknown) => {
        body.destroy(error as Error);
        throw error;
      },
    );
    const [filled, range] = await Promise.allSettled([filling, played]);
    // What broke first has ended the other one.
    if (filled.status === "rejected" && codeOf(filled.reason) !== "aborted") throw filled.reason as Error;
    if (range.status === "rejected") throw range.reason as Error;
    if (filled.status === "rejected") throw filled.reason as Error;
    return { filled: filled.value, range: range.value };
  }

  /** What is recorded of the range, file by file, in order. */
  async #covered({ source, range, signal }: PlaybackRequest): Promise<readonly TimeRange[]> {
    const { recordings, time } = this.#options;
    const { channel } = source;
    const latestMs = (await time.now(signal)) - FRESH_MS;
    const endMs = source.open === true ? Math.min(range.endMs, latestMs) : range.endMs;
    const { startMs } = range;
    const [start, end] = [new Date(startMs), new Date(endMs)];
    const found = startMs < endMs ? await recordings.search({ channel, start, end, clip: true, signal }) : [];
    const spans: TimeRange[] = [];
    for (const one of found) {
      // Of two that hold the same, the earlier one is played to its end.
      const span = { startMs: Math.max(Date.parse(one.start), spans.at(-1)?.endMs ?? 0), endMs: Date.parse(one.end) };
      if (one.kind === "video" && span.startMs < span.endMs) spans.push(span);
    }
    if (spans.length > 0) return spans;
    throw new FatalError(
      "notFound",
      say`The device has nothing recorded on channel ${channel} any more at the time of this recording. It may have been overwritten.`,
    );
  }

  /** From the first picture to the end of the last span. */
  async #playAll(
    spans: readonly TimeRange[],
    { source: { channel }, purpose }: PlaybackRequest,
    signal: AbortSignal,
    to: Target,
  ): Promise<TimeRange> {
    const { clock } = this.#options;
    const { mp4 } = to;
    let beforeMs = 0;
    for (const span of spans) {
      const limit = {
        clock,
        ms: LEAST_MS + LONGEST_SHARE * (span.endMs - span.startMs),
        signal,
        late: () => slow(purpose),
      };
      const before = beforeMs;
      const reader = new SpanReader({
        span,
        mp4,
        purpose,
        clock,
        onTime: (ms) => to.at(before + ms - span.startMs),
      });
      to.reads(reader);
      try {
        await withLimit(limit, (both) => this.#play(channel, span, reader, both));
      } finally {
        to.reads(undefined);
      }
      beforeMs += span.endMs - span.startMs;
    }
    mp4.end();
    return { startMs: mp4.beginMs ?? spans[0]?.startMs ?? 0, endMs: spans.at(-1)?.endMs ?? 0 };
  }

  async #play(channel: number, { startMs, endMs }: TimeRange, reader: SpanReader, signal: AbortSignal): Promise<void> {
    const { time, streamUrls, credentials, basic, tls, login, clock, chance } = this.#options;
    // Addresses are of whole seconds.
    const start = startMs - (startMs % 1000);
    const end = Math.ceil(endMs / 1000) * 1000 + GAP_MS;
    const { zone } = await time.frame({ channel, signal });
    const { url, encrypted } = await streamUrls.byTime({ channel, start: new Date(start), end: new Date(end), signal });
    if (encrypted === true)
      throw new FatalError(
        "notSupported",
        say`The device encrypts its video for Hik-Connect: players show black. Switch off stream encryption on its web page, under platform access.`,
      );
    const connection = { credentials, basic, tls, login, clock, chance };
    const wait = { describeMs: DESCRIBE_MS, silenceMs: SILENCE_MS };
    let session: RtspSession | undefined;
    let onAbort: (() => void) | undefined;
    try {
      session = await RtspSession.open({ url, ...connection, ...wait, audio: true }, reader, signal);
      const aborted = new Promise<never>((_, reject) => {
        onAbort = () => reject(new AbortedError());
        signal.addEventListener("abort", onAbort, { once: true });
        if (signal.aborted) onAbort();
      });
      aborted.catch(() => undefined);
      const { range } = await this.#start(session, signal);
      const told = toldStart(range, url, start, zone.offsetAt(start));
      if (told === "other") throw otherMoment();
      reader.playing(session, told ?? start, this.#pace);
      await Promise.race([reader.done, aborted]);
    } catch (error) {
      if (error instanceof TooSlowError) this.#take(slower(this.#pace));
      throw error;
    } finally {
      if (onAbort) signal.removeEventListener("abort", onAbort);
      reader.close();
      session?.close();
    }
  }

  /** The fastest way that it does not refuse; where it refuses all, nothing is learnt from that. */
  async #start(session: RtspSession, signal: AbortSignal): Promise<PlayAnswer> {
    if (this.#options.clock.elapsed() >= this.#paceUntil) this.#take("unlimited");
    for (let pace = this.#pace; ; pace = slower(pace)) {
      try {
        const answer = await session.play(PLAYS[pace], signal);
        if (pace !== this.#pace) this.#take(pace);
        return answer;
      } catch (error) {
        const code = codeOf(error);
        if ((code !== "protocol" && code !== "notSupported") || pace === "real") throw error;
      }
    }
  }

  #take(pace: Pace): void {
    this.#pace = pace;
    this.#paceUntil = pace === "unlimited" ? Infinity : this.#options.clock.elapsed() + PACE_KEEP_MS;
  }
}

function slower(pace: Pace): Pace {
  return PACES[PACES.indexOf(pace) + 1] ?? "real";
}

interface Target {
  readonly mp4: PlayedMp4;
  /** So much has been played of all spans. */
  readonly at: (playedMs: number) => void;
  /** Which reader to resume. */
  readonly reads: (reader: SpanReader | undefined) => void;
}

function slow(purpose: Sentence): RetryableError {
  return new RetryableError(
    "timeout",
    say`The device sends ${purpose} too slowly. Check the network; restart the device if this goes on.`,
  );
}

function tooLong(purpose: Sentence, bytes: number): TooLongError {
  return new TooLongError(
    "protocol",
    say`The device sends more of ${purpose} than it has announced, so it was cut off after ${Math.floor(bytes / MIB)} MiB. Search for the recording anew, and try again.`,
  );
}

function otherMoment(): RetryableError {
  return new RetryableError(
    "protocol",
    say`The device plays another moment than the recording that was asked for. Nothing of it was kept. Try again later.`,
  );
}
