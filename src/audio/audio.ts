/** A device's two-way audio: settings, and announcements, one after the other on each channel. */
import type { Clock } from "../lib/clock";
import type { DeviceHttp } from "../http/device-http";
import { tooManyWaiting } from "../http/lanes";
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
import { withSignals } from "../lib/signals";

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

/** Of one channel: more would be heard long after what they were about, and each holds its sound in memory. */
const MOST_WAITING = 20;

interface Announcements {
  /** The end of the last one. */
  tail: Promise<unknown>;
  readonly stop: AbortController;
  /** Those that wait, and the one that plays. */
  count: number;
}

export class Audio {
  readonly #options: AudioOptions;
  readonly #queues = new Map<number, Announcements>();

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

  /** Plays a sound after earlier ones on the same channel. Resolves when it was played. Throws `busy` where too many wait. */
  async talk(announcement: Announcement, caller: AbortSignal): Promise<TalkResult> {
    const { channel } = announcement;
    const queue = this.#queues.get(channel) ?? { tail: Promise.resolve(), stop: new AbortController(), count: 0 };
    if (queue.count > MOST_WAITING) throw tooManyWaiting(MOST_WAITING);
    this.#queues.set(channel, queue);
    queue.count += 1;
    const result = queue.tail
      .then(() => withSignals([caller, queue.stop.signal], (signal) => this.#play(announcement, signal)))
      .finally(() => (queue.count -= 1));
    queue.tail = result.catch(() => undefined);
    this.#options.beforeClose(queue.tail);
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
