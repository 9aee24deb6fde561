/**
 * Tells heartbeats from events. Cameras send `videoloss`/`inactive` as heartbeat, which is also what the end of a real video
 * loss looks like (maciej-or/hikvision_next, mezz64/pyHik#16, the vendor's guides for alertStream and subscribeEvent).
 */
export interface AlertSummary {
  readonly type: string;
  readonly active: boolean;
  readonly channel: number | null;
  readonly count?: number;
  readonly description?: string;
  /** The device's stamp, ISO 8601. */
  readonly time?: string;
}

/** Doorbells send `other` with a description, subscriptions an active `heartBeat`. */
export function isHeartbeat(alert: AlertSummary, losses: VideoLosses): boolean {
  switch (alert.type) {
    case "heartBeat":
      return true;
    case "other":
      return /^\s*heart\s?beat/i.test(alert.description ?? "");
    case "videoloss":
      return !losses.isReal(alert);
    default:
      return false;
  }
}

/** Share of the interval between two heartbeats before which the next one cannot come. */
const TOO_EARLY = 0.8;
/** Open losses. Also channels times counts; a recorder whose count runs up in heartbeats must not fill the memory. */
const MAX_KINDS = 256;

/** The last heartbeat of a kind, by the device's stamps, ms. */
interface LastHeartbeat {
  readonly at: number;
  /** Since the one before. */
  readonly intervalMs: number | undefined;
}

/**
 * Remembers, for one device and across reconnects, which channels have lost their video, so that the end of a loss is
 * not taken for a heartbeat. Where heartbeats look exactly like that end, their interval tells, by the device's own stamps:
 * an end comes too early for a heartbeat. One that comes in time is missed, and silence ends the loss.
 */
export class VideoLosses {
  readonly #open = new Set<number | null>();
  readonly #heartbeats = new Map<string, LastHeartbeat>();

  get anyOpen(): boolean {
    return this.#open.size > 0;
  }

  /** Takes note of a `videoloss`; false when it is a heartbeat. */
  isReal({ active, channel, count, time }: AlertSummary): boolean {
    if (active) {
      this.#open.add(channel);
      for (const oldest of this.#open) if (this.#open.size > MAX_KINDS) this.#open.delete(oldest);
      return true;
    }
    const kind = `${String(channel)}/${String(count)}`;
    const at = Date.parse(time ?? "");
    const last = this.#heartbeats.get(kind);
    const sinceMs = last && at - last.at;
    if (this.#open.has(channel) && !isInTime(sinceMs, last)) {
      this.#open.delete(channel);
      return true;
    }
    if (!Number.isNaN(at) && (last || this.#heartbeats.size < MAX_KINDS))
      this.#heartbeats.set(kind, { at, intervalMs: sinceMs });
    return false;
  }
}

/** False while there is no interval to compare with. */
function isInTime(sinceMs: number | undefined, last: LastHeartbeat | undefined): boolean {
  return sinceMs !== undefined && last?.intervalMs !== undefined && sinceMs >= last.intervalMs * TOO_EARLY;
}
