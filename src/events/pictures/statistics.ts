/**
 * What one device's alerts say about pictures, against what it does: some firmware announces pictures that it never sends,
 * other sends pictures that it never announced. Learnt by type and channel, so that neither delays events nor loses pictures.
 */

const FULL_WAIT_MS = 5_000;
/** Unannounced ones follow at once or not at all; so do those of a kind that broke its promise. */
const SHORT_WAIT_MS = 1_000;
const MAX_KEYS = 1_000;
const MAX_PARTS = 16;

interface Habit {
  /** Parts that followed the last event of this key that had any. */
  parts: number;
  /** Fewer came than were announced. */
  brokePromise: boolean;
}

export class PictureStatistics {
  readonly #habits = new Map<string, Habit>();

  /** Parts to be expected after an event of this key, whatever it announces. */
  expected(key: string): number {
    return this.#habits.get(key)?.parts ?? 0;
  }

  /** How long to wait for the next part. */
  patienceMs(key: string, announced: boolean): number {
    return announced && !this.#habits.get(key)?.brokePromise ? FULL_WAIT_MS : SHORT_WAIT_MS;
  }

  /** So many parts came after an event of this key that did not announce (all of) them. */
  surprised(key: string, parts: number): void {
    this.#set(key, { parts: Math.min(parts, MAX_PARTS), brokePromise: false });
  }

  /** All that was waited for came. */
  kept(key: string): void {
    const habit = this.#habits.get(key);
    if (habit) habit.brokePromise = false;
  }

  /** Not all came, only so many. */
  disappointed(key: string, parts: number): void {
    this.#set(key, { parts: Math.min(parts, this.expected(key)), brokePromise: true });
  }

  #set(key: string, habit: Habit): void {
    if (this.#habits.has(key) || this.#habits.size < MAX_KEYS) this.#habits.set(key, habit);
  }
}
