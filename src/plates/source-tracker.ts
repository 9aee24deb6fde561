/**
 * Who watches over a channel, and since when nobody has: does the stream bring its plates, or only the list? Found out by what comes.
 * Decides how often the list is read and what is late. Reads nothing itself.
 */
import type { Clock } from "../lib/clock";

/** The list is looked at this often where the stream brings the plates. */
const CHECK_MS = 60_000;
/** A stream that brings plates is given this long to come back before the list stands in for it. */
const PATIENCE_MS = 30_000;
/** The same plate comes by list and by stream within this time: the one of the stream, with all that it says, goes first. */
const GRACE_MS = 1_000;
/** In no hurry, while the stream is there. */
const LONG_GRACE_MS = 10_000;
/** A list that was not read for this long, or for three intervals, has a gap. */
const UNREAD_MS = 10_000;

/** A reading of the list that has begun. */
export interface Reading {
  /** Gaps that had opened by then. */
  readonly gaps: number;
  /** What it finds passed while nobody was looking. */
  readonly late: boolean;
}

export interface SourceTrackerOptions {
  readonly clock: Pick<Clock, "elapsed">;
  readonly pollMs: number;
  /** Is the stream up? */
  readonly up: boolean;
  /** It was watched before, so there is a gap up to now. */
  readonly resumed: boolean;
}

export class SourceTracker {
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #pollMs: number;
  #source: "unknown" | "stream" | "list" = "unknown";
  #up: boolean;
  #downAt: number | undefined;
  /** Gaps that have opened, and how many of them a reading has closed. */
  #opened: number;
  #closed = 0;
  #readAt: number;

  constructor(options: SourceTrackerOptions) {
    this.#clock = options.clock;
    this.#pollMs = options.pollMs;
    this.#up = options.up;
    this.#opened = options.resumed ? 1 : 0;
    this.#readAt = options.clock.elapsed();
  }

  get streamIsUp(): boolean {
    return this.#up;
  }

  /** Is there a time of which nobody knows yet what passed? */
  get hasGap(): boolean {
    return this.#opened > this.#closed;
  }

  /** The stream has brought a plate. */
  heard(): void {
    this.#source = "stream";
  }

  streamUp(): void {
    this.#up = true;
    if (this.#downAt === undefined) return;
    this.#downAt = undefined;
    if (this.#source === "list") this.#source = "unknown";
    else this.#opened += 1;
  }

  streamDown(): void {
    if (this.#downAt !== undefined) return;
    this.#up = false;
    this.#downAt = this.#clock.elapsed();
    if (this.#source !== "list") this.#opened += 1;
  }

  /** How long a stream that brings plates may still take to come back; 0: read now. */
  patienceMs(): number {
    if (this.#source !== "stream" || this.#downAt === undefined) return 0;
    const leftMs = this.#downAt + PATIENCE_MS - this.#clock.elapsed();
    if (leftMs > 0) return leftMs;
    this.#source = "unknown";
    return 0;
  }

  beginReading(): Reading {
    const unreadMs = this.#clock.elapsed() - this.#readAt;
    const unread = this.#source !== "stream" && unreadMs > Math.max(UNREAD_MS, 3 * this.#pollMs);
    return { gaps: this.#opened, late: this.hasGap || unread };
  }

  endReading({ gaps }: Reading): void {
    this.#closed = gaps;
    this.#readAt = this.#clock.elapsed();
  }

  /** How long the stream may take to bring what the list has already. */
  graceMs({ late }: Reading): number {
    if (this.#source === "list") return 0;
    return this.#source === "stream" && !late ? LONG_GRACE_MS : GRACE_MS;
  }

  /** The list has a plate that the stream did not bring. Is it late? */
  onlyListed(late: boolean): boolean {
    if (late) return true;
    if (this.#source === "stream") {
      // It left one out. Until it brings the next, the list is read at the usual pace.
      this.#source = "unknown";
      return true;
    }
    this.#source = "list";
    return false;
  }

  /** ms until the next reading. */
  intervalMs(): number {
    return this.#source === "stream" ? CHECK_MS : this.#pollMs;
  }
}
