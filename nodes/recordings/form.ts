/** hikvision-recordings's form: where and when to search, and what is found. */
import { channelField, numberField, timeField } from "../editor/common-fields";
import { form } from "../editor/form";
import { recordingsPreview } from "../editor/recordings-preview";
import { numberCheck, optional } from "../editor/validate";

export const recordings = form({
  open(dialog) {
    channelField(dialog, { orAll: true });
    timeField(dialog, "start");
    timeField(dialog, "end");
    numberField(dialog, "newest", optional(numberCheck(1, 100_000, { whole: true })));
    recordingsPreview(dialog, "recordings", ["channel", "start", "end", "newest", "recordType", "clip"]);
  },
});
