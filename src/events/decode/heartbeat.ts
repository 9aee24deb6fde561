/**
 * Tells signs of life from events. Cameras beat with `videoloss`/`inactive`, which is also what the end of a real video
 * loss looks like (maciej-or/hikvision_next, mezz64/pyHik#16, the vendor's guides for alertStream and subscribeEvent).
 */
export interface Sign {
  readonly type: string;
  readonly active: boolean;
  readonly channel: number | null;
  readonly count?: number;
  readonly description?: string;
  /** The device's stamp, ISO 8601. */
  readonly time?: string;
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
/** Channels times counts; a recorder whose count runs up in heartbeats must not fill the memory. */
const MAX_LOOKS = 256;

/** Heartbeats that look alike: when the device sent the last one, and how long after the one before; ms. */
interface Beat {
  readonly at: number;
  readonly pauseMs: number | undefined;
}

/**
 * Remembers, for one device and across reconnects, which channels have lost their video, so that the end of a loss is
 * not taken for a heartbeat. Where heartbeats look exactly like that end, their beat tells, by the device's own stamps:
 * an end comes out of time. One that does not is missed, and silence ends the loss.
 */
export class VideoLosses {
  readonly #open = new Set<number | null>();
  readonly #beats = new Map<string, Beat>();

  get anyOpen(): boolean {
    return this.#open.size > 0;
  }

  /** Takes note of a `videoloss`; false when it is a heartbeat. */
  isReal({ active, channel, count, time }: Sign): boolean {
    if (active) {
      this.#open.add(channel);
      return true;
    }
    const look = `${String(channel)}/${String(count)}`;
    const at = Date.parse(time ?? "");
    const beat = this.#beats.get(look);
    const sinceMs = beat && at - beat.at;
    if (this.#open.has(channel) && !isInTime(sinceMs, beat)) {
      this.#open.delete(channel);
      return true;
    }
    if (!Number.isNaN(at) && (beat || this.#beats.size < MAX_LOOKS)) this.#beats.set(look, { at, pauseMs: sinceMs });
    return false;
  }
}

/** False while there is no beat to compare with. */
function isInTime(sinceMs: number | undefined, beat: Beat | undefined): boolean {
  return sinceMs !== undefined && beat?.pauseMs !== undefined && sinceMs >= beat.pauseMs * TOO_EARLY;
}
