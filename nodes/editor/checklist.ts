/** Several of many: grouped, searchable checkboxes. Nothing ticked means everything. */
import { oneTabStop } from "./one-tab-stop";
import { t } from "./translate";

export interface Entry {
  readonly value: string;
  /** Text, also when it comes from a device. */
  readonly label: string;
  /** Shown behind the label, muted. */
  readonly detail?: string;
  readonly group?: string;
}

export interface ChecklistOptions {
  readonly entries: readonly Entry[];
  readonly chosen: readonly string[];
  /** Names the whole list for screen readers. */
  readonly name: string;
  /** What nothing ticked means, for example "All events". */
  readonly everything: string;
  /** Makes an entry of what somebody types; undefined refuses it. */
  readonly add?: { readonly hint: string; entry(text: string): Entry | undefined };
  changed?(): void;
}

/** From this many entries on there is a search field. */
const WORTH_SEARCHING = 12;

export class Checklist {
  readonly #options: ChecklistOptions;
  readonly #chosen: Set<string>;
  readonly #list = $("<div>", { class: "hikflow-ticks" });
  readonly #count = $("<span>", { class: "hikflow-count", "aria-live": "polite" });
  readonly #search = $("<input>", { type: "search", class: "hikflow-search" });
  readonly #added = new Map<string, Entry>();
  readonly #settle = oneTabStop(this.#list, "input");
  #entries: readonly Entry[];

