import assert from "node:assert/strict";
import fc from "fast-check";
import { parsePosixZone } from "../../src/time/posix-zone";
import { fromWall, toWall } from "../../src/time/zone";
import { offsetOf } from "./zone-oracle";

const HOUR = 3_600_000;
const EUROPE = "CST-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00";

function zone(text: string) {
  const found = parsePosixZone(text);
  assert.ok(found, text);
  return found;
}

describe("POSIX time zones of devices", () => {
  const places: readonly (readonly [place: string, text: string])[] = [
    ["Europe/Berlin", EUROPE],
    ["Europe/London", "CST+0:00:00DST01:00:00,M3.5.0/01:00:00,M10.5.0/02:00:00"],
    ["America/New_York", "CST+5:00:00DST01:00:00,M3.2.0/02:00:00,M11.1.0/02:00:00"],
    ["America/Santiago", "CST+4:00:00DST01:00:00,M9.1.6/24:00:00,M4.1.6/24:00:00"],
    ["Australia/Sydney", "CST-10:00:00DST01:00:00,M10.1.0/02:00:00,M4.1.0/03:00:00"],
    ["Australia/Lord_Howe", "CST-10:30:00DST00:30:00,M10.1.0/02:00:00,M4.1.0/02:00:00"],
    ["Asia/Shanghai", "CST-8:00:00"],
    ["Asia/Kolkata", "CST-5:30:00"],
    ["America/Caracas", "CST+4"],
  ];
  for (const [place, text] of places) {
    it(`agrees with the tz database on ${place}, from 2024 to 2035`, () => {
      const parsed = zone(text);
      const moments = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2036, 0) });
      fc.assert(
        fc.property(moments, (at) => parsed.offsetAt(at) === offsetOf(place, at)),
        { numRuns: 300 },
      );
    });
  }

  it("changes at the very millisecond", () => {
    const europe = zone(EUROPE);
    const spring = Date.UTC(2026, 2, 29, 1);
    const autumn = Date.UTC(2026, 9, 25, 1);
    assert.deepEqual(
      [spring - 1, spring, autumn - 1, autumn].map((at) => europe.offsetAt(at) / HOUR),
      [1, 2, 2, 1],
    );
  });

  const readable: readonly (readonly [text: string, hours: number])[] = [
    ["CST+4", -4],
    ["CST-8", 8],
    ["CST-8:00", 8],
    ["CST+12:00:00", -12],
    ["CST-0:00:00", 0],
    ["\nCST-1:00:00DST01:00:00,M3.5.0/02:00:00,\nM10.5.0/03:00:00\n", 1],
    ["CST-1:00:00DST,M3.5.0,M10.5.0", 1],
    ["CST-1:00:00DST01:00:00", 1],
  ];
  for (const [text, hours] of readable) {
    it(`reads ${JSON.stringify(text)} as UTC${hours < 0 ? "" : "+"}${hours} in winter`, () => {
      assert.equal(zone(text).offsetAt(Date.UTC(2026, 0, 15)) / HOUR + 0, hours);
    });
  }

  for (const text of [
    "",
    "CST",
    "Europe/Berlin",
    "8",
    "CST-20",
    "CST-1DST1,M13.1.0,M10.5.0",
    "CST-1DST1,M3.6.0,M10.5.0",
  ]) {
    it(`says that ${JSON.stringify(text)} is no zone`, () => assert.equal(parsePosixZone(text), undefined));
  }
});

describe("wall time and UTC", () => {
  const europe = zone(EUROPE);
  const wall = (text: string): number => Date.parse(`${text}Z`);

  it("come back to the same moment, except for the hour that comes twice", () => {
    const moments = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2040, 0) });
    fc.assert(
      fc.property(moments, (at) => {
        const there = toWall(europe, at);
        return fromWall(europe, there, "earlier") === at || fromWall(europe, there, "later") === at;
      }),
    );
  });

  const cases: readonly (readonly [what: string, wall: string, earlier: string, later: string])[] = [
    ["an ordinary winter noon", "2026-01-15T12:00", "2026-01-15T11:00", "2026-01-15T11:00"],
    ["an ordinary summer noon", "2026-07-15T12:00", "2026-07-15T10:00", "2026-07-15T10:00"],
    ["the hour that comes twice", "2026-10-25T02:30", "2026-10-25T00:30", "2026-10-25T01:30"],
    ["its first minute", "2026-10-25T02:00", "2026-10-25T00:00", "2026-10-25T01:00"],
    ["the minute after it", "2026-10-25T03:00", "2026-10-25T02:00", "2026-10-25T02:00"],
    ["the minute before it", "2026-10-25T01:59", "2026-10-24T23:59", "2026-10-24T23:59"],
    ["the hour that is left out", "2026-03-29T02:30", "2026-03-29T00:30", "2026-03-29T01:30"],
    ["the minute after the gap", "2026-03-29T03:00", "2026-03-29T01:00", "2026-03-29T01:00"],
  ];
  for (const [what, text, earlier, later] of cases) {
    it(`meet at ${what}`, () => {
      const found = (["earlier", "later"] as const).map((side) =>
        new Date(fromWall(europe, wall(text), side)).toISOString().slice(0, 16),
      );
      assert.deepEqual(found, [earlier, later]);
    });
  }
});
