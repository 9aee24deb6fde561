/** hikvision-snapshot's form: which channel, stream and size, and the picture itself. */
import { channelField, resultField, streamField } from "../editor/common-fields";
import { form as nodeForm } from "../editor/form";
import { labelWithChannel } from "../editor/labels";
import { picturePreview } from "../editor/picture-preview";
import { timeFields } from "../editor/time-field";
import { typedFields } from "../editor/typed-field";
import { fields } from "./fields";

export const form = nodeForm("hikvision-snapshot", {
  fields,
  label: (node) => labelWithChannel(node, "hikvision-snapshot.label.palette"),
  open(dialog) {
    channelField(dialog);
    streamField(dialog);
    timeFields(dialog, "time");
    typedFields(dialog, "width", "height");
    resultField(dialog);
    picturePreview(dialog);
  },
});
