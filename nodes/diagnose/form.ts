/** hikvision-diagnose's form: which events the report shall look into. */
import type { Checklist } from "../editor/checklist";
import { eventTicks } from "../editor/event-ticks";
import { form } from "../editor/form";
import type { EditorNode } from "../editor/red";
import { textsOf } from "../editor/texts";

const ticks = new WeakMap<EditorNode, Checklist>();

export const diagnose = form({
  open({ node }) {
    ticks.set(node, eventTicks($("#hikflow-events"), textsOf(node["events"])));
  },
  save({ node }) {
    node["events"] = ticks.get(node)?.chosen ?? [];
  },
});
