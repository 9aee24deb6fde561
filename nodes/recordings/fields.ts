/** hikvision-recordings's saved properties. */
import { anyChannel, type Bounds, type Fields, time } from "../shared/fields";

const COUNT = { min: 1, max: Infinity, whole: true } as const satisfies Bounds;

export const fields = {
  action: { value: "search", options: ["search", "days"] },
  channel: anyChannel,
  start: time,
  end: time,
  recordType: { value: "all", options: ["all", "timing", "motion", "alarm", "manual", "picture"] },
  /** Empty: all that were found. */
  newest: { value: "", literal: "num", rule: COUNT, optional: true, override: true },
  clip: { value: false },
} as const satisfies Fields;
