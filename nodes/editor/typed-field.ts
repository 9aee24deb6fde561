/** A property that a flow may compute: a fixed value, or one read from the message, the context, the environment, an expression. */
import type { Field, Literal } from "../shared/fields";
import type { Choice, Choices } from "./choices";
import type { OpenForm } from "./form";
import { picker } from "./picker";
import { t } from "./translate";
import { textOf } from "./settings";
import { checkOf, typedReason, type Check } from "./validate";

export interface TypedFieldOptions {
  /** A list from the device for the fixed value. */
  readonly choices?: Choices;
  /** The list is not all there is: another value is as good. */
  readonly free?: true;
  /** The fixed value is one of these. */
  readonly options?: readonly Choice[];
  /** Ends when the field is taken away before the form closes. */
  readonly life?: AbortSignal;
}

const COMPUTED = ["msg", "flow", "global", "env", "jsonata"] as const;
/** These have editors of their own. */
const BUILT_IN: readonly Literal[] = ["bool", "json", "bin"];

/** Node-RED's own typing of `validate` does not know reasons. */
interface TypeDefinition {
  value: string;
  label: string;
  icon: string;
  options?: { value: string; label: string }[];
  validate: (value: string) => boolean;
}

/** Turns the input of `property` (with a hidden `<property>Type` beside it) into a TypedInput. */
export function typedField(form: OpenForm, property: string, options: TypedFieldOptions = {}): void {
  const { [property]: described = { value: "" } } = form.fields;
  typedInput(form.field(property), form.field(`${property}Type`), described, options);
}

/** {@link typedField} for fields without a list. */
export function typedFields(form: OpenForm, ...properties: readonly string[]): void {
  for (const property of properties) typedField(form, property);
}

/** As {@link typedField}, for elements that stand in a `.hikflow-field`. */
export function typedInput(input: JQuery, typeField: JQuery, field: Field, options: TypedFieldOptions): void {
  const { literal = "str", others = [] } = field;
  const { choices } = options;
  const place = input.closest(".hikflow-field");
  input.typedInput({
    default: field.type ?? literal,
    typeField,
    types: [literalType(literal, checkOf(field), options), ...others, ...COMPUTED],
  });
  nameForReaders(input, place);
  if (!choices) return;

  const refresh = picker({
    place,
    choices,
    free: options.free,
    life: options.life,
    value: () => (input.typedInput("type") === literal ? textOf(input.typedInput("value")).trim() : undefined),
    choose: (value) => {
      input.typedInput("type", literal);
      input.typedInput("value", value);
      input.trigger("change");
    },
  });
  input.on("change keyup", refresh);
}

function literalType(literal: Literal, check: Check, { options }: TypedFieldOptions): Literal | TypeDefinition {
  if (BUILT_IN.includes(literal)) return literal;
  return {
    value: literal,
    label: t(`type.${literal}`),
    icon: `red/images/typedInput/${literal === "num" ? "09" : "az"}.svg`,
    ...(options && { options: options.map(({ value, label }) => ({ value, label: label ?? value })) }),
    validate: ((value: string) => typedReason(value, literal, check)) as (value: string) => never,
  };
}

/** A TypedInput hides the input that its label points to; the visible parts get the name. */
export function nameForReaders(input: JQuery, place: JQuery): void {
  const label = place.closest(".form-row").children("label");
  const visible = place.find(".red-ui-typedInput-input");
  const id = `${input.attr("id") ?? ""}-value`;
  visible.attr("id", id);
  label.attr("for", id);
  // Node-RED fills in the words of a form after it has called us.
  setTimeout(() => {
    const name = label.text().trim();
    place.find(".red-ui-typedInput-type-select").attr("aria-label", t("type.of", { name }));
    place.find(".red-ui-typedInput-option-trigger, .red-ui-typedInput-option-expand").attr("aria-label", name);
  });
}
