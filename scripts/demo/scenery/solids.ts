/** Boxes, roofs, trees and lamps: what does not move. */
import type { Color } from "../drawing/canvas";
import type { Point } from "./lens";
import { rectangle, type World } from "./world";

/** A place with a direction: from its own metres (right, ahead, up) to the world's. */
export type Frame = (right: number, ahead: number, up: number) => Point;

/** @param heading degrees to the right of y */
export function frameAt(x: number, y: number, heading = 0, z = 0): Frame {
  const [sine, cosine] = [Math.sin((heading * Math.PI) / 180), Math.cos((heading * Math.PI) / 180)];
  return (right, ahead, up) => [x + right * cosine + ahead * sine, y - right * sine + ahead * cosine, z + up];
}

export interface Extent {
  readonly left: number;
  readonly right: number;
  readonly back: number;
  readonly front: number;
  readonly bottom: number;
  readonly top: number;
  /** How much each side of the top lies further in. */
  readonly taper?: { readonly side: number; readonly back: number; readonly front: number };
}

/** Corners of a box, and its five faces that can be seen, each against the clock from outside. */
export function boxFaces(frame: Frame, { left, right, back, front, bottom, top, taper }: Extent): Point[][] {
  const { side, back: b, front: f } = taper ?? { side: 0, back: 0, front: 0 };
  const low = [
    frame(left, back, bottom),
    frame(right, back, bottom),
    frame(right, front, bottom),
    frame(left, front, bottom),
  ];
  const high = [
    frame(left + side, back + b, top),
    frame(right - side, back + b, top),
    frame(right - side, front - f, top),
    frame(left + side, front - f, top),
  ];
  const sides = low.map((corner, i): Point[] => {
    const next = (i + 1) % 4;
    return [corner, low[next] ?? corner, high[next] ?? corner, high[i] ?? corner];
  });
  return [...sides, high];
}

export function drawFaces(world: World, faces: readonly (readonly Point[])[], color: Color): void {
  for (const face of faces) if (world.faces(face)) world.face(face, color);
}

/** Upright, on the ground, with its shadow. */
export function box(world: World, frame: Frame, width: number, depth: number, height: number, color: Color): void {
  const extent = { left: -width / 2, right: width / 2, back: -depth / 2, front: depth / 2, bottom: 0, top: height };
  const faces = boxFaces(frame, extent);
  world.shadow(footprint(frame, width, depth), height);
  world.thing(frame(0, 0, height / 2), () => drawFaces(world, faces, color));
}

export function footprint(frame: Frame, width: number, depth: number): Point[] {
  const [w, d] = [width / 2, depth / 2];
  return [frame(-w, -d, 0), frame(w, -d, 0), frame(w, d, 0), frame(-w, d, 0)];
}

/** Something flat on the front of a wall, as a window: `front` is how far the wall is from the frame's middle. */
export interface Panel {
  readonly from: number;
  readonly to: number;
  readonly bottom: number;
  readonly top: number;
  readonly color: Color;
}

export interface House {
  readonly width: number;
  readonly depth: number;
  readonly height: number;
  /** 0: a flat roof. */
  readonly roof: number;
  readonly wall: Color;
  readonly tiles: Color;
  /** On the side towards −ahead. */
  readonly panels?: readonly Panel[];
}

export function house(
  world: World,
  frame: Frame,
  { width, depth, height, roof, wall, tiles, panels = [] }: House,
): void {
  const [w, d] = [width / 2, depth / 2];
  const walls = boxFaces(frame, { left: -w, right: w, back: -d, front: d, bottom: 0, top: height });
  const eaves = 0.4;
  const ridge = [frame(-w - eaves, 0, height + roof), frame(w + eaves, 0, height + roof)] as const;
  const slopes = [
    [frame(-w - eaves, -d - eaves, height - 0.1), frame(w + eaves, -d - eaves, height - 0.1), ridge[1], ridge[0]],
    [frame(w + eaves, d + eaves, height - 0.1), frame(-w - eaves, d + eaves, height - 0.1), ridge[0], ridge[1]],
  ];
  const gables = [
    [frame(w, -d, height), frame(w, d, height), frame(w, 0, height + roof)],
    [frame(-w, d, height), frame(-w, -d, height), frame(-w, 0, height + roof)],
  ];
  world.shadow(footprint(frame, width, depth), height + roof / 2);
  world.thing(frame(0, 0, height / 2), () => {
    drawFaces(world, walls, wall);
    for (const { from, to, bottom, top, color } of panels) {
      const at = -d - 0.02;
      drawFaces(
        world,
        [[frame(from, at, bottom), frame(to, at, bottom), frame(to, at, top), frame(from, at, top)]],
        color,
      );
    }
    if (roof === 0) return;
    drawFaces(world, gables, wall);
    drawFaces(world, slopes, tiles);
  });
}

