/**
 * Tells signs of life from events. Cameras beat with `videoloss`/`inactive`, which is also what the end of a real video
 * loss looks like (maciej-or/hikvision_next, mezz64/pyHik#16, the vendor's guides for alertStream and subscribeEvent).
 */
import { systemClock, type Clock } from "../clock";

export interface Sign {
  readonly type: string;
  readonly active: boolean;
  readonly channel: number | null;
  readonly count?: number;
  readonly description?: string;
}

/** Is it a heartbeat? Doorbells beat with `other` and a description, subscriptions with an active `heartBeat`. */
export function isHeartbeat(sign: Sign, losses: VideoLosses): boolean {
  switch (sign.type) {
    case "heartBeat":
      return true;
    case "other":
      return /^\s*heart\s?beat/i.test(sign.description ?? "");
    case "videoloss":
      return !losses.isReal(sign);
    default:
      return false;
  }
}

/** Share of the usual pause between two heartbeats before which no next one can come. */
const TOO_EARLY = 0.8;

/**
 * Remembers, for one device and across reconnects, which channels have lost their video, so that the end of a loss is
 * not taken for a heartbeat. Where heartbeats look exactly like that end, their beat tells: an end comes out of time.
 */
export class VideoLosses {
  readonly #clock: Clock;
  readonly #open = new Set<number | null>();
  readonly #beats = new Map<string, { at: number; pauseMs: number }>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Takes note of a `videoloss`; false when it is a heartbeat. */
  isReal({ active, channel, count }: Sign): boolean {
    if (active) {
      this.#open.add(channel);
      return true;
    }
    const look = `${String(channel)}/${String(count)}`;
    const now = this.#clock.elapsed();
    const beat = this.#beats.get(look);
    const sinceMs = beat ? now - beat.at : Infinity;
    if (this.#open.has(channel) && (!beat || sinceMs < beat.pauseMs * TOO_EARLY)) {
      this.#open.delete(channel);
      return true;
    }
    if (this.#beats.size < MAX_LOOKS || beat) this.#beats.set(look, { at: now, pauseMs: sinceMs });
    return false;
  }
}

/** Channels times counts; a recorder whose count of a heartbeat runs up must not fill the memory. */
const MAX_LOOKS = 256;
