/** hikvision-plate-in's form: whose plates, and which of them. */
import { channelTicks } from "../editor/channel-ticks";
import { Checklist } from "../editor/checklist";
import { deviceField } from "../editor/device-field";
import { form as nodeForm, type OpenForm } from "../editor/form";
import type { RowOptions } from "../editor/event-list";
import { lastPlates } from "../editor/last-plates";
import { listenBox } from "../editor/listen";
import type { EditorNode } from "../editor/red";
import { textsOf } from "../editor/settings";
import { fields } from "./fields";

const LISTS = ["allow", "block", "other"];

interface Ticks {
  readonly channels: Checklist;
  readonly lists: Checklist;
}

const ticks = new WeakMap<EditorNode, Ticks>();

export const form = nodeForm("hikvision-plate-in", {
  fields,
  label: (node) => node._("hikvision-plate-in.label.palette"),
  open,
  save,
});

function open(dialog: OpenForm): void {
  const { node } = dialog;
  const lists = new Checklist($("#hikflow-lists"), {
    name: node._("hikvision-plate-in.label.lists"),
    entries: LISTS.map((value) => ({ value, label: node._(`hikvision-plate-in.list.${value}`) })),
    chosen: textsOf(node["lists"]),
    everything: node._("hikvision-plate-in.all.lists"),
  });
  const channels = channelTicks(dialog, deviceField(dialog, "channels"), { device: false });
  ticks.set(node, { lists, channels });
  const rows: RowOptions = {
    choose: ({ channel }) => channels.tick(String(channel)),
  };
  listenBox(dialog, { ...rows, of: ({ plate }) => plate !== undefined });
  lastPlates(dialog, { ...rows, channels: () => channels.chosen.map(Number) });
}

function save({ node }: OpenForm): void {
  const open = ticks.get(node);
  if (!open) return;
  node["channels"] = open.channels.chosen.map(Number);
  node["lists"] = open.lists.chosen;
}
