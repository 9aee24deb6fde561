/** hikvision-history's saved properties. */
import { type Bounds, type Fields, time } from "../shared/fields";

const COUNT = { min: 1, max: Infinity, whole: true } as const satisfies Bounds;

export const fields = {
  source: { value: "auto", options: ["auto", "log", "events", "targets", "pictures", "access"] },
  /** Empty lists: all. */
  channels: { value: [] },
  events: { value: [] },
  targets: { value: [] },
  start: time,
  end: time,
  /** Empty: all that were found. */
  newest: { value: "", literal: "num", rule: COUNT, optional: true, override: true },
  pictures: { value: false },
} as const satisfies Fields;
