/** Camera pictures drawn by ourselves: a scene, who moves in it, time stamp, plate. Same input, same bytes. */
import { encode } from "jpeg-js";
import { Canvas, type Color } from "./canvas";
import { textWidth } from "./font";

export interface Scene {
  readonly width: number;
  readonly height: number;
  /** Tells scenes apart: the channel's number. */
  readonly seed: number;
  /** Written at the top left; also where the figure has got to. */
  readonly stamp: string;
  /** Written at the bottom left. */
  readonly title: string;
  readonly figure?: "human" | "vehicle";
  readonly plate?: string;
}

const QUALITY = 72;
const KEPT = 64;
const kept = new Map<string, Buffer>();

/** The scene as baseline JPEG. The last few are kept, because encoding takes some 50 ms per megapixel. */
export function scenePicture(scene: Scene): Buffer {
  return cached(JSON.stringify(scene), () => toJpeg(drawScene(scene)));
}

/** A number plate close up. */
export function platePicture(plate: string): Buffer {
  return cached(`plate ${plate}`, () => {
    const canvas = new Canvas(240, 64);
    drawPlate(canvas, plate, 120, 32, Math.min(5, 220 / (textWidth(plate) + 6)));
    canvas.grain(plate.length, 14);
    return toJpeg(canvas);
  });
}

/** The same picture, made exactly so many bytes long by JPEG comments. For benchmarks. */
export function padJpeg(jpeg: Buffer, bytes: number): Buffer {
  const comments: Buffer[] = [];
  let missing = bytes - jpeg.length;
  if (missing < 4 && missing !== 0) throw new Error(`A picture of ${jpeg.length} bytes cannot become ${bytes}.`);
  while (missing > 0) {
    // A comment is at most 65537 bytes with its marker, and at least 4.
    const size = missing <= 65_537 ? missing : Math.min(65_537, missing - 4);
    const comment = Buffer.alloc(size, 0x56);
    comment.writeUInt16BE(0xfffe, 0);
    comment.writeUInt16BE(size - 2, 2);
    comments.push(comment);
    missing -= size;
  }
  return Buffer.concat([jpeg.subarray(0, 2), ...comments, jpeg.subarray(2)]);
}

function cached(key: string, make: () => Buffer): Buffer {
  const found = kept.get(key);
  if (found) return found;
  const made = make();
  kept.set(key, made);
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT) break;
    kept.delete(oldest);
  }
  return made;
}

function toJpeg({ width, height, data }: Canvas): Buffer {
  return encode({ width, height, data }, QUALITY).data;
}

function drawScene(scene: Scene): Canvas {
  const { width: w, height: h, seed } = scene;
  const canvas = new Canvas(w, h);
  const tint = (seed * 37) % 60;
  const horizon = h * (0.35 + (seed % 3) * 0.04);
  for (let y = 0; y < horizon; y++) {
    const light = 150 + (70 * y) / horizon;
    canvas.rect(0, y, w, 1, [light - 30, light - 12 + tint / 6, light + 20]);
  }
  canvas.rect(0, horizon, w, h - horizon, [92 + tint / 2, 104, 78]);
  drawHouse(canvas, w * (0.08 + (seed % 4) * 0.12), horizon, w * 0.3, h * 0.24, tint);
  drawRoad(canvas, horizon);
  const figure = scene.figure ?? (seed % 2 === 0 ? "vehicle" : "human");
  const along = progress(scene.stamp, seed);
  if (figure === "human") drawHuman(canvas, w * (0.15 + 0.7 * along), h * 0.86, h * 0.34);
  else drawVehicle(canvas, w * (0.1 + 0.45 * along), h * 0.9, h * 0.3, scene.plate ?? "");
  const scale = Math.max(1, Math.round(h / 240));
  canvas.grain(hash(scene.stamp), 6);
  canvas.caption(scene.stamp.replace("T", " ").slice(0, 19), 8 * scale, 6 * scale, scale);
  canvas.caption(scene.title, 8 * scale, h - 14 * scale, scale);
  return canvas;
}

