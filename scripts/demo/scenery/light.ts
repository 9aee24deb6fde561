/** The light of an hour: the sun's height, the sky's colours, and whether the camera has switched to infrared. */
import type { Color } from "../drawing/canvas";
import type { Point } from "./lens";

export interface Light {
  /** 0 at night, 1 at noon. */
  readonly day: number;
  readonly infrared: boolean;
  readonly zenith: Color;
  readonly horizon: Color;
  /** What a face of this direction is multiplied by. */
  shade(normal: Point): number;
  /** Where the shadow of something one metre high ends, in metres; undefined without sun. */
  readonly shadow: readonly [x: number, y: number] | undefined;
}

const SUNRISE = 6.5;
const SUNSET = 18.5;
/** Hours that twilight takes. */
const TWILIGHT = 1.2;
/** Below it the picture is grey. */
const INFRARED_BELOW = 0.12;

const NOON_SKY: readonly [Color, Color] = [
  [92, 138, 196],
  [190, 210, 226],
];
const DUSK_SKY: readonly [Color, Color] = [
  [74, 84, 124],
  [226, 176, 136],
];
const NIGHT_SKY: readonly [Color, Color] = [
  [10, 10, 10],
  [26, 26, 26],
];

/** @param hour of the device's clock, with fraction */
export function lightAt(hour: number): Light {
  const day = Math.max(0, Math.min(1, 0.5 + Math.min(hour - SUNRISE, SUNSET - hour) / (2 * TWILIGHT)));
  const noon = Math.max(0, Math.min(1, Math.min(hour - SUNRISE, SUNSET - hour) / 3));
  const infrared = day < INFRARED_BELOW;
  const [zenith, horizon] = infrared ? NIGHT_SKY : mixed(DUSK_SKY, NOON_SKY, noon);
  // Low sun throws long shadows; it goes round behind the camera from the left to the right.
  const across = ((hour - 12) / 6) * 1.1;
  const length = 0.5 + 1.6 * (1 - noon);
  const toSun = unit([-across - 0.4, -0.7, 0.5 + noon]);
  const bright = infrared ? 0.95 : 0.45 + 0.55 * day;
  return {
    day,
    infrared,
    zenith,
    horizon,
    shadow: infrared || day < 0.4 ? undefined : [(across + 0.4) * length, 0.6 * length],
    shade: (normal) =>
      infrared
        ? bright * (0.75 + 0.25 * Math.abs(normal[1]))
        : bright * (0.62 + 0.42 * Math.max(0, dot(normal, toSun))),
  };
}

/** Lamps on the ceiling, whatever the hour. */
export const INDOORS: Light = {
  day: 1,
  infrared: false,
  zenith: [206, 204, 198],
  horizon: [206, 204, 198],
  shade: ([x, , z]) => 0.82 + 0.16 * Math.max(0, z) + 0.06 * x,
  shadow: undefined,
};

export function mix(from: Color, to: Color, share: number): Color {
  const part = (index: 0 | 1 | 2): number => from[index] + (to[index] - from[index]) * share;
  return [part(0), part(1), part(2)];
}

function mixed(from: readonly [Color, Color], to: readonly [Color, Color], share: number): readonly [Color, Color] {
  return [mix(from[0], to[0], share), mix(from[1], to[1], share)];
}

function unit([x, y, z]: Point): Point {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}

function dot(a: Point, b: Point): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
