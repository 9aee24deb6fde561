/**
 * What a device says about itself, remembered: who it is, which channels it has and what they are called.
 * The decoder needs the channels at once and in passing, so they are read when the event stream opens.
 */
import type { Clock } from "../lib/clock";
import { readChannels, eventChannels, type Channel } from "./channels";
import { readDeviceInfo, type DeviceInfo } from "./device-info";
import type { Isapi } from "./isapi";
import { isUnreachable } from "./unavailable";
import { Cached } from "../lib/cached";

/** Names change and cameras are added: asked again when they are this old and somebody wants them. */
const MAX_AGE_MS = 10 * 60_000;

export class DeviceFacts {
  readonly #isapi: Isapi;
  readonly #info: Cached<DeviceInfo>;
  readonly #channels: Cached<readonly Channel[]>;
  readonly #clock: Clock;
  readonly #onInfo: (info: DeviceInfo) => void;
  #refreshAt: number;
  #serial: string | undefined;
  #names: ReadonlyMap<number, string> = new Map();
  #map: (sent: number) => number = (sent) => sent;

  /** @param onInfo called whenever the device info was read */
  constructor(isapi: Isapi, clock: Clock, onInfo: (info: DeviceInfo) => void = () => undefined) {
    this.#isapi = isapi;
    this.#clock = clock;
    this.#onInfo = onInfo;
    this.#refreshAt = clock.elapsed() + MAX_AGE_MS;
    this.#info = new Cached(() => this.#readInfo(), clock, MAX_AGE_MS);
    this.#channels = new Cached(() => this.#readChannels(), clock, MAX_AGE_MS);
  }

  /** As far as it is known by now. */
  get serial(): string | undefined {
    return this.#serial;
  }

  /** Throws what {@link readDeviceInfo} throws. */
  info(signal?: AbortSignal): Promise<DeviceInfo> {
    return this.#info.get(signal);
  }

  /** Throws what {@link readChannels} throws. */
  channels(signal?: AbortSignal): Promise<readonly Channel[]> {
    return this.#channels.get(signal);
  }

  /** The same as they are now: a camera may have gone offline since. */
  channelsNow(signal?: AbortSignal): Promise<readonly Channel[]> {
    this.#channels.forget();
    return this.#channels.get(signal);
  }

  /** What a channel is; undefined where the device does not tell this user. Throws when it cannot be talked to. */
  async kindOf(channel: number, signal?: AbortSignal): Promise<Channel["kind"] | undefined> {
    const channels = await undefinedIfRefused(this.channels(signal));
    return channels?.find(({ number }) => number === channel)?.kind;
  }

  /** The channel that a number in an alert means, as far as is known by now. */
  readonly channelOf = (sent: number): number => this.#map(sent);

  /** The device's name for a channel, as far as is known by now. */
  readonly nameOf = (channel: number): string | undefined => {
    if (this.#clock.elapsed() >= this.#refreshAt) {
      this.#refreshAt = this.#clock.elapsed() + MAX_AGE_MS;
      this.channels().catch(() => undefined);
    }
    return this.#names.get(channel);
  };

  /**
   * Before the event stream opens: proves the login with a cheap request, and learns how a recorder numbers its channels.
   * Throws when the device cannot be talked to; that it hides a fact from this user is no reason.
   */
  async prepare(signal: AbortSignal): Promise<void> {
    const info = await undefinedIfRefused(this.#readInfo(signal));
    const channels = undefinedIfRefused(this.channels(signal));
    if (/VR/i.test(info?.type ?? "")) await channels;
    else channels.catch(() => undefined);
  }

  async #readInfo(signal?: AbortSignal): Promise<DeviceInfo> {
    const info = await readDeviceInfo(this.#isapi, signal);
    this.#isapi.model = info.model;
    this.#serial = info.serialNumber;
    this.#onInfo(info);
    return info;
  }

  async #readChannels(): Promise<readonly Channel[]> {
    const info = await undefinedIfRefused(this.info());
    const { channels } = await readChannels(this.#isapi, { type: info?.type });
    this.#names = new Map(
      channels.flatMap(({ number, name }) => (name === undefined ? [] : [[number, name] as const])),
    );
    this.#map = eventChannels(channels);
    return channels;
  }
}

/** The answer, or nothing where the device has none for us. */
async function undefinedIfRefused<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isUnreachable(error)) throw error;
    return undefined;
  }
}
