/** A device's plate list as src/plates sees it, without a device: what passes is listed by the fake clock, in the zone it is told. */
import type { PlateReading } from "../../src/events/decode/anpr";
import { cursorAt, wallOf } from "../../src/plates/cursor";
import type { ListedPlate } from "../../src/plates/plate-list";
import type { FakeClock } from "../support/fake-clock";

export function reading(plate: string, more: Partial<PlateReading> = {}): PlateReading {
  return { plate, confidence: null, list: null, vehicle: { raw: {} }, ...more };
}

export class FakeList {
  readonly plates: ListedPlate[] = [];
  /** What the device's wall clock is ahead of UTC, ms; set back when summer ends. */
  offsetMs = 0;
  /** How far its list is ahead of its clock, ms. */
  listAheadMs = 0;
  pageLimit = Infinity;
  repeatsNewest = true;
  error: Error | undefined;
  /** Cursors asked from, with the channel. */
  readonly asked: [channel: number, cursor: string][] = [];

  constructor(readonly clock: FakeClock) {}

  pass(plate: string, channel = 1, agoMs = 0): ListedPlate {
    const wallMs = this.clock.now() + this.offsetMs + this.listAheadMs - agoMs;
    const listed: ListedPlate = {
      channel,
      cursor: cursorAt(wallMs),
      capture: {
        plate,
        capturedAt: { wallMs: Math.floor(wallMs / 1000) * 1000, offsetMs: undefined },
        lane: undefined,
      },
      time: new Date(wallMs).toISOString(),
      reading: reading(plate),
      pictureName: undefined,
      raw: {},
    };
    this.plates.push(listed);
    return listed;
  }

  after = async (channel: number, cursor: string): Promise<readonly ListedPlate[]> => {
    this.asked.push([channel, cursor]);
    await Promise.resolve();
    if (this.error) throw this.error;
    const own = this.plates.filter((plate) => plate.channel === channel);
    own.sort((a, b) => wallOf(a.cursor) - wallOf(b.cursor) || (a.cursor < b.cursor ? -1 : 1));
    const page = own.filter((plate) => plate.cursor > cursor).slice(0, this.pageLimit);
    const newest = own.at(-1);
    return page.length === 0 && newest && this.repeatsNewest ? [newest] : page;
  };

  wallNow = (): Promise<number> => Promise.resolve(this.clock.now() + this.offsetMs);
}
