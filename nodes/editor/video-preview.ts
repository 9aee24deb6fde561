/** "Ask for the video": what the node would give to a browser, in words, and whether this browser plays it. */
import { propertiesOf } from "../shared/unknown-values";
import { showFirstPicture, VIDEO_TIMEOUT_MS } from "./first-picture";
import type { OpenForm } from "./form";
import { tryButton } from "./try-button";
import { t } from "./translate";
import { settingOf, textOf } from "./settings";

const USES: Readonly<Record<string, readonly string[]>> = {
  live: ["kind", "channel", "stream"],
  time: ["kind", "channel", "start", "end"],
  recording: ["kind", "recording"],
};

/** Fills `#hikflow-try`. */
export function videoPreview(dialog: OpenForm): void {
  const { node } = dialog;
  tryButton(dialog, {
    question: "video",
    place: $("#hikflow-try"),
    icon: "fa-film",
    label: "try.video",
    timeout: VIDEO_TIMEOUT_MS,
    uses: () => USES[textOf(settingOf(node, "kind"))] ?? [],
    show: (place, answer) => {
      const { mime, stream } = propertiesOf(answer);
      const plays = "MediaSource" in window && MediaSource.isTypeSupported(textOf(mime));
      const name = ["main", "sub", "third"][Number(stream) - 1];
      showFirstPicture(place, answer, name === undefined ? [] : [[t("label.stream"), t(`stream.${name}`)]]);
      place.append(
        $("<div>", { class: plays ? "hikflow-note" : "hikflow-warn" }).text(t(plays ? "try.plays" : "try.playsNot")),
      );
    },
  });
}
