/** The device's own idea of the time: it may be in another zone, and it may be wrong. */
import type { DeviceClock } from "./clock";
import { formatLocal, offsetAt, parseZone, type Zone } from "./posix-zone";

export class DeviceTime {
  readonly #clock: DeviceClock;
  #zoneText: string;
  #zone: Zone;
  /** How far the device's clock is ahead of the real one, ms. */
  driftMs: number;
  mode: "NTP" | "manual" | "platform" = "NTP";

  constructor(clock: DeviceClock, zone: string, driftMs: number) {
    this.#clock = clock;
    this.#zoneText = zone;
    this.#zone = parseZone(zone);
    this.driftMs = driftMs;
  }

  /** As in System/time: POSIX sign. */
  get zone(): string {
    return this.#zoneText;
  }

  set zone(text: string) {
    this.#zone = parseZone(text);
    this.#zoneText = text;
  }

  /** What the device believes is now, ms since 1970. */
  now(): number {
    return this.#clock.now() + this.driftMs;
  }

  /** Local time with offset, without fractions, as devices stamp their events. */
  stamp(utcMs = this.now()): string {
    return formatLocal(this.#zone, utcMs);
  }

  /** Seconds east of Greenwich. */
  offsetAt(utcMs: number): number {
    return offsetAt(this.#zone, utcMs);
  }

  /** Sets the clock, as a PUT of System/time does. Text without offset is the device's own zone. */
  set(localTime: string): void {
    const zoned = /(Z|[+-]\d\d:\d\d)$/.test(localTime);
    const utc = zoned ? Date.parse(localTime) : Date.parse(`${localTime}Z`) - this.#zone.standard * 1000;
    this.driftMs = utc - this.#clock.now();
  }
}
