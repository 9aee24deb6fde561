/**
 * The state of events for one node, behind its filter: start, update, end, report, by type + channel + input or output
 * (docs/contract.md).
 * A lost connection changes nothing here: what was open stays open until the device, or `offDelay` seconds of silence, end it.
 */
import type { Clock, Timer } from "../lib/clock";
import type { EventFilter } from "./filter";
import { hasReport } from "./decode/details";
import { copyNotification } from "./notification";
import { formatWall, parseTimestamp } from "../time/timestamp";
import { offsetText } from "../time/zone";
import type { Notification } from "./types";

export type EventState = "start" | "update" | "end" | "report";

/** A notification to send on, with the state it has for this node. */
interface Tracked {
  readonly state: EventState;
  readonly notification: Notification;
}

export interface TrackerOptions {
  readonly filter: EventFilter;
  /** `starts`: start, report. `edges`: end, too. `all`: also updates, and an end of what never started. */
  readonly emit: "starts" | "edges" | "all";
  /** False: nothing begins and nothing is reported now; what began before is told to its end. Default: always true. */
  readonly isActive?: () => boolean;
  /** Seconds of silence that end what is open; 0: only the device does. */
  readonly offDelay: number;
  /** Silence ended it: the start once more, with the present time in the device's offset. To be sent with `synthetic: true`. Must not throw. */
  readonly onSilence: (end: Notification) => void;
  readonly clock: Clock;
}

/** Open at a time; then the one that began first is ended as by silence. A device could name types and channels without end. */
const MAX_OPEN = 2_000;

interface OpenEvent {
  /** A copy: the message that was made of it belongs to the flow. */
  readonly start: Notification;
  readonly timer: Timer | undefined;
}

export class Tracker {
  readonly #options: TrackerOptions;
  readonly #open = new Map<string, OpenEvent>();

  constructor(options: TrackerOptions) {
    this.#options = options;
  }

  /** What the node should send for it; undefined: nothing. */
  take(notification: Notification): Tracked | undefined {
    if (notification.heartbeat) return undefined;
    if (this.#keepsOpen(notification) && this.#options.emit !== "all") return undefined;
    if (notification.reports && (notification.active || hasReport(notification))) {
      return this.#begins(notification) ? { state: "report", notification } : undefined;
    }
    return notification.active ? this.#active(notification) : this.#inactive(notification);
  }

  /** Forgets what is open, silently. */
  close(): void {
    for (const { timer } of this.#open.values()) timer?.cancel();
    this.#open.clear();
  }

  /** Without an event of it that is open. */
  #begins(notification: Notification): boolean {
    return this.#options.filter.accepts(notification) && (this.#options.isActive?.() ?? true);
  }

  #active(notification: Notification): Tracked | undefined {
    const key = keyOf(notification);
    const open = this.#open.get(key);
    if (!(open ? this.#options.filter.accepts(notification) : this.#begins(notification))) return undefined;
    if (open) {
      open.timer?.restart();
      return this.#options.emit === "all" ? { state: "update", notification } : undefined;
    }
    const timer = notification.endIsReported ? undefined : this.#silenceTimer(key);
    this.#open.set(key, { start: copyNotification(notification), timer });
    if (this.#open.size > MAX_OPEN)
      for (const oldest of this.#open.keys()) if (this.#open.size > MAX_OPEN) this.#silence(oldest);
    return { state: "start", notification };
  }

  #inactive(notification: Notification): Tracked | undefined {
    const { filter, emit } = this.#options;
    const key = keyOf(notification);
    const open = this.#open.get(key);
    if (!open) return emit === "all" && this.#begins(notification) ? { state: "end", notification } : undefined;
    if (hasTargetOrRegion(notification) && !filter.accepts(notification)) return undefined;
    open.timer?.cancel();
    this.#open.delete(key);
    if (emit === "starts") return undefined;
    const { targets, regions } = open.start;
    return { state: "end", notification: { ...notification, targets, regions } };
  }

  #silenceTimer(key: string): Timer | undefined {
    const { offDelay, clock } = this.#options;
    return offDelay > 0 ? clock.after(offDelay * 1000, () => this.#silence(key)) : undefined;
  }

  #silence(key: string): void {
    const open = this.#open.get(key);
    if (!open) return;
    open.timer?.cancel();
    this.#open.delete(key);
    if (this.#options.emit === "starts") return;
    const { time, ...start } = open.start;
    const now = this.#options.clock.now();
    this.#options.onSilence({ ...start, active: false, ...(time !== undefined && { time: sameOffset(now, time) }) });
  }

  /** A `duration`: true when the event that it prolongs is open here. */
  #keepsOpen(notification: Notification): boolean {
    const { continues } = notification;
    if (continues === undefined) return false;
    const open = this.#open.get(keyOf({ ...notification, type: continues }));
    open?.timer?.restart();
    return open !== undefined;
  }
}

function keyOf({ type, channel, inputPort, outputPort }: Notification): string {
  return `${type}/${channel ?? "device"}/${inputPort ?? ""}/${outputPort ?? ""}`;
}

/** Recorders strip a region down to the id 0. */
function hasTargetOrRegion({ targets, regions }: Notification): boolean {
  return targets.length > 0 || regions.some(({ id }) => id !== "" && id !== "0");
}

/** A moment (ms since 1970) as ISO 8601, in the offset of a device's stamp. */
function sameOffset(ms: number, stamp: string): string {
  const { zone = "Z" } = parseTimestamp(stamp) ?? {};
  return zone === "Z" ? `${formatWall(ms)}Z` : formatWall(ms + zone) + offsetText(zone);
}
