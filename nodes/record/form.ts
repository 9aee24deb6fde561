/** hikvision-record's form: what to record, where to and for how long. */
import { channelField, duration, fileFields, numberField, streamField } from "../editor/common-fields";
import { form, showFor } from "../editor/form";

export const record = form({
  open(dialog) {
    channelField(dialog);
    streamField(dialog);
    numberField(dialog, "duration", duration);
    fileFields(dialog);
    showFor(dialog, "where");
    showFor(dialog, "action");
  },
});
