/** Events and plates of a device as rows to click on, one per kind. */
import { eventLabel, targetLabel } from "./event-ticks";
import { oneTabStop } from "./one-tab-stop";
import { t } from "./translate";

/** As the endpoint tells it. Texts come from a device: never HTML. */
export interface EventSummary {
  readonly type: string;
  readonly channel: number | null;
  readonly channelName?: string;
  readonly targets: readonly string[];
  readonly plate?: string;
  /** What happened at a door; `text` in the viewer's language. */
  readonly access?: { readonly kind: string; readonly text: string };
  /** ISO 8601: when it came; of a listed plate, when it was seen. */
  readonly receivedAt: string;
}

export interface RowOptions {
  /** Somebody picked one of them. */
  readonly choose: (event: EventSummary) => void;
}

const MOST_ROWS = 30;

/** One row per kind of event, however often it comes; the newest kind on top. */
export class EventList {
  readonly #list: JQuery;
  readonly #options: RowOptions;
  readonly #settle: () => void;
  readonly #ticked: (words: string) => void;
  readonly #rows = new Map<string, { row: JQuery; last: JQuery; times: number }>();

  /** `ticked` hears in words what was picked. */
  constructor(place: JQuery, options: RowOptions, ticked: (words: string) => void) {
    this.#list = $("<ul>", { class: "hikflow-results", "aria-label": t("listen.list") }).appendTo(place);
    this.#settle = oneTabStop(this.#list, "button");
    this.#options = options;
    this.#ticked = ticked;
  }

  add(event: EventSummary): void {
    const { type, channel, targets, plate, access } = event;
    const key = JSON.stringify([type, channel, targets, plate, access]);
    const known = this.#rows.get(key) ?? this.#row(event, key);
    known.times += 1;
    const clock = moment(new Date(event.receivedAt));
    known.last.text(known.times > 1 ? `${clock} ×${known.times}` : clock);
  }

  #row(event: EventSummary, key: string): { row: JQuery; last: JQuery; times: number } {
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
    this.#settle();
    return made;
  }

  /** "Line crossing · 2 Yard · People · AB 123". */
  #words({ type, channel, channelName, targets, plate, access }: EventSummary): string {
    const where = channel === null ? t("channel.device") : [t("channel.number", { channel }), channelName].join(" ");
    const seen = targets.map(targetLabel);
    return [eventLabel(type), where.trim(), ...seen, plate, access?.text]
      .filter((part) => part !== undefined && part !== "")
      .join(" · ");
  }
}

function moment(time: Date): string {
  return time.toDateString() === new Date().toDateString() ? time.toLocaleTimeString() : time.toLocaleString();
}
