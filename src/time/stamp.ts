/** Dates as text: what devices and people write, into numbers, and back into the three ways devices want them. */

export interface Stamp {
  /** The digits read as if they were UTC, ms since 1970. */
  readonly wallMs: number;
  /** What stands behind them: `Z`, an offset in ms, or nothing. What a device means by `Z` is another matter. */
  readonly zone: "Z" | number | undefined;
}

const STAMP = new RegExp(
  String.raw`^(\d{4})(-?)(\d\d)\2(\d\d)` +
    String.raw`(?:(?:T|t|\s+)(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(?:(Z)|([+-]\d{1,2})(?::?(\d\d))?)?$`,
  "i",
);

/**
 * "2026-11-22 14:00", "2018-12-10 00:00:00Z", "20210818T151815Z", "2026-11-22T14:00:00.5+01:00", "2026-11-22" (its first moment).
 * Undefined: no date, or one that is not in the calendar.
 */
export function parseStamp(text: string): Stamp | undefined {
  const [, year, , month, day, hour = "00", minute = "00", second = "00", fraction = "0", z, hours, minutes = "00"] =
    STAMP.exec(text.trim()) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const date = `${year}-${month}-${day}`;
  const seconds = Date.parse(`${date}T${hour}:${minute}:${second}Z`);
  // Date.parse takes 31 February for 3 March.
  if (Number.isNaN(seconds) || new Date(Date.parse(date)).toISOString().slice(0, 10) !== date) return undefined;
  const wallMs = seconds + Math.round(Number(`0.${fraction}`) * 1000);
  if (hours === undefined) return { wallMs, zone: z === undefined ? undefined : "Z" };
  const sizeMs = (Math.abs(Number(hours)) * 60 + Number(minutes)) * 60_000;
  return { wallMs, zone: hours.startsWith("-") ? -sizeMs : sizeMs };
}

/** "2021-08-18T15:18:15" */
export function formatWall(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 19);
}
