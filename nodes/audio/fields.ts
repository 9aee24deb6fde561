/** hikvision-audio's saved properties, and the values of its actions. */
import { channel, type Field, type Fields } from "../shared/fields";

export const fields = {
  channel: { ...channel, list: "audioChannels" },
  action: { value: "talk", options: ["talk", "stop", "get", "set", "list", "msg"] },
  values: { value: {} },
} as const satisfies Fields;

const volume: Field = { value: "", literal: "num", rule: { min: 0, max: 100 }, optional: true };
/** Empty: as it is. */
const onOff: Field = { value: "", literal: "str", optional: true, options: ["", "true", "false"] };

export const actionValues: Readonly<Record<string, Fields>> = {
  set: { enabled: onOff, speakerVolume: volume, microphoneVolume: volume, noiseReduction: onOff },
};
