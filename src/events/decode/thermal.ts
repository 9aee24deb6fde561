/**
 * Temperatures (`TMPA`, `TMA` of thermal cameras), in °C whatever unit the device uses. From a capture of a TMPA alert of a thermal
 * camera, in which each region carries the measurement of its rule.
 */
import type { Fields } from "./fields";

export interface Thermal {
  /** What was measured. */
  temperature?: number;
  /** The limit of the rule. */
  threshold?: number;
  unit: "celsius";
  /** The rule, as the device words it: "highest temp is higher than". */
  rule?: string;
}

const ABSOLUTE_ZERO = 273.15;

/** Of the first region that has one; none when the alert measures nothing. */
export function readThermal(alert: Fields): readonly { detail: Thermal }[] {
  const regions = alert.in("detectionregionlist").all("detectionregionentry");
  for (const place of [alert, ...regions]) {
    const measured = place.in("tmpa", "tma");
    if (measured.isEmpty) continue;
    const detail = thermalOf(measured);
    if (detail) return [{ detail }];
  }
  return NONE;
}

const NONE: readonly { detail: Thermal }[] = [];

function thermalOf(measured: Fields): Thermal | undefined {
  const unit = measured.word("thermometryunit")?.toLowerCase();
  const temperature = celsius(measured.number("currtemperature"), unit);
  const threshold = celsius(measured.number("ruletemperature"), unit);
  if (temperature === undefined && threshold === undefined) return undefined;
  const rule = measured.known("ruletype");
  return {
    ...(temperature !== undefined && { temperature }),
    ...(threshold !== undefined && { threshold }),
    unit: "celsius",
    ...(rule !== undefined && { rule }),
  };
}

/** To a tenth of a degree, as devices measure. */
function celsius(value: number | undefined, unit: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (unit === "fahrenheit") return Math.round(((value - 32) / 1.8) * 10) / 10;
  return unit === "kelvin" ? Math.round((value - ABSOLUTE_ZERO) * 10) / 10 : value;
}
