/** hikvision-download's form: what to download, where to, and what the range holds. */
import { channelField } from "../editor/common-fields";
import { form as nodeForm, showFor } from "../editor/form";
import { labelWithChannel } from "../editor/labels";
import { recordingsPreview } from "../editor/recordings-preview";
import { timeFields } from "../editor/time-field";
import { typedFields } from "../editor/typed-field";
import { fields } from "./fields";

export const form = nodeForm("hikvision-download", {
  fields,
  label: (node) => labelWithChannel(node, "hikvision-download.label.palette"),
  open(dialog) {
    channelField(dialog);
    timeFields(dialog, "start", "end");
    typedFields(dialog, "before", "after", "directory", "filename");
    showFor(dialog, "deliverAs");
    recordingsPreview(dialog, "download", ["channel", "start", "end"]);
  },
});
