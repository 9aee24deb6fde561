/** The progress of several downloads, at most three times a second and once at the end: so never more than four. */
import type { Clock } from "../../lib/clock";

export interface Progress {
  /** From 1. */
  readonly file: number;
  readonly files: number;
  /** Of all files. */
  readonly bytes: number;
  /** Null: unknown. */
  readonly total: number | null;
  /** 0 … 100; 100 only at the end. */
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

const INTERVAL_MS = 334;
/** The speed is that of the last seconds. */
const WINDOW_MS = 5_000;

export class ProgressMeter {
  readonly #sizes: (number | null)[];
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #emit: (progress: Progress) => void;
  /** All bytes received, repeated ones included, for the speed. */
  #received = 0;
  #samples: { readonly at: number; readonly received: number }[] = [];
  #emittedAt = -Infinity;
  #file = 0;
  /** Bytes of the files before this one, and of this one. */
  #bytesBefore = 0;
  #bytesOfFile = 0;
  /** Of the current file, in time, where bytes say nothing. */
  #share: number | undefined;
  #beganAt: number | undefined;

  constructor({ sizes, clock, emit }: ProgressOptions) {
    this.#sizes = [...sizes];
    this.#clock = clock;
    this.#emit = emit;
  }

  /** `bytes` of the current file were received; fewer than before: its transfer started again. `share`: of its time, 0 … 1. */
  at(bytes: number, size: number | undefined, share?: number): void {
    if (size !== undefined) this.#sizes[this.#file] = size;
    else if (share !== undefined) this.#sizes[this.#file] = null;
    this.#share = share;
    this.#beganAt ??= this.#clock.elapsed();
    this.#received += Math.max(0, bytes - this.#bytesOfFile);
    this.#bytesOfFile = bytes;
    const now = this.#clock.elapsed();
    if (now - this.#emittedAt < INTERVAL_MS) return;
    this.#emittedAt = now;
    this.#emit(this.#progress(now));
  }

  /** Continues with the next file. `bytes`: size of the one that ended; 0: it failed. */
  next(bytes: number): void {
    this.#sizes[this.#file] = bytes;
    this.#bytesBefore += bytes;
    this.#bytesOfFile = 0;
    this.#share = undefined;
    this.#file += 1;
  }

  /** All files have ended. */
  end(): void {
    this.#emit({ ...this.#progress(this.#clock.elapsed()), percent: 100, secondsLeft: 0 });
  }

  #progress(now: number): Progress {
    this.#samples.push({ at: now, received: this.#received });
    this.#samples = this.#samples.filter(({ at }, i, all) => now - at <= WINDOW_MS || i === all.length - 1);
    const oldest = this.#samples[0];
    const seconds = oldest ? (now - oldest.at) / 1000 : 0;
    const bytesPerSecond = seconds > 0 && oldest ? Math.round((this.#received - oldest.received) / seconds) : 0;
    const files = this.#sizes.length;
    const bytes = this.#bytesBefore + this.#bytesOfFile;
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
        total === null
          ? this.#timeLeft(now, share)
          : bytesPerSecond === 0
            ? null
            : Math.max(0, Math.ceil((total - bytes) / bytesPerSecond)),
    };
  }

  /** By what it has taken so far. */
  #timeLeft(now: number, share: number): number | null {
    const seconds = (now - (this.#beganAt ?? now)) / 1000;
    if (this.#share === undefined || share <= 0 || seconds <= 0) return null;
    return Math.ceil((seconds * (1 - Math.min(1, share))) / share);
  }

  #total(): number | null {
    let total = 0;
    for (const size of this.#sizes) {
      if (size === null) return null;
      total += size;
    }
    return total;
  }

  /** Where sizes are unknown, each file counts the same. */
  #shareOfFiles(): number {
    const size = this.#sizes[this.#file];
    const here = this.#share ?? (typeof size === "number" && size > 0 ? Math.min(1, this.#bytesOfFile / size) : 0);
    return (this.#file + here) / this.#sizes.length;
  }
}
