/** A pan/tilt/zoom head as it stands in the world: where it looks now, what it is doing, what it has stored. */
import type { VirtualDevice } from "../device";
import { perDevice } from "../per-device";

/** Tenths of a degree and of the ratio, as PTZStatus tells. */
export interface Position {
  azimuth: number;
  elevation: number;
  zoom: number;
}

export interface Stop {
  readonly preset: number;
  /** As sent: a camera means s, a recorder ms. */
  readonly delay: number;
  readonly speed: number;
}

export interface Patrol {
  name: string;
  stops: readonly Stop[];
  state: "stopped" | "running" | "paused";
}

export type SettingName = "park" | "limits" | "tracking";

export interface Preset {
  name: string;
  readonly position: Position;
}

type Motion =
  | { readonly kind: "none" }
  /** Per second; without `ms` until told otherwise. */
  | { readonly kind: "turning"; readonly since: number; readonly speed: Position; readonly ms?: number }
  | { readonly kind: "travelling"; readonly since: number; readonly from: Position; readonly ms: number };

/** Where a head looks until it is moved. */
export const MOUNTED: Readonly<Position> = { azimuth: 900, elevation: 100, zoom: 10 };

/** At speed 100, tenths per second. */
const FASTEST: Position = { azimuth: 600, elevation: 300, zoom: 50 };

export class Head {
  /** How long it takes to any position. */
  travelMs = 200;
  readonly presets = new Map<number, Preset>();
  readonly patrols = new Map<number, Patrol>();
  readonly patterns = new Map<number, "recording" | "recorded" | "running">();
  readonly aux = new Map<string, boolean>();
  home: Position | undefined;
  focus = 0;
  iris = 0;
  focused = 0;
  autoPan = 0;
  /** How often it was told to restart, by preset 94. */
  restarts = 0;
  /** The root of position3D, the spelling of home, and the end of the path that deletes a preset, as it knows them. */
  words = { box: "Position3D", home: "homeposition", presetDelete: "", lock: "LockPtz", wiper: "auxcontrols" };
  /** Corners of the last 3D zoom, of what it tracks, and of what it focused on. */
  box: readonly number[] | undefined;
  tracked: readonly number[] | undefined;
  focusedOn: readonly number[] | undefined;
  /** Documents that were written. */
  readonly settings = new Map<SettingName, string>();
  /** Says OK to settings and keeps its own. */
  deaf = false;
  #lockedUntil = 0;
  #at: Position = { ...MOUNTED };
  #motion: Motion = { kind: "none" };

  constructor(private readonly elapsed: () => number) {}

  get lockedFor(): number {
    return Math.max(0, Math.ceil((this.#lockedUntil - this.elapsed()) / 1000));
  }

  lockFor(seconds: number): void {
    this.#lockedUntil = this.elapsed() + seconds * 1000;
  }

  get moving(): boolean {
    this.#arrive();
    return this.#motion.kind !== "none";
  }

  get position(): Position {
    this.#arrive();
    const motion = this.#motion;
    if (motion.kind === "none") return { ...this.#at };
    const passed = this.elapsed() - motion.since;
    if (motion.kind === "turning") return turned(this.#at, motion.speed, passed);
    return between(motion.from, this.#at, passed / motion.ms);
  }

  turn(pan: number, tilt: number, zoom: number, ms?: number): void {
    this.#at = this.position;
    const speed = {
      azimuth: (pan * FASTEST.azimuth) / 100,
      elevation: (tilt * FASTEST.elevation) / 100,
      zoom: (zoom * FASTEST.zoom) / 100,
    };
    const still = pan === 0 && tilt === 0 && zoom === 0;
    this.#motion = still
      ? { kind: "none" }
      : { kind: "turning", since: this.elapsed(), speed, ...(ms !== undefined && { ms }) };
  }

  travel(to: Position): void {
    const from = this.position;
    this.#at = { ...to };
    this.#motion = { kind: "travelling", since: this.elapsed(), from, ms: this.travelMs };
  }

  #arrive(): void {
    const motion = this.#motion;
    if (motion.kind === "none" || motion.ms === undefined || this.elapsed() - motion.since < motion.ms) return;
    if (motion.kind === "turning") this.#at = turned(this.#at, motion.speed, motion.ms);
    this.#motion = { kind: "none" };
  }
}

export interface Heads {
  readonly channels: ReadonlyMap<number, Head>;
  /** An NVR that answers a bare 403 on the proxy and works on the plain path. */
  proxyDenied: boolean;
  /** Does it know absoluteEx? Newer domes do. */
  exact: boolean;
}

/** The heads of a device, by channel, for tests to look at and to change. */
export const headsOf = perDevice((device: VirtualDevice): Heads => {
  const elapsed = (): number => device.clock.elapsed();
  return {
    channels: new Map(device.profile.channels.map(({ number }) => [number, new Head(elapsed)])),
    proxyDenied: false,
    exact: device.profile.model === "camera",
  };
});

function turned(from: Position, speed: Position, ms: number): Position {
  const along = (start: number, perSecond: number): number => start + (perSecond * ms) / 1000;
  const azimuth = along(from.azimuth, speed.azimuth) % 3600;
  return {
    azimuth: azimuth < 0 ? azimuth + 3600 : azimuth,
    elevation: Math.min(900, Math.max(-200, along(from.elevation, speed.elevation))),
    zoom: Math.min(420, Math.max(10, along(from.zoom, speed.zoom))),
  };
}

function between(from: Position, to: Position, share: number): Position {
  const part = (a: number, b: number): number => a + (b - a) * Math.min(1, share);
  return {
    azimuth: part(from.azimuth, to.azimuth),
    elevation: part(from.elevation, to.elevation),
    zoom: part(from.zoom, to.zoom),
  };
}
