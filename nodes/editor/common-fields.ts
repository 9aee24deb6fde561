/** Fields that several nodes have, with one look and one rule each. */
import type { Choice, Choices } from "./choices";
import { deviceField } from "./device-field";
import type { OpenForm } from "./form";
import { t } from "./translate";
import { typedField } from "./typed-field";
import { checks, numberCheck, optional, textOf, type Check } from "./validate";

const STREAMS: Readonly<Record<string, string>> = { "1": "main", "2": "sub", "3": "third" };

/** The channel, with the device's list. `orAll`: it may stay empty. */
export function channelField(form: OpenForm, { orAll = false } = {}): Choices {
  const choices = deviceField(form, "channels");
  typedField(form, "channel", { literal: "num", check: orAll ? optional(checks.channel) : checks.channel, choices });
  return choices;
}

/** A list of the channel that the form names, such as its presets; of channel 1 while the flow decides over the channel. */
export function channelList(form: OpenForm, list: string): Choices {
  const { field } = form;
  const channel = (): string => (field("channelType").val() === "num" ? textOf(field("channel").val()) : "1");
  const choices = deviceField(form, list, () => ({ channel: channel() }));
  field("channel").on("change", () => choices.load());
  return choices;
}

export function streamField(form: OpenForm): void {
  const input = form.field("stream");
  const saved = textOf(form.node["stream"]).trim().toLowerCase();
  // 1, 2, 3 mean the same and may come from an imported flow.
  if ((form.node["streamType"] ?? "str") !== "msg") input.val(STREAMS[saved] ?? (saved === "" ? "main" : saved));
  const options: readonly Choice[] = Object.values(STREAMS).map((value) => ({ value, label: t(`stream.${value}`) }));
  const choices = channelList(form, "streams");
  typedField(form, "stream", { literal: "str", check: checks.stream, options, choices });
}

/** A point in time that may be left to the message. */
export function timeField(form: OpenForm, property: "start" | "end"): void {
  typedField(form, property, { literal: "str", check: optional(checks.time) });
}

export function numberField(form: OpenForm, property: string, check: Check): void {
  typedField(form, property, { literal: "num", check });
}

/** Seconds, or nothing. */
export const duration = optional(numberCheck(0.1, 86_400));
/** Seconds before or after something. */
export const margin = optional(numberCheck(0, 86_400));

/** Where files go. The message's own `directory` and `filename` never count, but an expression may read what it likes. */
export function fileFields(form: OpenForm): void {
  typedField(form, "directory", { literal: "str", check: checks.filled });
  typedField(form, "filename", { literal: "str", check: checks.filled });
}
