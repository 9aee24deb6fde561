/** hikvision-download's form: what to download, where to, and what the range holds. */
import { channelField, fileFields, margin, numberField, timeField } from "../editor/common-fields";
import { form, showFor } from "../editor/form";
import { recordingsPreview } from "../editor/recordings-preview";

export const download = form({
  open(dialog) {
    channelField(dialog, { orAll: true });
    timeField(dialog, "start");
    timeField(dialog, "end");
    numberField(dialog, "before", margin);
    numberField(dialog, "after", margin);
    fileFields(dialog);
    showFor(dialog, "deliverAs");
    recordingsPreview(dialog, "download", ["channel", "start", "end"]);
  },
});
