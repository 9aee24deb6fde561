/** hikvision-diagnose's form: which events the report shall look into. */
import type { Checklist } from "../checklist";
import { eventTicks } from "../event-ticks";
import { form } from "../form";
import type { EditorNode } from "../red";
import { textsOf } from "../texts";

const ticks = new WeakMap<EditorNode, Checklist>();

export const diagnose = form({
  open({ node }) {
    ticks.set(node, eventTicks($("#hikflow-events"), textsOf(node["events"])));
  },
  save({ node }) {
    node["events"] = ticks.get(node)?.chosen ?? [];
  },
});
