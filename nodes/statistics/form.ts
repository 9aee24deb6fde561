/** hikvision-statistics's form: what a camera has counted, when, and the counts themselves. */
import { channelField } from "../editor/common-fields";
import { form as nodeForm, showFor } from "../editor/form";
import { labelWithChannel, setting } from "../editor/labels";
import { textOf } from "../editor/settings";
import { statisticsPreview } from "../editor/statistics-preview";
import { timeFields } from "../editor/time-field";
import { fields } from "./fields";

export const form = nodeForm("hikvision-statistics", {
  fields,
  label(node) {
    const what = setting(node, "action") === "reset" ? "reset" : textOf(setting(node, "kind"));
    return labelWithChannel(node, `hikvision-statistics.short.${what}`);
  },
  open(dialog) {
    channelField(dialog);
    timeFields(dialog, "start", "end");
    showFor(dialog, "action");
    showFor(dialog, "kind");
    statisticsPreview(dialog);
  },
});
