/** hikvision-arm's form: what is armed or disarmed, on which channels. */
import { channelTicks } from "../editor/channel-ticks";
import type { Checklist } from "../editor/checklist";
import { deviceField } from "../editor/device-field";
import { eventsText, eventTicks } from "../editor/event-ticks";
import { form as nodeForm, showFor, type OpenForm } from "../editor/form";
import { setting } from "../editor/labels";
import type { EditorNode } from "../editor/red";
import { textOf, textsOf } from "../editor/settings";
import { fields } from "./fields";

interface Ticks {
  readonly events: Checklist;
  readonly channels: Checklist;
}

const ticks = new WeakMap<EditorNode, Ticks>();

export const form = nodeForm("hikvision-arm", { fields, label, open, save });

function label(node: EditorNode): string {
  const action = node._(`hikvision-arm.short.${textOf(setting(node, "action"))}`);
  const what = textOf(setting(node, "what"));
  const of = what === "disturb" ? "" : eventsText(textsOf(setting(node, "events")));
  return `${action} ${what === "detection" ? "" : node._(`hikvision-arm.short.${what}`)} ${of}`;
}

function open(dialog: OpenForm): void {
  const { node } = dialog;
  const events = eventTicks($("#hikflow-events"), textsOf(node["events"]), {
    supported: deviceField(dialog, "events"),
  });
  const channels = channelTicks(dialog, deviceField(dialog, "channels"), { device: false });
  ticks.set(node, { events, channels });
  showFor(dialog, "what");
  showFor(dialog, "action");
}

function save({ node }: OpenForm): void {
  const open = ticks.get(node);
  if (!open) return;
  node["events"] = open.events.chosen;
  node["channels"] = open.channels.chosen.map(Number);
}
