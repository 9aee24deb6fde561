/** The forms whose only behaviour is to show what applies. */
import { channelField, fileFields, duration, margin, numberField, streamField, timeField } from "../common-fields";
import { deviceField } from "../device-field";
import { form, showFor } from "../form";
import { typedField } from "../typed-field";
import { checks, numberCheck, optional } from "../validate";

const size = optional(numberCheck(16, 8192, { whole: true }));

export const snapshot = form({
  open(dialog) {
    channelField(dialog);
    streamField(dialog);
    numberField(dialog, "width", size);
    numberField(dialog, "height", size);
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
  },
});

export const recordings = form({
  open(dialog) {
    channelField(dialog, { orAll: true });
    timeField(dialog, "start");
    timeField(dialog, "end");
    numberField(dialog, "newest", optional(numberCheck(1, 100_000, { whole: true })));
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
