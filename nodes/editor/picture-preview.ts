/** "Show the picture": what the form's channel shows now, or at its time, in its real size. */
import { propertiesOf } from "../shared/unknown-values";
import { sizeText } from "./format";
import type { OpenForm } from "./form";
import { tryButton } from "./try-button";
import { t } from "./translate";
import { textOf } from "./settings";

/** Fills `#hikflow-try`. */
export function picturePreview(dialog: OpenForm): void {
  tryButton(dialog, {
    question: "snapshot",
    place: $("#hikflow-try"),
    icon: "fa-picture-o",
    label: "try.picture",
    uses: () => ["channel", "stream", "time", "width", "height"],
    show: (place, answer) => {
      const { picture, bytes, time, past } = propertiesOf(answer);
      const note = $("<div>", { class: "hikflow-note" });
      const image = $("<img>", { class: "hikflow-picture", alt: t("try.pictureAlt") });
      image.on("load", () => {
        const { naturalWidth, naturalHeight } = image.get(0) as HTMLImageElement;
        const shown = new Date(textOf(time));
        const taken = past === true ? shown.toLocaleString() : shown.toLocaleTimeString();
        note.text([`${naturalWidth} × ${naturalHeight}`, sizeText(Number(bytes)), taken].join(" · "));
      });
      image.on("error", () => note.text(t("try.noPicture")));
      image.attr("src", `data:image/jpeg;base64,${textOf(picture)}`);
      place.append(image, note);
    },
  });
}
