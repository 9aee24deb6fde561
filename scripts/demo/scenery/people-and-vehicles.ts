/** People, cars with plates, trucks. */
import type { Canvas, Color, Corner } from "../drawing/canvas";
import { eachDot, textWidth } from "../drawing/font";
import type { Point } from "./lens";
import { boxFaces, drawFaces, footprint, frameAt, type Extent, type Frame } from "./solids";
import type { World } from "./world";

const COATS: readonly Color[] = [
  [150, 52, 46],
  [52, 78, 120],
  [196, 166, 92],
  [70, 96, 72],
  [92, 92, 100],
];
const GLASS: Color = [58, 70, 84];
const BLACK: Color = [26, 26, 28];
const HEADLIGHT: Color = [255, 252, 236];

export interface Walker {
  readonly x: number;
  readonly y: number;
  /** To which side of the picture they go; 0: standing. */
  readonly going: -1 | 0 | 1;
  /** Where the legs are, in steps. */
  readonly step: number;
  readonly coat: number;
}

export function person(world: World, { x, y, going, step, coat }: Walker): void {
  world.shadow(footprint(frameAt(x, y), 0.5, 0.3), 1.7);
  world.thing([x, y, 0.9], () => {
    const foot = world.spot([x, y, 0]);
    const head = world.spot([x, y, 1.75]);
    if (!foot || !head) return;
    const tall = (foot.y - head.y) / 1.75;
    const at = (right: number, up: number): Corner => [foot.x + right * foot.metre, foot.y - up * tall];
    const tone = (color: Color): Color => world.lit(color, [0, -0.8, 0.4], [x, y, 1]);
    const jacket = COATS[coat % COATS.length] ?? BLACK;
    const swing = going === 0 ? 0.04 : Math.sin(step * Math.PI) * 0.3;
    const { canvas } = world;
    const limb = (from: readonly [number, number], to: readonly [number, number], wide: number, color: Color): void =>
      canvas.polygon(
        [
          at(from[0] - wide, from[1]),
          at(from[0] + wide, from[1]),
          at(to[0] + wide * 0.8, to[1]),
          at(to[0] - wide * 0.8, to[1]),
        ],
        tone(color),
      );
    canvas.ellipse(foot.x, foot.y, 0.34 * foot.metre, 0.09 * foot.metre, [16, 18, 26], 0.35);
    limb([-0.06, 0.86], [-0.07 - swing, 0.03], 0.1, [44, 48, 66]);
    limb([0.06, 0.86], [0.07 + swing, 0.03], 0.1, [52, 56, 76]);
    limb([-0.22, 1.4], [-0.26 + swing * 0.8, 0.85], 0.06, jacket);
    limb([0.22, 1.4], [0.26 - swing * 0.8, 0.85], 0.06, jacket);
    canvas.polygon([at(-0.24, 1.45), at(0.24, 1.45), at(0.19, 0.82), at(-0.19, 0.82)], tone(jacket));
    canvas.ellipse(...at(0, 1.47), 0.22 * foot.metre, 0.06 * tall, tone(jacket));
    canvas.ellipse(...at(going * 0.02, 1.61), 0.11 * foot.metre, 0.14 * tall, tone([206, 164, 138]));
    canvas.ellipse(...at(going * -0.02, 1.68), 0.115 * foot.metre, 0.09 * tall, tone([62, 48, 40]));
  });
}

export interface Vehicle {
  readonly x: number;
  readonly y: number;
  /** Degrees to the right of y; 180 comes towards a camera that looks along y. */
  readonly heading: number;
  readonly paint: Color;
  readonly plate?: string;
}

const BODY: Extent = {
  left: -0.9,
  right: 0.9,
  back: -2.15,
  front: 2.15,
  bottom: 0.3,
  top: 0.92,
  taper: { side: 0.05, back: 0.08, front: 0.16 },
};
const CABIN: Extent = {
  left: -0.84,
  right: 0.84,
  back: -1.75,
  front: 0.95,
  bottom: 0.9,
  top: 1.46,
  taper: { side: 0.16, back: 0.5, front: 0.72 },
};
const WHEELS = [-1.35, 1.35] as const;

export function car(world: World, { x, y, heading, paint, plate }: Vehicle): void {
  const frame = frameAt(x, y, heading);
  world.shadow(footprint(frame, 1.8, 4.3), 1.1);
  world.thing(frame(0, 0, 0.7), () => {
    world.face(boxFaces(frame, { ...BODY, bottom: -0.05, top: 0.02 }).at(-1) ?? [], [14, 15, 20], 0.55, true);
    for (const side of [-1, 1]) for (const ahead of WHEELS) wheel(world, frame, side, ahead);
    const body = boxFaces(frame, BODY);
    drawFaces(world, body, paint);
    for (const side of [-1, 1])
      for (const ahead of WHEELS) if (sideSeen(world, frame, side)) wheel(world, frame, side, ahead);
    drawFaces(world, boxFaces(frame, CABIN).slice(0, 4), paint);
    drawFaces(world, boxFaces(frame, CABIN).slice(0, 4).map(pane), GLASS);
    drawFaces(world, boxFaces(frame, CABIN).slice(4), paint);
    ends(world, frame, plate);
  });
}

/** What of a face is glass. */
function pane(face: Point[]): Point[] {
  const [a, b, c, d] = face;
  if (!a || !b || !c || !d) return face;
  const inside = (u: number, v: number): Point => between(between(a, b, u), between(d, c, u), v);
  return [inside(0.07, 0.1), inside(0.93, 0.1), inside(0.9, 0.9), inside(0.1, 0.9)];
}

