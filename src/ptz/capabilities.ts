/** What a channel's PTZ can do: `PTZChanelCap` (sic). Every field is optional, its name with a capital or without. */
import { defined } from "../lib/defined";
import { boolean, child, list, number, text, type XmlNode } from "../isapi/xml";
import { WIDEST, type PositionRanges } from "./position";
import type { NumberRange } from "./values";

export interface PtzCapabilities {
  /** Degrees and ratio. */
  readonly absolute?: PositionRanges;
  /** In the device's own steps, from one edge of the picture to the other. */
  readonly relative?: { readonly pan: NumberRange; readonly tilt: NumberRange; readonly zoom?: NumberRange };
  readonly presets?: number;
  readonly patrols?: number;
  readonly patterns?: number;
  /** Presets that are commands to this device. */
  readonly commandPresets?: readonly number[];
  readonly zoomToBox?: boolean;
  /** Follows a target that is pointed at. */
  readonly track?: boolean;
  /** Of pan and tilt. */
  readonly limits?: boolean;
  /** The document as parsed; absent when the device has none. */
  readonly raw?: XmlNode;
}

/** @param value content of the document */
export function parseCapabilities(value: XmlNode | string): PtzCapabilities {
  if (typeof value === "string") return {};
  const pan = range(value, "RelativePanTiltSpace", "XRange");
  const tilt = range(value, "RelativePanTiltSpace", "YRange");
  return defined({
    absolute: absoluteRanges(value),
    relative: pan && tilt && { pan, tilt, ...defined({ zoom: range(value, "RelativeZoomSpace", "ZRange") }) },
    presets: number(value, "maxPresetNum"),
    patrols: number(value, "maxPatrolNum"),
    patterns: number(value, "maxPatternNum"),
    commandPresets: commandPresets(value),
    zoomToBox: boolean(value, "isSupportPosition3D"),
    track: boolean(value, "isSupportManualTrack"),
    // The misspelling is the vendor's; newer firmware may correct it.
    limits: boolean(value, "isSpportPtzlimiteds") ?? boolean(value, "isSupportPtzlimiteds"),
    raw: value,
  });
}

/** In tenths: a DS-2SF8C442MXG1 with 42 x zoom says 10 to 420. */
function absoluteRanges(value: XmlNode): PositionRanges | undefined {
  const azimuth = range(value, "AbsolutePanTiltPositionSpace", "XRange");
  const elevation = range(value, "AbsolutePanTiltPositionSpace", "YRange");
  const zoom = range(value, "AbsoluteZoomPositionSpace", "ZRange");
  if (!azimuth && !elevation && !zoom) return undefined;
  return {
    azimuth: azimuth ? tenths(azimuth) : WIDEST.azimuth,
    elevation: elevation ? tenths(elevation) : WIDEST.elevation,
    zoom: zoom ? tenths(zoom) : WIDEST.zoom,
  };
}

/** `PresetNameCap/specialNo opt="33,34,…"` (DS-2SF8C442MXG1). */
function commandPresets(value: XmlNode): readonly number[] | undefined {
  const options = text(child(value, "PresetNameCap", "specialNo"), "@_opt");
  return options
    ?.split(",")
    .map(Number)
    .filter((preset) => Number.isInteger(preset) && preset > 0);
}

function range(value: XmlNode, space: string, axis: string): NumberRange | undefined {
  const [node] = list(value, space, axis);
  const min = number(node, "Min") ?? number(node, "min");
  const max = number(node, "Max") ?? number(node, "max");
  return min === undefined || max === undefined || min >= max ? undefined : { min, max };
}

function tenths({ min, max }: NumberRange): NumberRange {
  return { min: min / 10, max: max / 10 };
}
