/** hikvision-download's saved properties. */
import {
  anyChannel,
  type Bounds,
  DAY_SECONDS,
  directory,
  type Fields,
  filename,
  type Ports,
  time,
} from "../shared/fields";

/** Seconds before and after an event. */
export const MARGIN = { min: 0, max: DAY_SECONDS, unit: "s" } as const satisfies Bounds;
const margin = { literal: "num", rule: MARGIN, optional: true, fallback: true, override: true } as const;
const inFile = { deliverAs: ["file", "mp4"] } as const;

export const fields = {
  channel: anyChannel,
  start: time,
  end: time,
  before: { value: "5", ...margin },
  after: { value: "10", ...margin },
  directory: { ...directory, when: inFile },
  filename: { ...filename, when: inFile },
  existing: { value: "skip", options: ["skip", "overwrite", "rename"] },
  deliverAs: { value: "file", options: ["file", "mp4", "buffer"] },
} as const satisfies Fields;

/** Files, and their progress. */
export const ports = { inputs: 1, outputs: 2 } as const satisfies Ports;