function drawHouse(canvas: Canvas, x: number, base: number, width: number, height: number, tint: number): void {
  const wall: Color = [168 + tint / 2, 150, 128];
  for (let y = 0; y < height * 0.5; y++) {
    const half = (width * 0.56 * y) / (height * 0.5);
    canvas.rect(x + width / 2 - half, base - height * 1.5 + y, half * 2, 1, [120, 62 + tint / 3, 52]);
  }
  canvas.rect(x, base - height, width, height, wall);
  for (const at of [0.14, 0.64])
    canvas.rect(x + width * at, base - height * 0.75, width * 0.22, height * 0.35, [70, 90, 110]);
  canvas.rect(x + width * 0.42, base - height * 0.55, width * 0.16, height * 0.55, [84, 60, 44]);
}

function drawRoad(canvas: Canvas, horizon: number): void {
  const { width: w, height: h } = canvas;
  for (let y = Math.trunc(horizon); y < h; y++) {
    const near = (y - horizon) / (h - horizon);
    canvas.rect(w * (0.55 - 0.5 * near), y, w * (0.1 + 0.85 * near), 1, [104, 104, 108]);
    if (Math.trunc(near * 14) % 2 === 0)
      canvas.rect(w * (0.6 - 0.08 * near), y, w * 0.012 * (0.3 + near), 1, [220, 220, 210]);
  }
}

function drawHuman(canvas: Canvas, x: number, feet: number, size: number): void {
  canvas.rect(x - size * 0.11, feet - size * 0.42, size * 0.09, size * 0.42, [38, 44, 66]);
  canvas.rect(x + size * 0.02, feet - size * 0.42, size * 0.09, size * 0.42, [38, 44, 66]);
  canvas.rect(x - size * 0.16, feet - size * 0.8, size * 0.32, size * 0.42, [150, 52, 46]);
  canvas.ellipse(x, feet - size * 0.9, size * 0.085, size * 0.11, [205, 164, 138]);
}

function drawVehicle(canvas: Canvas, x: number, base: number, size: number, plate: string): void {
  const width = size * 1.9;
  const paint: Color = [46, 70, 128];
  canvas.rect(x + width * 0.16, base - size, width * 0.68, size * 0.5, paint);
  canvas.rect(x + width * 0.22, base - size * 0.92, width * 0.56, size * 0.36, [176, 196, 206]);
  canvas.rect(x, base - size * 0.56, width, size * 0.46, paint);
  for (const at of [0.07, 0.83])
    canvas.rect(x + width * at, base - size * 0.46, width * 0.1, size * 0.14, [250, 240, 190]);
  for (const at of [0.16, 0.84])
    canvas.ellipse(x + width * at, base - size * 0.08, size * 0.14, size * 0.14, [24, 24, 26]);
  if (plate) drawPlate(canvas, plate, x + width / 2, base - size * 0.24, Math.max(1, size / 75));
}

function drawPlate(canvas: Canvas, plate: string, centreX: number, centreY: number, scale: number): void {
  const width = textWidth(plate) * scale;
  canvas.rect(centreX - width / 2 - 3 * scale, centreY - 6 * scale, width + 6 * scale, 12 * scale, [16, 16, 18]);
  canvas.rect(centreX - width / 2 - 2 * scale, centreY - 5 * scale, width + 4 * scale, 10 * scale, [238, 238, 230]);
  canvas.text(plate, centreX - width / 2, centreY - 3.5 * scale, scale, [18, 18, 24]);
}

/** How far the figure has got on its way, 0..1: it crosses the picture in 20 seconds, each scene at its own time. */
function progress(stamp: string, seed: number): number {
  const seconds = Number(stamp.slice(14, 16)) * 60 + Number(stamp.slice(17, 19));
  return Number.isFinite(seconds) ? ((seconds + seed * 7) % 20) / 20 : 0.5;
}

function hash(text: string): number {
  let value = 2166136261;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16777619);
  return value >>> 0;
}
