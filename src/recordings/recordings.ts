/** The recordings stored on a device: search by time, or for one name. Converts between moments and the timestamps of the device. */
import type { DeviceFacts } from "../isapi/device-facts";
import { systemClock, type Clock } from "../lib/clock";
import { FatalError, isHikvisionError, type HikvisionError } from "../lib/errors";
import type { Isapi } from "../isapi/isapi";
import type { RecordType, SearchMatch } from "../isapi/recording-search";
import { inSearchTurn } from "../isapi/search-turn";
import { isDeviceError } from "../isapi/response-status";
import { isUnavailable } from "../isapi/unavailable";
import type { DeviceTime } from "../time/device-time";
import type { TimeFrame, ZuluMeaning } from "../time/time-frame";
import { say, type Sentence } from "../lib/sentence";
import { datesBetween, datesRange, type DatesRange } from "./dates";
import { readDays } from "./days";
import { kindOf, readPlaybackUri } from "./playback-uri";
import type { Recording } from "./recording";
import { CutOffError, SearchBudget, type SearchLimits, searchTrack } from "./search";
import { recordingTimes, type TimeRange } from "./time-range";

export interface RecordingsOptions {
  readonly isapi: Pick<Isapi, "post" | "http">;
  readonly time: Pick<DeviceTime, "frame" | "now">;
  readonly facts: Pick<DeviceFacts, "channels">;
  readonly clock?: Clock;
  /** How much one question may bring. */
  readonly limits?: SearchLimits;
}

export interface ZoneOfTimes {
  readonly meaning: ZuluMeaning;
  readonly sure: boolean;
}

export interface Search {
  /** Default: all channels of the device. */
  readonly channel?: number | undefined;
  /** As {@link TimeFrame.read} takes it. Default: a day before the end; with `newest` as far back as it takes. */
  readonly start?: unknown;
  /** Default: now. */
  readonly end?: unknown;
  /** Default: all videos. */
  readonly recordType?: RecordType;
  /** Only this many, the latest ones. */
  readonly newest?: number | undefined;
  /** Clip the times to the range; the playback address stays as it is. */
  readonly clip?: boolean;
  /** Told why the search was cut off, which then gives what it has. Default: it throws. */
  readonly onCut?: (why: Sentence) => void;
  readonly signal?: AbortSignal | undefined;
}

/** As {@link Search} has them. */
export type DatesQuery = Pick<Search, "channel" | "start" | "end" | "recordType" | "signal">;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** The widest range that all recorders answer. */
/** No device keeps recordings for longer; a window each, of "since 2000", would be too many questions. */
const LONGEST_MS = 3_650 * 86_400_000;
const MONTH_MS = 31 * DAY_MS;
/** How many days back a search without a start looks, step by step. */
const LOOKBACK_DAYS = [1, 7, 31, 400];
/** A recording that ended less than this ago by the device's clock may still grow. */
const GROWING_MS = 5_000;

export class Recordings {
  readonly #options: RecordingsOptions;

  constructor(options: RecordingsOptions) {
    this.#options = options;
  }

  /**
   * All of them, sorted by start. Of several channels, those that cannot be searched are left out unless none can.
   * Throws `badRequest` for times that are none, else what {@link Isapi.post} throws.
   */
  async search(search: Search): Promise<readonly Recording[]> {
    const { channel, newest, recordType = "all", clip = false, onCut, signal } = search;
    const { time } = this.#options;
    const frame = await time.frame({ ...(channel !== undefined && { channel }), ...(signal && { signal }) });
    const endMs =
      search.end === undefined ? (await time.now(signal)) + MINUTE_MS : frame.read("end", search.end, "later");
    const given = search.start === undefined ? undefined : frame.read("start", search.start, "earlier");
    if (given !== undefined && given >= endMs)
      throw new FatalError(
        "badRequest",
        say`"end" must come after "start": ${frame.local(given)} is not before ${frame.local(endMs)}.`,
      );
    const back = newest === undefined ? LOOKBACK_DAYS.slice(0, 1) : LOOKBACK_DAYS;
    const budget = this.#budget();
    let found: readonly Recording[] = [];
    for (const startMs of given === undefined ? back.map((days) => endMs - days * DAY_MS) : [given]) {
      const range = { startMs, endMs };
      found = await this.#searchChannels(channel, { range, type: recordType, budget, onCut, signal });
      if (clip) found = found.map((recording) => clipped(recording, range, frame));
      if (newest === undefined || found.length >= newest) break;
    }
    return newest === undefined ? found : found.slice(-newest);
  }

