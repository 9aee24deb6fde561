/** hikvision-ptz's form: the chosen action's values, with presets and patrols by the device's names. */
import type { Choices } from "../editor/choices";
import { channelField, channelList, resultField } from "../editor/common-fields";
import { labelWithChannel, setting } from "../editor/labels";
import { follow, form as nodeForm, type OpenForm } from "../editor/form";
import { tryPtzButton } from "./form-try";
import type { EditorNode } from "../editor/red";
import { textOf } from "../editor/settings";
import { ValuesForm, valuesValid } from "../editor/values";
import { ACTION_GROUPS, actionValues, fields } from "./fields";

const values = new WeakMap<EditorNode, ValuesForm>();

export const form = nodeForm("hikvision-ptz", {
  fields,
  validators: { values: valuesValid(actionValues, valueLabel, (node) => setting(node, "clamp") === true) },
  label: (node) => labelWithChannel(node, `hikvision-ptz.action.${textOf(setting(node, "action"))}`),
  open,
  save({ node }) {
    node["values"] = values.get(node)?.values ?? {};
  },
});

function open(dialog: OpenForm): void {
  const { node, field } = dialog;
  channelField(dialog);
  fillActions(node, field("action"));
  resultField(dialog);

  const lists = new Map<string, Choices>();
  const shown = new ValuesForm(dialog, {
    place: $("#hikflow-values"),
    label: (name) => valueLabel(node, name, textOf(field("action").val())),
    hint: (name) => hint(node, textOf(field("action").val()), name),
    option: (name, value) => node._(`hikvision-ptz.option.${name}.${value === "" ? "none" : value}`),
    choices: (list) => {
      const choices = lists.get(list) ?? channelList(dialog, list);
      lists.set(list, choices);
      return choices;
    },
    clamps: () => field("clamp").is(":checked"),
  });
  values.set(node, shown);
  field("clamp").on("change", () => shown.validate());
  const button = tryPtzButton(dialog, {
    values: () => shown.values,
    actionLabel: (action) => node._(`hikvision-ptz.action.${action}`),
    valueLabel: (name) =>
      words(node, `hikvision-ptz.valueOf.${textOf(field("action").val())}.${name}`) ??
      words(node, `hikvision-ptz.value.${name}`),
  });
  follow(field("action"), () => {
    const action = textOf(field("action").val());
    const chosen = actionValues[action] ?? {};
    shown.show(action, chosen);
    button.clear();
    $("#hikflow-action-hint").text(words(node, `hikvision-ptz.about.${action}`) ?? "");
    $("#hikflow-clamp").toggle(action === "msg" || Object.values(chosen).some(({ literal }) => literal === "num"));
  });
}

function fillActions(node: EditorNode, select: JQuery): void {
  for (const [group, actions] of Object.entries(ACTION_GROUPS)) {
    const options = Object.keys(actions).map((value) =>
      $("<option>", { value }).text(node._(`hikvision-ptz.action.${value}`)),
    );
    if (group === "message") select.append(options);
    else select.append($("<optgroup>", { label: node._(`hikvision-ptz.group.${group}`) }).append(options));
  }
  select.val(textOf(setting(node, "action")));
}

/** Some values mean something else in one action. */
function valueLabel(node: EditorNode, name: string, action = textOf(setting(node, "action"))): string {
  return words(node, `hikvision-ptz.valueOf.${action}.${name}`) ?? node._(`hikvision-ptz.value.${name}`);
}

/** What a value means here, for example its unit: `hint.<action>.<name>`, else `hint.any.<name>`. */
function hint(node: EditorNode, action: string, name: string): string | undefined {
  return words(node, `hikvision-ptz.hint.${action}.${name}`) ?? words(node, `hikvision-ptz.hint.any.${name}`);
}

function words(node: EditorNode, key: string): string | undefined {
  const text = node._(key);
  return text === key ? undefined : text;
}
