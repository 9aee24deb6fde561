/** The values of one action: `{ name: { value, type } }`. Shown are those of the chosen action only. */
import type { Bounds, Field, Fields } from "../shared/fields";
import { propertiesOf } from "../shared/unknown-values";
import type { Choices } from "./choices";
import type { OpenForm } from "./form";
import type { EditorNode, Validator } from "./red";
import { textOf } from "./settings";
import { t } from "./translate";
import { typedInput } from "./typed-field";
import { checkOf, typedReason, validator } from "./validate";

interface Value {
  readonly value: string;
  readonly type: string;
}

const ANY_NUMBER: Bounds = { min: -Infinity, max: Infinity };

export interface ValuesOptions {
  readonly place: JQuery;
  /** The label of a value, and a line below it if there is something to say. */
  readonly label: (name: string) => string;
  readonly hint: (name: string) => string | undefined;
  /** The word for one of a value's options. */
  readonly option: (name: string, value: string) => string;
  readonly choices: (list: string) => Choices;
  /** Numbers out of their range are brought into it: they are no fault. */
  readonly clamps?: () => boolean;
}

export class ValuesForm {
  readonly #options: ValuesOptions;
  /** All that was entered while the form is open, also for actions that were left again. */
  readonly #kept: Map<string, Value>;
  #action: string | undefined;
  #shown: Fields = {};
  #shownLife = new AbortController();

  constructor({ node }: OpenForm, options: ValuesOptions) {
    this.#options = options;
    this.#kept = new Map(Object.entries(savedValues(node)));
  }

  /** Shows the fields of an action in place of the present ones. Node-RED says of a choice that it changed with every form it opens. */
  show(action: string, fields: Fields): void {
    if (action === this.#action) return;
    this.#action = action;
    this.#keep();
    this.#shownLife.abort();
    this.#shownLife = new AbortController();
    this.#shown = fields;
    this.#options.place.empty();
    for (const [name, field] of Object.entries(fields)) this.#row(name, field);
  }

  /** What is to be saved: the values of the shown action that are not empty. */
  get values(): Record<string, Value> {
    this.#keep();
    return Object.fromEntries(
      Object.keys(this.#shown).flatMap((name) => {
        const value = this.#kept.get(name);
        return value && value.value !== "" ? [[name, value]] : [];
      }),
    );
  }

  #row(name: string, field: Field): void {
    const { value, type } = this.#kept.get(name) ?? { value: textOf(field.value), type: field.literal ?? "" };
    const id = `hikflow-value-${name}`;
    const input = $("<input>", { type: "text", id, style: "width: 100%" }).val(value);
    const typeField = $("<input>", { type: "hidden", id: `${id}-type` }).val(type);
    const place = $("<div>", { class: "hikflow-field" }).append(input, typeField);
    const label = $("<label>", { for: id }).text(this.#options.label(name));
    $("<div>", { class: "form-row", "data-value": name }).append(label, place).appendTo(this.#options.place);
    typedInput(input, typeField, field, {
      life: this.#shownLife.signal,
      ...(field.options && {
        options: field.options.map((option) => ({ value: option, label: this.#options.option(name, option) })),
      }),
      ...(field.list !== undefined && { choices: this.#options.choices(field.list) }),
    });
    const hint = this.#options.hint(name);
    if (hint !== undefined) place.append($("<div>", { class: "hikflow-note" }).text(hint));
    this.#reason(input, place, field);
  }

  /** Says again of every value what is wrong with it. */
  validate(): void {
    for (const name of Object.keys(this.#shown)) $(`#hikflow-value-${name}`).trigger("change");
  }

  #reason(input: JQuery, place: JQuery, field: Field): void {
    const reason = $("<div>", { class: "hikflow-reason", "aria-live": "polite" }).appendTo(place);
    const show = (): void => {
      const answer = reasonOf(
        { value: input.typedInput("value"), type: input.typedInput("type") },
        field,
        this.#options.clamps?.(),
      );
      reason.text(answer === true ? "" : answer).toggle(answer !== true);
    };
    input.on("change keyup", show);
    show();
  }

  #keep(): void {
    for (const name of Object.keys(this.#shown)) {
      const input = $(`#hikflow-value-${name}`);
      if (input.length > 0) this.#kept.set(name, { value: input.typedInput("value"), type: input.typedInput("type") });
    }
  }
}

/** Validates `values` by the action that is chosen. */
export function valuesValid(
  actionValues: Readonly<Record<string, Fields>>,
  label: (node: EditorNode, name: string) => string,
  clamps: (node: EditorNode) => boolean = () => false,
): Validator {
  return validator((node) => {
    const saved = savedValues(node);
    for (const [name, field] of Object.entries(actionValues[textOf(node["action"])] ?? {})) {
      const answer = reasonOf(saved[name] ?? { value: "", type: field.literal ?? "" }, field, clamps(node));
      if (answer !== true) return t("validate.named", { name: label(node, name), reason: answer });
    }
    return true;
  });
}

/** Why a value is refused; true when it is right. */
function reasonOf({ value, type }: Value, field: Field, clamps = false): true | string {
  const rule = clamps && typeof field.rule === "object" ? { ...field.rule, ...ANY_NUMBER } : field.rule;
  const check = checkOf({ ...field, ...(rule !== undefined && { rule }) });
  return typedReason(value, type === field.literal ? "" : type, check);
}

function savedValues(node: EditorNode): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(propertiesOf(node["values"])).map(([name, entry]) => {
      const { value, type } = propertiesOf(entry);
      return [name, { value: typeof value === "boolean" ? String(value) : textOf(value), type: textOf(type) }];
    }),
  );
}
