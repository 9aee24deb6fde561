/** Camera pictures drawn by ourselves: a place, its light at that hour, who moves there, time stamp. Same input, same bytes. */
import { encode } from "jpeg-js";
import type { PictureSource, Scene } from "../../test/virtual-device";
import { Canvas, type Color } from "./drawing/canvas";
import { textWidth } from "./drawing/font";
import { BoundedCache } from "./bounded-cache";
import { INDOORS, lightAt } from "./scenery/light";
import { car, person, plateAt } from "./scenery/people-and-vehicles";
import type { Place } from "./scenery/ground";
import { placeOf } from "./scenery/places";
import { World } from "./scenery/world";

const QUALITY = 74;
/** The last pictures, and the last places without anybody in them. */
const pictures = new BoundedCache<Buffer>(64);
const places = new BoundedCache<Canvas>(12);
/** Light and shadows move on so often. */
const LIGHT_SECONDS = 300;

const PAINTS: Readonly<Record<string, Color>> = {
  blue: [48, 82, 142],
  white: [220, 222, 222],
  black: [38, 40, 46],
  red: [158, 40, 38],
  silver: [164, 168, 172],
};

/** Baseline JPEGs. Encoding takes some 50 ms per megapixel. */
export const drawnPictures: PictureSource = {
  scene: (scene) => pictures.get(JSON.stringify(scene), () => toJpeg(drawScene(scene))),
  plate: (text) => pictures.get(`plate ${text}`, () => toJpeg(drawPlate(text))),
};

function drawPlate(plate: string): Canvas {
  const canvas = new Canvas(240, 72);
  canvas.rect(0, 0, 240, 72, [58, 62, 70]);
  plateAt(canvas, plate, 120, 36, Math.min(5, 220 / (textWidth(plate) + 8)));
  canvas.grain(plate.length, 14);
  return canvas;
}

function toJpeg({ width, height, data }: Canvas): Buffer {
  return encode({ width, height, data }, QUALITY).data;
}

/** The scene before it is coded. Takes some 80 ms per megapixel, more where the place must be drawn anew. */
export function drawScene(scene: Scene): Canvas {
  const { width, height, stamp, title } = scene;
  const canvas = scene.covered ? new Canvas(width, height) : drawPlace(scene);
  if (scene.covered) canvas.rect(0, 0, width, height, [19, 17, 16]);
  canvas.grain(hash(stamp), scene.covered ? 10 : 7);
  const scale = Math.max(1, Math.round(height / 240));
  canvas.caption(stamp.replace("T", " ").slice(0, 19), 8 * scale, 7 * scale, scale);
  canvas.caption(title, width - (textWidth(title) + 8) * scale, height - 14 * scale, scale);
  return canvas;
}

function drawPlace(scene: Scene): Canvas {
  const { width, height, title, seed, view = { pan: 0, tilt: 0, zoom: 1 } } = scene;
  const place = placeOf(title, seed);
  const { at, yaw, pitch, focal } = place.eye;
  const eye = { at, yaw: yaw + view.pan, pitch: pitch + view.tilt, focal: focal * view.zoom };
  const seconds = secondsOf(scene.stamp);
  const moment = Math.floor(seconds / LIGHT_SECONDS) * LIGHT_SECONDS;
  const light = place.indoors ? INDOORS : lightAt(moment / 3600);
  const empty = places.get(JSON.stringify([width, height, title, seed, eye, moment]), () => {
    const world = new World(new Canvas(width, height), light, eye);
    place.build(world);
    world.drawSky();
    world.draw();
    return world.canvas;
  });
  const world = new World(empty.copy(), light, eye);
  comeAndGo(world, place, scene, seconds);
  world.draw();
  if (light.infrared) world.canvas.infrared();
  return world.canvas;
}

/** One crosses the picture in so many seconds, and so long it takes until the next one comes. */
const WALK = { takes: 26, every: 38 };
const DRIVE = { takes: 12, every: 44 };

function comeAndGo(world: World, place: Place, { figure, plate, paint, seed }: Scene, seconds: number): void {
  const walking = wayOf(WALK, seconds + seed * 7, figure === "human");
  if (figure !== "vehicle" && walking.share <= 1)
    person(world, { ...place.walk(walking.share), step: seconds * 1.9, coat: walking.count + seed });
  if (!place.drive) return;
  const driving = wayOf(DRIVE, seconds + seed * 11, figure === "vehicle");
  if (figure === "human" || driving.share > 1) return;
  const paints = Object.values(PAINTS);
  const color = PAINTS[paint ?? ""] ?? paints[(driving.count + seed) % paints.length];
  if (color)
    car(world, { ...place.drive(driving.share), paint: color, plate: plate ?? `HK${1000 + (driving.count % 9000)}` });
}

/** How far somebody is on the way; more than 1: nobody is. Who must be seen is about the middle. */
function wayOf({ takes, every }: { takes: number; every: number }, seconds: number, seen: boolean) {
  const count = Math.floor(seconds / every);
  const share = (seconds - count * every) / takes;
  return { count, share: seen ? 0.62 + 0.32 * ((seconds % 10) / 10) : share };
}

/** Of the day; noon where the stamp is none. */
function secondsOf(stamp: string): number {
  const [hours, minutes] = [11, 14].map((at) => Number(stamp.slice(at, at + 2)));
  const seconds = Number.parseFloat(stamp.slice(17));
  const sum = (hours ?? NaN) * 3600 + (minutes ?? NaN) * 60 + seconds;
  return Number.isFinite(sum) ? sum : 12 * 3600;
}

function hash(text: string): number {
  let value = 2166136261;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16777619);
  return value >>> 0;
}
