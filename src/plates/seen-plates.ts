/**
 * What one node has seen of one channel: how far it has read the device's list, and which plates it has dealt with lately, so that none
 * comes twice. Saved as text and restored, so that none is missed either.
 */
import { capturedText, parseCaptured } from "./capture-time";
import { cursorAt, earlier, isCursor, wallOf } from "./cursor";
import { isSameSight, type Sight } from "./plate";

export interface SavedSeenPlates {
  readonly cursor?: string;
  /** "<moment> <lane> <plate>", oldest first. */
  readonly seen: readonly string[];
}

const MOST_SEEN = 1_000;
/** A live plate further back than this comes from a clock that was not set. */
const LONGEST_BACK_MS = 2 * 3_600_000;

export class SeenPlates {
  #cursor: string | undefined;
  readonly #byPlate = new Map<string, Sight[]>();
  /** Dealt with, oldest first. */
  #seen: { readonly sight: Sight; readonly text: string }[] = [];
  /** Known, but not yet dealt with: their pictures are awaited, or they are on their way. */
  readonly #awaited = new Set<Sight>();

  /** What {@link save} gave; anything else is an empty ledger. */
  static restore(saved: unknown): SeenPlates {
    const ledger = new SeenPlates();
    const { cursor, seen } = (saved ?? {}) as { readonly cursor?: unknown; readonly seen?: unknown };
    if (isCursor(cursor)) ledger.#cursor = cursor;
    for (const text of Array.isArray(seen) ? seen : []) {
      const [, moment, lane, plate] = /^(\S+) (\S+) (.*)$/su.exec(String(text)) ?? [];
      const captured = parseCaptured(moment);
      if (captured && plate !== undefined)
        ledger.settle({ plate, captured, lane: lane === "-" ? undefined : Number(lane) });
    }
    return ledger;
  }

  /** Up to here the list is known; undefined: it was never read. */
  get cursor(): string | undefined {
    return this.#cursor;
  }

  /** Where to read from in order to find what was entered late: so much before the cursor, but not further than the memory reaches. */
  from(cursor: string, overlapMs: number): string {
    const wanted = earlier(cursor, overlapMs);
    const oldest = this.#seen.length < MOST_SEEN ? undefined : this.#seen[0];
    const reach = oldest && cursorAt(oldest.sight.captured.wallMs);
    return reach !== undefined && reach > wanted && reach < cursor ? reach : wanted;
  }

  knows(sight: Sight): boolean {
    return this.#byPlate.get(sight.plate)?.some((other) => isSameSight(sight, other)) ?? false;
  }

  /** It will be dealt with, later. Should that never happen, it is not among what is saved. */
  await(sight: Sight): void {
    this.#awaited.add(sight);
    this.#index(sight);
  }

  /** It has been dealt with. */
  settle(sight: Sight): void {
    if (!this.#awaited.delete(sight)) this.#index(sight);
    const { plate, captured, lane } = sight;
    this.#seen.push({ sight, text: `${capturedText(captured)} ${lane ?? "-"} ${plate}` });
    if (this.#seen.length > MOST_SEEN) this.#forgetOldest();
  }

  /** The list is known up to here. */
  advance(cursor: string): void {
    if (this.#cursor === undefined || cursor > this.#cursor) this.#cursor = cursor;
  }

  /** The stream brings everything, this plate last. Follows a clock that was set back, too. */
  follow({ captured: { wallMs } }: Sight): void {
    if (this.#cursor === undefined || wallMs < wallOf(this.#cursor) - LONGEST_BACK_MS) return;
    this.#cursor = cursorAt(wallMs);
  }

  /** The list was read for the first time, or its clock was wrong before: here it begins. */
  startAt(cursor: string): void {
    this.#cursor = cursor;
  }

  /** Plain data. A plate that is still awaited counts as not seen. */
  save(): SavedSeenPlates {
    const awaited = [...this.#awaited].map(({ captured }) => cursorAt(captured.wallMs));
    const cursor = this.#cursor && [this.#cursor, ...awaited].reduce((least, one) => (one < least ? one : least));
    return { ...(cursor !== undefined && { cursor }), seen: this.#seen.map(({ text }) => text) };
  }

  #index(sight: Sight): void {
    const same = this.#byPlate.get(sight.plate);
    if (same) same.push(sight);
    else this.#byPlate.set(sight.plate, [sight]);
  }

  #forgetOldest(): void {
    const sight = this.#seen.shift()?.sight;
    if (!sight) return;
    const left = this.#byPlate.get(sight.plate)?.filter((other) => other !== sight) ?? [];
    if (left.length > 0) this.#byPlate.set(sight.plate, left);
    else this.#byPlate.delete(sight.plate);
  }
}
