/** A small raster to draw on: rectangles, ellipses, text, grain. */
import { eachDot } from "./font";

export type Color = readonly [red: number, green: number, blue: number];

export class Canvas {
  /** RGBA. */
  readonly data: Buffer;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.data = Buffer.alloc(width * height * 4, 255);
  }

  /** All coordinates may lie outside; fractions are cut. */
  rect(x: number, y: number, width: number, height: number, [red, green, blue]: Color): void {
    const left = Math.max(0, Math.trunc(x));
    const right = Math.min(this.width, Math.trunc(x + width));
    const bottom = Math.min(this.height, Math.trunc(y + height));
    for (let row = Math.max(0, Math.trunc(y)); row < bottom; row++) {
      for (let at = (row * this.width + left) * 4, end = (row * this.width + right) * 4; at < end; at += 4) {
        this.data[at] = red;
        this.data[at + 1] = green;
        this.data[at + 2] = blue;
      }
    }
  }

  ellipse(centreX: number, centreY: number, radiusX: number, radiusY: number, color: Color): void {
    for (let dy = -Math.ceil(radiusY); dy <= radiusY; dy++) {
      const half = radiusX * Math.sqrt(Math.max(0, 1 - (dy / radiusY) ** 2));
      this.rect(centreX - half, centreY + dy, half * 2, 1, color);
    }
  }

  text(text: string, x: number, y: number, scale: number, color: Color): void {
    eachDot(text, (dx, dy) => this.rect(x + dx * scale, y + dy * scale, scale, scale, color));
  }

  /** White on a dark edge: readable on anything. */
  caption(text: string, x: number, y: number, scale: number): void {
    this.text(text, x + Math.max(1, scale / 2), y + Math.max(1, scale / 2), scale, [20, 20, 20]);
    this.text(text, x, y, scale, [245, 245, 245]);
  }

  /** The grain of a sensor, the same for the same seed. */
  grain(seed: number, strength: number): void {
    let state = seed | 1;
    for (let at = 0; at < this.data.length; at += 4) {
      state = Math.imul(state, 1664525) + 1013904223;
      const shift = ((state >>> 24) / 255 - 0.5) * strength;
      for (let c = at; c < at + 3; c++) this.data[c] = Math.max(0, Math.min(255, (this.data[c] ?? 0) + shift));
    }
  }
}
