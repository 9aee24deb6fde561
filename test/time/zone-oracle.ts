/** Offsets from the tz database that Node brings along: an oracle that owes nothing to this package. */

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the wall clock of `place` ("Europe/Berlin") is ahead of UTC, ms. */
export function offsetOf(place: string, utcMs: number): number {
  let format = formats.get(place);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: place,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    });
    formats.set(place, format);
  }
  const part = Object.fromEntries(format.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]));
  const wall = Date.UTC(part["year"]!, part["month"]! - 1, part["day"], part["hour"], part["minute"], part["second"]);
  return wall - Math.floor(utcMs / 1000) * 1000;
}
