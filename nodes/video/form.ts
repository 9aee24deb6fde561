/** hikvision-video's form: which live picture or recording a browser is shown, and whether it plays that. */
import { channelField, streamField } from "../editor/common-fields";
import { form as nodeForm, showFor } from "../editor/form";
import { labelWithChannel, setting } from "../editor/labels";
import { textOf } from "../editor/settings";
import { timeFields } from "../editor/time-field";
import { typedFields } from "../editor/typed-field";
import { videoPreview } from "../editor/video-preview";
import { fields } from "./fields";

export const form = nodeForm("hikvision-video", {
  fields,
  label: (node) => labelWithChannel(node, `hikvision-video.short.${textOf(setting(node, "kind"))}`),
  open(dialog) {
    channelField(dialog);
    streamField(dialog);
    timeFields(dialog, "start", "end");
    typedFields(dialog, "recording");
    showFor(dialog, "kind");
    videoPreview(dialog);
  },
});
