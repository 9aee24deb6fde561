/** hikvision-isapi's saved properties. */
import type { Fields } from "../shared/fields";

export const METHODS = ["GET", "PUT", "POST", "DELETE", "change", "msg"] as const;

export const fields = {
  method: { value: "GET", options: METHODS },
  path: { value: "/ISAPI/System/status", literal: "str", rule: "path", optional: true, override: true, list: "paths" },
  body: { value: "payload", literal: "str", type: "msg", others: ["json"], optional: true },
  returns: { value: "auto", options: ["auto", "text", "buffer"] },
  dryRun: { value: false },
  confirm: { value: false },
} as const satisfies Fields;
