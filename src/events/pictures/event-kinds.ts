/**
 * What decides whether pictures follow an event: its type, subtype, channel and input, and whether it is a first notification,
 * a repeat, a report or an end. A camera sends a picture with the first notification of a motion, none with those that repeat it.
 */
import type { Clock } from "../../lib/clock";
import { Lru } from "../../lib/lru";
import type { Notification } from "../types";

/** One that comes after a longer pause is a first notification again: many devices send no end. */
const REPEAT_MS = 10_000;
const MAX_EVENTS = 1_000;

export interface EventKind {
  readonly name: string;
  /** The kind that it takes after as long as nothing is known of it: a repeat, its first notification. */
  readonly after?: string;
}

/** Type, channel and input: events of the same key stay in order. */
export function eventKey({ type, channel, inputPort }: Notification): string {
  return `${type}/${String(channel)}/${String(inputPort)}`;
}

/** An event that is going on. */
interface ActiveEvent {
  /** When it was last active. */
  atMs: number;
  readonly subtype: string;
  readonly first: EventKind;
  readonly repeat: EventKind;
}

export class EventKinds {
  readonly #clock: Pick<Clock, "elapsed">;
  /** By key. */
  readonly #active = new Lru<string, ActiveEvent>(MAX_EVENTS);

  constructor(clock: Pick<Clock, "elapsed">) {
    this.#clock = clock;
  }

  /** The kind of the next event of this key; undefined: an end, which has no pictures that are not announced. */
  kindOf(key: string, { active, reports, subtype = "" }: Notification): EventKind | undefined {
    if (reports) return { name: `${key}/${subtype}/${active ? "report" : "inactive"}` };
    if (!active) {
      this.#active.delete(key);
      return undefined;
    }
    const nowMs = this.#clock.elapsed();
    const before = this.#active.get(key);
    const isRepeat = before !== undefined && nowMs - before.atMs < REPEAT_MS;
    const event = before?.subtype === subtype ? before : this.#begins(key, subtype);
    event.atMs = nowMs;
    return isRepeat ? event.repeat : event.first;
  }

  #begins(key: string, subtype: string): ActiveEvent {
    const first = `${key}/${subtype}/first`;
    const repeat = { name: `${key}/${subtype}/repeat`, after: first };
    const event = { atMs: 0, subtype, first: { name: first }, repeat };
    this.#active.set(key, event);
    return event;
  }
}
