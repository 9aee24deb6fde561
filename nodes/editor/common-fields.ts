/** Fields that several nodes have, with one look each. */
import type { Choice, Choices } from "./choices";
import { deviceField } from "./device-field";
import type { OpenForm } from "./form";
import { textOf } from "./settings";
import { t } from "./translate";
import { nameForReaders, typedField } from "./typed-field";

const STREAMS: Readonly<Record<string, string>> = { "1": "main", "2": "sub", "3": "third" };

/** The channel, with the device's list. */
export function channelField(form: OpenForm): void {
  const choices = deviceField(form, form.fields["channel"]?.list ?? "channels");
  typedField(form, "channel", { choices });
}

/** A list of the channel that the form names, such as its presets; of channel 1 while the flow decides over the channel. */
export function channelList(form: OpenForm, list: string): Choices {
  const { field } = form;
  const channel = (): string => (field("channelType").val() === "num" ? textOf(field("channel").val()) : "1");
  const choices = deviceField(form, list, () => ({ channel: channel() }));
  field("channel").on("change", () => choices.load());
  return choices;
}

/** Where the result goes: "msg." stands before what is typed. */
export function resultField(form: OpenForm): void {
  const input = form.field("property");
  if (textOf(input.val()).trim() === "") input.val("payload");
  input.typedInput({ default: "msg", types: ["msg"] });
  nameForReaders(input, input.closest(".hikflow-field"));
}

export function streamField(form: OpenForm): void {
  const input = form.field("stream");
  const saved = textOf(form.node["stream"]).trim().toLowerCase();
  // 1, 2, 3 mean the same and may come from an imported flow.
  const optional = form.fields["stream"]?.optional === true;
  if ((form.node["streamType"] ?? "str") !== "msg")
    input.val(STREAMS[saved] ?? (saved === "" && !optional ? "main" : saved));
  const names: readonly Choice[] = Object.values(STREAMS).map((value) => ({ value, label: t(`stream.${value}`) }));
  const options = optional ? [{ value: "", label: t("stream.auto") }, ...names] : names;
  typedField(form, "stream", { options, choices: channelList(form, "streams") });
}
