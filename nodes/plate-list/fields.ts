/** hikvision-plate-list's saved properties. */
import { channel, type Fields } from "../shared/fields";

export const fields = {
  channel,
  list: { value: "allow", options: ["allow", "block"] },
  action: { value: "list", options: ["list", "find", "add", "remove", "replace", "msg"] },
  dryRun: { value: false },
  confirm: { value: false },
} as const satisfies Fields;
