/** The values of one action: `{ name: { value, type } }`. Shown are those of the chosen action only. */
import type { Choices } from "./choices";
import type { OpenForm } from "./form";
import type { EditorNode, Validator } from "./red";
import { typedInput, type Literal } from "./typed-field";
import { t } from "./translate";
import { textOf, validator, verdict, type Check } from "./validate";

/** One value of an action. */
export interface ValueSpec {
  readonly name: string;
  readonly literal: Literal;
  /** Of the fixed value; wrap in `optional` what may stay empty. */
  readonly check: Check;
  readonly initial?: string;
  /** The fixed value is one of these. */
  readonly options?: readonly string[];
  /** A list from the device, by its name. */
  readonly list?: string;
}

interface Value {
  readonly value: string;
  readonly type: string;
}

export interface ValuesOptions {
  readonly place: JQuery;
  /** The label of a value, and a line below it if there is something to say. */
  readonly label: (name: string) => string;
  readonly hint: (name: string) => string | undefined;
  /** The word for one of a value's options. */
  readonly option: (name: string, value: string) => string;
  readonly choices: (list: string) => Choices;
}

export class ValuesForm {
  readonly #options: ValuesOptions;
  /** All that was entered while the form is open, also for actions that were left again. */
  readonly #kept: Map<string, Value>;
  #shown: readonly ValueSpec[] = [];
  #shownLife = new AbortController();

  constructor({ node }: OpenForm, options: ValuesOptions) {
    this.#options = options;
    this.#kept = new Map(Object.entries(savedValues(node)));
  }

  /** Shows fields for these values in place of the present ones. */
  show(specs: readonly ValueSpec[]): void {
    this.#keep();
    this.#shownLife.abort();
    this.#shownLife = new AbortController();
    this.#shown = specs;
    this.#options.place.empty();
    for (const spec of specs) this.#row(spec);
  }

  /** What is to be saved: the values of the shown action that are not empty. */
  get values(): Record<string, Value> {
    this.#keep();
    return Object.fromEntries(
      this.#shown.flatMap(({ name }) => {
        const value = this.#kept.get(name);
        return value && value.value !== "" ? [[name, value]] : [];
      }),
    );
  }

  #row(spec: ValueSpec): void {
    const { name, literal, check, initial = "" } = spec;
    const { value, type } = this.#kept.get(name) ?? { value: initial, type: literal };
    const id = `hikflow-value-${name}`;
    const input = $("<input>", { type: "text", id, style: "width: 100%" }).val(value);
    const typeField = $("<input>", { type: "hidden", id: `${id}-type` }).val(type);
    const place = $("<div>", { class: "hikflow-field" }).append(input, typeField);
    const label = $("<label>", { for: id }).text(this.#options.label(name));
    $("<div>", { class: "form-row", "data-value": name }).append(label, place).appendTo(this.#options.place);
    typedInput(input, typeField, {
      literal,
      check,
      life: this.#shownLife.signal,
      ...(spec.options && {
        options: spec.options.map((option) => ({ value: option, label: this.#options.option(name, option) })),
      }),
      ...(spec.list !== undefined && { choices: this.#options.choices(spec.list) }),
    });
    const hint = this.#options.hint(name);
    if (hint !== undefined) place.append($("<div>", { class: "hikflow-note" }).text(hint));
    this.#reason(input, place, spec);
  }

  #reason(input: JQuery, place: JQuery, { literal, check }: ValueSpec): void {
    const reason = $("<div>", { class: "hikflow-reason", "aria-live": "polite" }).appendTo(place);
    const judge = (): void => {
      const type = input.typedInput("type");
      const answer = verdict(input.typedInput("value"), type === literal ? "" : type, check);
      reason.text(answer === true ? "" : answer).toggle(answer !== true);
    };
    input.on("change keyup", judge);
    judge();
  }

  #keep(): void {
    for (const { name } of this.#shown) {
      const input = $(`#hikflow-value-${name}`);
      if (input.length > 0) this.#kept.set(name, { value: input.typedInput("value"), type: input.typedInput("type") });
    }
  }
}

/** Judges `values` by the action that is chosen. */
export function valuesValid(
  specsOf: (action: string) => readonly ValueSpec[],
  label: (node: EditorNode, name: string) => string,
): Validator {
  return validator((node) => {
    const saved = savedValues(node);
    for (const { name, literal, check } of specsOf(textOf(node["action"]))) {
      const { value, type } = saved[name] ?? { value: "", type: literal };
      const answer = verdict(value, type === literal ? "" : type, check);
      if (answer !== true) return t("validate.named", { name: label(node, name), reason: answer });
    }
    return true;
  });
}

function savedValues(node: EditorNode): Record<string, Value> {
  const saved = node["values"];
  if (typeof saved !== "object" || saved === null) return {};
  return Object.fromEntries(
    Object.entries(saved).flatMap(([name, entry]: [string, unknown]) => {
      const { value, type } = (entry ?? {}) as { value?: unknown; type?: unknown };
      return [[name, { value: typeof value === "boolean" ? String(value) : textOf(value), type: textOf(type) }]];
    }),
  );
}
