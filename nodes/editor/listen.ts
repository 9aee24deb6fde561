/** "Listen now": the events of the form's device as they come. Who sees one happen knows what to tick. */
import { AskFailure, failureText } from "./ask";
import { askLines } from "./ask-lines";
import { targetInForm } from "./device-field";
import type { OpenForm } from "./form";
import { EventList, type EventSummary, type RowOptions } from "./event-list";
import { t } from "./translate";

export interface ListenOptions extends RowOptions {
  /** Which events are shown. */
  readonly of: (event: EventSummary) => boolean;
}

/** Fills `#hikflow-listen`. */
export function listenBox(dialog: OpenForm, options: ListenOptions): void {
  const place = $("#hikflow-listen");
  const button = $("<button>", { type: "button", class: "red-ui-button", "aria-pressed": "false" });
  const note = $("<div>", { class: "hikflow-note", "aria-live": "polite" });
  const list = $("<div>");
  place.append(button, note, list);
  let life: AbortController | undefined;

  const show = (): void => {
    const on = life !== undefined;
    button
      .attr("aria-pressed", String(on))
      .empty()
      .append(
        $("<i>", { class: on ? "fa fa-stop" : "fa fa-rss" }),
        " ",
        $("<span>").text(t(on ? "listen.stop" : "listen.start")),
      );
  };
  const stop = (): void => {
    life?.abort();
    life = undefined;
    show();
  };
  const showNote = (style: string, text: string): void => {
    note.empty().append($("<span>", { class: style }).text(text));
  };
  const start = (): void => {
    const target = targetInForm(dialog);
    if (!target) {
      showNote("hikflow-warn", t("picker.noDevice"));
      return;
    }
    const rows = new EventList(list.empty(), options, (words) =>
      showNote("hikflow-good", t("listen.ticked", { words })),
    );
    const mine = new AbortController();
    life = mine;
    show();
    showNote("", t("listen.connecting"));
    const take = ({ state, failure, event, over }: Line): void => {
      if (event !== undefined && options.of(event)) rows.add(event);
      if (state === "online") showNote("", t("listen.waiting"));
      if (state === "offline")
        showNote("hikflow-bad", failureText(new AskFailure(failure?.code ?? "", failure?.error ?? "")));
      if (over !== undefined) showNote("hikflow-warn", t(over === "deployed" ? "listen.deployed" : "listen.time"));
    };
    askLines(`${target.scope}/listen`, target, (line) => take(line as Line), mine.signal).then(
      () => {
        if (life === mine) stop();
      },
      (failure: unknown) => {
        if (life !== mine) return;
        stop();
        showNote("hikflow-bad", failureText(failure));
      },
    );
  };

  button.on("click", () => {
    if (life) {
      stop();
      note.empty();
    } else start();
  });
  dialog.field("device").on("change", () => {
    stop();
    note.empty();
    list.empty();
  });
  dialog.life.addEventListener("abort", stop, { once: true });
  show();
}

interface Line {
  readonly state?: string;
  readonly failure?: { readonly error: string; readonly code: string };
  readonly event?: EventSummary;
  readonly over?: string;
}
