/** hikvision-history's form: from which of the device's memories, what and when, and what is there. */
import { channelTicks } from "../editor/channel-ticks";
import { Checklist } from "../editor/checklist";
import { deviceField } from "../editor/device-field";
import { eventsText, eventTicks, targetLabel } from "../editor/event-ticks";
import { form as nodeForm, showFor, type OpenForm } from "../editor/form";
import { historyPreview } from "../editor/history-preview";
import { setting } from "../editor/labels";
import type { EditorNode } from "../editor/red";
import { textOf, textsOf } from "../editor/settings";
import { timeFields } from "../editor/time-field";
import { typedFields } from "../editor/typed-field";
import { fields } from "./fields";

const TARGETS = ["human", "vehicle"];

interface Ticks {
  readonly events: Checklist;
  readonly channels: Checklist;
  readonly targets: Checklist;
}

const ticks = new WeakMap<EditorNode, Ticks>();

export const form = nodeForm("hikvision-history", { fields, label, open, save });

function label(node: EditorNode): string {
  const source = textOf(setting(node, "source"));
  const events = textsOf(setting(node, "events"));
  const what =
    source === "auto" || events.length > 0 ? eventsText(events) : node._(`hikvision-history.short.${source}`);
  return `${node._("hikvision-history.label.palette")} ${what}`;
}

function open(dialog: OpenForm): void {
  const { node } = dialog;
  const events = eventTicks($("#hikflow-events"), textsOf(node["events"]), {
    kinds: true,
    supported: deviceField(dialog, "events"),
  });
  const channels = channelTicks(dialog, deviceField(dialog, "channels"), { device: false });
  const targets = new Checklist($("#hikflow-targets"), {
    name: node._("hikvision-history.label.targets"),
    entries: TARGETS.map((value) => ({ value, label: targetLabel(value) })),
    chosen: textsOf(node["targets"]),
    everything: node._("hikvision-history.all.targets"),
  });
  ticks.set(node, { events, channels, targets });
  timeFields(dialog, "start", "end");
  typedFields(dialog, "newest");
  showFor(dialog, "source");
  showOffered(dialog);
  historyPreview(dialog, () => ({
    events: events.chosen,
    channels: channels.chosen.map(Number),
    targets: targets.chosen,
  }));
}

/** What the device says it has. */
function showOffered(dialog: OpenForm): void {
  const offered = deviceField(dialog, "historySources");
  offered.watch(() => {
    const { state } = offered;
    const names =
      state.phase === "ready" ? state.items.map(({ value }) => dialog.node._(`hikvision-history.short.${value}`)) : [];
    $("#hikflow-offered").text(
      names.length === 0 ? "" : dialog.node._("hikvision-history.offered", { sources: names.join(", ") }),
    );
  });
}

function save({ node }: OpenForm): void {
  const open = ticks.get(node);
  if (!open) return;
  node["events"] = open.events.chosen;
  node["channels"] = open.channels.chosen.map(Number);
  node["targets"] = open.targets.chosen;
}
