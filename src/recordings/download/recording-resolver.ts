/** What is to be downloaded, in the many ways a flow may say it, as recordings. */
import { FatalError, RetryableError } from "../../lib/errors";
import type { Clock } from "../../lib/clock";
import { readPlaybackUri } from "../playback-uri";
import type { Recording } from "../recording";
import type { Recordings } from "../recordings";
import type { DeviceTime } from "../../time/device-time";
import type { TimeFrame } from "../../time/time-frame";
import { say } from "../../lib/sentence";

/** Moments, ms since 1970. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

export interface RecordingResolverOptions {
  readonly recordings: Pick<Recordings, "search" | "named">;
  readonly time: Pick<DeviceTime, "frame" | "now">;
  readonly clock: Clock;
}

/** How often a device is asked whether it has closed a recording. */
const ASK_AGAIN_MS = 10_000;
/** So long after an event its recording has to be known. */
const LISTED_MS = 60_000;
/** A device closes a recording when its file is full or its hour over. */
const MOST_PATIENCE_MS = 2 * 3_600_000;

export class RecordingResolver {
  readonly #options: RecordingResolverOptions;

  constructor(options: RecordingResolverOptions) {
    this.#options = options;
  }

  /** A recording of a search, its playback address, or its name. Throws `badRequest`, `notFound`. */
  async one(value: unknown, channel: number | undefined, signal: AbortSignal): Promise<Recording> {
    if (typeof value === "string" && value.trim() !== "" && !value.includes("://"))
      return this.#options.recordings.named(value.trim(), { channel, signal });
    const given: Partial<Recording> = typeof value === "object" && value !== null ? value : {};
    const uri = typeof value === "string" ? value : given.playbackUri;
    const facts = typeof uri === "string" ? readPlaybackUri(uri) : undefined;
    if (typeof uri !== "string" || !facts)
      throw new FatalError(
        "badRequest",
        say`What came is no recording: give one of a recordings node, a list of them, a name, a playbackUri, or an event with a time.`,
      );
    const track = facts.track ?? 101;
    const frame = await this.#options.time.frame({ channel: Math.floor(track / 100), signal });
    const moment = (own: unknown, stamp: string | undefined): number => {
      const ms = typeof own === "string" ? Date.parse(own) : NaN;
      return Number.isNaN(ms) ? (frame.moment(stamp ?? "") ?? this.#options.clock.now()) : ms;
    };
    const startMs = moment(given.start, facts.start);
    return {
      name: facts.name ?? "recording",
      channel: Math.floor(track / 100),
      track,
      bytes: facts.bytes ?? null,
      kind: facts.kind,
      ...given,
      ...times({ startMs, endMs: Math.max(startMs, moment(given.end, facts.end)) }, frame),
      playbackUri: uri,
    };
  }

  /** All that touches a range; times that stick out are cut. Throws `notFound` when there is nothing. */
  async range(
    range: { readonly channel: number | undefined; readonly start: unknown; readonly end: unknown },
    signal: AbortSignal,
  ): Promise<readonly Recording[]> {
    if (range.start === undefined)
      throw new FatalError(
        "badRequest",
        say`Nothing says what to download: give a recording, or the start of a range.`,
      );
    const found = await this.#options.recordings.search({ ...range, clip: true, signal });
    if (found.length > 0) return found;
    throw new FatalError(
      "notFound",
      range.channel === undefined
        ? say`The device has no recordings in that time.
            Check the range, and on the device's web page when it records.`
        : say`The device has no recordings of channel ${range.channel} in that time.
            Check the range, and on the device's web page when it records.`,
    );
  }

  /**
   * The recordings that together hold a span, in order; waits until the device has closed the last one.
   * Throws `notFound` when nothing was recorded.
   */
  async around(channel: number, span: Span, signal: AbortSignal): Promise<readonly Recording[]> {
    const { recordings, time, clock } = this.#options;
    const began = clock.elapsed();
    for (;;) {
      const nowMs = await time.now(signal);
      if (nowMs > span.endMs) {
        const found = await recordings.search({ channel, start: span.startMs, end: span.endMs, signal });
        const whole = found.length > 0 && found.every(({ open }) => !open);
        const reaches = found.some(({ end }) => Date.parse(end) >= span.endMs);
        const late = nowMs > span.endMs + LISTED_MS;
        if (whole && (reaches || late)) return found;
        if (late && found.length === 0)
          throw new FatalError(
            "notFound",
            say`The device has recorded nothing on channel ${channel} at that time. Check on its web page when it records.`,
          );
      }
      if (clock.elapsed() - began > MOST_PATIENCE_MS)
        throw new RetryableError(
          "timeout",
          say`The device is still writing the recording of that time. Try again later.`,
        );
      await clock.wait(Math.max(1_000, Math.min(ASK_AGAIN_MS, span.endMs - nowMs)), signal);
    }
  }

  /** Times as flows get them. */
  async timesOf(span: Span, channel: number, signal: AbortSignal): Promise<ReturnType<typeof times>> {
    return times(span, await this.#options.time.frame({ channel, signal }));
  }

  /** From the first picture of one file to the last one of another, as their addresses say: the recordings' times may be cut. */
  async fileSpan(first: Recording, last: Recording, signal: AbortSignal): Promise<Span> {
    const frame = await this.#options.time.frame({ channel: first.channel, signal });
    const stamp = readPlaybackUri(first.playbackUri)?.start ?? "";
    const wanted = Date.parse(first.start);
    const later = frame.moment(stamp, Infinity) ?? wanted;
    // In the hour that comes twice, the passing that does not lie ahead of what is wanted.
    const startMs = later <= wanted ? later : (frame.moment(stamp) ?? wanted);
    const endMs = frame.moment(readPlaybackUri(last.playbackUri)?.end ?? "", startMs);
    return { startMs, endMs: endMs ?? Date.parse(last.end) };
  }
}

function times(
  { startMs, endMs }: Span,
  frame: TimeFrame,
): Pick<Recording, "start" | "end" | "startLocal" | "endLocal"> {
  return {
    start: new Date(startMs).toISOString(),
    end: new Date(endMs).toISOString(),
    startLocal: frame.local(startMs),
    endLocal: frame.local(endMs),
  };
}
