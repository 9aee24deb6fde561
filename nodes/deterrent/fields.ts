/** hikvision-deterrent's saved properties, and the values of its actions. */
import { DETERRENT_BOUNDS } from "../../src";
import { channel, DURATION, type Field, type Fields } from "../shared/fields";

export const fields = {
  channel,
  action: { value: "siren", options: ["siren", "light", "stop", "list", "status", "msg"] },
  values: { value: {} },
} as const satisfies Fields;

/** Empty: the camera's siren. */
const sound: Field = { value: "", literal: "str", optional: true, list: "sounds" };
const times: Field = { value: "1", literal: "num", rule: DETERRENT_BOUNDS.times, optional: true };
const brightness: Field = { value: "100", literal: "num", rule: DETERRENT_BOUNDS.brightness, optional: true };
/** Empty: until a stop. */
const duration: Field = { value: "60", literal: "num", rule: DURATION, optional: true };

export const actionValues: Readonly<Record<string, Fields>> = {
  siren: { sound, times },
  light: { brightness, duration },
  msg: { sound, times, brightness, duration },
};
