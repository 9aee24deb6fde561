/** What one device thinks about time: asks it, remembers the answer for a while, says once when its clock is wrong. */
import type { Clock } from "../lib/clock";
import type { DeviceInfo } from "../isapi/device-info";
import type { Isapi } from "../isapi/isapi";
import { isUnavailable } from "../isapi/unavailable";
import { Cached } from "../lib/cached";
import { say, type Sentence } from "../lib/sentence";
import { readDeviceClock, type DeviceClock } from "./device-clock";
import { clipsOf } from "./newest-clips";
import { TimeFrame, type ZuluMeaning } from "./time-frame";
import { computerZone, fromWall, type Zone } from "./zone";
import { detectZulu } from "./zulu-detection";

export interface DeviceTimeOptions {
  readonly isapi: Pick<Isapi, "get" | "post">;
  readonly info: (signal?: AbortSignal) => Promise<DeviceInfo>;
  readonly clock: Clock;
  /** What the device means by `Z`, or "auto": find out. */
  readonly timeZone: "auto" | ZuluMeaning;
  /** Gets one sentence when the device's clock is found to be wrong. */
  readonly warn: (sentence: Sentence) => void;
}

export interface FrameOptions {
  /** Whose recordings are asked what `Z` means; default 1. */
  readonly channel?: number;
  readonly signal?: AbortSignal;
}

const KEEP_MS = 10 * 60_000;
const MOST_DRIFT_MS = 30_000;

export class DeviceTime {
  readonly #options: DeviceTimeOptions;
  readonly #clock: Cached<DeviceClock>;
  /** Per channel, until one of them has settled it. */
  readonly #zulu = new Map<number, Cached<ZuluMeaning | undefined>>();
  #settled: ZuluMeaning | undefined;
  #zone: Zone = computerZone;
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
    this.#settled ??= await this.#zuluOf(channel).get(signal);
    if (this.#settled) return new TimeFrame(zone, this.#settled, false);
    return new TimeFrame(zone, (await isRecorder(this.#options.info(signal))) ? "local" : "utc", true);
  }

  /** What the device believes is now, ms since 1970. Throws as {@link frame} does. */
  async now(signal?: AbortSignal): Promise<number> {
    const { driftMs = 0 } = await this.#clock.get(signal);
    return this.#options.clock.now() + driftMs;
  }

  /** Minutes east of UTC that the device's clock shows at a wall time, as far as is known by now; at first those of this computer. */
  readonly minutesAt = (wallMs: number): number => (wallMs - fromWall(this.#zone, wallMs, "earlier")) / 60_000;

  /** Reads the clock in passing: for {@link minutesAt}, and so that somebody hears when it is wrong. */
  learn(): void {
    this.#clock.get().catch(() => undefined);
  }

  #zuluOf(channel: number): Cached<ZuluMeaning | undefined> {
    let zulu = this.#zulu.get(channel);
    if (!zulu) {
      zulu = new Cached(() => this.#askClips(channel), this.#options.clock, KEEP_MS);
      this.#zulu.set(channel, zulu);
    }
    return zulu;
  }

  async #askClips(channel: number): Promise<ZuluMeaning | undefined> {
    const { isapi, clock } = this.#options;
    const { zone, driftMs = 0 } = await this.#clock.get();
    const now = clock.now() + driftMs;
    return detectZulu(clipsOf(isapi, channel), now, zone.offsetAt(now));
  }

  async #readClock(): Promise<DeviceClock> {
    const { isapi, clock, warn } = this.#options;
    const found = await readDeviceClock(isapi, clock);
    this.#zone = found.zone;
    const wrong = Math.abs(found.driftMs ?? 0) > MOST_DRIFT_MS;
    if (wrong && !this.#warned) warn(driftSentence(found.driftMs ?? 0));
    this.#warned = wrong;
    return found;
  }
}

/** One that hides who it is counts as a camera. */
async function isRecorder(info: Promise<DeviceInfo>): Promise<boolean> {
  try {
    return /VR/i.test((await info).type ?? "");
  } catch (error) {
    if (isUnavailable(error)) return false;
    throw error;
  }
}

function driftSentence(driftMs: number): Sentence {
  const much = duration(Math.abs(driftMs));
  return driftMs > 0
    ? say`The device's clock is ${much} ahead of this computer's, so the times of events and recordings are wrong by that much.
        Switch on NTP on the device's web page, and check the clock of this computer.`
    : say`The device's clock is ${much} behind this computer's, so the times of events and recordings are wrong by that much.
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
