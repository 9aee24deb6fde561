/** The clock and time zone of one device: read from it, cached, with one warning when its clock is wrong. */
import { randomUUID } from "node:crypto";
import { streamId } from "../isapi/channel-number";
import type { DeviceInfo } from "../isapi/device-info";
import type { Isapi } from "../isapi/isapi";
import { searchPage } from "../isapi/recording-search";
import { inSearchTurn } from "../isapi/search-turn";
import { isUnavailable } from "../isapi/unavailable";
import { Cached } from "../lib/cached";
import type { Clock } from "../lib/clock";
import { say, type Sentence } from "../lib/sentence";
import { readDeviceClock, type DeviceClock } from "./device-clock";
import { TimeFrame, type ZuluMeaning } from "./time-frame";
import { computerZone, fromWall, type Zone } from "./zone";
import { detectZulu, type RecordedSpan } from "./zulu-detection";

export interface DeviceTimeOptions {
  readonly isapi: Pick<Isapi, "get" | "post">;
  readonly info: (signal?: AbortSignal) => Promise<DeviceInfo>;
  readonly clock: Clock;
  /** The serial number, as far as it is known by now. */
  readonly serial?: () => string | undefined;
  /** By serial number, what recordings have shown for certain; may outlive this object. */
  readonly proven?: Pick<Map<string, ZuluMeaning>, "get"> & { set(serial: string, meaning: ZuluMeaning): unknown };
  /** What the device means by `Z`; "auto": detect it. */
  readonly timeZone: "auto" | ZuluMeaning;
  /** Called once each time the device's clock turns out to be wrong. */
  readonly warn: (sentence: Sentence) => void;
}

export interface FrameOptions {
  /** The channel whose recordings show what `Z` means; default 1. */
  readonly channel?: number;
  readonly signal?: AbortSignal;
}

const KEEP_MS = 10 * 60_000;
const MAX_DRIFT_MS = 30_000;
/** Back, because recordings are of the past. */
const QUARTERS = [0, -1, -2, -3];
const QUARTER_YEAR_MS = 91 * 86_400_000;

export class DeviceTime {
  readonly #options: DeviceTimeOptions;
  readonly #clock: Cached<DeviceClock>;
  /** Per channel, until the recordings of one of them prove it. */
  readonly #zuluByChannel = new Map<number, Cached<ZuluMeaning | undefined>>();
  /** What recordings have shown last, once. */
  #shown: { readonly meaning: ZuluMeaning; readonly at: number } | undefined;
  #proven: ZuluMeaning | undefined;
  #zone: Zone = computerZone;
  #driftMs: number | undefined;
  /** Monotonic, ms. */
  #renewAt = 0;
  #warned = false;

  constructor(options: DeviceTimeOptions) {
    this.#options = options;
    this.#clock = new Cached(() => this.#readClock(), options.clock, KEEP_MS);
  }

