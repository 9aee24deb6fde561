/** What forms share whose action is told in a sentence below it; some actions have values of their own. */
import type { Fields } from "../shared/fields";
import { channelField } from "./common-fields";
import { follow, type Form, form as nodeForm, type OpenForm } from "./form";
import { labelWithChannel, setting } from "./labels";
import type { EditorNode } from "./red";
import { textOf } from "./settings";
import { ValuesForm, type ValuesOptions, valuesValid } from "./values";

interface ActionValues {
  readonly fields: Fields;
  /** By action. */
  readonly actionValues: Readonly<Record<string, Fields>>;
  /** Words and lists of the values. */
  readonly words: (dialog: OpenForm) => Pick<ValuesOptions, "hint" | "option" | "choices">;
}

/** Says below the action what the chosen one does; `chosen` hears of each. */
export function followAction({ node, field }: OpenForm, type: string, chosen?: (action: string) => void): void {
  follow(field("action"), () => {
    const action = textOf(field("action").val());
    chosen?.(action);
    $("#hikflow-action-hint").text(node._(`${type}.about.${action}`));
  });
}

/** A form of device, channel, action and the values of the chosen action: audio, deterrent. */
export function actionForm(type: string, { fields, actionValues, words }: ActionValues): Form {
  const label = (node: EditorNode, name: string): string => node._(`${type}.value.${name}`);
  const values = new WeakMap<EditorNode, ValuesForm>();
  return nodeForm(type, {
    fields,
    validators: { values: valuesValid(actionValues, label) },
    label: (node) => labelWithChannel(node, `${type}.short.${textOf(setting(node, "action"))}`),
    open(dialog) {
      const { node } = dialog;
      channelField(dialog);
      const shown = new ValuesForm(dialog, {
        place: $("#hikflow-values"),
        label: (name) => label(node, name),
        ...words(dialog),
      });
      values.set(node, shown);
      followAction(dialog, type, (action) => shown.show(action, actionValues[action] ?? {}));
    },
    save({ node }) {
      node["values"] = values.get(node)?.values ?? {};
    },
  });
}
