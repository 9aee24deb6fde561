/** A small raster to draw on: polygons with soft edges, ellipses, text, and what a sensor does to a picture. */
import { eachDot } from "./font";

export type Color = readonly [red: number, green: number, blue: number];
export type Corner = readonly [x: number, y: number];

export class Canvas {
  /** RGBA. */
  readonly data: Buffer;
  /** The same, a number for each pixel. */
  readonly #pixels: Uint32Array;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.data = Buffer.alloc(width * height * 4, 255);
    this.#pixels = new Uint32Array(this.data.buffer, this.data.byteOffset, width * height);
  }

  copy(): Canvas {
    const copy = new Canvas(this.width, this.height);
    copy.data.set(this.data);
    return copy;
  }

  /** All coordinates may lie outside; fractions are cut. */
  rect(x: number, y: number, width: number, height: number, color: Color): void {
    const left = Math.max(0, Math.trunc(x));
    const right = Math.min(this.width, Math.trunc(x + width));
    const bottom = Math.min(this.height, Math.trunc(y + height));
    if (right <= left) return;
    const packed = pack(color);
    for (let row = Math.max(0, Math.trunc(y)); row < bottom; row++)
      this.#pixels.fill(packed, row * this.width + left, row * this.width + right);
  }

  /** A convex polygon. Its left and right edges are soft. `alpha` 0…1 lets what is below shine through. */
  polygon(corners: readonly Corner[], color: Color, alpha = 1): void {
    let top = Infinity;
    let bottom = -Infinity;
    for (const [, y] of corners) {
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
    const last = Math.min(this.height - 1, Math.floor(bottom - 0.5));
    const packed = pack(color);
    for (let row = Math.max(0, Math.ceil(top - 0.5)); row <= last; row++) {
      const [from, to] = crossing(corners, row + 0.5);
      this.#span(row, Math.max(0, from), Math.min(this.width, to), color, packed, alpha);
    }
  }

  ellipse(centreX: number, centreY: number, radiusX: number, radiusY: number, color: Color, alpha = 1): void {
    const packed = pack(color);
    const last = Math.min(this.height - 1, Math.floor(centreY + radiusY));
    for (let row = Math.max(0, Math.floor(centreY - radiusY)); row <= last; row++) {
      const half = radiusX * Math.sqrt(Math.max(0, 1 - ((row + 0.5 - centreY) / radiusY) ** 2));
      this.#span(row, Math.max(0, centreX - half), Math.min(this.width, centreX + half), color, packed, alpha);
    }
  }

  text(text: string, x: number, y: number, scale: number, color: Color): void {
    eachDot(text, (dx, dy) => this.rect(x + dx * scale, y + dy * scale, scale, scale, color));
  }

  /** White on a dark edge: readable on anything. */
  caption(text: string, x: number, y: number, scale: number): void {
    const edge = Math.max(1, scale / 2);
    for (const [dx, dy] of [
      [-edge, 0],
      [edge, 0],
      [0, -edge],
      [0, edge],
    ] as const)
      this.text(text, x + dx, y + dy, scale, [24, 24, 24]);
    this.text(text, x, y, scale, [248, 248, 248]);
  }

  /** The grain of a sensor, the same for the same seed. */
  grain(seed: number, strength: number): void {
    const { data } = this;
    let state = seed | 1;
    for (let at = 0; at < data.length; at += 4) {
      state = Math.imul(state, 1664525) + 1013904223;
      const shift = ((state >>> 24) / 255 - 0.5) * strength;
      data[at] = clamp((data[at] ?? 0) + shift);
      data[at + 1] = clamp((data[at + 1] ?? 0) + shift);
      data[at + 2] = clamp((data[at + 2] ?? 0) + shift);
    }
  }

  /** As by the camera's own infrared light: grey, bright in the middle of its beam, dark around. */
  infrared(): void {
    const { data, width, height } = this;
    for (let row = 0, at = 0; row < height; row++) {
      const down = (row / height - 0.62) / 0.75;
      for (let column = 0; column < width; column++, at += 4) {
        const across = (column / width - 0.5) / 0.68;
        const beam = Math.max(0.16, 1 - across * across - down * down);
        const light = 0.3 * (data[at] ?? 0) + 0.5 * (data[at + 1] ?? 0) + 0.2 * (data[at + 2] ?? 0);
        data[at] = data[at + 1] = data[at + 2] = clamp(light * beam);
      }
    }
  }

  #span(row: number, from: number, to: number, color: Color, packed: number, alpha: number): void {
    if (to <= from) return;
    const first = Math.ceil(from);
    const end = Math.floor(to);
    const line = row * this.width;
    if (first > end) {
      this.#blend(line + end, color, alpha * (to - from));
      return;
    }
    if (first > from) this.#blend(line + first - 1, color, alpha * (first - from));
    if (alpha >= 1) this.#line(line + first, line + end, packed);
    else for (let at = line + first; at < line + end; at++) this.#blend(at, color, alpha);
    if (to > end) this.#blend(line + end, color, alpha * (to - end));
  }

  /** A short loop is faster than a call of fill. */
  #line(from: number, to: number, packed: number): void {
    if (to - from > 64) this.#pixels.fill(packed, from, to);
    else for (let at = from; at < to; at++) this.#pixels[at] = packed;
  }

  #blend(pixel: number, [red, green, blue]: Color, share: number): void {
    const { data } = this;
    const at = pixel * 4;
    const rest = 1 - share;
    data[at] = (data[at] ?? 0) * rest + red * share;
    data[at + 1] = (data[at + 1] ?? 0) * rest + green * share;
    data[at + 2] = (data[at + 2] ?? 0) * rest + blue * share;
  }
}

/** Where a line of pixels enters and leaves the polygon. */
function crossing(corners: readonly Corner[], y: number): readonly [from: number, to: number] {
  let from = Infinity;
  let to = -Infinity;
  let [beforeX, beforeY] = corners[corners.length - 1] ?? [0, 0];
  for (const [x, nextY] of corners) {
    if (beforeY <= y !== nextY <= y) {
      const at = beforeX + ((y - beforeY) / (nextY - beforeY)) * (x - beforeX);
      from = Math.min(from, at);
      to = Math.max(to, at);
    }
    beforeX = x;
    beforeY = nextY;
  }
  return [from, to];
}

function pack([red, green, blue]: Color): number {
  return ((255 << 24) | (clamp(blue) << 16) | (clamp(green) << 8) | clamp(red)) >>> 0;
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
