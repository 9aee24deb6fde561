/** What the recorder does while the demo plays: it films around each event, writes it down, and films each camera now and then. */
import { filmOf } from "../film/film";
import { archiveOf, type Channel, pastOf, type VirtualDevice } from "../../../test/virtual-device";

/** From so long before an event … */
const BEFORE_MS = 12_000;
/** … until so long after the last one. */
const AFTER_MS = 25_000;
/** A camera that sees something all the time has several files. */
const LONGEST_MS = 3 * 60_000;

/** A file that is being written. */
interface Take {
  readonly startMs: number;
  untilMs: number;
}

/** Into the device's log, as recorders do it: the beginning, and the end with it. */
export function logMotion(device: VirtualDevice, channel: number, startMs: number, endMs: number): void {
  const { log } = pastOf(device);
  log.push({ atMs: startMs, what: `Alarm/motionStart/${channel}` });
  log.push({ atMs: endMs, sinceMs: startMs, what: `Alarm/motionStop/${channel}` });
}

export class Recorder {
  readonly #device: VirtualDevice;
  readonly #pause: (ms: number) => Promise<void>;
  readonly #takes = new Map<number, Take>();
  /** By channel, when its last file ended. */
  readonly #ended = new Map<number, number>();

  /** @param pause returns early when the demo ends */
  constructor(device: VirtualDevice, pause: (ms: number) => Promise<void>) {
    this.#device = device;
    this.#pause = pause;
  }

  /** Something happens in front of a camera: begins a file, or goes on with the one that is being written. */
  film(channel: number, recordType: "motion" | "timing"): void {
    const now = this.#device.time.now();
    const camera = this.#device.profile.channels.find(({ number }) => number === channel);
    if (!camera?.online) return;
    const take = this.#takes.get(channel);
    if (take) take.untilMs = Math.min(now + AFTER_MS, take.startMs + LONGEST_MS);
    else void this.#write(camera, recordType, now);
  }

  async #write(camera: Channel, recordType: string, now: number): Promise<void> {
    const channel = camera.number;
    const startMs = Math.max(now - BEFORE_MS, this.#ended.get(channel) ?? 0);
    const take = { startMs, untilMs: now + AFTER_MS };
    this.#takes.set(channel, take);
    for (let left = AFTER_MS; left > 0 && !this.#device.closed; left = take.untilMs - this.#device.time.now()) {
      const before = this.#device.time.now();
      await this.#pause(left);
      // The demo has ended.
      if (this.#device.time.now() === before) break;
    }
    this.#takes.delete(channel);
    const endMs = this.#device.time.now();
    this.#ended.set(channel, endMs);
    if (this.#device.closed || endMs <= startMs) return;
    const { zone } = this.#device.time;
    const media = filmOf({ channel, channelName: camera.name, zone, startMs, endMs });
    archiveOf(this.#device).add({ channel, startMs, endMs, recordType, media });
    if (recordType === "motion") logMotion(this.#device, channel, now, endMs);
  }
}
