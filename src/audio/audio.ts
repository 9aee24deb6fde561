/** A device's two-way audio: settings, and announcements, one after the other on each channel. */
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
  readonly http: Pick<DeviceHttp, "address" | "authorization" | "openSocket">;
  readonly clock: Clock;
  /** Holds the connections open until a channel is closed again. */
  readonly beforeClose: (task: Promise<unknown>) => void;
}

/** A sound to play: see {@link framesFor}. */
export interface Announcement {
  readonly channel: number;
  readonly payload: unknown;
  readonly format?: unknown;
  readonly onProgress?: (seconds: number) => void;
}

export interface TalkResult {
  readonly channel: number;
  readonly codec: string;
  readonly seconds: number;
}

export class Audio {
  readonly #options: AudioOptions;
  /** Per channel: the end of the last announcement, and how to stop them all. */
  readonly #queues = new Map<number, { tail: Promise<unknown>; stop: AbortController }>();

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

  /** Plays a sound after earlier ones on the same channel. Resolves when it was played. */
  talk(announcement: Announcement, caller: AbortSignal): Promise<TalkResult> {
    const { channel } = announcement;
    const queue = this.#queues.get(channel) ?? { tail: Promise.resolve(), stop: new AbortController() };
    const signal = AbortSignal.any([caller, queue.stop.signal]);
    const result = queue.tail.then(() => this.#play(announcement, signal));
    const tail = result.catch(() => undefined);
    this.#queues.set(channel, { tail, stop: queue.stop });
    this.#options.beforeClose(tail);
    return result;
  }

  /** Ends the announcement of a channel and those waiting. Resolves when the channel is closed; false: nothing was playing. */
  async stop(channel: number): Promise<boolean> {
    const queue = this.#queues.get(channel);
    if (!queue) return false;
    this.#queues.delete(channel);
    queue.stop.abort();
    await queue.tail;
    return true;
  }

  async #play({ channel, payload, format, onProgress }: Announcement, signal: AbortSignal): Promise<TalkResult> {
    signal.throwIfAborted();
    const { isapi, http, clock } = this.#options;
    const sound = framesFor(payload, format, await this.get(channel, signal));
    await talk({ isapi, http, clock, channel, ...(onProgress && { onProgress }) }, sound, signal);
    return { channel, codec: sound.codec, seconds: Math.round(sound.seconds * 100) / 100 };
  }
}
