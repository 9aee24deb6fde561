/** The times in an address of recorded video. Another moment of it is asked for by another start in the same address. */

/** From where to where it plays. Digits of the device's clock, as if they were UTC: only differences mean something. */
export interface PlaybackSpan {
  readonly startMs: number;
  /** Undefined: it plays on. */
  readonly endMs?: number;
}

const START = /([?&]starttime=)([^&#]*)/i;
const END = /[?&]endtime=([^&#]*)/i;

/** Undefined: there are none, or they cannot be read. */
export function playbackSpan(url: string): PlaybackSpan | undefined {
  const startMs = digitsOf(START.exec(url)?.[2]);
  const endMs = digitsOf(END.exec(url)?.[1]);
  if (startMs === undefined) return undefined;
  return { startMs, ...(endMs !== undefined && { endMs }) };
}

/** The same video from so many seconds later on. */
export function playFrom(url: string, seconds: number): string {
  const span = playbackSpan(url);
  if (!span || seconds <= 0) return url;
  const stamp = new Date(span.startMs + Math.floor(seconds) * 1000).toISOString().slice(0, 19).replace(/[-:]/g, "");
  return url.replace(START, (_, name: string) => `${name}${stamp}Z`);
}

/** "20181210T000000Z", "2018-12-10 00:00:00Z", with or without escapes. */
function digitsOf(value: string | undefined): number | undefined {
  if (value === undefined || value.length > 60) return undefined;
  const digits = value.replace(/%3A/gi, "").replace(/%20|[^0-9]/g, "");
  if (!/^\d{14}$/.test(digits)) return undefined;
  const [year, month, day, hour, minute, second] = [0, 4, 6, 8, 10, 12].map((at, index) =>
    Number(digits.slice(at, at + (index === 0 ? 4 : 2))),
  );
  const ms = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
  return Number.isNaN(ms) ? undefined : ms;
}
