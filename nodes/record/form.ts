/** hikvision-record's form: what to record, where to and for how long. */
import { channelField, streamField } from "../editor/common-fields";
import { form as nodeForm, showFor } from "../editor/form";
import { labelWithChannel, setting } from "../editor/labels";
import { textOf } from "../editor/settings";
import { typedFields } from "../editor/typed-field";
import { fields } from "./fields";

export const form = nodeForm("hikvision-record", {
  fields,
  label: (node) => labelWithChannel(node, `hikvision-record.short.${textOf(setting(node, "action"))}`),
  open(dialog) {
    channelField(dialog);
    streamField(dialog);
    typedFields(dialog, "duration", "directory", "filename");
    showFor(dialog, "where");
    showFor(dialog, "action");
  },
});