  constructor(place: JQuery, options: ChecklistOptions) {
    this.#options = options;
    this.#entries = options.entries;
    this.#chosen = new Set(options.chosen);
    for (const value of options.chosen) {
      const entry = options.add?.entry(value) ?? { value, label: value };
      this.#added.set(value, entry);
    }
    const hint = t("checklist.search");
    this.#search.attr({ placeholder: hint, "aria-label": hint }).on("input", () => this.#filter());
    const clear = $("<button>", { type: "button", class: "red-ui-button red-ui-button-small" })
      .text(t("checklist.clear"))
      .on("click", () => this.clear());
    place.attr({ role: "group", "aria-label": options.name });
    place.append($("<div>", { class: "hikflow-bar" }).append(this.#search, this.#count, clear), this.#list);
    if (options.add) place.append(this.#adder(options.add));
    this.#draw();
    // A dialog is filled before it is shown.
    setTimeout(this.#settle);
  }

  /** Ticked values in the order of the list; empty = everything. */
  get chosen(): string[] {
    return this.#all()
      .map(({ value }) => value)
      .filter((value) => this.#chosen.has(value));
  }

  /** Ticks a value and brings it into view. One that is not in the list is added, if it may be. */
  tick(value: string): void {
    if (!this.#all().some((entry) => entry.value === value)) {
      const entry = this.#options.add?.entry(value);
      if (!entry) return;
      this.#added.set(entry.value, entry);
    }
    this.#chosen.add(value);
    this.#draw();
    const [list] = this.#list;
    const row = this.#list.find(".hikflow-tick").filter((_index, tick) => tick.dataset["value"] === value)[0];
    if (list && row) list.scrollTop = row.offsetTop - list.offsetTop;
    this.#options.changed?.();
  }

  clear(): void {
    this.#chosen.clear();
    this.#draw();
    this.#options.changed?.();
  }

  /** What there is to choose from has become known, or has changed. Ticks are kept; `gone` is said of those that are not in it. */
  show(entries: readonly Entry[], gone?: string): void {
    this.#entries = entries;
    if (gone !== undefined)
      for (const [value, entry] of this.#added) this.#added.set(value, { ...entry, detail: gone });
    this.#draw();
  }

  #all(): Entry[] {
    const listed = new Set(this.#entries.map(({ value }) => value));
    return [...this.#entries, ...[...this.#added.values()].filter(({ value }) => !listed.has(value))];
  }

  #draw(): void {
    this.#list.empty();
    const all = this.#all();
    const groups = new Map<string, Entry[]>();
    for (const entry of all) groups.set(entry.group ?? "", [...(groups.get(entry.group ?? "") ?? []), entry]);
    for (const [group, entries] of groups) {
      const box = $("<div>", { class: "hikflow-group" });
      if (group !== "") box.append(this.#groupLabel(group));
      for (const entry of entries) box.append(this.#tick(entry));
      this.#list.append(box);
    }
    this.#search.toggle(all.length >= WORTH_SEARCHING);
    this.#filter();
    this.#showCount();
  }

  #tick(entry: Entry): JQuery {
    const box = $("<input>", { type: "checkbox" }).prop("checked", this.#chosen.has(entry.value));
    box.on("change", () => {
      this.#set(entry.value, box.prop("checked") === true);
      this.#showCount();
      this.#options.changed?.();
    });
    const label = $("<label>", { class: "hikflow-tick" }).append(box, $("<span>").text(entry.label));
    if (entry.detail !== undefined) label.append($("<span>", { class: "hikflow-detail" }).text(entry.detail));
    return label
      .attr("data-words", `${entry.label} ${entry.detail ?? ""} ${entry.value}`.toLowerCase())
      .attr("data-value", entry.value);
  }

  /** Ticks the whole group, or what the search has left of it. */
  #groupLabel(group: string): JQuery {
    const box = $("<input>", { type: "checkbox" });
    box.on("change", () => {
      const on = box.prop("checked") === true;
      box
        .closest(".hikflow-group")
        .find(".hikflow-tick")
        .each((_index, tick) => {
          if (tick.style.display === "none") return;
          $(tick).find("input").prop("checked", on);
          this.#set(tick.dataset["value"] ?? "", on);
        });
      this.#showCount();
      this.#options.changed?.();
    });
    return $("<label>", { class: "hikflow-group-label", "data-group": group }).append(box, $("<span>").text(group));
  }

  #set(value: string, on: boolean): void {
    if (on) this.#chosen.add(value);
    else this.#chosen.delete(value);
  }

  #filter(): void {
    const search = String(this.#search.val() ?? "")
      .trim()
      .toLowerCase();
    this.#list.find(".hikflow-tick").each((_index, element) => {
      element.style.display = (element.dataset["words"] ?? "").includes(search) ? "" : "none";
    });
    this.#list.find(".hikflow-group").each((_index, element) => {
      const hit = [...element.querySelectorAll<HTMLElement>(".hikflow-tick")].some(
        (tick) => tick.style.display !== "none",
      );
      element.style.display = hit ? "" : "none";
    });
    this.#settle();
  }

  /** The count, and the boxes of whole groups. */
  #showCount(): void {
    const count = this.chosen.length;
    this.#count.text(
      count === 0 ? this.#options.everything : t("checklist.count", { count, total: this.#all().length }),
    );
    this.#list.find(".hikflow-group").each((_index, element) => {
      const ticks = [...element.querySelectorAll<HTMLInputElement>(".hikflow-tick input")];
      const on = ticks.filter((tick) => tick.checked).length;
      const whole = element.querySelector<HTMLInputElement>(".hikflow-group-label input");
      if (!whole) return;
      whole.checked = on === ticks.length;
      whole.indeterminate = on > 0 && on < ticks.length;
    });
  }

  #adder(add: NonNullable<ChecklistOptions["add"]>): JQuery {
    const input = $("<input>", { type: "text", placeholder: add.hint, "aria-label": add.hint });
    const take = (): void => {
      const entry = add.entry(String(input.val() ?? "").trim());
      input.toggleClass("input-error", entry === undefined);
      if (!entry) return;
      this.#added.set(entry.value, entry);
      this.#chosen.add(entry.value);
      input.val("");
      this.#draw();
      this.#options.changed?.();
    };
    const button = $("<button>", { type: "button", class: "red-ui-button" }).text(t("checklist.add")).on("click", take);
    input.on("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      event.stopPropagation();
      take();
    });
    return $("<div>", { class: "hikflow-line hikflow-add" }).append(input, button);
  }
}
