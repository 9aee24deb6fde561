/**
 * The actions on a place in the picture: 3D zoom, tracking, focus. Places are parts of the picture from its upper left corner; devices
 * count from the lower left in all of them, as the vendor's live view subtracts y in each (proven for position3D only).
 */
import { codeOf, FatalError } from "../lib/errors";
import { say } from "../lib/sentence";
import { PTZ_BOUNDS } from "./bounds";
import type { PtzChannel } from "./channel";
import type { ActionResult } from "./moves";
import * as requests from "./requests";
import { invalidValue, valueText, type NumberRange, type Values } from "./values";

type Box = Readonly<Record<"x" | "y" | "width" | "height", number>>;

/** position3D and ManualTrace divide the picture into so many steps, regionalFocus into others. */
const STEPS = 255;
const FOCUS_STEPS = 1000;

/** 3D zoom: the rectangle fills the picture afterwards. */
export async function zoomToBox(channel: PtzChannel, values: Values, signal: AbortSignal): Promise<ActionResult> {
  const box = boxOf(values);
  const corners = cornersOf(box, STEPS);
  const bodyOf = (root: string): string => requests.position3D(corners, root);
  await channel.motors.supersede(
    (cut) => putRooted(channel, "position3D", ["Position3D", "position3D"], bodyOf, cut),
    signal,
  );
  return { box };
}

/** Follows what is at a point or in a box; how to end it is not known, any other move does. A box goes before a point. */
export async function track(channel: PtzChannel, values: Values, signal: AbortSignal): Promise<ActionResult> {
  const box = values.has("box") ? boxOf(values) : undefined;
  const point = box ? undefined : pointOf(values);
  const body = box
    ? requests.trackBox(cornersOf(box, STEPS))
    : requests.trackPoint(placeOf(point ?? { x: 0, y: 0 }, STEPS));
  if ((await told(channel, signal)).track === false)
    throw new FatalError(
      "notSupported",
      say`The device says that channel ${channel.number} cannot follow a target that it is shown.`,
    );
  await channel.motors.supersede((cut) => channel.put("ManualTrace", body, { signal: cut }), signal);
  return box ? { box } : { ...point };
}

/** Focuses on what is in the box. */
export async function regionFocus(channel: PtzChannel, values: Values, signal: AbortSignal): Promise<ActionResult> {
  const box = boxOf(values);
  await channel.putPicture("regionalFocus", requests.regionalFocus(cornersOf(box, FOCUS_STEPS)), { signal });
  return { box };
}

/** What the device says; nothing where it says nothing: a recorder refuses the question and does what is asked. */
export async function told(channel: PtzChannel, signal: AbortSignal): ReturnType<PtzChannel["capabilities"]> {
  try {
    return await channel.capabilities(signal);
  } catch (error) {
    if (signal.aborted || codeOf(error) !== "protocol") throw error;
    return {};
  }
}

/** By channel and function: the root that a device wants where the usual one is refused. */
const roots = new WeakMap<PtzChannel, Map<string, string>>();

/** Sends a document whose root is spelt in two ways; what worked goes first from then on. */
export async function putRooted(
  channel: PtzChannel,
  name: string,
  spellings: readonly [usual: string, other: string],
  bodyOf: (root: string) => string,
  signal: AbortSignal,
): Promise<void> {
  const known = roots.get(channel) ?? new Map<string, string>();
  roots.set(channel, known);
  const first = known.get(name) ?? spellings[0];
  const second = first === spellings[0] ? spellings[1] : spellings[0];
  try {
    await channel.put(name, bodyOf(first), { signal });
  } catch (error) {
    if (codeOf(error) !== "badRequest") throw error;
    await channel.put(name, bodyOf(second), { signal }).catch(() => {
      throw error;
    });
    known.set(name, second);
  }
}

function placeOf({ x, y }: { readonly x: number; readonly y: number }, steps: number): requests.Place {
  return { x: Math.round(x * steps), y: Math.round((1 - y) * steps) };
}

/** Upper left and lower right. */
function cornersOf({ x, y, width, height }: Box, steps: number): requests.Corners {
  return { start: placeOf({ x, y }, steps), end: placeOf({ x: x + width, y: y + height }, steps) };
}

function pointOf(values: Values): { readonly x: number; readonly y: number } {
  if (!values.has("x") && !values.has("y"))
    throw invalidValue(say`Give a point as "x" and "y", or "box" { x, y, width, height }, each from 0 to 1.`);
  return { x: values.number("x", PTZ_BOUNDS.box), y: values.number("y", PTZ_BOUNDS.box) };
}

function boxOf(values: Values): Box {
  const given = values.raw("box");
  if (typeof given !== "object" || given === null)
    throw invalidValue(say`"box" is ${valueText(given)}: give { x, y, width, height }, each from 0 to 1.`);
  const side = (name: string, range: NumberRange): number =>
    values.inRange(`box.${name}`, (given as Readonly<Record<string, unknown>>)[name], range);
  const x = side("x", PTZ_BOUNDS.box);
  const y = side("y", PTZ_BOUNDS.box);
  const width = side("width", { min: 0, max: remaining(x) });
  const height = side("height", { min: 0, max: remaining(y) });
  if (width === 0 || height === 0) throw invalidValue(say`"box" is empty: "width" and "height" must be more than 0.`);
  return { x, y, width, height };
}

/** What is left of the picture, rounded against floating-point noise (1 − 0.9). */
function remaining(from: number): number {
  return Math.round((1 - from) * 1e6) / 1e6;
}
