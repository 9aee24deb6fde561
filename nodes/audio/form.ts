/** hikvision-audio's form: what is done with a channel's voice, and the values of `set`. */
import { actionForm } from "../editor/action-form";
import { deviceField } from "../editor/device-field";
import { actionValues, fields } from "./fields";

export const form = actionForm("hikvision-audio", {
  fields,
  actionValues,
  words: (dialog) => ({
    hint: () => undefined,
    option: (_name, value) => dialog.node._(`hikvision-audio.option.${value === "" ? "keep" : value}`),
    choices: (list) => deviceField(dialog, list),
  }),
});
