/** What the places are made of: colours, meadows, streets, rows of windows. */
import type { Color } from "../drawing/canvas";
import type { Eye } from "./lens";
import type { Vehicle, Walker } from "./people-and-vehicles";
import { mottle, type Panel } from "./solids";
import type { World } from "./world";

export interface Place {
  readonly eye: Eye;
  readonly indoors?: true;
  /** What always stands there. */
  build(world: World): void;
  /** Where people go, from 0 to 1 of their way. */
  walk(share: number): Pick<Walker, "x" | "y" | "going">;
  /** Where vehicles go. */
  drive?(share: number): Pick<Vehicle, "x" | "y" | "heading">;
}

export const ASPHALT: Color = [104, 105, 108];
export const LINE: Color = [214, 214, 206];
export const GRASS: Color = [96, 122, 66];
export const GRASS_TONES: readonly [Color, Color] = [
  [130, 148, 84],
  [62, 92, 46],
];
export const ASPHALT_TONES: readonly [Color, Color] = [
  [132, 132, 132],
  [72, 74, 78],
];
export const HEDGE: Color = [58, 88, 48];
export const WINDOW: Color = [66, 84, 102];

/** A row of windows on a wall. */
export function windows(from: number, to: number, count: number, bottom: number, top: number): Panel[] {
  const step = (to - from) / count;
  return Array.from({ length: count }, (_, i) => ({
    from: from + step * (i + 0.2),
    to: from + step * (i + 0.8),
    bottom,
    top,
    color: WINDOW,
  }));
}

/** The ground as far as the eye can see: in strips, because each pales by its own distance. */
export function plain(world: World, color: Color): void {
  const edges = [-500, -200, -110, -60, 60, 110, 200, 350, 700];
  edges.slice(1).forEach((to, i) => world.patch(-600, edges[i] ?? to, 600, to, color));
}

export function meadow(world: World): void {
  plain(world, GRASS);
  mottle(world, [-24, 3, 24, 40], 3, GRASS_TONES, 120);
}

export function street(world: World, x1: number, y1: number, x2: number, y2: number): void {
  world.patch(x1, y1, x2, y2, ASPHALT);
  const along = x2 - x1 > y2 - y1;
  for (let at = -240; at < 240; at += 12) {
    if (along) world.patch(at, (y1 + y2) / 2 - 0.1, at + 5, (y1 + y2) / 2 + 0.1, LINE);
    else world.patch((x1 + x2) / 2 - 0.1, at, (x1 + x2) / 2 + 0.1, at + 5, LINE);
  }
}
