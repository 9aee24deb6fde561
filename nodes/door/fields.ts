/** hikvision-door's saved properties. */
import { DURATION, type Fields } from "../shared/fields";

export const ACTIONS = [
  "open",
  "close",
  "holdOpen",
  "holdClosed",
  "resume",
  "lock",
  "unlock",
  "status",
  "msg",
] as const;

export const fields = {
  kind: { value: "auto", options: ["auto", "door", "barrier"] },
  // Without fallback: what is computed to nothing must not open the first door.
  number: {
    value: "1",
    literal: "num",
    rule: { min: 1, max: 128, whole: true },
    override: true,
    list: "doors",
  },
  action: { value: "open", options: ACTIONS },
  duration: {
    value: "",
    literal: "num",
    rule: DURATION,
    optional: true,
    override: true,
    when: { action: ["open", "msg"] },
  },
} as const satisfies Fields;
