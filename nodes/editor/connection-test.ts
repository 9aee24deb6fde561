/** "Test connection" of the device dialog: the diagnosis of what is entered, saved or not, each check as it ends. */
import { propertiesOf, textIn } from "../shared/unknown-values";
import { failureText } from "./ask";
import { askLines } from "./ask-lines";
import { connectionOfDialog } from "./connection";
import type { OpenForm } from "./form";
import { red } from "./red";
import { offerRepairs, type RepairRow } from "./repair";
import { checkReport } from "./report";
import { textOf, textsOf } from "./settings";
import { t } from "./translate";

export function testButton(dialog: OpenForm): void {
  const button = $("#hikflow-test");
  const place = $("#hikflow-test-report");
  const busy = $("<div>").append($("<i>", { class: "fa fa-spinner fa-spin" }), $("<span>").text(t("test.running")));

  button.on("click", () => {
    button.prop("disabled", true).attr("aria-busy", "true");
    const report = checkReport(place.empty());
    place.append(busy);
    const connection = connectionOfDialog(dialog.node);
    const rows: RepairRow[] = [];
    const question = {
      scope: "form",
      connection,
      eventSource: dialog.field("eventSource").val(),
      events: subscribedEvents(dialog.node.id),
    };
    const take = (line: unknown): void => {
      takeName(dialog, textIn(propertiesOf(propertiesOf(line)["device"])["name"]));
      const check = (line as { check?: unknown } | null)?.check;
      const row = report.add(check);
      const triggers = textsOf((check as { triggers?: unknown } | undefined)?.triggers);
      if (row && triggers.length > 0) rows.push({ place: row, triggers });
    };
    askLines("form/test", question, take, dialog.life)
      .catch((failure: unknown) => place.append($("<div>", { class: "hikflow-bad" }).text(failureText(failure))))
      .finally(() => {
        busy.detach();
        report.end();
        button.prop("disabled", false).removeAttr("aria-busy");
        const alone = (on: boolean): void => void button.prop("disabled", on);
        offerRepairs(place, rows, { connection, busy: alone, life: dialog.life });
      });
  });
}

/** The device's own name where none is given: it begins the topic of its messages. */
function takeName({ field }: OpenForm, name: string | undefined): void {
  const input = field("name");
  if (name !== undefined && textOf(input.val()).trim() === "") input.val(name).trigger("change");
}

/** What the nodes of this device wait for; nothing when one of them waits for everything. */
function subscribedEvents(device: string): readonly string[] {
  const listeners = red()
    .nodes.filterNodes({ type: "hikvision-event-in" })
    .filter((node) => node["device"] === device);
  const lists = listeners.map((node) => textsOf(node["events"]));
  return lists.some((events) => events.length === 0) ? [] : [...new Set(lists.flat())];
}
