/**
 * What one node has seen of one channel: how far it has read the device's list, and which plates it has handled lately, so that none is
 * sent twice. Saved as text and restored, so that none is missed after a restart.
 */
import { captureTimeText, parseCaptureTime } from "./capture-time";
import { cursorAt, earlier, isCursor, wallOf } from "./cursor";
import { isSameCapture, type Capture } from "./plate";

export interface SavedSeenPlates {
  readonly cursor?: string;
  /** "<time> <lane> <plate>", oldest first. */
  readonly seen: readonly string[];
}

const MAX_SEEN = 1_000;
/** A live plate further back than this has a time from a clock that was not set. */
const MAX_CLOCK_STEP_BACK_MS = 2 * 3_600_000;

export class SeenPlates {
  #cursor: string | undefined;
  readonly #byPlate = new Map<string, Capture[]>();
  /** Handled, oldest first. */
  #seen: { readonly capture: Capture; readonly text: string }[] = [];
  /** Known, but not handled yet: waiting for pictures, or on their way to the flow. */
  readonly #pending = new Set<Capture>();

  /** What {@link save} gave; anything else restores as empty. */
  static restore(saved: unknown): SeenPlates {
    const seenPlates = new SeenPlates();
    const { cursor, seen } = (saved ?? {}) as { readonly cursor?: unknown; readonly seen?: unknown };
    if (isCursor(cursor)) seenPlates.#cursor = cursor;
    for (const text of Array.isArray(seen) ? seen : []) {
      const [, time, lane, plate] = /^(\S+) (\S+) (.*)$/su.exec(String(text)) ?? [];
      const capturedAt = parseCaptureTime(time);
      if (capturedAt && plate !== undefined)
        seenPlates.markDone({ plate, capturedAt, lane: lane === "-" ? undefined : Number(lane) });
    }
    return seenPlates;
  }

  /** The list has been read up to here; undefined: never. */
  get cursor(): string | undefined {
    return this.#cursor;
  }

  /** Where to read from to find entries listed late: so much before the cursor, but not before the oldest plate remembered. */
  readFrom(cursor: string, overlapMs: number): string {
    const wanted = earlier(cursor, overlapMs);
    const oldest = this.#seen.length < MAX_SEEN ? undefined : this.#seen[0];
    const oldestCursor = oldest && cursorAt(oldest.capture.capturedAt.wallMs);
    return oldestCursor !== undefined && oldestCursor > wanted && oldestCursor < cursor ? oldestCursor : wanted;
  }

  has(capture: Capture): boolean {
    return this.#byPlate.get(capture.plate)?.some((other) => isSameCapture(capture, other)) ?? false;
  }

  /** It will be handled later. Until then {@link save} leaves it out. */
  markPending(capture: Capture): void {
    this.#pending.add(capture);
    this.#index(capture);
  }

  /** It has been handled: sent, or filtered out. */
  markDone(capture: Capture): void {
    if (!this.#pending.delete(capture)) this.#index(capture);
    const { plate, capturedAt, lane } = capture;
    this.#seen.push({ capture, text: `${captureTimeText(capturedAt)} ${lane ?? "-"} ${plate}` });
    if (this.#seen.length > MAX_SEEN) this.#forgetOldest();
  }

  /** The list has been read up to here. */
  advance(cursor: string): void {
    if (this.#cursor === undefined || cursor > this.#cursor) this.#cursor = cursor;
  }

  /** The stream has brought every plate up to this one. Follows a clock that was set back, too. */
  followStream({ capturedAt: { wallMs } }: Capture): void {
    if (this.#cursor === undefined || wallMs < wallOf(this.#cursor) - MAX_CLOCK_STEP_BACK_MS) return;
    this.#cursor = cursorAt(wallMs);
  }

  /** Sets the first cursor, or a new one after the clock was wrong. */
  startAt(cursor: string): void {
    this.#cursor = cursor;
  }

  /** Plain data. A pending plate counts as not seen. */
  save(): SavedSeenPlates {
    const pendingCursors = [...this.#pending].map(({ capturedAt }) => cursorAt(capturedAt.wallMs));
    const cursor =
      this.#cursor && [this.#cursor, ...pendingCursors].reduce((least, one) => (one < least ? one : least));
    return { ...(cursor !== undefined && { cursor }), seen: this.#seen.map(({ text }) => text) };
  }

  #index(capture: Capture): void {
    const same = this.#byPlate.get(capture.plate);
    if (same) same.push(capture);
    else this.#byPlate.set(capture.plate, [capture]);
  }

  #forgetOldest(): void {
    const capture = this.#seen.shift()?.capture;
    if (!capture) return;
    const left = this.#byPlate.get(capture.plate)?.filter((other) => other !== capture) ?? [];
    if (left.length > 0) this.#byPlate.set(capture.plate, left);
    else this.#byPlate.delete(capture.plate);
  }
}
