/** From, To and Time: a time, or one in words, with the moment that the words are now. */
import { isTimeWord } from "../../src";
import { propertiesOf } from "../shared/unknown-values";
import { ask, AskFailure, failureText } from "./ask";
import { targetInForm } from "./device-field";
import type { OpenForm } from "./form";
import { wallClock } from "./format";
import { textOf } from "./settings";
import { t } from "./translate";
import { typedField } from "./typed-field";

/** So long nobody types. */
const PAUSE_MS = 500;

type TimeField = "start" | "end" | "time";

export function timeFields(form: OpenForm, ...properties: readonly TimeField[]): void {
  for (const property of properties) timeField(form, property);
}

function timeField(form: OpenForm, property: TimeField): void {
  typedField(form, property);
  const { field, life } = form;
  const input = field(property);
  const note = $("<div>", { class: "hikflow-note", "aria-live": "polite" }).appendTo(input.closest(".hikflow-field"));
  let asked = "";
  let question = new AbortController();
  let pause: ReturnType<typeof setTimeout> | undefined;

  const show = (text: string): void => void note.text(text);
  const word = (): string => {
    const text = input.typedInput("type") === "str" ? textOf(input.typedInput("value")).trim() : "";
    return isTimeWord(text) ? text : "";
  };
  const resolve = (): void => {
    const text = word();
    const target = targetInForm(form);
    const key = JSON.stringify([text, target]);
    if (key === asked) return;
    asked = key;
    question.abort();
    show("");
    if (text === "" || !target) return;
    question = new AbortController();
    const { signal } = question;
    ask(`${target.scope}/moment`, { ...target, text, side: property === "end" ? "later" : "earlier" }, signal).then(
      (answer) => show(t("time.now", { moment: wallClock(propertiesOf(answer)["at"]) })),
      (failure: unknown) => {
        if (!(failure instanceof AskFailure && failure.code === "aborted")) show(failureText(failure));
      },
    );
  };

  input.on("change keyup", () => {
    clearTimeout(pause);
    pause = setTimeout(resolve, PAUSE_MS);
  });
  field("device").on("change", resolve);
  life.addEventListener(
    "abort",
    () => {
      clearTimeout(pause);
      question.abort();
    },
    { once: true },
  );
  resolve();
}
