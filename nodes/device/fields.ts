/** hikvision-device's saved properties and credentials. */
import { type Bounds, DAY_SECONDS, type Fields, PORT_NUMBER } from "../shared/fields";

export const HEARTBEAT_TIMEOUT = { min: 1, max: DAY_SECONDS, whole: true } as const satisfies Bounds;
export const DEFAULT_PORTS = { http: 80, https: 443 } as const;

export const fields = {
  host: { value: "", rule: "host" },
  /** Empty: the protocol's own. */
  port: { value: "", rule: PORT_NUMBER, optional: true },
  protocol: { value: "http", options: ["http", "https"] },
  tls: { value: "verify", options: ["verify", "pinned", "insecure"] },
  fingerprint: { value: "", rule: "fingerprint", when: { protocol: ["https"], tls: ["pinned"] } },
  basic: { value: false },
  http: { value: "strict", options: ["strict", "lenient"] },
  /** Other ports of the device from which pictures are fetched with the login: "80, 8000". */
  picturePorts: { value: "", rule: "ports", optional: true },
  timeZone: { value: "auto", options: ["auto", "utc", "local"] },
  eventSource: { value: "stream", options: ["stream", "push"] },
  heartbeatTimeout: { value: 30, rule: HEARTBEAT_TIMEOUT },
} as const satisfies Fields;

export const credentials = {
  username: { type: "text" },
  password: { type: "password" },
  pushToken: { type: "password" },
} as const;
