/** hikvision-playback-url's form: which stream or recording, and the address that comes of it. */
import { addressBox } from "../editor/address-box";
import { channelField, streamField, timeField } from "../editor/common-fields";
import { form, showFor } from "../editor/form";
import { typedField } from "../editor/typed-field";

export const playbackUrl = form({
  open(dialog) {
    channelField(dialog);
    streamField(dialog);
    timeField(dialog, "start");
    timeField(dialog, "end");
    typedField(dialog, "recording", { literal: "str", check: () => undefined });
    showFor(dialog, "kind");
    addressBox(dialog);
  },
});
