/**
 * Announced pictures compared with those that came: some firmware announces pictures that it never sends, other sends pictures that
 * it never announced. Learnt by kind of event (event-kinds.ts), so that neither delays events nor loses pictures.
 */
import { Lru } from "../../lib/lru";
import type { EventKind } from "./event-kinds";

/** For all pictures of one event together. */
const ANNOUNCED_WAIT_MS = 5_000;
/** The same for a kind whose announced pictures did not come the last time. */
const DOUBTFUL_WAIT_MS = 1_000;
/** Unannounced ones follow at once or not at all. */
export const GUESS_WAIT_MS = 300;
const MAX_KINDS = 1_000;
const MAX_PARTS = 16;
/** Events of a kind without its unannounced pictures, one after the other, before it is no longer waited for. */
const MAX_MISSES = 10;

interface PictureRecord {
  /** Unannounced pictures that followed the last event of this kind that had any. */
  parts: number;
  /** Events without them since then. */
  misses: number;
  /** Fewer came than were announced. */
  incomplete: boolean;
}

export class PictureStatistics {
  readonly #records = new Lru<string, PictureRecord>(MAX_KINDS);

  /** Parts to be expected after an event of this kind, beyond those that it announces. */
  expected(kind: EventKind): number {
    const record = this.#recordOf(kind);
    return record && record.misses < MAX_MISSES ? record.parts : 0;
  }

  /** How long to wait for the announced parts of one event. */
  waitMs(kind: EventKind | undefined): number {
    return kind && this.#recordOf(kind)?.incomplete === true ? DOUBTFUL_WAIT_MS : ANNOUNCED_WAIT_MS;
  }

  /** An event of this kind has announced so many parts; so many came before the next event. */
  followed(kind: EventKind, announced: number, came: number): void {
    if (came === announced && !this.#recordOf(kind)) return;
    const { name } = kind;
    const before = this.#records.get(name);
    const more = Math.min(came - announced, MAX_PARTS);
    this.#records.set(name, {
      parts: more > 0 ? more : (before?.parts ?? 0),
      misses: more > 0 ? 0 : Math.min((before?.misses ?? 0) + 1, MAX_MISSES),
      incomplete: came < announced,
    });
  }

  #recordOf({ name, after }: EventKind): PictureRecord | undefined {
    // Most devices send only what they announce.
    if (this.#records.size === 0) return undefined;
    return this.#records.get(name) ?? (after === undefined ? undefined : this.#records.get(after));
  }
}
