/** "What is on the list?": the plates that the camera holds now, before a flow changes any. */
import { listOf, propertiesOf } from "../shared/unknown-values";
import type { OpenForm } from "./form";
import { rowList } from "./format";
import { textOf } from "./settings";
import { t } from "./translate";
import { tryButton, type TryButton } from "./try-button";

/** Fills `#hikflow-try`. */
export function platesPreview(dialog: OpenForm, uses: readonly string[]): TryButton {
  return tryButton(dialog, {
    question: "plate-list",
    place: $("#hikflow-try"),
    icon: "fa-search",
    label: "try.onList",
    uses: () => uses,
    show: (place, answer) => {
      const { count, rows } = propertiesOf(answer);
      const shown = listOf(rows);
      if (shown.length === 0) {
        place.append($("<div>").text(t("try.emptyList")));
        return;
      }
      place.append(
        $("<div>").text(t("try.plateCount", { count })),
        rowList(shown.map((row) => [textOf(row["plate"]), name(row), until(row)])),
      );
      const more = Number(count) - shown.length;
      if (more > 0) place.append($("<div>", { class: "hikflow-note" }).text(t("try.more", { count: more })));
    },
  });
}

type Row = Readonly<Record<string, unknown>>;

function name(row: Row): string | undefined {
  const words = [row["name"], row["card"]].map(textOf).filter((word) => word !== "");
  return words.length === 0 ? undefined : words.join(" · ");
}

function until(row: Row): string | undefined {
  const time = textOf(row["until"]).replace("T", " ");
  return time === "" ? undefined : t("try.until", { time });
}
