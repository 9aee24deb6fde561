/** hikvision-statistics's saved properties. */
import { channel, type Fields, time } from "../shared/fields";

export const fields = {
  channel,
  action: { value: "read", options: ["read", "reset", "msg"] },
  kind: { value: "people", options: ["people", "heatmap"] },
  start: time,
  end: time,
  interval: { value: "hour", options: ["quarter", "hour", "day"] },
  /** Of a reset, which cannot be undone. No message sets it. */
  confirm: { value: false },
} as const satisfies Fields;
