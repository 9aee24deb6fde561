/** hikvision-snapshot's saved properties. */
import { type Bounds, channel, type Fields, property, stream, time } from "../shared/fields";

export const SIZE = { min: 16, max: 8192, whole: true, unit: "px" } as const satisfies Bounds;
const size = { value: "", literal: "num", rule: SIZE, optional: true, override: true } as const;

export const fields = {
  channel,
  stream,
  time,
  width: size,
  height: size,
  returns: { value: "buffer", options: ["buffer", "dataUrl"] },
  property,
} as const satisfies Fields;
