/** Dates as text: what devices and people write, read once for all of src/, and written in the way that devices want. */

export interface Timestamp {
  /** The date and time as if they were UTC, ms since 1970. */
  readonly wallMs: number;
  /** `Z`, an offset from UTC in ms, or nothing. A device's `Z` need not mean UTC: see TimeFrame. */
  readonly zone: "Z" | number | undefined;
  /** Date and time as ISO 8601 without a zone; seconds and fraction as they were sent. Undefined: a date alone. */
  readonly local: string | undefined;
}

/** Devices leave out separators, the "T", seconds, the point before a fraction ("20200424T1616278800"), and digits of an offset ("-500"). */
const TIMESTAMP = new RegExp(
  String.raw`^(\d{4})(-?)(\d\d)\2(\d\d)` +
    String.raw`(?:(?:T\s*|\s+|(?=\d{6}))(\d\d):?(\d\d)(?::?(\d\d)(?:[.,:]?(\d+))?)?)?` +
    String.raw`\s*(?:(Z)|([+-]\d{1,2})(?::?([0-5]\d))?)?$`,
  "i",
);
const DAY_MS = 86_400_000;

/**
 * "2026-11-22 14:00", "2018-12-10 00:00:00Z", "20210818T151815Z", "20260716093012456", "2026-11-22T14:00:00.5+01:00",
 * "2026-11-22" (its first moment). Undefined: no date, or one that is not in the calendar.
 */
export function parseTimestamp(text: string): Timestamp | undefined {
  return usualTimestamp(text) ?? anyTimestamp(text);
}

const USUAL_LENGTH = "2026-11-22T14:00:00".length;
const USUAL_OFFSET_LENGTH = "+08:00".length;

/** "2026-11-22T14:00:00", with Z, an offset or nothing, as nearly all devices write it: several times as fast. */
function usualTimestamp(text: string): Timestamp | undefined {
  const { length } = text;
  if (text[4] !== "-" || text[7] !== "-" || text[10] !== "T" || text[13] !== ":" || text[16] !== ":") return undefined;
  const [year, month, day] = [twoDigits(text, 0) * 100 + twoDigits(text, 2), twoDigits(text, 5), twoDigits(text, 8)];
  const [hour, minute, second] = [twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)];
  // Odd ones, 24:00 and a date that is not in the calendar among them, are for the thorough way. Not a number is never in range.
  if (!(year >= 1000 && month >= 1 && month <= 12 && day >= 1 && day <= 31)) return undefined;
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return undefined;
  const wallMs = Date.UTC(year, month - 1, day, hour, minute, second);
  if (day > 28 && new Date(wallMs).getUTCDate() !== day) return undefined;
  const local = length === USUAL_LENGTH ? text : text.slice(0, USUAL_LENGTH);
  const sign = text[USUAL_LENGTH];
  if (length === USUAL_LENGTH) return { wallMs, zone: undefined, local };
  if (length === USUAL_LENGTH + 1 && sign === "Z") return { wallMs, zone: "Z", local };
  if (length !== USUAL_LENGTH + USUAL_OFFSET_LENGTH || (sign !== "+" && sign !== "-") || text[22] !== ":")
    return undefined;
  const [hours, minutes] = [twoDigits(text, 20), twoDigits(text, 23)];
  if (!(hours <= 23 && minutes <= 59)) return undefined;
  const sizeMs = (hours * 60 + minutes) * 60_000;
  return { wallMs, zone: sign === "-" ? -sizeMs : sizeMs, local };
}

/** NaN: something else. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 0x30;
  const ones = text.charCodeAt(at + 1) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

function anyTimestamp(text: string): Timestamp | undefined {
  const [, year, , month, day, hour, minute, second, fraction, z, hours, minutes = "00"] =
    TIMESTAMP.exec(text.trim()) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const date = `${year}-${month}-${day}`;
  const time = `${hour ?? "00"}:${minute ?? "00"}${second === undefined ? "" : `:${second}`}`;
  const secondsMs = Date.parse(`${date}T${time}Z`);
  // Date.parse takes 31 February for 3 March.
  if (Number.isNaN(secondsMs) || new Date(Date.parse(date)).toISOString().slice(0, 10) !== date) return undefined;
  const offsetMs = hours === undefined ? undefined : offset(hours, minutes);
  if (offsetMs !== undefined && Math.abs(offsetMs) >= DAY_MS) return undefined;
  return {
    wallMs: secondsMs + Math.round(Number(`0.${fraction ?? "0"}`) * 1000),
    zone: z === undefined ? offsetMs : "Z",
    local: hour === undefined ? undefined : `${date}T${time}${fraction === undefined ? "" : `.${fraction}`}`,
  };
}

/** "2021-08-18T15:18:15" */
export function formatWall(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 19);
}

/** "-5", "30" → ms. */
function offset(hours: string, minutes: string): number {
  const sizeMs = (Math.abs(Number(hours)) * 60 + Number(minutes)) * 60_000;
  return hours.startsWith("-") ? -sizeMs : sizeMs;
}
