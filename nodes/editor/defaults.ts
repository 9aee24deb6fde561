/** A node's fields.ts → what Node-RED's editor wants as `defaults`. */
import type { Fields } from "../shared/fields";
import type { PropertyDefinition, Validator } from "./red";
import { t } from "./translate";
import { fieldValidator } from "./validate";

export type Defaults = Readonly<Record<string, PropertyDefinition>>;

/** @param validators of properties whose rule is not in `fields` @param pointsToDevice false: of the device itself */
export function defaultsOf(
  fields: Fields,
  validators: Readonly<Record<string, Validator>> = {},
  pointsToDevice = true,
): Defaults {
  const device = { value: "", type: "hikvision-device", required: true, label: t("label.device") };
  const defaults: Record<string, PropertyDefinition> = {
    name: { value: "" },
    version: { value: 1 },
    ...(pointsToDevice && { device }),
  };
  for (const [name, field] of Object.entries(fields)) {
    const validate = validators[name] ?? fieldValidator(name, field);
    // The dialog marks what cannot work without a value.
    const required = field.rule === "host" && { required: true };
    defaults[name] = { value: field.value, ...required, ...(validate && { validate }) };
    if (field.literal !== undefined) defaults[`${name}Type`] = { value: field.type ?? field.literal };
  }
  return defaults;
}
