/**
 * Positions in a device's plate list. A cursor is text, as the `picName` of a plate is: digits of the device's wall time and a tail,
 * "202004241616278800" or longer, more than a number can hold. Compared as text.
 */
import { formatWall, parseTimestamp } from "../time/timestamp";

/** True for text that can be a cursor. */
export function isCursor(text: unknown): text is string {
  return typeof text === "string" && /^\d{14,40}$/.test(text) && !Number.isNaN(wallOf(text));
}

/** The wall time of a cursor, digits read as if they were UTC, ms since 1970; to the second. */
export function wallOf(cursor: string): number {
  return parseTimestamp(cursor.slice(0, 14))?.wallMs ?? NaN;
}

/** The cursor of a wall time, 18 digits. */
export function cursorAt(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 23).replace(/\D/g, "")}0`;
}

/** So much earlier, just as long. */
export function earlier(cursor: string, ms: number): string {
  const digits = formatWall(wallOf(cursor) - ms).replace(/\D/g, "");
  return digits.padEnd(cursor.length, "0");
}
