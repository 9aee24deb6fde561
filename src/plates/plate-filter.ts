/** Which plates a node sends: by confidence and list, without repeats. */
import type { PlateReading } from "../events/decode/anpr";
import { Lru } from "../lib/lru";
import type { Capture } from "./plate";

export interface PlateFilterSettings {
  /** 0…100. */
  readonly minConfidence: number;
  /** "allow", "block", "other"; empty: all. */
  readonly lists: readonly string[];
  /** Seconds in which a plate is not sent again; 0: every one is sent. */
  readonly dropRepeats: number;
}

const MOST_REMEMBERED = 5_000;

export class PlateFilter {
  readonly #settings: PlateFilterSettings;
  /** When a plate was last accepted: wall time of the device, ms. */
  readonly #last = new Lru<string, number>(MOST_REMEMBERED);

  constructor(settings: PlateFilterSettings) {
    this.#settings = settings;
  }

  /** Remembers what it accepts. A plate without a list is on none of the chosen ones. */
  accepts(channel: number, reading: PlateReading, { capturedAt }: Capture): boolean {
    if (!this.mayAccept(reading)) return false;
    return reading.unread === true || !this.#isRepeat(`${channel} ${reading.plate}`, capturedAt.wallMs);
  }

  /** By what it says, repeated or not. */
  mayAccept(reading: PlateReading): boolean {
    const { lists } = this.#settings;
    if (!this.#isConfident(reading)) return false;
    return lists.length === 0 || (reading.list !== null && lists.includes(reading.list));
  }

  /** Entries of the device's list have no confidence: the device has accepted them. */
  #isConfident({ confidence, unread }: PlateReading): boolean {
    const { minConfidence } = this.#settings;
    if (minConfidence <= 0) return true;
    return confidence === null ? unread !== true : confidence >= minConfidence;
  }

  #isRepeat(key: string, wallMs: number): boolean {
    const withinMs = this.#settings.dropRepeats * 1000;
    if (withinMs <= 0) return false;
    const last = this.#last.get(key);
    if (last !== undefined && Math.abs(wallMs - last) < withinMs) return true;
    this.#last.set(key, wallMs);
    return false;
  }
}
