/** hikvision-output's saved properties. */
import { DURATION, type Fields } from "../shared/fields";

export const fields = {
  // Without fallback: what is computed to nothing must not switch an output.
  output: { value: "1", literal: "str", rule: "filled", override: true },
  action: { value: "pulse", options: ["on", "off", "pulse", "status"] },
  duration: { value: "1", literal: "num", rule: DURATION, optional: true, fallback: true, override: true },
} as const satisfies Fields;
