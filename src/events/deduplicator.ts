/**
 * Finds what a device sends again: history after a connect, and events it was not sure had arrived. Knows the device's own clock
 * from the stamps of its heartbeats. A timestamp alone never drops an event: units with an unset clock stamp everything 1970.
 */
import type { Clock } from "../lib/clock";
import { detailIdentity } from "./decode/details";
import type { Notification } from "./types";

/** `known`: history, or delivered before the connection broke. `replayed`: new to us, but old by the device's own clock. */
export type Novelty = "new" | "replayed" | "known";

const HISTORY_MS = 60_000;
const RECOVERY_MS = 60_000;
const BEHIND_MS = 60_000;
const MOST_RECENT = 32;
/** Stamps before this come from a clock that was never set. */
const CLOCK_WAS_SET = Date.UTC(2010, 0, 1);

export class Deduplicator {
  readonly #clock: Clock;
  /** Identities of the last notifications, oldest first; survives reconnects. */
  #recent: string[] = [];
  /** Those of the connections before: what a device may send twice after a reconnect. */
  #delivered: ReadonlySet<string> = new Set();
  #connectedAt = 0;
  #history = true;
  /** Device's clock minus ours, ms. */
  #offsetMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A new connection begins. */
  connected(): void {
    this.#delivered = new Set(this.#recent);
    this.#connectedAt = this.#clock.elapsed();
    this.#history = true;
  }

  /** The device said what time it is: a heartbeat's stamp, or System/time. ISO 8601 with offset. */
  deviceTime(time: string): void {
    const stamp = Date.parse(time);
    if (stamp >= CLOCK_WAS_SET) this.#offsetMs = stamp - this.#clock.now();
  }

  classify(notification: Notification): Novelty {
    const sinceMs = this.#clock.elapsed() - this.#connectedAt;
    if (notification.current === false && this.#history && sinceMs < HISTORY_MS) return "known";
    if (notification.current === true) this.#history = false;
    const identity = identityOf(notification);
    if (identity !== undefined) {
      if (sinceMs < RECOVERY_MS && this.#delivered.has(identity)) return "known";
      if (this.#recent.push(identity) > MOST_RECENT) this.#recent.shift();
    }
    return notification.retransmitted || this.#isOld(notification.time) ? "replayed" : "new";
  }

  #isOld(time: string | undefined): boolean {
    if (time === undefined || this.#offsetMs === undefined) return false;
    const stamp = Date.parse(time);
    return stamp >= CLOCK_WAS_SET && this.#clock.now() + this.#offsetMs - stamp > BEHIND_MS;
  }
}

/** Same notification, same text; undefined where the device's stamp cannot tell two of them apart. */
function identityOf(n: Notification): string | undefined {
  if (n.time === undefined || !(Date.parse(n.time) >= CLOCK_WAS_SET)) return undefined;
  return `${n.type}|${String(n.channel)}|${String(n.inputPort)}|${n.time}|${String(n.count)}|${String(n.active)}|${detailIdentity(n)}`;
}
