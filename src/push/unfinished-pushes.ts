/** The pushes whose bodies are coming in: bounded in number per device, and in number and bytes for all. A sender that stalls must not fill the memory. */

const MOST_PER_DEVICE = 16;
const MOST_IN_ALL = 256;
const MOST_BYTES = 128 * 1024 * 1024;

/** One push under way. */
export interface UnfinishedPush {
  /** So many bytes more are held. False: they are too many. */
  add(bytes: number): boolean;
  /** Its bytes are no longer held. May be called again. */
  end(): void;
}

export class UnfinishedPushes {
  readonly #byDevice = new Map<string, number>();
  #count = 0;
  #bytes = 0;

  /** Undefined: too many are under way. */
  begin(device: string): UnfinishedPush | undefined {
    const own = this.#byDevice.get(device) ?? 0;
    if (own >= MOST_PER_DEVICE || this.#count >= MOST_IN_ALL) return undefined;
    this.#byDevice.set(device, own + 1);
    this.#count += 1;
    let held = 0;
    let ended = false;
    return {
      add: (bytes) => {
        if (ended || this.#bytes + bytes > MOST_BYTES) return false;
        held += bytes;
        this.#bytes += bytes;
        return true;
      },
      end: () => {
        if (ended) return;
        ended = true;
        this.#bytes -= held;
        this.#count -= 1;
        const left = (this.#byDevice.get(device) ?? 1) - 1;
        if (left > 0) this.#byDevice.set(device, left);
        else this.#byDevice.delete(device);
      },
    };
  }
}