  /** What the device means by the `Z` of its times. `sure`: its recordings show it, or the settings say so. */
  async zone(channel?: number, signal?: AbortSignal): Promise<ZoneOfTimes> {
    const frame = await this.#options.time.frame({
      ...(channel !== undefined && { channel }),
      ...(signal && { signal }),
    });
    return { meaning: frame.zulu, sure: !frame.assumed };
  }

  /** Searches the last 400 days, the latest first. Throws `notFound`. */
  async findByName(
    name: string,
    options: { channel?: number | undefined; signal?: AbortSignal } = {},
  ): Promise<Recording> {
    const { signal } = options;
    // Names of cameras start with the channel; on a recorder it may be the channel of the camera.
    const ownChannel = Number(/^ch(\d+)_/.exec(name)?.[1]);
    const channels = [...(await this.#channels(options.channel, signal))].sort(
      (a, b) => Number(b === ownChannel) - Number(a === ownChannel),
    );
    let endMs = (await this.#options.time.now(signal)) + MINUTE_MS;
    const now = endMs;
    const budget = this.#budget();
    /** Of a channel that cannot be searched; another may have it. */
    let failure: unknown;
    for (const days of LOOKBACK_DAYS) {
      const startMs = now - days * DAY_MS;
      for (const one of channels) {
        for (const type of ["all", "picture"] as const) {
          const look = { range: { startMs, endMs }, type, budget, signal };
          const found = await this.#searchChannel(one, look, name).catch((error: unknown) => {
            if (!isUnavailable(error) || error instanceof CutOffError) throw error;
            if (type === "all") failure ??= error;
            return [];
          });
          if (found[0]) return found[0];
        }
      }
      endMs = startMs;
    }
    if (failure !== undefined) throw failure as Error;
    throw new FatalError(
      "notFound",
      say`The device has no recording named "${name.slice(0, 60)}". It may have been overwritten; search for it with a recordings node.`,
    ).at(this.#options.isapi.http.identity);
  }

  /**
   * The dates of the device's calendar in the range that have recordings, "2026-03-01", in order; by its own calendar where it has one.
   * Default: the current month. Of several channels, those of any. Throws as {@link search} does.
   */
  async dates({ channel, start, end, recordType = "all", signal }: DatesQuery): Promise<readonly string[]> {
    const { time } = this.#options;
    const frame = await time.frame({ ...(channel !== undefined && { channel }), ...(signal && { signal }) });
    const range = datesRange(frame, await time.now(signal), start, end);
    const channels = await this.#channels(channel, signal);
    const dates = new Set<string>();
    const budget = this.#budget();
    const failures: HikvisionError[] = [];
    for (const one of channels) {
      try {
        for (const date of await this.#datesOf(one, range, recordType, frame, budget, signal)) dates.add(date);
      } catch (error) {
        if (!isHikvisionError(error) || !isUnavailable(error) || error instanceof CutOffError) throw error;
        failures.push(error);
      }
    }
    if (failures[0] && failures.length === channels.length) throw failures[0];
    return [...dates].sort();
  }

  async #datesOf(
    channel: number,
    range: DatesRange,
    recordType: RecordType,
    frame: TimeFrame,
    budget: SearchBudget,
    signal: AbortSignal | undefined,
  ): Promise<readonly string[]> {
    const within = (date: string): boolean => date >= range.first && date <= range.last;
    // The calendar does not tell kinds apart.
    if (recordType === "all") {
      try {
        const dates: string[] = [];
        for (const { year, month } of range.months)
          for (const { day } of await readDays(this.#options.isapi, { channel, year, month }, signal))
            dates.push(new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10));
        return dates.filter(within);
      } catch (error) {
        if (!isUnavailable(error)) throw error;
      }
    }
    const { startMs, endMs } = range;
    const look = { range: { startMs, endMs }, type: recordType, budget, signal };
    const found = await this.#searchChannel(channel, look);
    return found.flatMap(({ start, end }) => datesBetween(frame, start, end)).filter(within);
  }

  #budget(): SearchBudget {
    const { clock = systemClock, limits } = this.#options;
    return new SearchBudget(clock, limits);
  }

  async #searchChannels(channel: number | undefined, look: Look): Promise<readonly Recording[]> {
    const channels = await this.#channels(channel, look.signal);
    const found: Recording[] = [];
    const failures: HikvisionError[] = [];
    for (const one of channels) {
      try {
        for (const recording of await this.#searchChannel(one, look)) found.push(recording);
      } catch (error) {
        if (!isHikvisionError(error) || !isUnavailable(error) || error instanceof CutOffError) throw error;
        failures.push(error);
      }
    }
    if (failures[0] && failures.length === channels.length) throw failures[0];
    return found.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : a.track - b.track));
  }

  /** The recordings that touch the range; with a `name`, at most the one of that name. */
  async #searchChannel(
    channel: number,
    { range, type, budget, onCut, signal }: Look,
    name?: string,
  ): Promise<readonly Recording[]> {
    const { isapi, time } = this.#options;
    const frame = await time.frame({ channel, ...(signal && { signal }) });
    const nowMs = await time.now(signal);
    const track = channel * 100 + (type === "picture" ? 3 : 1);
    const found = new Map<string, Recording>();
    const searchWindow = async (window: TimeRange): Promise<void> => {
      let before: number | undefined;
      const query = { track, recordType: type, ...frame.span(window.startMs, window.endMs) };
      for await (const match of searchTrack(isapi, query, signal, budget)) {
        const startMs = frame.moment(match.start, before);
        const endMs = frame.moment(match.end, startMs);
        if (startMs === undefined || endMs === undefined) continue;
        before = startMs;
        if (startMs >= range.endMs || (endMs <= range.startMs && startMs < range.startMs)) continue;
        const recording = toRecording(match, { startMs, endMs }, frame, nowMs);
        if (name !== undefined && recording.name !== name) continue;
        // One that reaches into the next window is told there, too.
        found.set(`${startMs} ${recording.name}`, recording);
        if (name !== undefined) return;
      }
    };
    // Devices refuse an end in the future.
    const end = Math.min(range.endMs, nowMs);
    const begin = Math.max(range.startMs, end - LONGEST_MS);
    const search = async (): Promise<void> => {
      for (const window of windowsOf({ startMs: begin, endMs: end }, MONTH_MS)) {
        if (name !== undefined && found.size > 0) return;
        await searchSplit(window, searchWindow);
      }
    };
    try {
      if (range.startMs < end) await inSearchTurn(isapi, search, signal);
    } catch (error) {
      if (!onCut || !(error instanceof CutOffError)) throw error;
      onCut(error.sentence);
    }
    return [...found.values()];
  }

  async #channels(channel: number | undefined, signal: AbortSignal | undefined): Promise<readonly number[]> {
    if (channel !== undefined) return [channel];
    try {
      const channels = await this.#options.facts.channels(signal);
      if (channels.length > 0) return channels.map(({ number }) => number);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
    }
    return [1];
  }
}

