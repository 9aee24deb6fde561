/** hikvision-diagnose's saved properties. */
import type { Fields } from "../shared/fields";

export const fields = {
  /** Empty: all that the device has. */
  events: { value: [] },
} as const satisfies Fields;
