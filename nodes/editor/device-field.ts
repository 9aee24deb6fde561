/** The device a form points to, and the lists that come from it. */
import { Choices } from "./choices";
import { targetOf, type Target } from "./connection";
import type { OpenForm } from "./form";

/** Follows the form's device: loads the list now and whenever another device is chosen or edited. `about` narrows the question. */
export function deviceField(
  form: OpenForm,
  list: string,
  about: () => Readonly<Record<string, string>> = () => ({}),
): Choices {
  const choices = new Choices(list, () => ({ target: targetInForm(form), about: about() }), form.life);
  form.field("device").on("change", () => choices.load());
  choices.load();
  return choices;
}

export function targetInForm(form: OpenForm): Target | undefined {
  return targetOf(String(form.field("device").val() ?? ""));
}
