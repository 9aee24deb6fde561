/** "Show it": what the device remembers of the form's range. */
import { listOf, propertiesOf } from "../shared/unknown-values";
import { eventLabel, targetLabel } from "./event-ticks";
import type { FormValues } from "./form-values";
import { tableOf, wallClock } from "./format";
import type { OpenForm } from "./form";
import { tryButton } from "./try-button";
import { t } from "./translate";
import { textOf } from "./settings";

/** Fills `#hikflow-try`. `ticked`: the lists that are no input elements. */
export function historyPreview(dialog: OpenForm, ticked: () => FormValues): void {
  const word = (key: string): string => dialog.node._(`hikvision-history.${key}`);
  tryButton(dialog, {
    question: "history",
    place: $("#hikflow-try"),
    icon: "fa-table",
    label: "try.rows",
    timeout: 65_000,
    uses: () => ["source", "start", "end", "newest"],
    more: ticked,
    show: (place, answer) => {
      const { rows, count, reason } = propertiesOf(answer);
      if (typeof reason === "string") place.append($("<div>", { class: "hikflow-warn" }).text(reason));
      const shown = listOf(rows);
      if (shown.length === 0) {
        place.append($("<div>").text(word("nothing")));
        return;
      }
      place.append(
        tableOf(
          ["time", "what", "where", "details"].map((name) => word(`table.${name}`)),
          shown.map(({ time, type, channel, who, text, pictures }) => [
            wallClock(time),
            type === "human" || type === "vehicle" ? targetLabel(type) : eventLabel(textOf(type)),
            channel === null ? t("channel.device") : t("channel.number", { channel }),
            [
              [who, text]
                .map(textOf)
                .filter((word) => word !== "")
                .join(" · "),
              Number(pictures) > 0 ? "▣" : "",
            ]
              .join(" ")
              .trim(),
          ]),
        ),
      );
      const more = Number(count) - shown.length;
      if (more > 0) place.append($("<div>", { class: "hikflow-note" }).text(t("try.more", { count: more })));
    },
  });
}
