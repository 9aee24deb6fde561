/**
 * Tracks which source brings a channel's plates, the event stream or only the device's list, and in which time neither did. Decides how
 * often the list is read and which plates are backfilled. Reads nothing itself.
 */
import type { Clock } from "../lib/clock";

/** How often the list is read where the stream brings the plates. */
const CHECK_MS = 60_000;
/** How long a stream that brings plates may be down before the list replaces it. */
const STREAM_RETURN_MS = 30_000;
/** The stream may bring a listed plate this much later; its version is preferred, it has more details. */
const GRACE_MS = 1_000;
/** The same, while the stream is up and brings plates. */
const STREAM_GRACE_MS = 10_000;
/** A list that was not read for this long, or for three intervals, leaves a gap. */
const UNREAD_MS = 10_000;

/** One read of the list, from its start. */
export interface ListRead {
  /** Gaps opened by then. */
  readonly gaps: number;
  /** What it finds passed during a gap. */
  readonly backfilled: boolean;
}

export interface SourceTrackerOptions {
  readonly clock: Pick<Clock, "elapsed">;
  readonly pollMs: number;
  /** Is the stream up? */
  readonly streamIsUp: boolean;
  /** Restored after a restart, so there is a gap up to now. */
  readonly resumed: boolean;
}

export class SourceTracker {
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #pollMs: number;
  #source: "unknown" | "stream" | "list" = "unknown";
  #streamIsUp: boolean;
  #downAt: number | undefined;
  /** Gaps opened, and how many of them a read has closed. */
  #opened: number;
  #closed = 0;
  #readAt: number;

  constructor(options: SourceTrackerOptions) {
    this.#clock = options.clock;
    this.#pollMs = options.pollMs;
    this.#streamIsUp = options.streamIsUp;
    this.#opened = options.resumed ? 1 : 0;
    this.#readAt = options.clock.elapsed();
  }

  get streamIsUp(): boolean {
    return this.#streamIsUp;
  }

  /** Is there a time for which neither stream nor list has brought the plates yet? */
  get hasGap(): boolean {
    return this.#opened > this.#closed;
  }

  /** The stream has brought a plate. */
  streamBroughtPlate(): void {
    this.#source = "stream";
  }

  streamUp(): void {
    this.#streamIsUp = true;
    if (this.#downAt === undefined) return;
    this.#downAt = undefined;
    if (this.#source === "list") this.#source = "unknown";
    else this.#opened += 1;
  }

  streamDown(): void {
    if (this.#downAt !== undefined) return;
    this.#streamIsUp = false;
    this.#downAt = this.#clock.elapsed();
    if (this.#source !== "list") this.#opened += 1;
  }

  /** ms that a stream which brings plates may still take to come back; 0: read now. */
  waitForStreamMs(): number {
    if (this.#source !== "stream" || this.#downAt === undefined) return 0;
    const leftMs = this.#downAt + STREAM_RETURN_MS - this.#clock.elapsed();
    if (leftMs > 0) return leftMs;
    this.#source = "unknown";
    return 0;
  }

  beginRead(): ListRead {
    const unreadMs = this.#clock.elapsed() - this.#readAt;
    const unread = this.#source !== "stream" && unreadMs > Math.max(UNREAD_MS, 3 * this.#pollMs);
    return { gaps: this.#opened, backfilled: this.hasGap || unread };
  }

  endRead({ gaps }: ListRead): void {
    this.#closed = gaps;
    this.#readAt = this.#clock.elapsed();
  }

  /** ms that the stream may take to bring what the list has already. */
  graceMs({ backfilled }: ListRead): number {
    if (this.#source === "list") return 0;
    return this.#source === "stream" && !backfilled ? STREAM_GRACE_MS : GRACE_MS;
  }

  /** Notes a plate that only the list has. True: it is backfilled. */
  noteListOnly(late: boolean): boolean {
    if (late) return true;
    if (this.#source === "stream") {
      // The stream left one out. Until it brings the next, the list is read at the poll interval.
      this.#source = "unknown";
      return true;
    }
    this.#source = "list";
    return false;
  }

  /** ms until the next read. */
  intervalMs(): number {
    return this.#source === "stream" ? CHECK_MS : this.#pollMs;
  }
}
