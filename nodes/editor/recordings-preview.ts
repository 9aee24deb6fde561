/** "What is there?": what the form's range holds, before anything is fetched. */
import { listOf, propertiesOf } from "../shared/unknown-values";
import { calendar } from "./calendar";
import { factList, rowList, sizeText, wallClock } from "./format";
import type { OpenForm } from "./form";
import { tryButton } from "./try-button";
import { lookUp, t } from "./translate";
import { textOf } from "./settings";

const KINDS = "@hikflow/node-red-hikvision/recordings:hikvision-recordings.recordType.";

/** Fills `#hikflow-try`. `question`: the endpoint that looks as the node would. */
export function recordingsPreview(
  dialog: OpenForm,
  question: "recordings" | "download",
  uses: readonly string[],
): void {
  tryButton(dialog, {
    question,
    place: $("#hikflow-try"),
    icon: "fa-search",
    label: "try.found",
    uses: () => uses,
    show: (place, answer) => {
      const { dates } = propertiesOf(answer);
      if (Array.isArray(dates)) {
        place.append(dates.length === 0 ? $("<div>").text(t("try.nothing")) : calendar(dates.map(String)));
        return;
      }
      const { count, bytes, unsized, start, end, rows, zone } = propertiesOf(answer);
      const { meaning, sure } = propertiesOf(zone);
      if (sure === false) place.append($("<div>", { class: "hikflow-warn" }).text(t(`try.guessed.${textOf(meaning)}`)));
      const shown = listOf(rows);
      const several = new Set(shown.map(({ channel }) => channel)).size > 1;
      if (Number(count) === 0) {
        place.append($("<div>").text(t("try.nothing")));
        return;
      }
      const size = sizeText(Number(bytes));
      place.append(
        factList([
          [t("try.count"), textOf(count)],
          [t("try.size"), Number(unsized) > 0 ? t("try.sizeAtLeast", { size, count: unsized }) : size],
          [t("label.start"), wallClock(start)],
          [t("label.end"), wallClock(end)],
        ]),
        rowList(
          shown.map((row) => [
            `${wallClock(row["start"])} – ${wallClock(row["end"]).slice(11)}`,
            several ? t("channel.number", { channel: row["channel"] }) : undefined,
            kind(textOf(row["recordType"])),
            typeof row["bytes"] === "number" ? sizeText(row["bytes"]) : undefined,
            row["open"] === true ? t("try.open") : undefined,
          ]),
        ),
      );
      const more = Number(count) - shown.length;
      if (more > 0) place.append($("<div>", { class: "hikflow-note" }).text(t("try.more", { count: more })));
    },
  });
}

/** What devices write for the same as the searchable kinds: in capitals, or as the schedule's CMR (continuous mode). */
const SAME_KIND: Readonly<Record<string, string>> = { cmr: "timing", time: "timing", mr: "motion", md: "motion" };

/** The viewer's word for why it was recorded; for one that no catalogue has, the device's own. */
function kind(recordType: string): string {
  const word = recordType.toLowerCase();
  return lookUp(KINDS + (SAME_KIND[word] ?? word)) ?? recordType;
}
