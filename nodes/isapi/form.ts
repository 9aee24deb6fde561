/** hikvision-isapi's form: which call, with the paths that the device itself names. */
import { deviceField } from "../editor/device-field";
import { form as nodeForm, showFor } from "../editor/form";
import { fixed, setting } from "../editor/labels";
import { textOf } from "../editor/settings";
import { typedField, typedFields } from "../editor/typed-field";
import { fields } from "./fields";

export const form = nodeForm("hikvision-isapi", {
  fields,
  label: (node) => {
    const path = fixed(node, "path")
      .replace(/\?.*/s, "")
      .replace(/^\/ISAPI\//i, "");
    return path === "" ? node._("hikvision-isapi.label.palette") : `${textOf(setting(node, "method"))} ${path}`;
  },
  open(dialog) {
    typedField(dialog, "path", { choices: deviceField(dialog, "paths"), free: true });
    typedFields(dialog, "body");
    showFor(dialog, "method");
  },
});
