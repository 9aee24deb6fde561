/** "Last plates": what the device's own list has of the form's channels, whether anybody listened or not. */

import { listOf, propertiesOf } from "../shared/unknown-values";
import type { OpenForm } from "./form";
import { EventList, type EventSummary, type RowOptions } from "./event-list";
import { tryButton } from "./try-button";
import { t } from "./translate";

export interface LastPlatesOptions extends RowOptions {
  readonly channels: () => readonly number[];
}

/** Fills `#hikflow-try`. */
export function lastPlates(dialog: OpenForm, options: LastPlatesOptions): void {
  tryButton(dialog, {
    question: "plates",
    place: $("#hikflow-try"),
    icon: "fa-history",
    label: "try.plates",
    uses: () => [],
    more: () => ({ channels: options.channels() }),
    show: (place, answer) => {
      const plates = listOf(propertiesOf(answer)["plates"]) as readonly Partial<EventSummary>[];
      const note = $("<div>", { class: "hikflow-note", "aria-live": "polite" });
      note.text(t(plates.length === 0 ? "try.noPlates" : "try.pickPlate"));
      place.append(note);
      const rows = new EventList(place, options, (words) => note.text(t("listen.ticked", { words })));
      // The newest comes first, and each row is put on top.
      for (const plate of [...plates].reverse()) rows.add(plate as EventSummary);
    },
  });
}
