/**
 * Time zones as Hikvision writes them in System/time: "CST-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00".
 * The sign is POSIX's (CST-8 is UTC+8); the time after "DST" is what summer adds, not POSIX's second offset.
 */

interface Switch {
  readonly month: number;
  readonly week: number;
  readonly weekday: number;
  readonly seconds: number;
}

export interface Zone {
  /** Seconds east of Greenwich in winter. */
  readonly standard: number;
  /** Seconds that summer adds; 0 without summer time. */
  readonly saving: number;
  readonly start?: Switch;
  readonly end?: Switch;
}

const TIME = String.raw`([+-]?\d{1,2})(?::(\d{2}))?(?::(\d{2}))?`;
const ZONE = new RegExp(`^[A-Za-z]{3,}${TIME}(?:[A-Za-z]{3,}(?:${TIME})?,(M[^,]+),(M[^,]+))?$`);
const SWITCH = new RegExp(String.raw`^M(\d{1,2})\.(\d)\.(\d)(?:/${TIME})?$`);

/** Throws on text that is no zone. */
export function parseZone(text: string): Zone {
  const match = ZONE.exec(text.trim());
  if (!match) throw new Error(`"${text}" is not a time zone.`);
  const [, h, m, s, dstH, dstM, dstS, start, end] = match;
  const standard = -seconds(h, m, s);
  if (start === undefined || end === undefined) return { standard, saving: 0 };
  return {
    standard,
    saving: dstH === undefined ? 3600 : seconds(dstH, dstM, dstS),
    start: parseSwitch(start),
    end: parseSwitch(end),
  };
}

/** Seconds east of Greenwich at that moment. */
export function offsetAt(zone: Zone, utcMs: number): number {
  if (!zone.start || !zone.end) return zone.standard;
  const [start, end] = summerOf(zone, zone.start, zone.end, new Date(utcMs + zone.standard * 1000).getUTCFullYear());
  const summer = start < end ? utcMs >= start && utcMs < end : utcMs >= start || utcMs < end;
  return zone.standard + (summer ? zone.saving : 0);
}

const summers = new WeakMap<Zone, Map<number, readonly [number, number]>>();

/** From when to when, ms since 1970: thousands of stamps fall into the same year. */
function summerOf(zone: Zone, from: Switch, to: Switch, year: number): readonly [number, number] {
  const known = summers.get(zone) ?? new Map<number, readonly [number, number]>();
  summers.set(zone, known);
  const summer = known.get(year) ?? [
    wallMs(year, from) - zone.standard * 1000,
    wallMs(year, to) - (zone.standard + zone.saving) * 1000,
  ];
  known.set(year, summer);
  return summer;
}

/** "2026-03-01T13:00:00+01:00". */
export function formatLocal(zone: Zone, utcMs: number): string {
  const offset = offsetAt(zone, utcMs);
  const digits = new Date(utcMs + offset * 1000).toISOString().slice(0, 19);
  const minutes = Math.round(Math.abs(offset) / 60);
  return `${digits}${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}

function seconds(h = "0", m = "0", s = "0"): number {
  const size = Math.abs(Number(h)) * 3600 + Number(m) * 60 + Number(s);
  return h.startsWith("-") ? -size : size;
}

function parseSwitch(text: string): Switch {
  const match = SWITCH.exec(text);
  if (!match) throw new Error(`"${text}" is not a rule of a time zone.`);
  const [, month, week, weekday, h, m, s] = match;
  return {
    month: Number(month),
    week: Number(week),
    weekday: Number(weekday),
    seconds: h === undefined ? 7200 : seconds(h, m, s),
  };
}

/** The switch's wall time as if it were UTC. Week 5 is the last one of the month. */
function wallMs(year: number, rule: Switch): number {
  const first = new Date(Date.UTC(year, rule.month - 1, 1)).getUTCDay();
  const days = new Date(Date.UTC(year, rule.month, 0)).getUTCDate();
  let day = 1 + ((rule.weekday - first + 7) % 7) + (rule.week - 1) * 7;
  while (day > days) day -= 7;
  return Date.UTC(year, rule.month - 1, day) + rule.seconds * 1000;
}
