/**
 * "Repair" in the rows of Test connection, and below them for all: shows what would be added on the device, adds it, tells how it
 * went, and takes it back.
 */
import { listOf, type Properties, propertiesOf } from "../shared/unknown-values";
import { ask, AskFailure, failureText } from "./ask";
import { askLines } from "./ask-lines";
import type { Connection } from "./connection";
import { eventLabel } from "./event-ticks";
import { t } from "./translate";
import { textOf } from "./settings";

interface Trigger {
  readonly id: string;
  /** "Motion, channel 1" */
  readonly label: string;
}

interface Change extends Trigger {
  readonly path: string;
  readonly added: string;
  readonly digest: string;
}

interface Refused extends Trigger {
  readonly why: string;
}

/** A failed check, and the ids of what it does not send. */
export interface RepairRow {
  readonly place: JQuery;
  readonly triggers: readonly string[];
}

interface RepairOptions {
  /** Of the device that was tested. */
  readonly connection: Connection;
  /** Says that nothing else should be asked meanwhile. */
  readonly busy: (on: boolean) => void;
  readonly life: AbortSignal;
}

interface Box {
  readonly triggers: readonly string[];
  /** Repaired before. */
  readonly written: readonly Trigger[];
  /** Key of the button's words. */
  readonly words: "repair.run" | "repair.all";
  /** Of this one the elements have ids. */
  readonly main: boolean;
}

/** Puts a button into each row, and one for all below; and what was repaired before, as long as it can be undone. */
export function offerRepairs(place: JQuery, rows: readonly RepairRow[], options: RepairOptions): void {
  const box = $("<div>").appendTo(place);
  const single = rows.length === 1;
  for (const { place: row, triggers } of rows)
    repairBox($("<div>").appendTo(row), { triggers, written: [], words: "repair.run", main: single }, options);
  const all = single ? [] : [...new Set(rows.flatMap(({ triggers }) => triggers))];
  ask("form/repair/written", { connection: options.connection }, options.life)
    .then((answer) => listOf(propertiesOf(answer)["triggers"]).map(triggerOf))
    // Nothing was repaired where nobody can be asked.
    .catch((): Trigger[] => [])
    .then((written) => repairBox(box, { triggers: all, written, words: "repair.all", main: !single }, options))
    .catch(() => undefined);
}

let serial = 0;