  /** How the device reads and writes time now. Throws what {@link Isapi.get} throws when it cannot be reached. */
  async frame({ channel = 1, signal }: FrameOptions = {}): Promise<TimeFrame> {
    const { zone } = await this.#clock.get(signal);
    const { timeZone } = this.#options;
    if (timeZone !== "auto") return new TimeFrame(zone, timeZone, false);
    if (isAlwaysUtc(zone, this.#options.clock.now())) return new TimeFrame(zone, "utc", false);
    const meaning = await this.#meaning(channel, signal);
    if (meaning) return new TimeFrame(zone, meaning, false);
    return new TimeFrame(zone, (await isRecorder(this.#options.info(signal))) ? "local" : "utc", true);
  }

  /** The current time by the device's clock, ms since 1970. Throws as {@link frame} does. */
  async now(signal?: AbortSignal): Promise<number> {
    const { driftMs = 0 } = await this.#clock.get(signal);
    return this.#options.clock.now() + driftMs;
  }

  /** Minutes east of UTC in the device's zone at a wall time; until that zone is known, in the zone of this computer. */
  readonly minutesAt = (wallMs: number): number => (wallMs - fromWall(this.#zone, wallMs, "earlier")) / 60_000;

  /** The device's zone; until it is known, that of this computer. */
  readonly zone: Zone = { offsetAt: (utcMs) => this.#zone.offsetAt(utcMs) };
  /** What the device's clock is ahead of this computer's, ms, by the last reading; a reading that has grown old is renewed. */
  get driftMs(): number | undefined {
    const now = this.#options.clock.elapsed();
    if (now >= this.#renewAt) {
      this.#renewAt = now + KEEP_MS;
      this.learn();
    }
    return this.#driftMs;
  }

  /** Reads the clock in the background: for {@link minutesAt}, and for the warning when it is wrong. */
  learn(): void {
    this.#clock.get().catch(() => undefined);
  }

  /**
   * As recordings show it. Once may be chance: one that ended hours ago, just when the other meaning has now. Twice, at different times,
   * is proof: then it is remembered by serial number.
   */
  async #meaning(channel: number, signal?: AbortSignal): Promise<ZuluMeaning | undefined> {
    const { clock, proven, serial } = this.#options;
    const key = serial?.();
    this.#proven ??= key === undefined ? undefined : proven?.get(key);
    if (this.#proven) return this.#proven;
    const before = this.#shown;
    if (before && clock.elapsed() - before.at < KEEP_MS) return before.meaning;
    const found = await this.#zuluOf(channel).get(signal);
    if (found === undefined) return before?.meaning;
    if (before?.meaning === found && key !== undefined) proven?.set(key, found);
    if (before?.meaning === found) this.#proven = found;
    this.#shown = { meaning: found, at: clock.elapsed() };
    return found;
  }

  #zuluOf(channel: number): Cached<ZuluMeaning | undefined> {
    let zulu = this.#zuluByChannel.get(channel);
    if (!zulu) {
      zulu = new Cached(() => this.#detectZulu(channel), this.#options.clock, KEEP_MS);
      this.#zuluByChannel.set(channel, zulu);
    }
    return zulu;
  }

  async #detectZulu(channel: number): Promise<ZuluMeaning | undefined> {
    const { zone, driftMs = 0 } = await this.#clock.get();
    const now = this.#options.clock.now() + driftMs;
    return detectZulu((start, end) => this.#search(channel, start, end), now, zone.offsetAt(now));
  }

  /** The first page of a search. Empty where the device cannot search, or this user may not. */
  async #search(channel: number, start: string, end: string): Promise<readonly RecordedSpan[]> {
    const query = {
      searchId: randomUUID().toUpperCase(),
      track: streamId(channel, 1),
      start,
      end,
      position: 0,
      anyTrack: true,
    } as const;
    try {
      const { isapi } = this.#options;
      return (await inSearchTurn(isapi, () => searchPage(isapi, { ...query, recordType: "all" }))).matches;
    } catch (error) {
      if (isUnavailable(error)) return [];
      throw error;
    }
  }

  async #readClock(): Promise<DeviceClock> {
    const { isapi, clock, warn } = this.#options;
    const reading = await readDeviceClock(isapi, clock);
    this.#zone = reading.zone;
    this.#driftMs = reading.driftMs;
    const { driftMs = 0 } = reading;
    const isWrong = Math.abs(driftMs) > MAX_DRIFT_MS;
    if (isWrong && !this.#warned) warn(driftSentence(driftMs));
    this.#warned = isWrong;
    return reading;
  }
}

/** Then both meanings are the same, all year. */
function isAlwaysUtc(zone: Zone, nowMs: number): boolean {
  return QUARTERS.every((quarter) => zone.offsetAt(nowMs + quarter * QUARTER_YEAR_MS) === 0);
}

/** A device that does not give its type counts as a camera. */
async function isRecorder(info: Promise<DeviceInfo>): Promise<boolean> {
  try {
    return /VR/i.test((await info).type ?? "");
  } catch (error) {
    if (isUnavailable(error)) return false;
    throw error;
  }
}

function driftSentence(driftMs: number): Sentence {
  const size = duration(Math.abs(driftMs));
  return driftMs > 0
    ? say`The device's clock is ${size} ahead of this computer's, so the times of events and recordings are wrong by that much.
        Switch on NTP on the device's web page, and check the clock of this computer.`
    : say`The device's clock is ${size} behind this computer's, so the times of events and recordings are wrong by that much.
        Switch on NTP on the device's web page, and check the clock of this computer.`;
}

/** "45 s", "12 min", "3 h 5 min", "20 days" */
function duration(ms: number): Sentence {
  const minutes = Math.round(ms / 60_000);
  if (ms < 120_000) return say`${Math.round(ms / 1000)} s`;
  if (minutes < 120) return say`${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (minutes < 48 * 60) return minutes % 60 === 0 ? say`${hours} h` : say`${hours} h ${minutes % 60} min`;
  return say`${Math.round(minutes / 1440)} days`;
}
