/** Channels to tick, by the device's names and with their state; numbers can be added while the device is not known. */
import { Checklist, type Entry } from "./checklist";
import type { Choice, Choices } from "./choices";
import type { OpenForm } from "./form";
import { stateNote } from "./picker";
import { textsOf } from "./settings";
import { t } from "./translate";
import { checks } from "./validate";

/** `device`: the device itself can be ticked, too. Fills `#hikflow-channels`. */
export function channelTicks({ node }: OpenForm, choices: Choices, { device }: { device: boolean }): Checklist {
  const place = $("#hikflow-channels");
  const own: Entry[] = device ? [{ value: "device", label: t("channel.device") }] : [];
  const note = $("<div>", { class: "hikflow-note", "aria-live": "polite" });
  const list = new Checklist(place, {
    name: t("label.channels"),
    entries: own,
    chosen: textsOf(node["channels"]),
    everything: t("channel.all"),
    add: {
      hint: t("channel.add"),
      entry: (text) => (text !== "device" && checks.channel(text) !== undefined ? undefined : unnamed(text)),
    },
  });
  place.append(note);
  const show = (): void => {
    const { state } = choices;
    if (state.phase === "ready") list.show([...own, ...state.items.map(named)], t("picker.gone"));
    const none = state.phase === "ready" && state.items.length === 0;
    note.empty().append(none ? $("<span>").text(t("picker.none")) : stateNote(choices));
  };
  choices.watch(show);
  show();
  return list;
}

function unnamed(text: string): Entry {
  const value = text === "device" ? text : String(Number(text));
  return { value, label: value === "device" ? t("channel.device") : t("channel.number", { channel: value }) };
}

function named({ value, label, online }: Choice): Entry {
  const name = label === undefined || label === "" ? t("channel.number", { channel: value }) : `${value}  ${label}`;
  return { value, label: name, ...(online === false && { detail: t("picker.offline") }) };
}
