/** Shows a report of checks: what is right, what is not, and what to do about it. */
import { known } from "./translate";

interface CheckResult {
  readonly id: string;
  /** null = not known. */
  readonly ok: boolean | null;
  readonly text: string;
  readonly remedy: string | undefined;
}

export function showReport(place: JQuery, report: unknown): void {
  const list = $("<ul>", { class: "hikflow-checks" });
  for (const check of checksOf(report)) {
    const [look, icon, word] =
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
    list.append(
      $("<li>", { "data-check": check.id }).append(
        $("<i>", { class: `fa ${icon} ${look}`, role: "img", "aria-label": word ?? "" }),
        body,
      ),
    );
  }
  place.append(list);
}

function checksOf(report: unknown): CheckResult[] {
  const checks = typeof report === "object" && report !== null ? (report as { checks?: unknown }).checks : undefined;
  if (!Array.isArray(checks)) return [];
  return checks.flatMap((check: unknown) => {
    if (typeof check !== "object" || check === null) return [];
    const { id, ok, text, remedy } = check as Record<string, unknown>;
    if (typeof id !== "string" || typeof text !== "string") return [];
    return [
      { id, ok: typeof ok === "boolean" ? ok : null, text, remedy: typeof remedy === "string" ? remedy : undefined },
    ];
  });
}
