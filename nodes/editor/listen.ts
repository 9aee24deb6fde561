/** "Listen now": the events of the form's device as they come. Who sees one happen knows what to tick. */
import { AskFailure, inWords } from "./ask";
import { askLines } from "./ask-lines";
import { targetInForm } from "./device-field";
import type { OpenForm } from "./form";
import { EventList, type HeardEvent, type RowOptions } from "./event-list";
import { t } from "./translate";

export interface ListenOptions extends RowOptions {
  /** Which events are shown. */
  readonly of: (event: HeardEvent) => boolean;
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
  const say = (look: string, text: string): void => {
    note.empty().append($("<span>", { class: look }).text(text));
  };
  const start = (): void => {
    const target = targetInForm(dialog);
    if (target?.scope !== "deployed") {
      say("hikflow-warn", t(target ? "listen.deployFirst" : "picker.noDevice"));
      return;
    }
    const rows = new EventList(list.empty(), options, (words) => say("hikflow-good", t("listen.ticked", { words })));
    const mine = new AbortController();
    life = mine;
    show();
    say("", t("listen.connecting"));
    const hear = ({ state, failure, event, over }: Line): void => {
      if (event !== undefined && options.of(event)) rows.add(event);
      if (state === "online") say("", t("listen.waiting"));
      if (state === "offline") say("hikflow-bad", inWords(new AskFailure(failure?.code ?? "", failure?.error ?? "")));
      if (over !== undefined) say("hikflow-warn", t(over === "deployed" ? "listen.deployed" : "listen.time"));
    };
    askLines("deployed/listen", { id: target.id }, (line) => hear(line as Line), mine.signal).then(
      () => {
        if (life === mine) stop();
      },
      (failure: unknown) => {
        if (life !== mine) return;
        stop();
        say("hikflow-bad", inWords(failure));
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
  readonly event?: HeardEvent;
  readonly over?: string;
}
