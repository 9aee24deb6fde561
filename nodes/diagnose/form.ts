/** hikvision-diagnose's form: which events the report shall look into. */
import type { Checklist } from "../editor/checklist";
import { eventTicks } from "../editor/event-ticks";
import { form as nodeForm } from "../editor/form";
import type { EditorNode } from "../editor/red";
import { textsOf } from "../editor/settings";
import { fields } from "./fields";

const ticks = new WeakMap<EditorNode, Checklist>();

export const form = nodeForm("hikvision-diagnose", {
  fields,
  label: (node) => node._("hikvision-diagnose.label.palette"),
  open({ node }) {
    ticks.set(node, eventTicks($("#hikflow-events"), textsOf(node["events"])));
  },
  save({ node }) {
    node["events"] = ticks.get(node)?.chosen ?? [];
  },
});
