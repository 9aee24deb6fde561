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
