/** hikvision-event-in's form: which events, where, of what; and how they become messages. */
import { eventEntry } from "../../src";
import { channelTicks } from "../editor/channel-ticks";
import { Checklist } from "../editor/checklist";
import { deviceField } from "../editor/device-field";
import { eventsText, eventTicks, targetLabel } from "../editor/event-ticks";
import { follow, form as nodeForm, type OpenForm } from "../editor/form";
import { setting } from "../editor/labels";
import { listenBox } from "../editor/listen";
import type { EditorNode } from "../editor/red";
import { textsOf } from "../editor/settings";
import { fields } from "./fields";
import { hoursField, hoursIn, hoursValid } from "./form-hours";

const TARGETS = ["human", "vehicle", "nonMotorVehicle", "animal", "face", "ship", "other"];

interface Ticks {
  readonly events: Checklist;
  readonly channels: Checklist;
  readonly targets: Checklist;
}

const ticks = new WeakMap<EditorNode, Ticks>();

export const form = nodeForm("hikvision-event-in", {
  fields,
  validators: { hours: hoursValid },
  label: (node) => eventsText(textsOf(setting(node, "events"))),
  open,
  save,
});

function open(dialog: OpenForm): void {
  const { node, field } = dialog;
  /** A filter or delay that the chosen events cannot have is put away; its value is kept. */
  const arrange = (): void => {
    const chosen = events.chosen.map((name) => eventEntry(name).type);
    const any = chosen.length === 0;
    const ends = field("emit").val() !== "starts";
    $("#hikflow-lasting").toggle(ends && (any || chosen.some(({ lasts }) => lasts)));
    $("#hikflow-placed").toggle(any || chosen.some(({ group }) => group !== "device"));
  };
  const events = eventTicks($("#hikflow-events"), textsOf(node["events"]), {
    changed: arrange,
    kinds: true,
    supported: deviceField(dialog, "events"),
  });
  const channels = channelTicks(dialog, deviceField(dialog, "channels"), { device: true });
  const targets = new Checklist($("#hikflow-targets"), {
    name: node._("hikvision-event-in.label.targets"),
    entries: TARGETS.map((value) => ({ value, label: targetLabel(value) })),
    chosen: textsOf(node["targets"]),
    everything: node._("hikvision-event-in.all.targets"),
  });
  field("regions-text").val(textsOf(node["regions"]).join(", "));
  ticks.set(node, { events, channels, targets });
  follow(field("emit"), arrange);
  hoursField(dialog);
  listenBox(dialog, {
    of: () => true,
    choose: (event) => {
      events.tick(event.access ? `${event.type}/${event.access.kind}` : event.type);
      channels.tick(event.channel === null ? "device" : String(event.channel));
      for (const target of event.targets) targets.tick(target);
    },
  });
}

function save({ node, field }: OpenForm): void {
  const open = ticks.get(node);
  if (!open) return;
  node["events"] = open.events.chosen;
  node["channels"] = open.channels.chosen.map((value) => (value === "device" ? value : Number(value)));
  node["targets"] = open.targets.chosen;
  node["hours"] = hoursIn(node);
  node["regions"] = words(String(field("regions-text").val() ?? ""));
}

function words(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter((word) => word !== ""))];
}
