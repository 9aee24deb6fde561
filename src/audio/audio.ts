/** A device's two-way audio: settings, and one announcement after the other on each channel. */
import type { Clock } from "../lib/clock";
import type { DeviceHttp } from "../http/device-http";
import type { Isapi } from "../isapi/isapi";
import {
  changeAudioChannel,
  listAudioChannels,
  readAudioChannel,
  type AudioChanges,
  type AudioChannel,
} from "./audio-channels";
import { framesFor } from "./codec";
import { talk } from "./talk";

export interface AudioOptions {
  readonly isapi: Isapi;
  readonly http: Pick<DeviceHttp, "address" | "authorization" | "openSocket" | "login">;
  readonly clock: Clock;
  /** Holds the connections open until a channel is closed again. */
  readonly beforeClose: (words: Promise<unknown>) => void;
}

/** A sound to play: see {@link framesFor}. */
export interface Announcement {
  readonly channel: number;
  readonly payload: unknown;
  readonly format?: unknown;
  readonly onProgress?: (seconds: number) => void;
}

export interface Spoken {
  readonly channel: number;
  readonly codec: string;
  readonly seconds: number;
}

export class Audio {
  readonly #options: AudioOptions;
  /** Per channel: what is under way or waits, the last one's end, and how to stop them all. */
  readonly #lines = new Map<number, { tail: Promise<unknown>; stop: AbortController }>();

  constructor(options: AudioOptions) {
    this.#options = options;
  }

  list(signal?: AbortSignal): Promise<AudioChannel[]> {
    return listAudioChannels(this.#options.isapi, signal);
  }

  get(channel: number, signal?: AbortSignal): Promise<AudioChannel> {
    return readAudioChannel(this.#options.isapi, channel, signal);
  }

  set(channel: number, changes: AudioChanges, signal?: AbortSignal): Promise<AudioChannel> {
    return changeAudioChannel(this.#options.isapi, channel, changes, signal);
  }

  /** Plays a sound, after those that wait for the same channel. Resolves when it was spoken. */
  talk(announcement: Announcement, caller: AbortSignal): Promise<Spoken> {
    const { channel } = announcement;
    const line = this.#lines.get(channel) ?? { tail: Promise.resolve(), stop: new AbortController() };
    const signal = AbortSignal.any([caller, line.stop.signal]);
    const spoken = line.tail.then(() => this.#speak(announcement, signal));
    const tail = spoken.catch(() => undefined);
    this.#lines.set(channel, { tail, stop: line.stop });
    this.#options.beforeClose(tail);
    return spoken;
  }

  /** Ends what is spoken on a channel and what waits for it. Resolves when the channel is closed; false: it was silent. */
  async stop(channel: number): Promise<boolean> {
    const line = this.#lines.get(channel);
    if (!line) return false;
    this.#lines.delete(channel);
    line.stop.abort();
    await line.tail;
    return true;
  }

  async #speak({ channel, payload, format, onProgress }: Announcement, signal: AbortSignal): Promise<Spoken> {
    signal.throwIfAborted();
    const { isapi, http, clock } = this.#options;
    const sound = framesFor(payload, format, await this.get(channel, signal));
    await talk({ isapi, http, clock, channel, ...(onProgress && { onProgress }) }, sound, signal);
    return { channel, codec: sound.codec, seconds: Math.round(sound.seconds * 100) / 100 };
  }
}
