/** Time stamps of devices → ISO 8601 with offset. What is one already stays to the letter. */
import { computerZone, fromWall, offsetText } from "../../time/zone";

/** Minutes east of UTC that a device's clock shows at a wall time (its fields read as if they were UTC, in ms). */
export type MinutesAt = (wallMs: number) => number;

/** The zone of this machine: the best guess for a device at the same place that says nothing. */
export const hostMinutesAt: MinutesAt = (wallMs) => (wallMs - fromWall(computerZone, wallMs, "earlier")) / 60_000;

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;
/** Also "2021-04-24 16:59:47", "20200424T1616270000" (plate lists), "+0800", "-500". */
const LOOSE =
  /^(\d{4})-?(\d\d)-?(\d\d)[T ]\s*(\d\d):?(\d\d)(?::?(\d\d)(?:[.,:]?(\d{1,9}))?)?\s*(?:(Z)|([+-])(\d\d?):?(\d\d)?)?$/i;

/**
 * A device's stamp with its offset; one without gets the offset of `minutesAt` at that moment.
 * Undefined: missing, or no date ("0000-00-00T00:00:00").
 */
export function deviceTimestamp(sent: string | undefined, minutesAt: MinutesAt = hostMinutesAt): string | undefined {
  const stamp = sent?.trim();
  if (stamp === undefined) return undefined;
  if (ISO.test(stamp)) return Number.isNaN(Date.parse(stamp)) ? undefined : stamp;
  const found = LOOSE.exec(stamp);
  if (!found) return undefined;
  const [, year, month, day, hour, minute, second = "00", fraction, z, sign, offsetHours, offsetMinutes = "00"] = found;
  const wall = `${year ?? ""}-${month ?? ""}-${day ?? ""}T${hour ?? ""}:${minute ?? ""}:${second}`;
  const wallMs = Date.parse(`${wall}Z`);
  if (Number.isNaN(wallMs)) return undefined;
  let offset: string;
  if (z !== undefined) offset = "Z";
  else if (sign !== undefined && offsetHours !== undefined)
    offset = `${sign}${offsetHours.padStart(2, "0")}:${offsetMinutes}`;
  else offset = offsetText(minutesAt(wallMs) * 60_000);
  const whole = `${wall}${fraction === undefined ? "" : `.${fraction}`}${offset}`;
  return Number.isNaN(Date.parse(whole)) ? undefined : whole;
}
