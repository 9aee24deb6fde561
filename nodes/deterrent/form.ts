/** hikvision-deterrent's form: what is done, and the sound, brightness and time of it. */
import { channelField, channelList } from "../editor/common-fields";
import { follow, form as nodeForm, type OpenForm } from "../editor/form";
import { labelWithChannel, setting } from "../editor/labels";
import type { EditorNode } from "../editor/red";
import { textOf } from "../editor/settings";
import { ValuesForm, valuesValid } from "../editor/values";
import { actionValues, fields } from "./fields";

const valueLabel = (node: EditorNode, name: string): string => node._(`hikvision-deterrent.value.${name}`);
const values = new WeakMap<EditorNode, ValuesForm>();

export const form = nodeForm("hikvision-deterrent", {
  fields,
  validators: { values: valuesValid(actionValues, valueLabel) },
  label: (node) => labelWithChannel(node, `hikvision-deterrent.short.${textOf(setting(node, "action"))}`),
  open(dialog) {
    const { node, field } = dialog;
    channelField(dialog);
    const shown = valuesForm(dialog);
    values.set(node, shown);
    follow(field("action"), () => {
      const action = textOf(field("action").val());
      shown.show(actionValues[action] ?? {});
      $("#hikflow-action-hint").text(node._(`hikvision-deterrent.about.${action}`));
    });
  },
  save({ node }) {
    node["values"] = values.get(node)?.values ?? {};
  },
});

function valuesForm(dialog: OpenForm): ValuesForm {
  const { node } = dialog;
  return new ValuesForm(dialog, {
    place: $("#hikflow-values"),
    label: (name) => valueLabel(node, name),
    hint: (name) => node._(`hikvision-deterrent.hint.${name}`),
    option: (_name, value) => value,
    choices: (list) => channelList(dialog, list),
  });
}
