/** The forms that show what applies, and what comes of it. */
import { channelField, fileFields, duration, margin, numberField, streamField, timeField } from "../common-fields";
import { addressBox } from "../address-box";
import { deviceField } from "../device-field";
import { form, showFor } from "../form";
import { foundBox } from "../found-box";
import { preview } from "../preview";
import { typedField } from "../typed-field";
import { checks, numberCheck, optional } from "../validate";

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

export const output = form({
  open(dialog) {
    typedField(dialog, "output", { literal: "str", check: checks.filled, choices: deviceField(dialog, "outputs") });
    numberField(dialog, "duration", duration);
    showFor(dialog, "action");
  },
});

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

export const recordings = form({
  open(dialog) {
    channelField(dialog, { orAll: true });
    timeField(dialog, "start");
    timeField(dialog, "end");
    numberField(dialog, "newest", optional(numberCheck(1, 100_000, { whole: true })));
    foundBox(dialog, "recordings", ["channel", "start", "end", "newest", "recordType", "clip"]);
  },
});

export const download = form({
  open(dialog) {
    channelField(dialog, { orAll: true });
    timeField(dialog, "start");
    timeField(dialog, "end");
    numberField(dialog, "before", margin);
    numberField(dialog, "after", margin);
    fileFields(dialog);
    showFor(dialog, "deliverAs");
    foundBox(dialog, "download", ["channel", "start", "end"]);
  },
});

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
