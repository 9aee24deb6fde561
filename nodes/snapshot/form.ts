/** hikvision-snapshot's form: which channel, stream and size, and a look at the picture. */
import { channelField, numberField, streamField } from "../editor/common-fields";
import { form } from "../editor/form";
import { preview } from "../editor/preview";
import { numberCheck, optional } from "../editor/validate";

const size = optional(numberCheck(16, 8192, { whole: true }));

export const snapshot = form({
  open(dialog) {
    channelField(dialog);
    streamField(dialog);
    numberField(dialog, "width", size);
    numberField(dialog, "height", size);
    preview(dialog);
  },
});
