/** hikvision-playback-url's form: which stream or recording, and the address that comes of it. */
import { addressBox } from "../editor/address-box";
import { channelField, streamField } from "../editor/common-fields";
import { form as nodeForm, showFor } from "../editor/form";
import { labelWithChannel, setting } from "../editor/labels";
import { textOf } from "../editor/settings";
import { timeFields } from "../editor/time-field";
import { typedFields } from "../editor/typed-field";
import { fields } from "./fields";

export const form = nodeForm("hikvision-playback-url", {
  fields,
  label: (node) => labelWithChannel(node, `hikvision-playback-url.short.${textOf(setting(node, "kind"))}`),
  open(dialog) {
    channelField(dialog);
    streamField(dialog);
    timeFields(dialog, "start", "end");
    typedFields(dialog, "recording");
    showFor(dialog, "kind");
    addressBox(dialog);
  },
});
