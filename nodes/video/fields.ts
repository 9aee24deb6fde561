/** hikvision-video's saved properties. */
import { channel, DAY_SECONDS, type Fields, stream, time } from "../shared/fields";

const byTime = { kind: ["time"] } as const;

/** Seconds for which an address may be opened; who watches by then goes on. */
export const EXPIRES = { min: 10, max: DAY_SECONDS, whole: true, unit: "s" } as const;

export const fields = {
  kind: { value: "live", options: ["live", "time", "recording"] },
  channel,
  /** Empty: the H.264 one. */
  stream: { ...stream, value: "", optional: true },
  start: { ...time, when: byTime },
  end: { ...time, when: byTime },
  recording: { value: "", literal: "str", optional: true, override: true, when: { kind: ["recording"] } },
  expires: { value: 300, rule: EXPIRES },
} as const satisfies Fields;
