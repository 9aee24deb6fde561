/**
 * What one node has seen of one channel: how far it has read the device's list, which plates it has sent lately, so that none is sent
 * twice, and which it has skipped, so that the list does not bring them again. Saved as text and restored, so that none is missed
 * after a restart.
 */
import { captureTimeText, parseCaptureTime } from "./capture-time";
import { CaptureSet } from "./capture-set";
import { cursorAt, earlier, isCursor, wallOf } from "./cursor";
import type { Capture } from "./plate";

export interface SavedSeenPlates {
  readonly cursor?: string;
  /** "<time> <lane> <plate>", oldest first. */
  readonly seen: readonly string[];
  /** The same of those skipped. */
  readonly skipped?: readonly string[];
}

const MAX_SEEN = 1_000;
const MAX_PENDING = 10_000;
/** A live plate further back than this has a time from a clock that was not set. */
const MAX_CLOCK_STEP_BACK_MS = 2 * 3_600_000;

export class SeenPlates {
  #cursor: string | undefined;
  readonly #sent = new CaptureSet(MAX_SEEN);
  /** Filtered out, or older than the node: the list need not bring them again, the stream may, as it says more. */
  readonly #skipped = new CaptureSet(MAX_SEEN);
  /** To be sent: waiting for pictures, or on their way to the flow. */
  readonly #pending = new CaptureSet(MAX_PENDING);

  /** What {@link save} gave; anything else restores as empty. */
  static restore(saved: unknown): SeenPlates {
    const seenPlates = new SeenPlates();
    const { cursor, seen, skipped } = (saved ?? {}) as { [key in keyof SavedSeenPlates]?: unknown };
    if (isCursor(cursor)) seenPlates.#cursor = cursor;
    for (const capture of capturesIn(seen)) seenPlates.#sent.add(capture);
    for (const capture of capturesIn(skipped)) seenPlates.#skipped.add(capture);
    return seenPlates;
  }

  /** The list has been read up to here; undefined: never. */
  get cursor(): string | undefined {
    return this.#cursor;
  }

  /** Where to read from to find entries listed late: so much before the cursor, but not before the oldest plate remembered. */
  readFrom(cursor: string, overlapMs: number): string {
    const oldest = [this.#sent, this.#skipped]
      .flatMap(({ oldestOfFull }) => (oldestOfFull ? cursorAt(oldestOfFull.capturedAt.wallMs) : []))
      .filter((one) => one < cursor);
    return [earlier(cursor, overlapMs), ...oldest].reduce((latest, one) => (one > latest ? one : latest));
  }

  /** Has it been sent, or will it be? */
  has(capture: Capture): boolean {
    return this.#sent.has(capture) || this.#pending.has(capture);
  }

  /** Has it been handled in any way, so that the list has nothing new to say? */
  isHandled(capture: Capture): boolean {
    return this.has(capture) || this.#skipped.has(capture);
  }

  /** It will be sent later. Until then {@link save} leaves it out. */
  markPending(capture: Capture): void {
    this.#pending.add(capture);
  }

  /** The flow has it. */
  markDone(capture: Capture): void {
    this.#pending.delete(capture);
    this.#sent.add(capture);
  }

  /** The flow does not get it. */
  markSkipped(capture: Capture): void {
    if (!this.#skipped.has(capture)) this.#skipped.add(capture);
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
    let cursor = this.#cursor;
    const firstPendingMs = this.#firstPendingMs;
    if (cursor !== undefined && firstPendingMs !== undefined && cursorAt(firstPendingMs) < cursor)
      cursor = cursorAt(firstPendingMs);
    const skipped = [...this.#skipped].map(captureText);
    return {
      ...(cursor !== undefined && { cursor }),
      seen: [...this.#sent].map(captureText),
      ...(skipped.length > 0 && { skipped }),
    };
  }

  get #firstPendingMs(): number | undefined {
    let first: number | undefined;
    for (const { capturedAt } of this.#pending)
      if (first === undefined || capturedAt.wallMs < first) first = capturedAt.wallMs;
    return first;
  }
}

/** All of it is saved again and again, so each text is made once. */
const texts = new WeakMap<Capture, string>();

function captureText(capture: Capture): string {
  let text = texts.get(capture);
  if (text === undefined) {
    const { plate, capturedAt, lane } = capture;
    text = `${captureTimeText(capturedAt)} ${lane ?? "-"} ${plate}`;
    texts.set(capture, text);
  }
  return text;
}

function capturesIn(saved: unknown): Capture[] {
  if (!Array.isArray(saved)) return [];
  return saved.flatMap((text) => {
    const [, time, lane, plate] = /^(\S+) (\S+) (.*)$/su.exec(String(text)) ?? [];
    const capturedAt = parseCaptureTime(time);
    return capturedAt && plate !== undefined
      ? { plate, capturedAt, lane: lane === "-" ? undefined : Number(lane) }
      : [];
  });
}
