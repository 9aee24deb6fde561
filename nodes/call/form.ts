/** hikvision-call's form: how often is asked, the picture at the ring, and what a message does. */
import { form as nodeForm } from "../editor/form";
import { setting } from "../editor/labels";
import { textOf } from "../editor/settings";
import { fields } from "./fields";

export const form = nodeForm("hikvision-call", {
  fields,
  label: (node) => {
    const action = node._(`hikvision-call.short.${textOf(setting(node, "action"))}`);
    return `${node._("hikvision-call.label.palette")} ${action}`;
  },
  open: () => undefined,
});
