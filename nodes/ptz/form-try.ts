/** "Try it" of ptz: runs the command as the form holds it. While it runs it can be stopped. */
import { ask, failureText } from "../editor/ask";
import { listOf, propertiesOf } from "../shared/unknown-values";
import { factList, rowList } from "../editor/format";
import type { OpenForm } from "../editor/form";
import type { FormValues } from "../editor/form-values";
import { tryButton, type RunningTry, type TryButton } from "../editor/try-button";
import { known, t } from "../editor/translate";
import { settingOf, textOf } from "../editor/settings";

/** A move of a minute, and some. */
const TIMEOUT_MS = 80_000;

export interface TryPtzOptions {
  /** The values of the chosen action, as they would be saved. */
  readonly values: () => FormValues;
  readonly actionLabel: (action: string) => string;
  readonly valueLabel: (name: string) => string | undefined;
}

/** Fills `#hikflow-try`. */
export function tryPtzButton(dialog: OpenForm, options: TryPtzOptions): TryButton {
  const action = (): string => textOf(settingOf(dialog.node, "action"));
  return tryButton(dialog, {
    question: "ptz",
    place: $("#hikflow-try"),
    icon: "fa-play",
    label: "try.ptz",
    uses: () => ["channel", "action", "clamp"],
    more: () => ({ values: options.values() }),
    obstacle: () => (action() === "msg" ? t("try.message") : undefined),
    timeout: TIMEOUT_MS,
    show: (place, answer) => show(place, answer, options),
    stopped: (running) => stop(dialog, running),
  });
}

/** The question that was cut off has its own stop; this one tells whether the camera stands. */
function stop({ life }: OpenForm, { target, values, showNote }: RunningTry): void {
  showNote("", t("try.stopping"));
  const { channel, channelType } = values;
  const form = { channel, channelType, action: "stop", values: {} };
  ask(`${target.scope}/try/ptz`, { ...target, form }, life).then(
    () => showNote("hikflow-good", t("try.stopped")),
    (failure: unknown) => showNote("hikflow-bad", failureText(failure)),
  );
}

function show(place: JQuery, answer: unknown, { actionLabel, valueLabel }: TryPtzOptions): void {
  if (Array.isArray(answer)) {
    place.append(answer.length === 0 ? $("<div>").text(t("picker.none")) : rowList(listOf(answer).map(storedRow)));
    return;
  }
  const { done, stopped, superseded, ...facts } = propertiesOf(answer);
  if (done !== undefined)
    place.append($("<div>", { class: "hikflow-good" }).text(t("try.done", { action: actionLabel(textOf(done)) })));
  if (stopped === true) place.append($("<div>", { class: "hikflow-note" }).text(t("try.stoppedItself")));
  if (superseded === true) place.append($("<div>", { class: "hikflow-warn" }).text(t("try.superseded")));
  const named = Object.entries(facts).map(([name, value]) => [valueLabel(name) ?? name, inOneLine(value)] as const);
  if (named.length > 0) place.append(factList(named));
}

/** A preset or a patrol: "3  Gate". */
function storedRow({ preset, patrol, name, command }: FormValues): (string | undefined)[] {
  return [
    textOf(preset ?? patrol),
    name === undefined ? undefined : textOf(name),
    command === true ? t("try.command") : undefined,
  ];
}

function inOneLine(value: unknown): string {
  if (typeof value === "boolean") return known(`try.${String(value)}`) ?? String(value);
  return typeof value === "object" && value !== null ? JSON.stringify(value) : textOf(value);
}