function repairBox(
  place: JQuery,
  { triggers, written, words, main }: Box,
  { connection, busy, life }: RepairOptions,
): void {
  const id = (name: string): string => (main ? name : `${name}-${serial}`);
  serial += 1;
  const reportId = id("hikflow-repair-report");
  const report = $("<div>", { id: reportId, tabindex: "-1" });
  const start = button(id("hikflow-repair"), words, "fa-wrench").attr("aria-controls", reportId);
  const question = (asked: readonly unknown[]): object => ({ connection, triggers: asked });

  /** Runs one question with the buttons off. */
  const run = (asked: Promise<void>, failed: (failure: unknown) => void): void => {
    busy(true);
    asked.catch(failed).finally(() => busy(false));
  };
  const showNote = (failure: unknown): void => {
    report.empty().append($("<div>", { class: "hikflow-bad" }).text(failureText(failure)));
    start.prop("disabled", false).trigger("focus");
  };

  const plan = (): void => {
    start.prop("disabled", true);
    report.empty().append(waiting("repair.asking"));
    run(ask("form/repair/plan", question(triggers), life).then(offer), showNote);
  };

  const offer = (answer: unknown): void => {
    const { changes, refused } = planOf(answer);
    report.empty();
    if (changes.length > 0) report.append($("<div>").text(t("repair.would")));
    else if (refused.length === 0) report.append($("<div>").text(t("repair.nothing")));
    const list = $("<ul>", { class: "hikflow-checks" }).appendTo(report);
    for (const change of changes) list.append(row("fa-plus-circle", "", change.label, exactly(change)));
    for (const { label, why } of refused) list.append(row("fa-times-circle", "hikflow-bad", label, why));
    if (changes.length === 0) return;
    const add = button(id("hikflow-repair-add"), "repair.add").on("click", () => {
      const shown = changes.map(({ id: trigger, digest }) => ({ id: trigger, digest }));
      carryOut("apply", changes, shown, () => undoBar(changes).trigger("focus"));
    });
    const leave = button(id("hikflow-repair-leave"), "repair.leave").on("click", () => {
      report.empty();
      start.prop("disabled", false).trigger("focus");
    });
    report.append(bar(add, leave));
    add.trigger("focus");
  };

  /** Asks, and tells of each trigger as it is done; then shows what can be done next. */
  const carryOut = (
    what: "apply" | "undo",
    all: readonly Trigger[],
    asked: readonly unknown[],
    next: () => void,
  ): void => {
    const list = $("<ul>", { class: "hikflow-checks" });
    const wait = waiting("repair.working");
    report.empty().append(list, wait);
    const open = new Map(all.map((trigger) => [trigger.id, trigger]));
    const take = (line: unknown): void => {
      const { id: name, state, code, error } = propertiesOf(propertiesOf(line)["result"]);
      const trigger = open.get(textOf(name));
      if (!trigger) return;
      open.delete(trigger.id);
      list.append(
        typeof state === "string"
          ? row("fa-check-circle", "hikflow-good", trigger.label, t(`repair.state.${state}`))
          : row(
              "fa-times-circle",
              "hikflow-bad",
              trigger.label,
              failureText(new AskFailure(textOf(code), textOf(error))),
            ),
      );
    };
    const asking = askLines(`form/repair/${what}`, question(asked), take, life).finally(() => wait.remove());
    run(asking.then(next), (failure) => {
      for (const { label } of open.values())
        list.append(row("fa-times-circle", "hikflow-bad", label, t("repair.notDone")));
      report.append($("<div>", { class: "hikflow-bad" }).text(failureText(failure)));
      next();
    });
  };

  const undoBar = (changes: readonly Trigger[]): JQuery => {
    const undo = button(id("hikflow-repair-undo"), "repair.undo", "fa-undo").on("click", () => {
      const ids = changes.map((change) => change.id);
      carryOut("undo", changes, ids, () => {
        start.prop("disabled", false);
        (triggers.length > 0 ? start : report).trigger("focus");
      });
    });
    report.append(bar(undo));
    return undo;
  };

  start.on("click", plan);
  if (triggers.length > 0) place.append(bar(start));
  place.append(report);
  if (written.length === 0) return;
  report.append($("<div>").text(t("repair.earlier", { events: written.map(({ label }) => label).join("; ") })));
  undoBar(written);
}

function button(id: string, text: string, icon?: string): JQuery {
  const made = $("<button>", { type: "button", class: "red-ui-button", id });
  if (icon !== undefined) made.append($("<i>", { class: `fa ${icon}`, "aria-hidden": "true" }), " ");
  return made.append($("<span>").text(t(text)));
}

function bar(...buttons: readonly JQuery[]): JQuery {
  return $("<div>", { class: "hikflow-bar" }).append(...buttons);
}

function waiting(text: string): JQuery {
  return $("<div>").append($("<i>", { class: "fa fa-spinner fa-spin" }), " ", $("<span>").text(t(text)));
}

function row(icon: string, style: string, label: string, more: string | JQuery): JQuery {
  const detail = typeof more === "string" ? $("<div>").text(more) : more;
  const body = $("<div>").append($("<strong>").text(label), detail);
  return $("<li>").append($("<i>", { class: `fa ${icon} ${style}`, "aria-hidden": "true" }), body);
}

/** The request and the lines that come in, folded away. */
function exactly({ path, added }: Change): JQuery {
  const lines = added.replace(/^[ \t]*\r?\n/, "").trimEnd();
  return $("<details>").append(
    $("<summary>").text(t("repair.exactly")),
    $("<code>").text(`PUT ${path}`),
    $("<pre>").append(lines.split(/\r?\n/).map((line) => $("<ins>").text(`+ ${line}\n`))),
  );
}

function planOf(answer: unknown): { changes: readonly Change[]; refused: readonly Refused[] } {
  const { changes, refused } = propertiesOf(answer);
  return {
    changes: listOf(changes).map((one) => ({
      ...triggerOf(one),
      path: textOf(one["path"]),
      added: textOf(one["added"]),
      digest: textOf(one["digest"]),
    })),
    refused: listOf(refused).map((one) => ({
      ...triggerOf(one),
      why: failureText(new AskFailure(textOf(one["code"]), textOf(one["error"]))),
    })),
  };
}

function triggerOf({ id, type, channel }: Properties): Trigger {
  const event = eventLabel(textOf(type));
  return { id: textOf(id), label: typeof channel === "number" ? t("repair.place", { event, channel }) : event };
}
