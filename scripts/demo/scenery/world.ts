/** What stands in front of a camera, drawn from the far to the near: ground, shadows, then things. */
import type { Canvas, Color } from "../drawing/canvas";
import { Lens, type Eye, type Point } from "./lens";
import { mix, type Light } from "./light";

/** Draws itself, when all that is behind it is drawn. */
type Drawing = () => void;

/** Everything pales to the colour of the horizon; at this distance by 1 − 1/e. */
const HAZE_METRES = 260;

export class World {
  readonly #lens: Lens;
  readonly #ground: Drawing[] = [];
  readonly #shadows: Drawing[] = [];
  readonly #things: { readonly distance: number; readonly draw: Drawing }[] = [];

  constructor(
    readonly canvas: Canvas,
    readonly light: Light,
    eye: Eye,
  ) {
    this.#lens = new Lens(eye, canvas.width, canvas.height);
  }

  /** A flat piece of ground or floor; later ones lie on earlier ones. */
  floor(face: readonly Point[], color: Color, alpha = 1): void {
    this.#ground.push(() => this.face(face, color, alpha));
  }

  /** From corner to corner, at height `z`. */
  patch(x1: number, y1: number, x2: number, y2: number, color: Color, alpha = 1, z = 0): void {
    this.floor(rectangle(x1, y1, x2, y2, z), color, alpha);
  }

  /** On the ground, below what throws it. */
  shadow(footprint: readonly Point[], height: number): void {
    const { shadow } = this.light;
    if (!shadow) return;
    const [dx, dy] = [shadow[0] * height, shadow[1] * height];
    const far = footprint.map(([x, y]): Point => [x + dx, y + dy, 0]);
    const hull = convexHull([...footprint, ...far]);
    this.#shadows.push(() => this.face(hull, [18, 22, 34], 0.3 * this.light.day, true));
  }

  /** Something that stands at a place. */
  thing(at: Point, draw: Drawing): void {
    this.#things.push({ distance: this.#lens.distance(at), draw });
  }

  /** A face with its own light and haze, at once. `plain`: the colour as it is. */
  face(face: readonly Point[], color: Color, alpha = 1, plain = false): void {
    const outline = this.#lens.outline(face);
    if (outline.length < 3) return;
    this.canvas.polygon(outline, plain ? color : this.lit(color, normal(face), this.#nearest(face)), alpha);
  }

  /** Is its front to the camera? Corners go round against the clock, seen from the front. */
  faces(face: readonly Point[]): boolean {
    const [x, y, z] = face[0] ?? [0, 0, 0];
    const [ex, ey, ez] = this.#lens.eye.at;
    const [nx, ny, nz] = normal(face);
    return nx * (ex - x) + ny * (ey - y) + nz * (ez - z) > 0;
  }

  lit(color: Color, direction: Point, at: Point): Color {
    const shade = this.light.shade(direction);
    const near: Color = [color[0] * shade, color[1] * shade, color[2] * shade];
    return mix(near, this.light.horizon, 1 - Math.exp(-this.#lens.distance(at) / HAZE_METRES));
  }

  spot(point: Point): ReturnType<Lens["spot"]> {
    return this.#lens.spot(point);
  }

  /** Of a face, from the camera: a meadow is not as pale as its far end. */
  #nearest(face: readonly Point[]): Point {
    const [ex, ey, ez] = this.#lens.eye.at;
    const within = (axis: 0 | 1 | 2, wanted: number): number => {
      const values = face.map((point) => point[axis]);
      return Math.max(Math.min(...values), Math.min(Math.max(...values), wanted));
    };
    return [within(0, ex), within(1, ey), within(2, ez)];
  }

  draw(): void {
    for (const draw of [...this.#ground, ...this.#shadows]) draw();
    this.#things.sort((a, b) => b.distance - a.distance);
    for (const { draw } of this.#things) draw();
  }

  drawSky(): void {
    const { canvas, light } = this;
    const end = Math.ceil(this.#lens.horizon);
    for (let y = 0; y < canvas.height; y++) {
      const up = Math.max(0, Math.min(1, (end - y) / (canvas.height * 0.8)));
      canvas.rect(0, y, canvas.width, 1, mix(light.horizon, light.zenith, up));
    }
  }
}

export function rectangle(x1: number, y1: number, x2: number, y2: number, z = 0): Point[] {
  return [
    [x1, y1, z],
    [x2, y1, z],
    [x2, y2, z],
    [x1, y2, z],
  ];
}

function normal([a, b, c]: readonly Point[]): Point {
  if (!a || !b || !c) return [0, 0, 1];
  const [ux, uy, uz] = [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
  const [vx, vy, vz] = [c[0] - b[0], c[1] - b[1], c[2] - b[2]];
  const [x, y, z] = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
  const length = Math.hypot(x, y, z) || 1;
  return [x / length, y / length, z / length];
}

/** Of points on the ground. */
function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (list: readonly Point[]): Point[] => {
    const chain: Point[] = [];
    for (const point of list) {
      for (let last = chain.at(-1), before = chain.at(-2); last && before; last = chain.at(-1), before = chain.at(-2)) {
        const turn = (last[0] - before[0]) * (point[1] - before[1]) - (last[1] - before[1]) * (point[0] - before[0]);
        if (turn > 0) break;
        chain.pop();
      }
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}
