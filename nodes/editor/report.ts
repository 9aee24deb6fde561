/** Shows checks as they end: what is right, what is not, and what to do about it. */
import { known } from "./translate";

interface CheckResult {
  readonly id: string;
  /** null = not known. */
  readonly ok: boolean | null;
  readonly text: string;
  readonly remedy: string | undefined;
}

/**
 * Fills `place` with a list; the result adds a check to it. What is well with several events is one entry, so that what is not is
 * seen. What is no check is left out.
 */
export function checkList(place: JQuery): (check: unknown) => void {
  const list = $("<ul>", { class: "hikflow-checks" }).appendTo(place);
  const good = new Map<string, JQuery>();
  return (answer) => {
    const check = checkOf(answer);
    if (!check) return;
    const same = check.ok === true ? good.get(check.id) : undefined;
    if (same) {
      same.append($("<div>").text(check.text));
      return;
    }
    const made = row(check);
    list.append(made);
    if (check.ok === true) good.set(check.id, made.children("div"));
  };
}

function row(check: CheckResult): JQuery {
  const [style, icon, word] =
    check.ok === null
      ? ["hikflow-unknown", "fa-question-circle", known("test.unknown")]
      : check.ok
        ? ["hikflow-good", "fa-check-circle", known("test.good")]
        : ["hikflow-bad", "fa-times-circle", known("test.bad")];
  const body = $("<div>").append(
    $("<strong>").text(known(`check.${check.id}`) ?? check.id),
    $("<div>").text(check.text),
  );
  if (check.remedy !== undefined) body.append($("<div>", { class: "hikflow-remedy" }).text(check.remedy));
  return $("<li>", { "data-check": check.id }).append(
    $("<i>", { class: `fa ${icon} ${style}`, role: "img", "aria-label": word ?? "" }),
    body,
  );
}

function checkOf(answer: unknown): CheckResult | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const { id, ok, text, remedy } = answer as Record<string, unknown>;
  if (typeof id !== "string" || typeof text !== "string") return undefined;
  return { id, ok: typeof ok === "boolean" ? ok : null, text, remedy: typeof remedy === "string" ? remedy : undefined };
}
