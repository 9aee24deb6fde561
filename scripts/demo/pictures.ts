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
/** The last pictures, and the last places without people and vehicles. */
const pictures = new BoundedCache<Buffer>(64);
const places = new BoundedCache<Canvas>(12);
/** Light and shadows are updated this often. */
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

/** The scene before encoding. Takes some 80 ms per megapixel, more where the place is not cached. */
export function drawScene(scene: Scene): Canvas {
  const { width, height, stamp, channelName } = scene;
  const canvas = scene.covered ? new Canvas(width, height) : drawPlace(scene);
  if (scene.covered) canvas.rect(0, 0, width, height, [19, 17, 16]);
  canvas.grain(hash(stamp), scene.covered ? 10 : 7);
  const scale = Math.max(1, Math.round(height / 240));
  canvas.caption(stamp.replace("T", " ").slice(0, 19), 8 * scale, 7 * scale, scale);
  canvas.caption(channelName, width - (textWidth(channelName) + 8) * scale, height - 14 * scale, scale);
  return canvas;
}

function drawPlace(scene: Scene): Canvas {
  const { width, height, channelName, channel, view = { pan: 0, tilt: 0, zoom: 1 } } = scene;
  const place = placeOf(channelName, channel);
  const { at, yaw, pitch, focal } = place.eye;
  const eye = { at, yaw: yaw + view.pan, pitch: pitch + view.tilt, focal: focal * view.zoom };
  const seconds = secondsOf(scene.stamp);
  const moment = Math.floor(seconds / LIGHT_SECONDS) * LIGHT_SECONDS;
  const light = place.indoors ? INDOORS : lightAt(moment / 3600);
  const empty = places.get(JSON.stringify([width, height, channelName, channel, eye, moment]), () => {
    const world = new World(new Canvas(width, height), light, eye);
    place.build(world);
    world.drawSky();
    world.draw();
    return world.canvas;
  });
  const world = new World(empty.copy(), light, eye);
  drawTraffic(world, place, scene, seconds);
  world.draw();
  if (light.infrared) world.canvas.infrared();
  return world.canvas;
}

/** Seconds to cross the picture, and from one to the next. */
const WALK = { takes: 26, every: 38 };
const DRIVE = { takes: 12, every: 44 };

function drawTraffic(
  world: World,
  place: Place,
  { target, plate, vehicleColor, channel }: Scene,
  seconds: number,
): void {
  const walking = progressOf(WALK, seconds + channel * 7, target === "human");
  if (target !== "vehicle" && walking.share <= 1)
    person(world, { ...place.walk(walking.share), step: seconds * 1.9, coat: walking.count + channel });
  if (!place.drive) return;
  const driving = progressOf(DRIVE, seconds + channel * 11, target === "vehicle");
  if (target === "human" || driving.share > 1) return;
  const paints = Object.values(PAINTS);
  const color = PAINTS[vehicleColor ?? ""] ?? paints[(driving.count + channel) % paints.length];
  if (color)
    car(world, { ...place.drive(driving.share), paint: color, plate: plate ?? `HK${1000 + (driving.count % 9000)}` });
}

/** Share of the way covered; above 1: nobody there. A detected target stays near the middle. */
function progressOf({ takes, every }: { takes: number; every: number }, seconds: number, seen: boolean) {
  const count = Math.floor(seconds / every);
  const share = (seconds - count * every) / takes;
  return { count, share: seen ? 0.62 + 0.32 * ((seconds % 10) / 10) : share };
}

/** Second of the day; noon if the stamp has no time. */
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
