/** hikvision-deterrent's form: what is done, and the sound, brightness and time of it. */
import { actionForm } from "../editor/action-form";
import { channelList } from "../editor/common-fields";
import { actionValues, fields } from "./fields";

export const form = actionForm("hikvision-deterrent", {
  fields,
  actionValues,
  words: (dialog) => ({
    hint: (name) => dialog.node._(`hikvision-deterrent.hint.${name}`),
    option: (_name, value) => value,
    choices: (list) => channelList(dialog, list),
  }),
});
