/** "Listen now": the events of the form's device as they come. Who sees one happen knows what to tick. */
import { AskFailure, failureOf, inWords } from "./ask";
import { targetInForm } from "./device-field";
import { eventLabel } from "./event-ticks";
import type { OpenForm } from "./form";
import { t } from "./translate";

/** As the endpoint tells it. Texts come from a device: never HTML. */
export interface HeardEvent {
  readonly type: string;
  readonly channel: number | null;
  readonly channelName?: string;
  readonly targets: readonly string[];
  readonly plate?: string;
  /** ISO 8601. */
  readonly receivedAt: string;
}

export interface ListenOptions {
  /** Which events are shown. */
  readonly of: (event: HeardEvent) => boolean;
  /** Somebody picked one of them. */
  readonly choose: (event: HeardEvent) => void;
  /** The viewer's word for a target. */
  readonly target: (target: string) => string;
}

const MOST_ROWS = 30;

/** Fills `#hikflow-listen`. */
export function listenBox(dialog: OpenForm, options: ListenOptions): void {
  const place = $("#hikflow-listen");
  const button = $("<button>", { type: "button", class: "red-ui-button", "aria-pressed": "false" });
  const note = $("<div>", { class: "hikflow-note", "aria-live": "polite" });
  const list = $("<ul>", { class: "hikflow-heard", "aria-label": t("listen.list") });
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
    const rows = new Rows(list.empty(), options, (words) => say("hikflow-good", t("listen.ticked", { words })));
    const mine = new AbortController();
    life = mine;
    show();
    say("", t("listen.connecting"));
    const hear = ({ state, error, code, event, over }: Line): void => {
      if (event !== undefined && options.of(event)) rows.add(event);
      if (state === "online") say("", t("listen.waiting"));
      if (state === "offline") say("hikflow-bad", inWords(new AskFailure(code ?? "", error ?? "")));
      if (over !== undefined) say("hikflow-warn", t(over === "deployed" ? "listen.deployed" : "listen.time"));
    };
    follow({ id: target.id }, hear, mine.signal).then(
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

/** One row per kind of event, however often it comes; the newest kind on top. */
class Rows {
  readonly #list: JQuery;
  readonly #options: ListenOptions;
  readonly #ticked: (words: string) => void;
  readonly #rows = new Map<string, { row: JQuery; last: JQuery; times: number }>();

  constructor(list: JQuery, options: ListenOptions, ticked: (words: string) => void) {
    this.#list = list;
    this.#options = options;
    this.#ticked = ticked;
  }

  add(event: HeardEvent): void {
    const { type, channel, targets, plate } = event;
    const key = JSON.stringify([type, channel, targets, plate]);
    const known = this.#rows.get(key) ?? this.#row(event, key);
    known.times += 1;
    const clock = new Date(event.receivedAt).toLocaleTimeString();
    known.last.text(known.times > 1 ? `${clock} ×${known.times}` : clock);
  }

  #row(event: HeardEvent, key: string): { row: JQuery; last: JQuery; times: number } {
    const words = this.#words(event);
    const last = $("<span>", { class: "hikflow-detail" });
    const button = $("<button>", { type: "button", title: t("listen.tick") })
      .append($("<span>").text(words), last)
      .on("click", () => {
        this.#options.choose(event);
        this.#ticked(words);
      });
    const row = $("<li>").append(button).prependTo(this.#list);
    const made = { row, last, times: 0 };
    this.#rows.set(key, made);
    const oldest = this.#rows.size > MOST_ROWS ? this.#rows.entries().next().value : undefined;
    if (oldest) {
      oldest[1].row.remove();
      this.#rows.delete(oldest[0]);
    }
    return made;
  }

  /** "Line crossing · 2 Yard · People · AB 123". */
  #words({ type, channel, channelName, targets, plate }: HeardEvent): string {
    const where = channel === null ? t("channel.device") : [t("channel.number", { channel }), channelName].join(" ");
    const seen = targets.map((target) => this.#options.target(target));
    return [eventLabel(type), where.trim(), ...seen, plate]
      .filter((part) => part !== undefined && part !== "")
      .join(" · ");
  }
}

interface Line {
  readonly state?: string;
  readonly error?: string;
  readonly code?: string;
  readonly event?: HeardEvent;
  readonly over?: string;
}

/** Reads the endpoint's lines until it ends or `signal` aborts. Rejects with {@link AskFailure}. */
function follow(body: object, hear: (line: Line) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let taken = 0;
    const take = (text: string): void => {
      const end = text.lastIndexOf("\n") + 1;
      const lines = text.slice(taken, end).split("\n");
      taken = Math.max(taken, end);
      if (!signal.aborted) for (const line of lines) if (line !== "") hear(JSON.parse(line) as Line);
    };
    const request = $.ajax({
      url: "hikvision/deployed/listen",
      method: "POST",
      contentType: "application/json",
      data: JSON.stringify(body),
      dataType: "text",
      xhr: () => {
        const xhr = new XMLHttpRequest();
        xhr.addEventListener("progress", () => {
          if (xhr.status === 200) take(xhr.responseText);
        });
        return xhr;
      },
    });
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.then(
      (text: unknown) => {
        take(String(text));
        resolve();
      },
      (xhr: unknown) => reject(failureOf(xhr as JQuery.jqXHR)),
    );
  });
}
