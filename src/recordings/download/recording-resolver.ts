/** Resolves what a flow asks to download (a recording, an address, a name, a range, an event) to recordings. */
import { FatalError, RetryableError } from "../../lib/errors";
import type { Clock } from "../../lib/clock";
import { readPlaybackUri } from "../playback-uri";
import type { Recording } from "../recording";
import type { Recordings } from "../recordings";
import { recordingTimes, type TimeRange } from "../time-range";
import type { DeviceTime } from "../../time/device-time";
import { say } from "../../lib/sentence";

export interface RecordingResolverOptions {
  readonly recordings: Pick<Recordings, "search" | "findByName">;
  readonly time: Pick<DeviceTime, "frame" | "now">;
  readonly clock: Clock;
}

/** How often a search looks whether the device has closed a recording. */
const RECHECK_MS = 10_000;
/** The shortest range that a search takes. */
const SEARCHED_MS = 1_000;
/** This long after an event at the latest, the device lists its recording. */
const LISTING_DELAY_MS = 60_000;
/** Devices close a recording when its file is full or its hour over. */
const MAX_WAIT_MS = 2 * 3_600_000;

export class RecordingResolver {
  readonly #options: RecordingResolverOptions;

  constructor(options: RecordingResolverOptions) {
    this.#options = options;
  }

  /** From an object of a search, a playback address, or a name. Throws `badRequest`, `notFound`. */
  async one(value: unknown, channel: number | undefined, signal: AbortSignal): Promise<Recording> {
    if (typeof value === "string" && value.trim() !== "" && !value.includes("://"))
      return this.#options.recordings.findByName(value.trim(), { channel, signal });
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
      ...recordingTimes({ startMs, endMs: Math.max(startMs, moment(given.end, facts.end)) }, frame),
      playbackUri: uri,
    };
  }

  /** All recordings that touch a range, their times clipped to it. Throws `notFound` when there are none. */
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
   * The recordings that together cover the range of a clip, in order, or the one that holds its moment where it has no length; waits until the device has closed the last one.
   * Throws `notFound` when nothing was recorded.
   */
  async forClip(channel: number, range: TimeRange, signal: AbortSignal): Promise<readonly Recording[]> {
    const { recordings, time, clock } = this.#options;
    const began = clock.elapsed();
    for (;;) {
      const nowMs = await time.now(signal);
      if (nowMs > range.endMs) {
        const end = Math.max(range.endMs, range.startMs + SEARCHED_MS);
        const all = await recordings.search({ channel, start: range.startMs, end, signal });
        const found = range.startMs === range.endMs ? holding(all, range.startMs) : all;
        const whole = found.length > 0 && found.every(({ open }) => !open);
        const reaches = found.some(({ end }) => Date.parse(end) >= range.endMs);
        const late = nowMs > range.endMs + LISTING_DELAY_MS;
        if (whole && (reaches || late)) return found;
        if (late && found.length === 0)
          throw new FatalError(
            "notFound",
            say`The device has recorded nothing on channel ${channel} at that time. Check on its web page when it records.`,
          );
      }
      if (clock.elapsed() - began > MAX_WAIT_MS)
        throw new RetryableError(
          "timeout",
          say`The device is still writing the recording of that time. Try again later.`,
        );
      await clock.wait(Math.max(1_000, Math.min(RECHECK_MS, range.endMs - nowMs)), signal);
    }
  }

  /** The range as messages carry it. */
  async timesOf(range: TimeRange, channel: number, signal: AbortSignal): Promise<ReturnType<typeof recordingTimes>> {
    return recordingTimes(range, await this.#options.time.frame({ channel, signal }));
  }

  /** From the start of one file to the end of another, by their playback addresses: the times of the recordings may be clipped. */
  async fileRange(first: Recording, last: Recording, signal: AbortSignal): Promise<TimeRange> {
    const frame = await this.#options.time.frame({ channel: first.channel, signal });
    const timestamp = readPlaybackUri(first.playbackUri)?.start ?? "";
    const requested = Date.parse(first.start);
    const later = frame.moment(timestamp, Infinity) ?? requested;
    // In the repeated hour at the end of summer time, the moment that is not after the requested start.
    const startMs = later <= requested ? later : (frame.moment(timestamp) ?? requested);
    const endMs = frame.moment(readPlaybackUri(last.playbackUri)?.end ?? "", startMs);
    return { startMs, endMs: endMs ?? Date.parse(last.end) };
  }
}

/** Of two that meet at the moment, the later one. */
function holding(found: readonly Recording[], momentMs: number): readonly Recording[] {
  return found.filter(({ start, end }) => Date.parse(start) <= momentMs && momentMs <= Date.parse(end)).slice(-1);
}
