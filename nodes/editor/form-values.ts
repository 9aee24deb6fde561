/** What the open form holds, as it would be saved, for whoever tries it before that. */
import type { OpenForm } from "./form";
import type { EditorNode } from "./red";
import { t } from "./translate";
import { settingOf, textOf } from "./settings";

export type FormValues = Readonly<Record<string, unknown>>;

/** Types of a TypedInput that are the value itself. Without one it is, too. */
const FIXED: ReadonlySet<string> = new Set(["", "num", "str", "bool", "json", "bin"]);

/** These properties and where they come from. */
export function formValues({ node }: OpenForm, names: readonly string[]): FormValues {
  const saved = Object.keys(node._def.defaults);
  const wanted = names.flatMap((name) => [name, `${name}Type`]).filter((name) => saved.includes(name));
  return Object.fromEntries(wanted.map((name) => [name, settingOf(node, name)]));
}

/** Why this cannot be tried: the first value that the form refuses, or that only a flow can tell. */
export function reasonNotToTry({ node, field }: OpenForm, values: FormValues): string | undefined {
  // The validators judge a node as saved, and this one is not open.
  const validated = Object.assign(Object.create(node), values) as EditorNode;
  for (const [name, value] of Object.entries(values)) {
    const label = labelOf(field(name));
    if (!FIXED.has(textOf(values[`${name}Type`]))) return t("try.computed", { name: label });
    const answer = node._def.defaults[name]?.validate?.call(validated, value, {});
    if (typeof answer === "string") return label === "" ? answer : t("validate.named", { name: label, reason: answer });
  }
  for (const [name, entry] of Object.entries(
    (values["values"] ?? {}) as Readonly<Record<string, { type?: unknown }>>,
  )) {
    if (!FIXED.has(textOf(entry.type))) return t("try.computed", { name: labelOf($(`#hikflow-value-${name}`)) });
  }
  return undefined;
}

function labelOf(input: JQuery): string {
  return input.closest(".form-row").children("label").text().trim();
}
