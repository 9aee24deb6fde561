/** What scenarios share: the device, pauses, and random numbers that repeat with their seed. */
import { setMaxListeners } from "node:events";
import { Recorder } from "./recorder";
import { passPlate, type alerts, type Channel, type VirtualDevice } from "../../../test/virtual-device";

export class ScenarioContext {
  readonly #totals = new Map<string, number>();
  readonly #ended = new AbortController();
  readonly #recorder: Recorder;
  #state: number;

  constructor(
    readonly device: VirtualDevice,
    seed: number,
  ) {
    this.#state = Math.imul(seed, 2654435761) >>> 0;
    setMaxListeners(0, this.#ended.signal);
    this.#recorder = new Recorder(device, (ms) => device.pause(ms, this.#ended.signal));
  }

  get ended(): boolean {
    return this.#ended.signal.aborted || this.device.closed;
  }

  end(): void {
    this.#ended.abort();
  }

  async emit(alert: alerts.Alert): Promise<void> {
    if (!this.ended) await this.device.emit(alert);
  }

  /** The recorder films the camera, from some seconds before now on. */
  film(channel: number, recordType: "motion" | "timing" = "motion"): void {
    if (!this.ended) this.#recorder.film(channel, recordType);
  }

  /** Waits a random time, in seconds; returns early when the demo ends. */
  pause(from: number, to: number): Promise<void> {
    return this.device.pause((from + this.#random() * (to - from)) * 1000, this.#ended.signal);
  }

  integer(from: number, to: number): number {
    return from + Math.floor(this.#random() * (to - from + 1));
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.integer(0, list.length - 1)];
    if (item === undefined) throw new Error("Nothing to pick from.");
    return item;
  }

  /** One of these channels that the device has; else its first. */
  channel(...wanted: readonly number[]): number {
    const there = wanted.filter((number) => number <= this.device.profile.channels.length);
    return there.length > 0 ? this.pick(there) : 1;
  }

  /** As {@link channel}, the camera itself. */
  camera(...wanted: readonly number[]): Channel {
    const { channels } = this.device.profile;
    const camera = channels.find(({ number }) => number === this.channel(...wanted)) ?? channels[0];
    if (!camera) throw new Error("A device without channels.");
    return camera;
  }

  /** The device lists the plate and sends the ANPR event. */
  async passVehicle(fields: alerts.AnprFields): Promise<void> {
    if (!this.ended) await passPlate(this.device, fields);
  }

  /** A counter that only grows. */
  total(name: string, more: number): number {
    const sum = (this.#totals.get(name) ?? 0) + more;
    this.#totals.set(name, sum);
    return sum;
  }

  #random(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state / 2 ** 32;
  }
}
