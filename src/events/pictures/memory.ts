/**
 * A limit for the pictures that wait in memory: the event that has held some longest lets go of its own first. One limit per device,
 * and one above them for everything in this process, because a thousand devices may each stay below theirs.
 */

/** An event that holds pictures. */
export interface PictureHolder {
  /** Let go of them, and call {@link PictureMemory.release}. Must not throw. */
  dropPictures(): void;
}

const MOST_PER_DEVICE = 64 << 20;
const MOST_IN_ALL = 256 << 20;

export class PictureMemory {
  readonly #most: number;
  readonly #above: PictureMemory | undefined;
  /** In the order in which they began to hold any. */
  readonly #held = new Map<PictureHolder, number>();
  #total = 0;

  /** @param above a limit for several of these together */
  constructor(most: number, above?: PictureMemory) {
    this.#most = most;
    this.#above = above;
  }

  /** Bytes held. */
  get total(): number {
    return this.#total;
  }

  /** The holder has so many bytes more. May make it, or others, drop their pictures. */
  hold(holder: PictureHolder, bytes: number): void {
    this.#held.set(holder, (this.#held.get(holder) ?? 0) + bytes);
    this.#total += bytes;
    this.#above?.hold(holder, bytes);
    for (const oldest of this.#held.keys()) {
      if (this.#total <= this.#most) break;
      oldest.dropPictures();
      this.release(oldest);
    }
  }

  /** It holds nothing any more. */
  release(holder: PictureHolder): void {
    const bytes = this.#held.get(holder);
    if (bytes === undefined) return;
    this.#held.delete(holder);
    this.#total -= bytes;
    this.#above?.release(holder);
  }
}

const inAll = new PictureMemory(MOST_IN_ALL);

/** For the pictures of one device, below the limit for all. */
export function deviceMemory(): PictureMemory {
  return new PictureMemory(MOST_PER_DEVICE, inAll);
}
