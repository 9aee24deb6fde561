/** hikvision-ptz's form: the chosen action's values, with presets and patrols by the device's names. */
import type { Choices } from "../editor/choices";
import { channelField, channelList } from "../editor/common-fields";
import { setting } from "../editor/labels";
import { follow, form, type OpenForm } from "../editor/form";
import { tryPtzButton } from "./form-try";
import type { EditorNode } from "../editor/red";
import { textOf } from "../editor/validate";
import { ValuesForm, valuesValid } from "../editor/values";
import { PTZ_GROUPS, ptzValues } from "./form-actions";

const values = new WeakMap<EditorNode, ValuesForm>();

export const ptz = form({ open, save });

/** For `values` in the node's defaults. */
export const ptzValuesValid = valuesValid(ptzValues, valueLabel);

function open(dialog: OpenForm): void {
  const { node, field } = dialog;
  channelField(dialog);
  fillActions(node, field("action"));

  const lists = new Map<string, Choices>();
  const fields = new ValuesForm(dialog, {
    place: $("#hikflow-values"),
    label: (name) => valueLabel(node, name),
    hint: (name) => hint(node, textOf(field("action").val()), name),
    option: (name, value) => node._(`hikvision-ptz.option.${name}.${value}`),
    choices: (list) => {
      const choices = lists.get(list) ?? channelList(dialog, list);
      lists.set(list, choices);
      return choices;
    },
  });
  values.set(node, fields);
  const trial = tryPtzButton(dialog, {
    values: () => fields.values,
    actionLabel: (action) => node._(`hikvision-ptz.action.${action}`),
    valueLabel: (name) => words(node, `hikvision-ptz.value.${name}`),
  });
  follow(field("action"), () => {
    const action = textOf(field("action").val());
    fields.show(ptzValues(action));
    trial.clear();
    $("#hikflow-action-hint").text(words(node, `hikvision-ptz.about.${action}`) ?? "");
    $("#hikflow-clamp").toggle(action === "msg" || ptzValues(action).some(({ literal }) => literal === "num"));
  });
}

function save({ node }: OpenForm): void {
  node["values"] = values.get(node)?.values ?? {};
}

function fillActions(node: EditorNode, select: JQuery): void {
  for (const [group, actions] of Object.entries(PTZ_GROUPS)) {
    const options = Object.keys(actions).map((value) =>
      $("<option>", { value }).text(node._(`hikvision-ptz.action.${value}`)),
    );
    if (group === "message") select.append(options);
    else select.append($("<optgroup>", { label: node._(`hikvision-ptz.group.${group}`) }).append(options));
  }
  select.val(textOf(setting(node, "action")));
}

function valueLabel(node: EditorNode, name: string): string {
  return node._(`hikvision-ptz.value.${name}`);
}

/** What a value means here, for example its unit: `hint.<action>.<name>`, else `hint.any.<name>`. */
function hint(node: EditorNode, action: string, name: string): string | undefined {
  return words(node, `hikvision-ptz.hint.${action}.${name}`) ?? words(node, `hikvision-ptz.hint.any.${name}`);
}

function words(node: EditorNode, key: string): string | undefined {
  const text = node._(key);
  return text === key ? undefined : text;
}
