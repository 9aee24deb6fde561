/** hikvision-output's form: which output, and what is done with it. */
import { duration, numberField } from "../editor/common-fields";
import { deviceField } from "../editor/device-field";
import { form, showFor } from "../editor/form";
import { typedField } from "../editor/typed-field";
import { checks } from "../editor/validate";

export const output = form({
  open(dialog) {
    typedField(dialog, "output", { literal: "str", check: checks.filled, choices: deviceField(dialog, "outputs") });
    numberField(dialog, "duration", duration);
    showFor(dialog, "action");
  },
});
