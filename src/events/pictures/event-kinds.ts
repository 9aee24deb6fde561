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

export class EventKinds {
  readonly #clock: Pick<Clock, "elapsed">;
  /** When an event of a key was last active, ms. */
  readonly #active = new Lru<string, number>(MAX_EVENTS);

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
    const now = this.#clock.elapsed();
    const last = this.#active.get(key);
    this.#active.set(key, now);
    const first = `${key}/${subtype}/first`;
    const isRepeat = last !== undefined && now - last < REPEAT_MS;
    return isRepeat ? { name: `${key}/${subtype}/repeat`, after: first } : { name: first };
  }
}