function between(from: Point, to: Point, share: number): Point {
  return [
    from[0] + (to[0] - from[0]) * share,
    from[1] + (to[1] - from[1]) * share,
    from[2] + (to[2] - from[2]) * share,
  ];
}

function sideSeen(world: World, frame: Frame, side: number): boolean {
  const face = [frame(side, -1, 0), frame(side, 1, 0), frame(side, 1, 1)];
  return world.faces(side > 0 ? face : [...face].reverse());
}

function wheel(world: World, frame: Frame, side: number, ahead: number): void {
  for (const [radius, color] of [
    [0.34, BLACK],
    [0.19, [150, 152, 156] as Color],
  ] as const) {
    const rim = Array.from({ length: 12 }, (_, i): Point => {
      const angle = (i * Math.PI) / 6;
      return frame(side * 0.91, ahead + Math.cos(angle) * radius, 0.34 + Math.sin(angle) * radius);
    });
    world.face(rim, color);
  }
}

/** Lamps, grille and plate at the front; lamps and plate at the rear. */
function ends(world: World, frame: Frame, plate: string | undefined): void {
  for (const end of [1, -1] as const) {
    const at = end * 2.16;
    const face = (from: number, to: number, bottom: number, top: number): Point[] => {
      const quad = [frame(from, at, bottom), frame(to, at, bottom), frame(to, at, top), frame(from, at, top)];
      return end > 0 ? quad.reverse() : quad;
    };
    if (!world.faces(face(-1, 1, 0, 1))) continue;
    const dark = world.light.day < 0.6;
    if (end > 0) world.face(face(-0.5, 0.5, 0.6, 0.74), BLACK);
    world.face(face(-0.86, 0.86, 0.3, 0.42), [40, 42, 46]);
    for (const side of [-1, 1]) {
      const lens = face(Math.min(side * 0.84, side * 0.56), Math.max(side * 0.84, side * 0.56), 0.62, 0.78);
      world.face(lens, end > 0 ? [250, 246, 226] : [176, 30, 26], 1, dark || end > 0);
      const glow = dark && end > 0 ? world.spot(frame(side * 0.7, at, 0.7)) : undefined;
      for (const size of glow ? [0.22, 0.34, 0.46, 0.58] : [])
        if (glow) world.canvas.ellipse(glow.x, glow.y, size * glow.metre, size * 0.8 * glow.metre, HEADLIGHT, 0.1);
    }
    if (plate) plateOn(world, (u, v) => frame((0.5 - u) * 0.62 * end, at + 0.02 * end, 0.57 - v * 0.15), plate);
  }
}

/** Dots of the font laid onto the car: `place` takes shares of the plate from its top left. */
function plateOn(world: World, place: (u: number, v: number) => Point, plate: string): void {
  const quad = (u: number, v: number, width: number, height: number): Point[] => [
    place(u, v + height),
    place(u + width, v + height),
    place(u + width, v),
    place(u, v),
  ];
  world.face(quad(0, 0, 1, 1), [24, 24, 26], 1, true);
  world.face(quad(0.012, 0.06, 0.976, 0.88), [240, 240, 232], 1, true);
  const columns = textWidth(plate) + 4;
  eachDot(plate, (x, y) =>
    world.face(quad((x + 2) / columns, 0.16 + y * 0.098, 1.12 / columns, 0.105), [20, 20, 26], 1, true),
  );
}

/** A delivery van or a truck: a cab and a box. */
export function truck(world: World, { x, y, heading, paint }: Vehicle, length = 7.5): void {
  const frame = frameAt(x, y, heading);
  world.shadow(footprint(frame, 2.4, length), 3);
  world.thing(frame(0, 0, 1.6), () => {
    const half = length / 2;
    for (const ahead of [half - 1.2, -half + 1.4, -half + 2.4])
      for (const side of [-1, 1]) wheelOfTruck(world, frame, side, ahead);
    drawFaces(
      world,
      boxFaces(frame, { left: -1.2, right: 1.2, back: -half, front: half - 2, bottom: 0.7, top: 3.4 }),
      [222, 224, 226],
    );
    drawFaces(
      world,
      boxFaces(frame, {
        left: -1.15,
        right: 1.15,
        back: half - 1.9,
        front: half,
        bottom: 0.5,
        top: 2.7,
        taper: { side: 0.05, back: 0, front: 0.35 },
      }),
      paint,
    );
  });
}

function wheelOfTruck(world: World, frame: Frame, side: number, ahead: number): void {
  const rim = Array.from({ length: 10 }, (_, i): Point => {
    const angle = (i * Math.PI) / 5;
    return frame(side * 1.18, ahead + Math.cos(angle) * 0.48, 0.48 + Math.sin(angle) * 0.48);
  });
  world.face(rim, BLACK);
}

/** A plate seen straight on. */
export function plateAt(canvas: Canvas, plate: string, centreX: number, centreY: number, scale: number): void {
  const width = textWidth(plate) * scale;
  canvas.rect(centreX - width / 2 - 4 * scale, centreY - 7 * scale, width + 8 * scale, 14 * scale, [24, 24, 26]);
  canvas.rect(centreX - width / 2 - 3 * scale, centreY - 6 * scale, width + 6 * scale, 12 * scale, [238, 238, 230]);
  canvas.text(plate, centreX - width / 2, centreY - 3.5 * scale, scale, [18, 18, 24]);
}