/** A crown of several greens on a stem. */
export function tree(world: World, x: number, y: number, height: number, seed: number): void {
  const crown = height * 0.3;
  world.shadow(footprint(frameAt(x, y), crown * 1.6, crown * 1.2), height * 0.8);
  world.thing([x, y, height / 2], () => {
    const foot = world.spot([x, y, 0]);
    const middle = world.spot([x, y, height * 0.66]);
    if (!foot || !middle) return;
    const { canvas } = world;
    const { metre } = middle;
    const stem = Math.max(1, 0.045 * height * metre);
    const bark = world.lit([92, 72, 56], [0, -1, 0], [x, y, 0]);
    canvas.polygon(
      [
        [foot.x - stem, foot.y],
        [foot.x + stem, foot.y],
        [middle.x + stem * 0.5, middle.y],
        [middle.x - stem * 0.5, middle.y],
      ],
      bark,
    );
    for (let leaf = 0; leaf < 26; leaf++) {
      const angle = leaf * 2.4 + seed;
      const out = Math.sqrt((leaf + 0.5) / 26) * crown;
      const [dx, dy] = [Math.cos(angle) * out, Math.sin(angle) * out * 0.95];
      const up = 0.5 - dy / crown / 2;
      const green: Color = [46 + 34 * up + (leaf % 3) * 5, 78 + 52 * up + (leaf % 4) * 4, 40 + 14 * up];
      const size = crown * 0.42 * metre;
      canvas.ellipse(
        middle.x + dx * metre,
        middle.y + dy * metre,
        size,
        size * 0.85,
        world.lit(green, [0, -0.6, 0.8], [x, y, height]),
      );
    }
  });
}

/** A clipped hedge or a wall from one place to another. */
export function barrier(
  world: World,
  from: readonly [number, number],
  to: readonly [number, number],
  height: number,
  depth: number,
  color: Color,
): void {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy);
  const heading = (Math.atan2(-dy, dx) * 180) / Math.PI;
  const pieces = Math.max(1, Math.round(length / 4));
  for (let i = 0; i < pieces; i++) {
    const share = (i + 0.5) / pieces;
    const frame = frameAt(from[0] + dx * share, from[1] + dy * share, heading);
    const tone = (i * 37) % 9;
    box(world, frame, length / pieces, depth, height, [color[0] + tone, color[1] + tone, color[2] + tone / 2]);
  }
}

/** A post, with a lamp on it that shines where it is dark. */
export function lamp(world: World, x: number, y: number, height: number): void {
  const frame = frameAt(x, y);
  box(world, frame, 0.14, 0.14, height, [112, 116, 120]);
  world.thing(frame(0, -0.3, height), () => {
    const head = world.spot(frame(0, -0.3, height));
    if (!head) return;
    const size = Math.max(1.5, 0.3 * head.metre);
    const dark = world.light.day < 0.5;
    if (dark) world.canvas.ellipse(head.x, head.y, size * 5, size * 4, [250, 246, 220], 0.14);
    world.canvas.ellipse(head.x, head.y, size, size * 0.5, dark ? [255, 252, 236] : [176, 180, 184]);
  });
}

/** Leaves, stains and worn places, so that no ground is of one colour. */
export function mottle(
  world: World,
  [x1, y1, x2, y2]: readonly [number, number, number, number],
  seed: number,
  [light, dark]: readonly [Color, Color],
  count = 70,
): void {
  let state = seed * 7919 + 1;
  const chance = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  for (let i = 0; i < count; i++) {
    // Nearer ones are smaller and more, as they are seen.
    const near = chance() ** 2;
    const [x, y] = [x1 + chance() * (x2 - x1), y1 + near * (y2 - y1)];
    const size = 0.3 + chance() * 1.2 + near * 3;
    world.floor(
      rectangle(x - size, y - size * 0.5, x + size, y + size * 0.5, 0.001),
      chance() < 0.5 ? light : dark,
      0.12,
    );
  }
}
