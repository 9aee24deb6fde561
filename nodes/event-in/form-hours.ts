/** "Active hours" of event-in's form: from and to, the days, and whose clock counts. */
import { activeHours, type ActiveHours } from "../../src";
import { follow, type OpenForm } from "../editor/form";
import type { EditorNode, Validator } from "../editor/red";
import { settingOf, textOf } from "../editor/settings";
import { t } from "../editor/translate";
import { validator } from "../editor/validate";

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const NEW: ActiveHours = { from: "22:00", to: "06:00", days: EVERY_DAY, zone: "device" };
/** 1 January 2024 was a Monday. */
const dayName = (day: number, weekday: "short" | "long"): string =>
  new Intl.DateTimeFormat(t("language"), { weekday, timeZone: "UTC" }).format(new Date(Date.UTC(2024, 0, day)));

/** Fills `#hikflow-hours`. */
export function hoursField({ node, field }: OpenForm): void {
  const saved = activeHours(node["hours"]);
  const { from, to, days, zone } = saved ?? NEW;
  field("hours-on").prop("checked", saved !== undefined);
  field("hours-from").val(from);
  field("hours-to").val(to);
  field("hours-zone").val(zone);
  const place = $("#hikflow-days").attr({ role: "group", "aria-label": node._("hikvision-event-in.hours.days") });
  for (const day of EVERY_DAY) {
    const box = $("<input>", { type: "checkbox", value: String(day) }).prop(
      "checked",
      days.length === 0 || days.includes(day),
    );
    const name = $("<span>", { title: dayName(day, "long") }).text(dayName(day, "short"));
    place.append($("<label>", { class: "hikflow-day" }).append(box, name));
  }
  const reason = $("#hikflow-hours-reason");
  const show = (): void => {
    $("#hikflow-hours").toggle(field("hours-on").prop("checked") === true);
    const answer = reasonOf(hoursIn(node));
    reason.text(answer === true ? "" : answer).toggle(answer !== true);
  };
  follow(field("hours-on"), show);
  field("hours-from").add(field("hours-to")).on("change input", show);
}

/** What is to be saved; undefined: always. */
export function hoursIn(node: EditorNode): ActiveHours | undefined {
  if (settingOf(node, "hours-on") !== true) return undefined;
  const ticked = $("#hikflow-days input:checked")
    .toArray()
    .map((box) => Number(box.getAttribute("value")));
  return {
    from: textOf(settingOf(node, "hours-from")),
    to: textOf(settingOf(node, "hours-to")),
    days: ticked.length === 0 ? EVERY_DAY : ticked,
    zone: settingOf(node, "hours-zone") === "local" ? "local" : "device",
  };
}

export const hoursValid: Validator = validator((_node, value) => reasonOf(value));

function reasonOf(hours: unknown): true | string {
  return hours === undefined || activeHours(hours) !== undefined ? true : t("validate.hours");
}
