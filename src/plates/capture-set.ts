/** Captures of one channel, found again by plate and time; so many at most, the oldest is forgotten first. */
import { isSameCapture, type Capture } from "./plate";

export class CaptureSet implements Iterable<Capture> {
  readonly #most: number;
  readonly #byPlate = new Map<string, Capture[]>();
  /** In the order added. */
  readonly #all = new Set<Capture>();

  constructor(most: number) {
    this.#most = most;
  }

  [Symbol.iterator](): Iterator<Capture> {
    return this.#all.values();
  }

  /** The oldest of a full set: what is older may have been forgotten. */
  get oldestOfFull(): Capture | undefined {
    return this.#all.size < this.#most ? undefined : this.#all.values().next().value;
  }

  /** This capture, or another of the same car at the same time. */
  has(capture: Capture): boolean {
    return this.#byPlate.get(capture.plate)?.some((other) => isSameCapture(capture, other)) ?? false;
  }

  add(capture: Capture): void {
    this.#all.add(capture);
    const same = this.#byPlate.get(capture.plate);
    if (same) same.push(capture);
    else this.#byPlate.set(capture.plate, [capture]);
    if (this.#all.size <= this.#most) return;
    for (const oldest of this.#all) {
      this.delete(oldest);
      break;
    }
  }

  /** This very capture. */
  delete(capture: Capture): void {
    if (!this.#all.delete(capture)) return;
    const left = this.#byPlate.get(capture.plate)?.filter((other) => other !== capture) ?? [];
    if (left.length > 0) this.#byPlate.set(capture.plate, left);
    else this.#byPlate.delete(capture.plate);
  }
}
