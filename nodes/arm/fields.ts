/** hikvision-arm's saved properties. */
import type { Fields } from "../shared/fields";

export const SUBJECTS = ["detection", "center", "disturb"] as const;
export const ACTIONS = ["on", "off", "status", "msg"] as const;

export const fields = {
  what: { value: "detection", options: SUBJECTS },
  action: { value: "on", options: ACTIONS },
  /** Empty lists: all. */
  channels: { value: [] },
  events: { value: [] },
  rollback: { value: true },
} as const satisfies Fields;