/** At most `lengthMs` each, the earliest first. */
function windowsOf({ startMs, endMs }: TimeRange, lengthMs: number): readonly TimeRange[] {
  const count = Math.ceil((endMs - startMs) / lengthMs);
  return Array.from({ length: count }, (_, index) => ({
    startMs: startMs + index * lengthMs,
    endMs: Math.min(endMs, startMs + (index + 1) * lengthMs),
  }));
}

/** Recorders answer a range that is too wide for them with an internal error (DS-7716NI-I4 V4.61): then day by day. */
async function searchSplit(range: TimeRange, search: (window: TimeRange) => Promise<void>): Promise<void> {
  try {
    await search(range);
  } catch (error) {
    if (!isDeviceError(error) || range.endMs - range.startMs <= DAY_MS) throw error;
    for (const day of windowsOf(range, DAY_MS)) await search(day);
  }
}

/** One question to several channels. */
interface Look {
  readonly range: TimeRange;
  readonly type: RecordType;
  readonly budget: SearchBudget;
  readonly onCut?: ((why: Sentence) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

function toRecording(match: SearchMatch, { startMs, endMs }: TimeRange, frame: TimeFrame, nowMs: number): Recording {
  const facts = readPlaybackUri(match.playbackUri);
  const open = endMs < startMs || endMs > nowMs - GROWING_MS || facts?.bytes === 0;
  const kind = kindOf(match.track, match.recordType);
  return {
    name: match.name ?? facts?.name ?? match.start,
    channel: Math.floor(match.track / 100),
    track: match.track,
    ...recordingTimes({ startMs, endMs: Math.max(startMs, endMs) }, frame),
    bytes: facts?.bytes ?? null,
    ...(match.codec !== undefined && { codec: match.codec }),
    ...(match.recordType !== undefined && { recordType: match.recordType }),
    kind,
    ...(open && kind === "video" && { open }),
    playbackUri: match.playbackUri,
  };
}

function clipped(recording: Recording, { startMs, endMs }: TimeRange, frame: TimeFrame): Recording {
  const clippedStartMs = Math.max(Date.parse(recording.start), startMs);
  const clippedEndMs = Math.max(clippedStartMs, Math.min(Date.parse(recording.end), endMs));
  return { ...recording, ...recordingTimes({ startMs: clippedStartMs, endMs: clippedEndMs }, frame) };
}
