/** hikvision-recordings's form: where and when to search, and what is found. */
import { channelField } from "../editor/common-fields";
import { form as nodeForm, showFor } from "../editor/form";
import { labelWithChannel, setting } from "../editor/labels";
import { recordingsPreview } from "../editor/recordings-preview";
import { timeFields } from "../editor/time-field";
import { typedFields } from "../editor/typed-field";
import { fields } from "./fields";

export const form = nodeForm("hikvision-recordings", {
  fields,
  label: (node) =>
    labelWithChannel(
      node,
      setting(node, "action") === "days" ? "hikvision-recordings.short.days" : "hikvision-recordings.label.palette",
    ),
  open(dialog) {
    channelField(dialog);
    timeFields(dialog, "start", "end");
    typedFields(dialog, "newest");
    showFor(dialog, "action");
    recordingsPreview(dialog, "recordings", ["action", "channel", "start", "end", "newest", "recordType", "clip"]);
  },
});
