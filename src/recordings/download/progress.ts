/** How far several downloads have come, told at most three times a second, and at the end once more: so never more than four. */
import type { Clock } from "../../lib/clock";

export interface Progress {
  /** From 1. */
  readonly file: number;
  readonly files: number;
  /** Of all files. */
  readonly bytes: number;
  /** Null: the device does not tell. */
  readonly total: number | null;
  /** 0 … 100; 100 only when all is over. */
  readonly percent: number;
  readonly bytesPerSecond: number;
  readonly secondsLeft: number | null;
}

export interface ProgressOptions {
  /** Bytes of each file, null where they are not known. */
  readonly sizes: readonly (number | null)[];
  readonly clock: Pick<Clock, "elapsed">;
  /** Must not throw. */
  readonly emit: (progress: Progress) => void;
}

const EVERY_MS = 334;
/** The speed is that of the last seconds. */
const WINDOW_MS = 5_000;

export class ProgressMeter {
  readonly #sizes: (number | null)[];
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #emit: (progress: Progress) => void;
  /** What has come over the wire, for the speed. */
  #received = 0;
  #marks: { readonly at: number; readonly received: number }[] = [];
  #toldAt = -Infinity;
  #file = 0;
  /** Bytes of the files before this one, and of this one. */
  #before = 0;
  #here = 0;

  constructor({ sizes, clock, emit }: ProgressOptions) {
    this.#sizes = [...sizes];
    this.#clock = clock;
    this.#emit = emit;
  }

  /** `bytes` of the file under way have come; fewer than before: it has begun anew. */
  at(bytes: number, size: number | undefined): void {
    if (size !== undefined) this.#sizes[this.#file] = size;
    this.#received += Math.max(0, bytes - this.#here);
    this.#here = bytes;
    const now = this.#clock.elapsed();
    if (now - this.#toldAt < EVERY_MS) return;
    this.#toldAt = now;
    this.#emit(this.#progress(now));
  }

  /** On to the next file. `bytes`: of the one that is over; 0: it failed. */
  next(bytes: number): void {
    this.#sizes[this.#file] = bytes;
    this.#before += bytes;
    this.#here = 0;
    this.#file += 1;
  }

  /** All are over. */
  end(): void {
    this.#emit({ ...this.#progress(this.#clock.elapsed()), percent: 100, secondsLeft: 0 });
  }

  #progress(now: number): Progress {
    this.#marks.push({ at: now, received: this.#received });
    this.#marks = this.#marks.filter(({ at }, i, all) => now - at <= WINDOW_MS || i === all.length - 1);
    const oldest = this.#marks[0];
    const seconds = oldest ? (now - oldest.at) / 1000 : 0;
    const bytesPerSecond = seconds > 0 && oldest ? Math.round((this.#received - oldest.received) / seconds) : 0;
    const files = this.#sizes.length;
    const bytes = this.#before + this.#here;
    const total = this.#total();
    const share = total === null ? this.#shareOfFiles() : bytes / Math.max(1, total);
    return {
      file: Math.min(this.#file + 1, files),
      files,
      bytes,
      total,
      percent: Math.min(99, Math.floor(share * 100)),
      bytesPerSecond,
      secondsLeft:
        total === null || bytesPerSecond === 0 ? null : Math.max(0, Math.ceil((total - bytes) / bytesPerSecond)),
    };
  }

  #total(): number | null {
    let total = 0;
    for (const size of this.#sizes) {
      if (size === null) return null;
      total += size;
    }
    return total;
  }

  /** Where sizes are unknown a file is a file. */
  #shareOfFiles(): number {
    const size = this.#sizes[this.#file];
    const here = typeof size === "number" && size > 0 ? Math.min(1, this.#here / size) : 0;
    return (this.#file + here) / this.#sizes.length;
  }
}
