/** The position of a camera: degrees and zoom ratio here, tenths of them in `AbsoluteHigh`, fractions in `PTZAbsoluteEx`. */
import { RetryableError } from "../lib/errors";
import { child, number, text } from "../isapi/xml";
import { say } from "../lib/sentence";
import { PTZ_BOUNDS } from "./bounds";
import type { NumberRange } from "./values";

export interface Position {
  /** Degrees, 0…360. */
  readonly azimuth: number;
  /** Degrees, as the device counts them: mostly 0 level, 90 straight down. */
  readonly elevation: number;
  /** Ratio: 1 is no zoom. */
  readonly zoom: number;
}

export interface PositionRanges {
  readonly azimuth: NumberRange;
  readonly elevation: NumberRange;
  readonly zoom: NumberRange;
}

/** The most that ISAPI allows, for devices that do not report their own. */
export const WIDEST: PositionRanges = {
  azimuth: PTZ_BOUNDS.azimuth,
  elevation: PTZ_BOUNDS.elevation,
  zoom: PTZ_BOUNDS.zoom,
};

/** Content of `PTZStatus`. Throws `protocol` when it holds no position. */
export function statusPosition(status: unknown): Position {
  return positionOf(child(status, "AbsoluteHigh"), 10);
}

/** Content of `PTZAbsoluteEx`. Throws `protocol` when it holds no position. */
export function exactPosition(absoluteEx: unknown): Position {
  return positionOf(absoluteEx, 1);
}

/** `min` and `max` of the fields of `PTZAbsoluteEx` capabilities; undefined for another document. */
export function exactRanges(capabilities: unknown): PositionRanges | undefined {
  const range = (name: string): NumberRange | undefined => {
    const min = number(capabilities, name, "@_min");
    const max = number(capabilities, name, "@_max");
    return min === undefined || max === undefined ? undefined : { min, max };
  };
  const elevation = range("elevation");
  if (!elevation && text(capabilities, "elevation") === undefined) return undefined;
  return {
    azimuth: range("azimuth") ?? WIDEST.azimuth,
    elevation: elevation ?? WIDEST.elevation,
    zoom: range("absoluteZoom") ?? WIDEST.zoom,
  };
}

/** The same position? A tenth is the resolution of the status. */
export function isSame(a: Position, b: Position): boolean {
  const turn = Math.abs(a.azimuth - b.azimuth) % 360;
  return (
    Math.min(turn, 360 - turn) <= TOLERANCE &&
    Math.abs(a.elevation - b.elevation) <= TOLERANCE &&
    Math.abs(a.zoom - b.zoom) <= TOLERANCE
  );
}

const TOLERANCE = 0.11;

function positionOf(node: unknown, units: number): Position {
  const azimuth = number(node, "azimuth");
  const elevation = number(node, "elevation");
  if (azimuth === undefined || elevation === undefined) {
    throw new RetryableError("protocol", say`The device did not report the camera's position. Try again in a moment.`);
  }
  return {
    azimuth: azimuth / units,
    elevation: elevation / units,
    zoom: (number(node, "absoluteZoom") ?? units) / units,
  };
}
