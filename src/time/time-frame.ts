/**
 * How one device reads and writes time: its zone, and what it means by the `Z` in searches and playback addresses.
 * Converts both ways; moments are ms since 1970.
 */
import { FatalError } from "../lib/errors";
import { say, type Sentence } from "../lib/sentence";
import { formatWall, parseTimestamp, type Timestamp } from "./timestamp";
import { fromWall, offsetText, toWall, type Side, type Zone } from "./zone";

/** "local": the device writes the digits of its own wall clock and puts a `Z` behind them. */
export type ZuluMeaning = "utc" | "local";

/** No two changes of an offset lie nearer together. */
const AFTER_FOLD_MS = 2 * 3_600_000;
/** No camera recorded before; smaller numbers are probably seconds. */
const EARLIEST_MS = Date.UTC(1990, 0);
const LATEST_MS = Date.UTC(2100, 0);

export class TimeFrame {
  /**
   * @param zulu what `Z` means.
   * @param assumed true when it could not be detected.
   */
  constructor(
    readonly zone: Zone,
    readonly zulu: ZuluMeaning,
    readonly assumed: boolean,
  ) {}

  /** "2021-08-18T15:18:15Z", as searches want it. */
  stamp(utcMs: number): string {
    return `${formatWall(this.#digits(utcMs))}Z`;
  }

  /** "20210818T151815Z", as playback addresses want it. */
  compact(utcMs: number): string {
    return compact(this.#digits(utcMs));
  }

  /** A search from one moment to another. Where the wall clock goes back in between, it asks for an hour more: filter what comes. */
  span(startMs: number, endMs: number): { readonly start: string; readonly end: string } {
    if (this.zulu === "utc") return { start: this.stamp(startMs), end: this.stamp(endMs) };
    const low = Math.min(this.zone.offsetAt(startMs), this.zone.offsetAt(startMs + AFTER_FOLD_MS));
    const high = Math.max(this.zone.offsetAt(endMs), this.zone.offsetAt(endMs - AFTER_FOLD_MS));
    return { start: `${formatWall(startMs + low)}Z`, end: `${formatWall(endMs + high)}Z` };
  }

  /** A range to play, as {@link compact}. Its end comes after its start also when the wall clock went back in between. */
  range(startMs: number, endMs?: number): { readonly start: string; readonly end?: string } {
    const start = this.#digits(startMs);
    if (endMs === undefined) return { start: compact(start) };
    const end = this.#digits(endMs);
    return { start: compact(start), end: compact(end > start ? end : start + endMs - startMs) };
  }

  /**
   * The moment that a timestamp of the device means; undefined for other text. In a repeated hour the first moment, unless that is
   * before `notBefore`: the start of the same recording, or of the one before it.
   */
  moment(timestamp: string, notBefore = -Infinity): number | undefined {
    const parsed = parseTimestamp(timestamp);
    if (!parsed) return undefined;
    const zone = parsed.zone === "Z" && this.zulu === "local" ? undefined : parsed.zone;
    const earlier = this.#resolve({ ...parsed, zone }, "earlier");
    return earlier < notBefore ? this.#resolve({ ...parsed, zone }, "later") : earlier;
  }

  /** Throws `badRequest` where a range, `end` not after now, would be empty: its end comes first, or it has not begun yet. */
  requirePast(startMs: number, givenEndMs: number, nowMs: number): void {
    if (startMs >= givenEndMs)
      throw new FatalError(
        "badRequest",
        say`"end" must come after "start": ${this.local(startMs)} is not before ${this.local(givenEndMs)}.`,
      );
    if (startMs >= nowMs)
      throw new FatalError(
        "badRequest",
        say`The range lies in the future by the device's clock: it is ${this.local(nowMs)} there.`,
      );
  }

  /** In the device's own zone: "2026-11-22T14:00:00+01:00". */
  local(utcMs: number): string {
    return formatWall(toWall(this.zone, utcMs)) + offsetText(this.zone.offsetAt(utcMs));
  }

  /**
   * What a person or a flow gave: a Date, ms since 1970, ISO 8601 ("2026-11-22T13:00:00Z": here `Z` is UTC), or the device's local time
   * ("2026-11-22 14:00").
   * @param name of the property, for the error message.
   * @param side of a repeated hour: "earlier" for the start of a range, "later" for its end.
   * @throws {FatalError} `badRequest`.
   */
  read(name: string, value: unknown, side: Side = "earlier"): number {
    const ms = value instanceof Date ? value.getTime() : milliseconds(value);
    if (ms !== undefined) {
      if (ms >= EARLIEST_MS && ms <= LATEST_MS) return ms;
      const seconds = ms * 1000 >= EARLIEST_MS && ms * 1000 <= LATEST_MS;
      throw invalidMoment(name, seconds ? say`${ms} looks like seconds: multiply it by 1000` : say`this is none`);
    }
    const parsed = typeof value === "string" ? parseTimestamp(value) : undefined;
    if (parsed) return this.#resolve(parsed, side);
    throw invalidMoment(name, typeof value === "string" ? say`"${value.slice(0, 40)}" is none` : say`this is none`);
  }

  #digits(utcMs: number): number {
    return this.zulu === "utc" ? utcMs : toWall(this.zone, utcMs);
  }

  #resolve({ wallMs, zone }: Pick<Timestamp, "wallMs" | "zone">, side: Side): number {
    if (zone === undefined) return fromWall(this.zone, wallMs, side);
    return zone === "Z" ? wallMs : wallMs - zone;
  }
}

function compact(digitsMs: number): string {
  return `${formatWall(digitsMs).replace(/[-:]/g, "")}Z`;
}

/** From a number, or digits as text: forms and dashboards turn numbers into text. */
function milliseconds(value: unknown): number | undefined {
  return typeof value === "string" && /^\s*\d{9,13}\s*$/.test(value)
    ? Number(value)
    : typeof value === "number"
      ? value
      : undefined;
}

function invalidMoment(name: string, why: Sentence): FatalError {
  return new FatalError(
    "badRequest",
    say`"${name}" must be a moment: ${why}. Give a Date, milliseconds since 1970, "2026-11-22T13:00:00Z",
      or "2026-11-22 14:00" for the local time of the device.`,
  );
}
