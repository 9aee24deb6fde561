/**
 * Plays a camera's siren or a voice clip, once or several times. No camera has a call that stops a clip or tells how long it is: it
 * ends by itself after about five seconds. A stop ends what would come after it.
 */
import type { Clock } from "../lib/clock";
import { Cached } from "../lib/cached";
import { AbortedError, isHikvisionError, isRetryable, RetryableError } from "../lib/errors";
import { say } from "../lib/sentence";
import type { WriteQueue } from "../control/write-queue";
import type { Isapi } from "../isapi/isapi";
import { isNotOffered } from "../isapi/unavailable";
import { fitSettings, putBackSettings } from "./alarm-settings";
import { putBack } from "./put-back";
import { AUDIO_ALARM, readSounds, soundOf, type Sound, type WantedSound } from "./sounds";
import { withSignals } from "../lib/signals";

/** "Sounds for about 5 s and stops by itself" (maciej-or/hikvision_next#114). */
export const CLIP_S = 5;
const CLIP_MS = CLIP_S * 1000;
const KEEP_LIST_MS = 10 * 60_000;
/** While a longer clip still plays, the next one is tried again: for half a minute. */
const AGAIN_MS = 1_000;
const MOST_TRIES = 30;

export interface SirenOptions {
  readonly isapi: Isapi;
  readonly writes: WriteQueue;
  readonly clock: Clock;
  /** Aborts when the device is about to be closed. */
  readonly closing: AbortSignal;
}

export interface Played {
  /** The camera's name for it; its id where there is no list. */
  readonly sound: string | number;
  /** For how long it was heard, about. */
  readonly seconds: number;
}

/** What ends a playing of clips. */
interface Ends {
  /** A stop, which leaves the settings to be put back in their time. */
  readonly stopped: AbortSignal;
  readonly signal: AbortSignal;
  /** `signal`, or the device is about to be closed. */
  readonly ended: AbortSignal;
}

interface Playing {
  readonly stopped: AbortController;
  readonly until: number;
}

export class Siren {
  readonly #options: SirenOptions;
  readonly #sounds: Cached<readonly Sound[]>;
  /** One command at a time: what it has changed is put back before the next one looks. */
  #playing: Playing | undefined;
  /** When the clip that was started last is over. */
  #clipEnd = 0;

  constructor(options: SirenOptions) {
    this.#options = options;
    this.#sounds = new Cached(() => readSounds(options.isapi), options.clock, KEEP_LIST_MS);
  }

  /** Throws what {@link readSounds} throws. */
  list(signal?: AbortSignal): Promise<readonly Sound[]> {
    return this.#sounds.get(signal);
  }

  /** Is a clip heard that was started here? Others the camera does not tell. */
  get isPlaying(): boolean {
    return this.#options.clock.elapsed() < this.#clipEnd;
  }

  /** No clip follows the one that is heard, if any. */
  stop(): void {
    this.#playing?.stopped.abort();
  }

  /**
   * Plays `sound` so many times, one after the other; resolves when the last one is over, or at a stop. Throws `busy` while a clip
   * plays, also one that somebody else has started.
   */
  async play(sound: unknown, times: number, signal: AbortSignal, started: () => void): Promise<Played> {
    const { clock } = this.#options;
    const now = clock.elapsed();
    if (this.#playing) throw stillPlaying(Math.max(this.#playing.until - now, AGAIN_MS));
    const playing: Playing = { stopped: new AbortController(), until: now + times * CLIP_MS };
    this.#playing = playing;
    try {
      const { closing } = this.#options;
      return await withSignals([signal, closing], (ended) =>
        this.#play(sound, times, { stopped: playing.stopped.signal, signal, ended }, started),
      );
    } finally {
      this.#playing = undefined;
    }
  }

  async #play(given: unknown, times: number, { stopped, signal, ended }: Ends, started: () => void): Promise<Played> {
    const { isapi, writes, clock } = this.#options;
    const sound = soundOf(given, await this.#known(signal));
    // Without the signal: a write that was cut off may have been done.
    const changed = await writes.run(() => fitSettings(isapi, sound), signal);
    let begun: number | undefined;
    try {
      for (let time = 1; time <= times && !stopped.aborted && !ended.aborted; time++) {
        if (!(await withSignals([ended, stopped], (over) => this.#start(sound, time === 1, over)))) break;
        if (begun === undefined) started();
        begun ??= clock.elapsed();
        // What was changed for the clip is put back when it ends, so a stop does not shorten the waiting then.
        await clock.wait(CLIP_MS, ended, changed ? undefined : stopped).catch(() => undefined);
      }
    } finally {
      if (changed) {
        const left = say`The device's settings of siren and voice may be left changed.`;
        await putBack(() => putBackSettings(isapi, changed), { writes, clock, hurry: ended, left });
      }
    }
    if (ended.aborted) throw new AbortedError();
    const seconds = begun === undefined ? 0 : (clock.elapsed() - begun) / 1000;
    return { sound: sound.name ?? sound.id, seconds: Math.round(seconds * 10) / 10 };
  }

  /** Undefined: the device has no list for us. */
  async #known(signal: AbortSignal): Promise<readonly Sound[] | undefined> {
    try {
      return await this.#sounds.get(signal);
    } catch (error) {
      if (!isNotOffered(error)) throw error;
      // The settings tell whether there is a siren at all; of a device without one, its refusal.
      const { isapi } = this.#options;
      await isapi.reply("GET", `${AUDIO_ALARM}?format=json`, { purpose: say`siren and voice`, signal });
      return undefined;
    }
  }

  /** False: stopped before it began. A command whose answer got lost is never repeated: the clip may play. */
  async #start({ id }: WantedSound, first: boolean, ended: AbortSignal): Promise<boolean> {
    const { isapi, clock } = this.#options;
    for (let attempt = 1; ; attempt++) {
      // From now on, since it is heard before the answer is here.
      this.#clipEnd = clock.elapsed() + CLIP_MS;
      try {
        await isapi.json("PUT", `${AUDIO_ALARM}/${id}/test?format=json`, {}, { purpose: say`siren and voice` });
        this.#clipEnd = clock.elapsed() + CLIP_MS;
        return true;
      } catch (error) {
        if (!isStillPlaying(error)) {
          if (!isRetryable(error)) this.#clipEnd = 0;
          throw error;
        }
        if (first || attempt === MOST_TRIES) throw stillPlaying(CLIP_MS, error.cause);
        await clock.wait(AGAIN_MS, ended).catch(() => undefined);
        if (ended.aborted) return false;
      }
    }
  }
}

/** A 403 that is no question of rights (JoeyGE0/hikvision_isapi). */
function isStillPlaying(error: unknown): error is RetryableError {
  return (
    isHikvisionError(error) &&
    error.code === "busy" &&
    error.cause.subStatusCode?.toLowerCase() === "audioisplayingpleasewait"
  );
}

function stillPlaying(ms: number, cause: RetryableError["cause"] = {}): RetryableError {
  return new RetryableError("busy", say`A clip is still playing. Try again when it is over.`, {
    ...cause,
    retryAfter: Math.ceil(ms / 1000),
  });
}
