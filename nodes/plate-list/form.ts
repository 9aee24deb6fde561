/** hikvision-plate-list's form: which list, what is done with it, and what it holds now. */
import { followAction } from "../editor/action-form";
import { channelField } from "../editor/common-fields";
import { form as nodeForm, showFor } from "../editor/form";
import { setting } from "../editor/labels";
import { textOf } from "../editor/settings";
import { platesPreview } from "../editor/plates-preview";
import { fields } from "./fields";

export const form = nodeForm("hikvision-plate-list", {
  fields,
  label: (node) => {
    const list = node._(`hikvision-plate-list.list.${textOf(setting(node, "list"))}`);
    return `${list} ${node._(`hikvision-plate-list.short.${textOf(setting(node, "action"))}`)}`;
  },
  open(dialog) {
    const { field } = dialog;
    channelField(dialog);
    showFor(dialog, "action");
    followAction(dialog, "hikvision-plate-list");
    const preview = platesPreview(dialog, ["channel", "list"]);
    field("list").on("change", () => preview.clear());
  },
});
