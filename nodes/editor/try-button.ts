/** A button that asks the device with what the form holds, saved or not. Below it: a spinner, then the answer, or the reason why not. */
import { ask, failureText } from "./ask";
import type { Target } from "./connection";
import { targetInForm } from "./device-field";
import type { OpenForm } from "./form";
import { formValues, reasonNotToTry, type FormValues } from "./form-values";
import { t } from "./translate";

export interface TryButtonOptions {
  /** Of the endpoint, below `try`. */
  readonly question: string;
  /** Gets the button and, below it, the answer. */
  readonly place: JQuery;
  readonly icon: string;
  /** Key of the button's words. */
  readonly label: string;
  /** The properties it takes, as the form stands. */
  readonly uses: () => readonly string[];
  /** What has no field of its own. */
  readonly more?: () => FormValues;
  /** A reason not to ask that no single field has. */
  readonly obstacle?: () => string | undefined;
  readonly show: (place: JQuery, answer: unknown) => void;
  /** Somebody pressed the button again before the answer came. Default: nothing is said. */
  readonly stopped?: (running: RunningTry) => void;
  /** ms; default as for every question. */
  readonly timeout?: number;
}

/** What was asked, in the hands of who ends it. */
export interface RunningTry {
  readonly target: Target;
  readonly values: FormValues;
  readonly showNote: (style: string, text: string) => void;
}

export interface TryButton {
  /** Asks, in place of what is under way. */
  run(): void;
  /** Ends what is under way and forgets the answer. */
  clear(): void;
  /** Is there an answer, or will there be? */
  readonly shown: boolean;
}

export function tryButton(dialog: OpenForm, options: TryButtonOptions): TryButton {
  const { place, question, show, timeout } = options;
  const id = `hikflow-try-${question}`;
  const button = $("<button>", { type: "button", class: "red-ui-button", id });
  const answer = $("<div>", { class: "hikflow-answer", id: `${id}-answer`, "aria-live": "polite" });
  place.append($("<div>", { class: "hikflow-bar" }).append(button), answer);
  let life: AbortController | undefined;
  let running: RunningTry | undefined;
  let shown = false;

  const showButton = (): void => {
    const [icon, label] = life ? ["fa-stop", t("try.stop")] : [options.icon, t(options.label)];
    button
      .attr("aria-busy", String(life !== undefined))
      .empty()
      .append($("<i>", { class: `fa ${icon}` }), " ", $("<span>").text(label));
  };
  const showNote = (style: string, text: string): void => {
    answer.empty().append($("<div>", { class: style }).text(text));
  };
  const end = (): void => {
    life?.abort();
    life = undefined;
    showButton();
  };
  const run = (): void => {
    end();
    shown = true;
    const target = targetInForm(dialog);
    const values = { ...formValues(dialog, options.uses()), ...options.more?.() };
    const reason = target ? (options.obstacle?.() ?? reasonNotToTry(dialog, values)) : t("picker.noDevice");
    if (!target || reason !== undefined) {
      showNote("hikflow-bad", reason ?? "");
      return;
    }
    const mine = new AbortController();
    life = mine;
    running = { target, values, showNote };
    showButton();
    answer.empty().append($("<i>", { class: "fa fa-spinner fa-spin" }), " ", $("<span>").text(t("picker.loading")));
    ask(`${target.scope}/try/${question}`, { ...target, form: values }, mine.signal, timeout)
      .then((found) => {
        if (life === mine) show(answer.empty(), found);
      })
      .catch((failure: unknown) => {
        if (life === mine) showNote("hikflow-bad", failureText(failure));
      })
      .finally(() => {
        if (life === mine) end();
      });
  };
  const clear = (): void => {
    end();
    answer.empty();
    shown = false;
  };

  button.on("click", () => {
    if (!life) {
      run();
      return;
    }
    clear();
    if (running) options.stopped?.(running);
  });
  dialog.field("device").on("change", clear);
  dialog.life.addEventListener("abort", end, { once: true });
  showButton();
  return {
    run,
    clear,
    get shown() {
      return shown;
    },
  };
}
