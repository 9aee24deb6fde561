/** "Ask for the video": what the node would give to a browser, in words, and whether this browser plays it. */
import { propertiesOf } from "../shared/unknown-values";
import { factList } from "./format";
import type { OpenForm } from "./form";
import { tryButton } from "./try-button";
import { t } from "./translate";
import { settingOf, textOf } from "./settings";

const USES: Readonly<Record<string, readonly string[]>> = {
  live: ["kind", "channel", "stream"],
  time: ["kind", "channel", "start", "end"],
  recording: ["kind", "recording"],
};
/** A recorder looks for the recording first. */
const TIMEOUT_MS = 40_000;

/** Fills `#hikflow-try`. */
export function videoPreview(dialog: OpenForm): void {
  const { node } = dialog;
  tryButton(dialog, {
    question: "video",
    place: $("#hikflow-try"),
    icon: "fa-film",
    label: "try.video",
    timeout: TIMEOUT_MS,
    uses: () => USES[textOf(settingOf(node, "kind"))] ?? [],
    show: (place, answer) => {
      const { mime, codec, stream, duration, notices } = propertiesOf(answer);
      const plays = "MediaSource" in window && MediaSource.isTypeSupported(textOf(mime));
      const facts: [string, string][] = [[t("try.codec"), textOf(codec)]];
      if (Number(stream) > 0)
        facts.push([t("label.stream"), t(`stream.${["main", "sub", "third"][Number(stream) - 1]}`)]);
      if (Number(duration) > 0) facts.push([t("label.duration"), `${Math.round(Number(duration))} s`]);
      place.append(factList(facts));
      place.append(
        $("<div>", { class: plays ? "hikflow-note" : "hikflow-warn" }).text(t(plays ? "try.plays" : "try.playsNot")),
      );
      for (const notice of Array.isArray(notices) ? notices.map(textOf) : [])
        place.append($("<div>", { class: "hikflow-warn" }).text(notice));
    },
  });
}
