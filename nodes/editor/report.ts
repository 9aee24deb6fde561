/** Shows checks as they end: how many need attention, those first, then what is not known; what is well is folded. */
import { known, t } from "./translate";

interface CheckResult {
  readonly id: string;
  /** null = not known. */
  readonly ok: boolean | null;
  readonly text: string;
  readonly remedy: string | undefined;
}

/** A row of a failed check, for what can be done about it. */
export type Row = JQuery;

export interface CheckReport {
  /** Adds a check; what is none is left out. The result is the row of a failed one. */
  add(check: unknown): Row | undefined;
  /** No more checks come. */
  end(): void;
}

/** Fills `place`. What is well with several events is one entry. */
export function checkReport(place: JQuery): CheckReport {
  const summary = $("<div>", { class: "hikflow-summary", role: "status" });
  const bad = list();
  const unknown = list();
  const good = list();
  const fold = $("<summary>");
  const folded = $("<details>", { class: "hikflow-well" }).append(fold, good).hide();
  place.append(summary, bad, unknown, folded);
  const rowOfGood = new Map<string, JQuery>();
  const count = { total: 0, bad: 0, unknown: 0 };

  return {
    add(answer) {
      const check = checkOf(answer);
      if (!check) return undefined;
      if (check.ok === true) {
        const same = rowOfGood.get(check.id);
        if (same) {
          same.append($("<div>").text(check.text));
          return undefined;
        }
        count.total += 1;
        rowOfGood.set(check.id, row(check).appendTo(good).children("div"));
        folded.show();
        fold.text(t("test.well", { count: count.total - count.bad - count.unknown }));
        return undefined;
      }
      count.total += 1;
      if (check.ok === null) {
        count.unknown += 1;
        unknown.append(row(check));
        return undefined;
      }
      count.bad += 1;
      const made = row(check).appendTo(bad);
      summary
        .attr("class", "hikflow-summary hikflow-bad")
        .text(t("test.attention", { count: count.bad, total: count.total }));
      return made.children("div");
    },
    end() {
      if (count.total === 0) return;
      const parts = [
        count.bad > 0
          ? t("test.attention", { count: count.bad, total: count.total })
          : t(count.unknown > 0 ? "test.nothingWrong" : "test.allWell", { total: count.total }),
        ...(count.unknown > 0 ? [t("test.notKnown", { count: count.unknown })] : []),
      ];
      const style = count.bad > 0 ? "hikflow-bad" : count.unknown > 0 ? "hikflow-unknown" : "hikflow-good";
      summary.attr("class", `hikflow-summary ${style}`).text(parts.join(" "));
    },
  };
}

function list(): JQuery {
  return $("<ul>", { class: "hikflow-checks" });
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
