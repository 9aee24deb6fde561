/** "Show it": what the camera has counted in the form's range, as a table or a picture. */
import { listOf, propertiesOf } from "../shared/unknown-values";
import { factList, tableOf, wallClock } from "./format";
import type { OpenForm } from "./form";
import { tryButton } from "./try-button";
import { t } from "./translate";
import { textOf } from "./settings";

/** Fills `#hikflow-try`. */
export function statisticsPreview(dialog: OpenForm): void {
  const word = (key: string): string => dialog.node._(`hikvision-statistics.${key}`);
  tryButton(dialog, {
    question: "statistics",
    place: $("#hikflow-try"),
    icon: "fa-table",
    label: "try.rows",
    timeout: 65_000,
    uses: () => ["channel", "kind", "start", "end", "interval"],
    show: (place, answer) => {
      const { rows, more, interval, picture, max, min } = propertiesOf(answer);
      if (typeof picture === "string") {
        const image = $("<img>", { class: "hikflow-picture", alt: word("kind.heatmap") });
        image.attr("src", `data:image/jpeg;base64,${picture}`);
        const values = [["max", max] as const, ["min", min] as const];
        const facts = values.filter(([, value]) => value !== undefined);
        place.append(image, factList(facts.map(([name, value]) => [word(`table.${name}`), textOf(value)])));
        return;
      }
      if (interval !== dialog.field("interval").val())
        place.append($("<div>", { class: "hikflow-warn" }).text(word(`coarser.${textOf(interval)}`)));
      const shown = listOf(rows);
      const passes = shown.some(({ pass }) => pass !== undefined);
      place.append(
        tableOf(
          [
            t("label.start"),
            t("label.end"),
            ...["enter", "exit", ...(passes ? ["pass"] : [])].map((one) => word(`table.${one}`)),
          ],
          shown.map(({ start, end, enter, exit, pass }) => [
            wallClock(start),
            wallClock(end).slice(11),
            ...[enter, exit, ...(passes ? [pass] : [])].map((count) =>
              typeof count === "number" ? String(count) : "–",
            ),
          ]),
        ),
      );
      if (Number(more) > 0) place.append($("<div>", { class: "hikflow-note" }).text(t("try.more", { count: more })));
    },
  });
}
