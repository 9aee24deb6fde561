/** hikvision-door's form: which door or barrier, from the device's own list, and what is done with it. */
import { deviceField } from "../editor/device-field";
import { form as nodeForm, showFor } from "../editor/form";
import { fixed, setting } from "../editor/labels";
import { textOf } from "../editor/settings";
import { typedField, typedFields } from "../editor/typed-field";
import { fields } from "./fields";

export const form = nodeForm("hikvision-door", {
  fields,
  label: (node) => {
    const kind = textOf(setting(node, "kind"));
    const which = node._(`hikvision-door.short.${kind === "barrier" ? kind : "door"}`);
    const action = node._(`hikvision-door.short.${textOf(setting(node, "action"))}`);
    return `${which} ${fixed(node, "number")} ${action}`;
  },
  open(dialog) {
    const { field } = dialog;
    const choices = deviceField(dialog, "doors", () => ({ kind: textOf(field("kind").val()) }));
    field("kind").on("change", () => choices.load());
    // What a device has need not be what it tells of.
    typedField(dialog, "number", { choices, free: true });
    typedFields(dialog, "duration");
    showFor(dialog, "action");
  },
});
