/** hikvision-audio's form: what is done with a channel's voice, and the values of `set`. */
import { follow, form, type OpenForm } from "../editor/form";
import { deviceField } from "../editor/device-field";
import type { EditorNode } from "../editor/red";
import { typedField } from "../editor/typed-field";
import { checks, numberCheck, optional, textOf } from "../editor/validate";
import { ValuesForm, valuesValid, type ValueSpec } from "../editor/values";

const volume = (name: string): ValueSpec => ({ name, literal: "num", check: optional(numberCheck(0, 100)) });
const onOff = (name: string): ValueSpec => ({
  name,
  literal: "str",
  check: () => undefined,
  options: ["", "true", "false"],
});

const VALUES: Readonly<Record<string, readonly ValueSpec[]>> = {
  set: [onOff("enabled"), volume("speakerVolume"), volume("microphoneVolume"), onOff("noiseReduction")],
};
const audioValues = (action: string): readonly ValueSpec[] => VALUES[action] ?? [];
const label = (node: EditorNode, name: string): string => node._(`hikvision-audio.value.${name}`);
const values = new WeakMap<EditorNode, ValuesForm>();

export const audio = form({ open, save });

/** For `values` in the node's defaults. */
export const audioValuesValid = valuesValid(audioValues, label);

function open(dialog: OpenForm): void {
  const { node, field } = dialog;
  typedField(dialog, "channel", {
    literal: "num",
    check: checks.channel,
    choices: deviceField(dialog, "audioChannels"),
  });
  const fields = new ValuesForm(dialog, {
    place: $("#hikflow-values"),
    label: (name) => label(node, name),
    hint: () => undefined,
    option: (_name, value) => node._(`hikvision-audio.option.${value === "" ? "keep" : value}`),
    choices: (list) => deviceField(dialog, list),
  });
  values.set(node, fields);
  follow(field("action"), () => {
    const action = textOf(field("action").val());
    fields.show(audioValues(action));
    $("#hikflow-action-hint").text(node._(`hikvision-audio.about.${action}`));
  });
}

function save({ node }: OpenForm): void {
  node["values"] = values.get(node)?.values ?? {};
}
