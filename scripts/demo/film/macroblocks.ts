/** The samples of a picture as H.264 takes them uncoded: squares of 16 × 16 pixels, YCbCr 4:2:0 after BT.601, 16…235 and 16…240. */
import type { Canvas } from "../drawing/canvas";

/** Side of a macroblock, pixels. */
export const SIDE = 16;
/** 256 of brightness, 64 of Cb, 64 of Cr, each part line by line. */
export const MACROBLOCK_BYTES = 384;
const CB = 256;
const CR = 320;

/** All macroblocks, line by line. Width and height of the canvas are multiples of 16. No sample is below 16. */
export function macroblocks({ width, height, data }: Canvas): Buffer {
  const columns = width / SIDE;
  const samples = Buffer.alloc(columns * (height / SIDE) * MACROBLOCK_BYTES);
  for (let row = 0; row < height; row += 2) {
    for (let column = 0; column < width; column += 2) {
      const start = ((row >> 4) * columns + (column >> 4)) * MACROBLOCK_BYTES;
      const [down, right] = [row & 15, column & 15];
      let [red, green, blue] = [0, 0, 0];
      for (let pixel = 0; pixel < 4; pixel++) {
        const [dy, dx] = [pixel >> 1, pixel & 1];
        const at = ((row + dy) * width + column + dx) * 4;
        const [r, g, b] = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
        samples[start + (down + dy) * SIDE + right + dx] = 16.5 + 0.25679 * r + 0.50413 * g + 0.09791 * b;
        red += r;
        green += g;
        blue += b;
      }
      const at = start + (down >> 1) * 8 + (right >> 1);
      samples[at + CB] = 128.5 + (-0.14822 * red - 0.29099 * green + 0.43922 * blue) / 4;
      samples[at + CR] = 128.5 + (0.43922 * red - 0.36779 * green - 0.07143 * blue) / 4;
    }
  }
  return samples;
}
