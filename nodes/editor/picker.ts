/** A button beside a field that opens the list of what the device has. The field still takes anything typed. */
import { failureText } from "./ask";
import type { Choice, Choices } from "./choices";
import { t } from "./translate";

export interface PickerOptions {
  /** Holds the input; the button, the list and the note are put into it. */
  readonly place: JQuery;
  readonly choices: Choices;
  /** What the field holds now; undefined while it is not a fixed value (a TypedInput set to msg, for example). */
  readonly value: () => string | undefined;
  readonly choose: (value: string) => void;
  /** The list is not all there is: nothing is said of a value that it lacks. */
  readonly free?: true | undefined;
  /** Ends when the field is taken away before the form closes. */
  readonly life?: AbortSignal | undefined;
}

let serial = 0;

/** Returns a function to call when the field's value has changed. */
export function picker({ place, choices, value, choose, free, life }: PickerOptions): () => void {
  serial += 1;
  const listId = `hikflow-list-${serial}`;
  const button = $("<button>", {
    type: "button",
    class: "red-ui-button hikflow-pick",
    title: t("picker.open"),
    "aria-label": t("picker.open"),
    "aria-haspopup": "listbox",
    "aria-expanded": "false",
    "aria-controls": listId,
  }).append($("<i>", { class: "fa fa-list" }));
  const note = $("<div>", { class: "hikflow-note", "aria-live": "polite" });
  const list = $("<ul>", {
    id: listId,
    class: "hikflow-list",
    role: "listbox",
    tabindex: -1,
    "aria-label": t("picker.list"),
  }).hide();
  const line = place.children().wrapAll("<div class='hikflow-line'></div>").parent();
  line.append(button, list);
  place.append(note);

  let active = 0;
  const isOpen = (): boolean => button.attr("aria-expanded") === "true";

  const close = (refocus: boolean): void => {
    list.hide();
    button.attr("aria-expanded", "false");
    if (refocus) button.trigger("focus");
  };
  const activate = (index: number): void => {
    const options = list.children("[role=option]");
    if (options.length === 0) return;
    active = (index + options.length) % options.length;
    options.removeClass("hikflow-active");
    const option = options.eq(active).addClass("hikflow-active");
    list.attr("aria-activedescendant", option.attr("id") ?? "");
    option.get(0)?.scrollIntoView({ block: "nearest" });
  };
  const pick = (choice: Choice): void => {
    choose(choice.value);
    close(true);
    describe();
  };
  const fill = (): void => {
    const { state } = choices;
    list.empty().attr("aria-busy", String(state.phase === "loading"));
    if (state.phase !== "ready") {
      list.append($("<li>", { class: "hikflow-hint" }).append(stateNote(choices)));
      return;
    }
    if (state.items.length === 0) list.append($("<li>", { class: "hikflow-hint" }).text(t("picker.none")));
    const current = value();
    state.items.forEach((choice, index) => {
      $("<li>", { id: `${listId}-${index}`, role: "option", "aria-selected": String(choice.value === current) })
        .append(choiceLabel(choice))
        .on("mousedown", (event) => event.preventDefault())
        .on("click", () => pick(choice))
        .appendTo(list);
    });
    activate(
      Math.max(
        0,
        state.items.findIndex((choice) => choice.value === current),
      ),
    );
  };
  const show = (): void => {
    choices.load();
    fill();
    list.show().trigger("focus");
    button.attr("aria-expanded", "true");
  };
  const describe = (): void => {
    note.empty().append(noteOf(choices, value(), free));
    note.toggle(note.contents().length > 0);
  };

  button.on("click", () => (isOpen() ? close(true) : show()));
  list.on("focusout", () => close(false));
  list.on("keydown", (event) => {
    const { state } = choices;
    const items = state.phase === "ready" ? state.items : [];
    const choice = items[active];
    if (event.key === "ArrowDown") activate(active + 1);
    else if (event.key === "ArrowUp") activate(active - 1);
    else if (event.key === "Home") activate(0);
    else if (event.key === "End") activate(items.length - 1);
    else if (event.key === "Escape") close(true);
    else if ((event.key === "Enter" || event.key === " ") && choice) pick(choice);
    else if (event.key.length === 1) activate(nextStartingWith(items, event.key, active));
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  line.on("keydown", "input", (event) => {
    if (event.key !== "ArrowDown" || !event.altKey) return;
    event.preventDefault();
    show();
  });
  choices.watch(() => {
    const { phase } = choices.state;
    button.find("i").attr("class", phase === "loading" ? "fa fa-spinner fa-spin" : "fa fa-list");
    if (isOpen()) fill();
    describe();
  }, life);
  describe();
  return describe;
}

function nextStartingWith(items: readonly Choice[], letter: string, from: number): number {
  const wanted = letter.toLowerCase();
  const offset = items.findIndex((_item, step) => {
    const { label, value } = items[(from + 1 + step) % items.length] ?? { value: "" };
    return (label ?? value).toLowerCase().startsWith(wanted) || value.startsWith(wanted);
  });
  return offset < 0 ? from : from + 1 + offset;
}

/** "3  Front door · offline", from texts. */
export function choiceLabel(choice: Choice): JQuery[] {
  const parts = [$("<span>", { class: "hikflow-value" }).text(choice.value)];
  if (choice.label !== undefined && choice.label !== choice.value)
    parts.push($("<span>", { class: "hikflow-label" }).text(choice.label));
  if (choice.online !== undefined) {
    const [style, key] = choice.online ? ["hikflow-good", "picker.online"] : ["hikflow-bad", "picker.offline"];
    parts.push($("<span>", { class: style }).text(t(key)));
  }
  if (choice.kind !== undefined) parts.push($("<span>").text(t(`picker.${choice.kind}`)));
  if (choice.state !== undefined) parts.push($("<span>").text(t(`try.${choice.state}`)));
  return parts;
}

/** Below the field: what the chosen value is called, or why that is not known. */
function noteOf(choices: Choices, value: string | undefined, free: true | undefined): JQuery[] {
  const { state } = choices;
  if (value === undefined || state.phase === "idle" || state.phase === "unset") return [];
  if (state.phase !== "ready") return stateNote(choices);
  if (state.items.length === 0) return [$("<span>").text(t("picker.none"))];
  if (value === "") return [];
  const choice = state.items.find((item) => item.value === value);
  if (!choice) return free ? [] : [$("<span>").text(t("picker.gone"))];
  return choiceLabel(choice).slice(1);
}

/** Why there is no list. */
export function stateNote({ state }: Choices): JQuery[] {
  switch (state.phase) {
    case "loading":
      return [$("<i>", { class: "fa fa-spinner fa-spin" }), $("<span>").text(t("picker.loading"))];
    case "failed":
      return [$("<span>", { class: "hikflow-bad" }).text(failureText(state.failure))];
    case "unset":
      return [$("<span>").text(t("picker.noDevice"))];
    case "idle":
    case "ready":
      return [];
  }
}
