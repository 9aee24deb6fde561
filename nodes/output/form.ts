/** hikvision-output's form: which output, and what is done with it. */
import { deviceField } from "../editor/device-field";
import { form as nodeForm, showFor } from "../editor/form";
import { fixed, setting } from "../editor/labels";
import { textOf } from "../editor/settings";
import { typedField, typedFields } from "../editor/typed-field";
import { fields } from "./fields";

export const form = nodeForm("hikvision-output", {
  fields,
  label: (node) => {
    const action = node._(`hikvision-output.short.${textOf(setting(node, "action"))}`);
    return `${node._("hikvision-output.label.palette")} ${fixed(node, "output")} ${action}`;
  },
  open(dialog) {
    typedField(dialog, "output", { choices: deviceField(dialog, "outputs") });
    typedFields(dialog, "duration");
    showFor(dialog, "action");
  },
});
