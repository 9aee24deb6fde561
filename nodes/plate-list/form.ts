/** hikvision-plate-list's form: which list, what is done with it, and what it holds now. */
import { channelField } from "../editor/common-fields";
import { follow, form as nodeForm, showFor } from "../editor/form";
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
    const { node, field } = dialog;
    channelField(dialog);
    showFor(dialog, "action");
    follow(field("action"), () => {
      const action = textOf(field("action").val());
      $("#hikflow-action-hint").text(node._(`hikvision-plate-list.about.${action}`));
    });
    const preview = platesPreview(dialog, ["channel", "list"]);
    field("list").on("change", () => preview.clear());
  },
});
