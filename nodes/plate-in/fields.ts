/** hikvision-plate-in's saved properties. */
import { DAY_SECONDS, type Fields, type Ports } from "../shared/fields";

export const fields = {
  /** Empty lists: all. */
  channels: { value: [] },
  minConfidence: { value: 0, rule: { min: 0, max: 100 } },
  lists: { value: [] },
  dropRepeats: { value: 0, rule: { min: 0, max: DAY_SECONDS } },
  pollInterval: { value: 3, rule: { min: 1, max: 3600 } },
  backfill: { value: true },
  pictures: { value: true },
} as const satisfies Fields;

/** Plates as they pass, and those that passed while nobody was listening. */
export const ports = { inputs: 0, outputs: 2 } as const satisfies Ports;
