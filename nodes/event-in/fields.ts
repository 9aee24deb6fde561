/** hikvision-event-in's saved properties. */
import { DAY_SECONDS, type Fields, type Ports } from "../shared/fields";

export const fields = {
  /** Empty lists: all. */
  events: { value: [] },
  channels: { value: [] },
  targets: { value: [] },
  regions: { value: [] },
  emit: { value: "edges", options: ["starts", "edges", "all"] },
  /** Absent: always. */
  hours: { value: undefined },
  offDelay: { value: 10, rule: { min: 1, max: DAY_SECONDS, off: true } },
  pictures: { value: true },
  connection: { value: false },
} as const satisfies Fields;

export const ports = { inputs: 0, outputs: 1 } as const satisfies Ports;
