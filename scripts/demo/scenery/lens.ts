/** From the world to the picture: a camera at a place, looking somewhere. Metres: x to the right, y ahead, z up. */
import type { Corner } from "../drawing/canvas";

export type Point = readonly [x: number, y: number, z: number];

export interface Eye {
  readonly at: Point;
  /** Degrees to the right of y. */
  readonly yaw: number;
  /** Degrees above the horizon. */
  readonly pitch: number;
  /** In widths of the picture: 1 sees 53° of the world. */
  readonly focal: number;
}

/** Nothing nearer is drawn. */
const NEAR = 0.25;
const DEGREE = Math.PI / 180;

export class Lens {
  readonly #sine: readonly [yaw: number, pitch: number];
  readonly #cosine: readonly [yaw: number, pitch: number];

  constructor(
    readonly eye: Eye,
    readonly width: number,
    readonly height: number,
  ) {
    const [yaw, pitch] = [eye.yaw * DEGREE, eye.pitch * DEGREE];
    this.#sine = [Math.sin(yaw), Math.sin(pitch)];
    this.#cosine = [Math.cos(yaw), Math.cos(pitch)];
  }

  /** Where the horizon is, in pixels from the top. */
  get horizon(): number {
    return this.height / 2 + (this.#sine[1] / Math.max(0.05, this.#cosine[1])) * this.#pixels;
  }

  /** What of a flat face is before the camera, as it is seen. Empty: nothing. */
  outline(face: readonly Point[]): Corner[] {
    return clipped(face.map((point) => this.#seen(point))).map(([right, up, ahead]) => this.#place(right, up, ahead));
  }

  /** Undefined: behind the camera. `metre`: its size there in pixels. */
  spot(point: Point): { readonly x: number; readonly y: number; readonly metre: number } | undefined {
    const [right, up, ahead] = this.#seen(point);
    if (ahead < NEAR) return undefined;
    const [x, y] = this.#place(right, up, ahead);
    return { x, y, metre: this.#pixels / ahead };
  }

  distance([x, y, z]: Point): number {
    const [ex, ey, ez] = this.eye.at;
    return Math.hypot(x - ex, y - ey, z - ez);
  }

  get #pixels(): number {
    return this.eye.focal * this.width;
  }

  /** To the right, up, ahead, as the camera has them. */
  #seen([x, y, z]: Point): Point {
    const [ex, ey, ez] = this.eye.at;
    const [dx, dy, dz] = [x - ex, y - ey, z - ez];
    const right = dx * this.#cosine[0] - dy * this.#sine[0];
    const level = dx * this.#sine[0] + dy * this.#cosine[0];
    return [right, dz * this.#cosine[1] - level * this.#sine[1], level * this.#cosine[1] + dz * this.#sine[1]];
  }

  #place(right: number, up: number, ahead: number): Corner {
    const scale = this.#pixels / ahead;
    return [this.width / 2 + right * scale, this.height / 2 - up * scale];
  }
}

function clipped(face: readonly Point[]): Point[] {
  const kept: Point[] = [];
  let before = face[face.length - 1];
  for (const point of face) {
    if (before && before[2] < NEAR !== point[2] < NEAR) kept.push(cut(before, point));
    if (point[2] >= NEAR) kept.push(point);
    before = point;
  }
  return kept;
}

function cut(from: Point, to: Point): Point {
  const share = (NEAR - from[2]) / (to[2] - from[2]);
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share, NEAR];
}
