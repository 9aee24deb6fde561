/** hikvision-playback-url's saved properties. */
import { channel, type Fields, stream, time } from "../shared/fields";

const byTime = { kind: ["time"] } as const;

export const fields = {
  channel,
  stream,
  kind: { value: "live", options: ["live", "time", "recording"] },
  start: { ...time, when: byTime },
  end: { ...time, when: byTime },
  recording: { value: "", literal: "str", optional: true, override: true, when: { kind: ["recording"] } },
  transport: { value: "unicast", options: ["unicast", "multicast"] },
  withCredentials: { value: false },
} as const satisfies Fields;
