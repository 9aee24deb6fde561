/** The actions that move the camera: by speed, by steps, to a position; and the lens. */
import { FatalError } from "../lib/errors";
import { say, type Sentence } from "../lib/sentence";
import { PTZ_BOUNDS } from "./bounds";
import * as requests from "./requests";
import type { PtzChannel } from "./channel";
import type { Motion } from "./motion";
import type { Position } from "./position";
import { invalidValue, type NumberRange, type Values } from "./values";

/** What an action returns beside its name. */
export type ActionResult = Readonly<Record<string, unknown>>;

/** Runs until stopped, or for `duration`; then it resolves after the stop. */
export async function move(channel: PtzChannel, values: Values, signal: AbortSignal): Promise<ActionResult> {
  const speed = speedOf(values);
  const duration = values.optionalNumber("duration", PTZ_BOUNDS.duration, "s");
  if (isStill(speed)) return { ...speed, ...(await stop(channel)) };
  const done = await channel.motors.start(speed, { signal, ...milliseconds(duration) });
  return { ...speed, ...(duration !== undefined && { duration }), ...(!done && { superseded: true }) };
}

/** The device itself ends it after `duration`. */
export async function momentary(channel: PtzChannel, values: Values, signal: AbortSignal): Promise<ActionResult> {
  const speed = speedOf(values);
  const duration = values.number("duration", PTZ_BOUNDS.duration, "s");
  const body = requests.momentary(speed, Math.round(duration * 1000));
  await channel.motors.supersede((cut) => channel.put("momentary", body, { signal: cut }), signal);
  await channel.clock.wait(duration * 1000, signal);
  return { ...speed, duration };
}

/** Stops every movement, also one started elsewhere, and the lens if it was started here. */
export async function stop(channel: PtzChannel): Promise<ActionResult> {
  const lens = [channel.focus, channel.iris].filter(({ isRunning }) => isRunning);
  await Promise.all([channel.motors, ...lens].map((motion) => motion.stop()));
  return {};
}

/** By parts of the picture; `tilt` up is positive. Refused where the device does not report its range. */
export async function relative(channel: PtzChannel, values: Values, signal: AbortSignal): Promise<ActionResult> {
  const pan = values.optionalNumber("pan", PTZ_BOUNDS.relative) ?? 0;
  const tilt = values.optionalNumber("tilt", PTZ_BOUNDS.relative) ?? 0;
  const zoom = values.optionalNumber("zoom", PTZ_BOUNDS.relativeZoom) ?? 0;
  const { relative: range } = await channel.capabilities(signal);
  if (!range) throw noRange(channel, say`relative moves`);
  if (zoom !== 0 && !range.zoom) throw noRange(channel, say`relative zoom`);
  const body = requests.relative(
    scaleTo(range.pan, pan),
    scaleTo(range.tilt, tilt),
    range.zoom ? scaleTo(range.zoom, zoom / 100) : 0,
  );
  await channel.motors.supersede((cut) => channel.put("relative", body, { signal: cut }), signal);
  return { pan, tilt, zoom };
}

/** A value not given stays as it is. */
export async function absolute(channel: PtzChannel, values: Values, signal: AbortSignal): Promise<ActionResult> {
  const ranges = await channel.absoluteRanges(signal);
  const given = {
    azimuth: values.optionalNumber("azimuth", ranges.azimuth, say`degrees`),
    elevation: values.optionalNumber("elevation", ranges.elevation, say`degrees`),
    zoom: values.optionalNumber("zoom", ranges.zoom, "(zoom ratio)"),
  };
  const target = await completed(given, channel, signal);
  await channel.motors.supersede((cut) => channel.goTo(target, cut), signal);
  return { ...target };
}

/** Pans on until `speed` is 0. Domes have presets for it instead: 99 starts, 96 ends. */
export async function autoPan(channel: PtzChannel, values: Values, signal: AbortSignal): Promise<ActionResult> {
  const speed = Math.round(values.number("speed", PTZ_BOUNDS.speed));
  const tails = ["autoPan", `presets/${speed === 0 ? 96 : 99}/goto`];
  const bodyOf = (tail: number): string | undefined => (tail === 0 ? requests.autoPan(speed) : undefined);
  await channel.motors.supersede((cut) => channel.putOneOf("autoPan", tails, bodyOf, { signal: cut }), signal);
  return { speed };
}

export function focus(channel: PtzChannel, values: Values, signal: AbortSignal): Promise<ActionResult> {
  return lens(channel.focus, values, signal);
}

export function iris(channel: PtzChannel, values: Values, signal: AbortSignal): Promise<ActionResult> {
  return lens(channel.iris, values, signal);
}

export async function onePushFocus(channel: PtzChannel, _values: Values, signal: AbortSignal): Promise<ActionResult> {
  // The misspelling is the vendor's; newer firmware may correct it.
  const tails = ["onepushfoucs/start", "onepushfocus/start"];
  await channel.putOneOf("onePushFocus", tails, () => undefined, { signal });
  return {};
}

async function lens(motion: Motion<number>, values: Values, signal: AbortSignal): Promise<ActionResult> {
  const speed = Math.round(values.number("speed", PTZ_BOUNDS.speed));
  const duration = values.number("duration", PTZ_BOUNDS.duration, "s");
  if (speed === 0) await motion.stop();
  const done = speed === 0 || (await motion.start(speed, { signal, ...milliseconds(duration) }));
  return { speed, duration, ...(!done && { superseded: true }) };
}

function speedOf(values: Values): requests.Speed {
  const names = ["pan", "tilt", "zoom"] as const;
  if (!names.some((name) => values.has(name)))
    throw invalidValue(say`Give at least one of "pan", "tilt" and "zoom": −100 to 100.`);
  const of = (name: string): number => Math.round(values.optionalNumber(name, PTZ_BOUNDS.speed) ?? 0);
  return { pan: of("pan"), tilt: of("tilt"), zoom: of("zoom") };
}

function isStill({ pan, tilt, zoom }: requests.Speed): boolean {
  return pan === 0 && tilt === 0 && zoom === 0;
}

function milliseconds(seconds: number | undefined): { readonly ms?: number } {
  return seconds === undefined ? {} : { ms: seconds * 1000 };
}

/** −1…1 → from one end of the range to the other; 0 is its middle, whether the device counts −255…255 or 0…255. */
function scaleTo({ min, max }: NumberRange, value: number): number {
  return Math.round(min + ((value + 1) / 2) * (max - min));
}

async function completed(
  given: { readonly [K in keyof Position]: number | undefined },
  channel: PtzChannel,
  signal: AbortSignal,
): Promise<Position> {
  const { azimuth, elevation, zoom } = given;
  if (azimuth !== undefined && elevation !== undefined && zoom !== undefined) return { azimuth, elevation, zoom };
  if (azimuth === undefined && elevation === undefined && zoom === undefined)
    throw invalidValue(say`Give at least one of "azimuth" and "elevation" (degrees) and "zoom" (ratio).`);
  const now = await channel.position(signal);
  return { azimuth: azimuth ?? now.azimuth, elevation: elevation ?? now.elevation, zoom: zoom ?? now.zoom };
}

function noRange({ number }: PtzChannel, what: Sentence): FatalError {
  return new FatalError(
    "notSupported",
    say`The device names no range for ${what} of channel ${number}, so it is not known how far it would go.
      Use move with a duration, or absolute.`,
  );
}
