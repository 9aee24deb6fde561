/**
 * Finds what a device sends again: history, and events it was not sure had arrived. Knows the device's own clock from the stamps of
 * its heartbeats, or from System/time where it sends none. A timestamp alone never drops an event: units with an unset clock stamp everything 1970.
 */
import type { Clock } from "../lib/clock";
import { detailIdentity } from "./decode/details";
import type { Notification } from "./types";

/** `known`: history (`currentEvent`), or delivered before the connection broke. `replayed`: new to us, but old by the device's own clock. */
export type Novelty = "new" | "replayed" | "known";

const RECOVERY_MS = 60_000;
const BEHIND_MS = 60_000;
const MOST_RECENT = 32;
/** Types of which it is remembered that they have `currentEvent`. */
const MOST_TYPES = 256;
/** Stamps before this come from a clock that was never set. */
const CLOCK_WAS_SET = Date.UTC(2010, 0, 1);

export class Deduplicator {
  readonly #clock: Clock;
  /** Of the last notifications, oldest first; survives reconnects. */
  readonly #recent: Identity[] = [];
  /** Those of the connections before: what a device may send twice after a reconnect. */
  #delivered: ReadonlySet<string> = new Set();
  #connectedAt = 0;
  /** Types with which this device has sent `currentEvent`: without it, they are history. */
  readonly #saysCurrent = new Set<string>();
  readonly #driftMs: () => number | undefined;
  /** Device's clock minus ours by its last heartbeat, ms. */
  #offsetMs: number | undefined;

  /** @param driftMs the same by System/time, as far as it is known */
  constructor(clock: Clock, driftMs: () => number | undefined = () => undefined) {
    this.#clock = clock;
    this.#driftMs = driftMs;
  }

  /** A new connection begins. */
  connected(): void {
    this.#delivered = new Set(this.#recent.map(textOf));
    this.#connectedAt = this.#clock.elapsed();
  }

  /** A heartbeat said what time it is by the device's clock. ISO 8601 with offset. */
  deviceTime(time: string): void {
    const stamp = Date.parse(time);
    if (stamp >= CLOCK_WAS_SET) this.#offsetMs = stamp - this.#clock.now();
  }

  classify(notification: Notification): Novelty {
    const sinceMs = this.#clock.elapsed() - this.#connectedAt;
    if (this.#isHistory(notification)) return "known";
    const { time } = notification;
    const stamp = time === undefined ? NaN : Date.parse(time);
    if (stamp >= CLOCK_WAS_SET) {
      const identity = identityOf(notification);
      if (sinceMs < RECOVERY_MS && this.#delivered.size > 0 && this.#delivered.has(textOf(identity))) return "known";
      if (this.#recent.push(identity) > MOST_RECENT) this.#recent.shift();
    }
    return notification.retransmitted || this.#isOld(stamp) ? "replayed" : "new";
  }

  /** `currentEvent` false, or missing where this device is known to send it with such events. */
  #isHistory({ type, current }: Notification): boolean {
    if (current === undefined) return this.#saysCurrent.has(type);
    if (this.#saysCurrent.size < MOST_TYPES) this.#saysCurrent.add(type);
    return !current;
  }

  /** @param stamp NaN: none */
  #isOld(stamp: number): boolean {
    if (!(stamp >= CLOCK_WAS_SET)) return false;
    const offsetMs = this.#offsetMs ?? this.#driftMs();
    return offsetMs !== undefined && this.#clock.now() + offsetMs - stamp > BEHIND_MS;
  }
}

/** What tells a notification from others. The text of it is only wanted where a connection begins. */
interface Identity {
  readonly type: string;
  readonly channel: number | null;
  readonly inputPort: number | undefined;
  readonly time: string | undefined;
  readonly count: number | undefined;
  readonly active: boolean;
  readonly details: string;
}

/** Not for one whose stamp cannot tell it from another. */
function identityOf(notification: Notification): Identity {
  const { type, channel, inputPort, time, count, active } = notification;
  return { type, channel, inputPort, time, count, active, details: detailIdentity(notification) };
}

/** Same notification, same text. */
function textOf({ type, channel, inputPort, time, count, active, details }: Identity): string {
  return JSON.stringify([type, channel, inputPort, time, count, active, details]);
}
