/** hikvision-call's saved properties. */
import type { Fields, Ports } from "../shared/fields";

export const ACTIONS = ["answer", "reject", "hangUp", "msg"] as const;

export const fields = {
  pollInterval: { value: 1, rule: { min: 1, max: 60, unit: "s" } },
  pictures: { value: false },
  action: { value: "answer", options: ACTIONS },
} as const satisfies Fields;

/** Who rings, and what became of a command. */
export const ports = { inputs: 1, outputs: 2 } as const satisfies Ports;
