/**
 * Announced pictures compared with those that came: some firmware announces pictures that it never sends, other sends
 * pictures that it never announced. Learnt by type and channel, so that neither delays events nor loses pictures.
 */

const FULL_WAIT_MS = 5_000;
/** Unannounced ones follow at once or not at all; so do those of a kind whose announced pictures did not come. */
const SHORT_WAIT_MS = 1_000;
const MAX_KEYS = 1_000;
const MAX_PARTS = 16;

interface PictureRecord {
  /** Parts that followed the last event of this key that had any. */
  parts: number;
  /** Fewer came than were announced. */
  incomplete: boolean;
}

export class PictureStatistics {
  readonly #records = new Map<string, PictureRecord>();

  /** Parts to be expected after an event of this key, whatever it announces. */
  expected(key: string): number {
    return this.#records.get(key)?.parts ?? 0;
  }

  /** How long to wait for the next part. */
  waitMs(key: string, announced: boolean): number {
    return announced && !this.#records.get(key)?.incomplete ? FULL_WAIT_MS : SHORT_WAIT_MS;
  }

  /** So many parts came after an event of this key that did not announce (all of) them. */
  moreCame(key: string, parts: number): void {
    this.#set(key, { parts: Math.min(parts, MAX_PARTS), incomplete: false });
  }

  /** All that was waited for came. */
  allCame(key: string): void {
    const record = this.#records.get(key);
    if (record) record.incomplete = false;
  }

  /** Not all came, only so many. */
  fewerCame(key: string, parts: number): void {
    this.#set(key, { parts: Math.min(parts, this.expected(key)), incomplete: true });
  }

  #set(key: string, record: PictureRecord): void {
    if (this.#records.has(key) || this.#records.size < MAX_KEYS) this.#records.set(key, record);
  }
}
