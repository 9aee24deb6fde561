/** What a listening process notes of the events, and what that cost it. */
import { monotonicMs } from "../../test/virtual-device/clock";
import type { ConnectionCost, Heard, Sighting } from "./protocol";

const LOOK_MS = 20;
/** So many looks without news are the end: looks, not time, because a busy machine may stop this process for long. */
const QUIET_LOOKS = 75;
const SETTLE_MS = 1000;

export class Hearing {
  #sightings: Sighting[] = [];
  #pictures = 0;
  #bytes = 0;
  #lastAt = 0;
  #cpu = process.cpuUsage();
  #began = monotonicMs();

  begin(): Promise<void> {
    this.#sightings = [];
    this.#pictures = 0;
    this.#bytes = 0;
    this.#began = this.#lastAt = monotonicMs();
    this.#cpu = process.cpuUsage();
    return Promise.resolve();
  }

  event(device: number, sequence: number, pictured = false): void {
    this.#lastAt = monotonicMs();
    this.#sightings.push([device, sequence, this.#lastAt]);
    if (pictured) this.#pictures += 1;
  }

  bytes(count: number): void {
    this.#bytes += count;
    this.#lastAt = monotonicMs();
  }

  async heard({ events = Infinity, bytes = Infinity }: { events?: number; bytes?: number }): Promise<Heard> {
    const done = (): boolean => this.#sightings.length >= events || this.#bytes >= bytes;
    for (let quiet = 0, seen = this.#lastAt; !done() && quiet < QUIET_LOOKS; quiet++) {
      await sleep(LOOK_MS);
      if (seen === this.#lastAt) continue;
      seen = this.#lastAt;
      quiet = 0;
    }
    const { user, system } = process.cpuUsage(this.#cpu);
    return {
      sightings: this.#sightings,
      pictures: this.#pictures,
      bytes: this.#bytes,
      lastAt: this.#lastAt,
      cpuMs: (user + system) / 1000,
      elapsedMs: monotonicMs() - this.#began,
      residentMb: process.memoryUsage.rss() / 1e6,
    };
  }
}

/** Memory per connection: `before` it is opened, then as often as wanted. */
export class Cost {
  #before: Memory | undefined;
  #count = 0;

  async before(count: number): Promise<void> {
    this.#count = count;
    this.#before = await memory();
  }

  async now(): Promise<ConnectionCost> {
    const now = await memory();
    const perConnection = (key: keyof Memory): number => (now[key] - (this.#before?.[key] ?? 0)) / 1000 / this.#count;
    return { residentKb: perConnection("resident"), usedKb: perConnection("used") };
  }
}

interface Memory {
  readonly resident: number;
  readonly used: number;
}

async function memory(): Promise<Memory> {
  await sleep(SETTLE_MS);
  globalThis.gc?.();
  await sleep(SETTLE_MS);
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { resident: rss, used: heapUsed + external };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
