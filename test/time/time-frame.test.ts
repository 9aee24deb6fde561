import assert from "node:assert/strict";
import { inspect } from "node:util";
import fc from "fast-check";
import { parsePosixZone } from "../../src/time/posix-zone";
import { TimeFrame } from "../../src/time/time-frame";
import { offsetOf } from "./zone-oracle";

const zone = parsePosixZone("CST-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00");
assert.ok(zone);
const local = new TimeFrame(zone, "local", false);
const utc = new TimeFrame(zone, "utc", false);
const at = (text: string): number => Date.parse(text);

describe("the time of one device", () => {
  it("is written as this device reads it", () => {
    const moment = at("2026-07-15T12:00:00.900Z");
    assert.equal(utc.stamp(moment), "2026-07-15T12:00:00Z");
    assert.equal(local.stamp(moment), "2026-07-15T14:00:00Z");
    assert.equal(utc.compact(moment), "20260715T120000Z");
    assert.equal(local.compact(moment), "20260715T140000Z");
    assert.equal(utc.local(moment), "2026-07-15T14:00:00+02:00");
    assert.equal(local.local(at("2026-01-15T12:00:00Z")), "2026-01-15T13:00:00+01:00");
  });

  const stamps: readonly (readonly [stamp: string, utc: string | undefined, local: string | undefined])[] = [
    ["2026-07-15T14:00:00Z", "2026-07-15T14:00:00.000Z", "2026-07-15T12:00:00.000Z"],
    ["20260715T140000Z", "2026-07-15T14:00:00.000Z", "2026-07-15T12:00:00.000Z"],
    ["2018-12-10 17:14:54Z", "2018-12-10T17:14:54.000Z", "2018-12-10T16:14:54.000Z"],
    ["2026-07-15T14:00:00+02:00", "2026-07-15T12:00:00.000Z", "2026-07-15T12:00:00.000Z"],
    ["2026-07-15T14:00:00", "2026-07-15T12:00:00.000Z", "2026-07-15T12:00:00.000Z"],
    ["0000-00-00T00:00:00Z", undefined, undefined],
  ];
  for (const [stamp, asUtc, asLocal] of stamps) {
    it(`reads ${stamp} in either meaning`, () => {
      const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());
      assert.deepEqual([iso(utc.moment(stamp)), iso(local.moment(stamp))], [asUtc, asLocal]);
    });
  }

  it("comes back from the device as the same moment, also in the hour that comes twice", () => {
    const seconds = fc.integer({ min: Date.UTC(2024, 0) / 1000, max: Date.UTC(2030, 0) / 1000 });
    fc.assert(
      fc.property(seconds, (second) => {
        const moment = second * 1000;
        return utc.moment(utc.stamp(moment)) === moment && local.moment(local.stamp(moment), moment) === moment;
      }),
    );
  });

  it("asks for all that the wall clock showed between two moments, whatever it did in between", () => {
    const changes = [at("2026-10-25T01:00Z"), at("2026-03-29T01:00Z"), at("2026-07-01T00:00Z")];
    const minutes = fc.integer({ min: -300, max: 300 });
    fc.assert(
      fc.property(
        fc.constantFrom(...changes),
        minutes,
        minutes,
        fc.integer({ min: 0, max: 600 }),
        (change, from, within, length) => {
          const start = change + from * 60_000;
          const end = start + length * 60_000;
          const moment = Math.min(Math.max(change + within * 60_000, start), end);
          const shown = moment + offsetOf("Europe/Berlin", moment);
          const span = local.span(start, end);
          const widened = at(span.end) - at(span.start) - (end - start);
          return at(span.start) <= shown && shown <= at(span.end) && widened <= 2 * 3_600_000;
        },
      ),
      { numRuns: 500 },
    );
  });

  it("asks for exactly the span where the wall clock goes straight on", () => {
    const [start, end] = [at("2026-07-15T12:00Z"), at("2026-07-15T13:00Z")];
    assert.deepEqual(local.span(start, end), { start: "2026-07-15T14:00:00Z", end: "2026-07-15T15:00:00Z" });
    assert.deepEqual(utc.span(start, end), { start: "2026-07-15T12:00:00Z", end: "2026-07-15T13:00:00Z" });
  });

  it("plays forward also where the wall clock goes back", () => {
    const fold = local.range(at("2026-10-25T00:55Z"), at("2026-10-25T01:05Z"));
    assert.deepEqual(fold, { start: "20261025T025500Z", end: "20261025T030500Z" });
    const gap = local.range(at("2026-03-29T00:55Z"), at("2026-03-29T01:05Z"));
    assert.deepEqual(gap, { start: "20260329T015500Z", end: "20260329T030500Z" });
  });

  const given: readonly (readonly [what: string, value: unknown, moment: string])[] = [
    ["a Date", new Date("2026-11-22T13:00:00Z"), "2026-11-22T13:00:00.000Z"],
    ["milliseconds", 1795352400000, "2026-11-22T13:00:00.000Z"],
    ["milliseconds as text", "1795352400000", "2026-11-22T13:00:00.000Z"],
    ["ISO 8601 in UTC", "2026-11-22T13:00:00Z", "2026-11-22T13:00:00.000Z"],
    ["ISO 8601 with an offset", "2026-11-22T14:00:00+01:00", "2026-11-22T13:00:00.000Z"],
    ["the device's local time", "2026-11-22 14:00", "2026-11-22T13:00:00.000Z"],
    ["the device's local time in summer", "2026-07-15T14:00", "2026-07-15T12:00:00.000Z"],
    ["a local day", "2026-11-22", "2026-11-21T23:00:00.000Z"],
  ];
  for (const [what, value, moment] of given) {
    it(`takes ${what}, whatever the device means by Z`, () => {
      for (const frame of [utc, local]) assert.equal(new Date(frame.read("start", value)).toISOString(), moment);
    });
  }

  it("takes a whole hour that comes twice", () => {
    assert.equal(local.read("start", "2026-10-25 02:00", "earlier"), at("2026-10-25T00:00Z"));
    assert.equal(local.read("end", "2026-10-25 02:59", "later"), at("2026-10-25T01:59Z"));
  });

  const refused: readonly (readonly [value: unknown, words: RegExp])[] = [
    ["yesterday", /"start" must be a moment: "yesterday" is none\..*2026-11-22 14:00/],
    ["2026-02-30 10:00", /is none/],
    [1795352400, /looks like seconds: multiply it by 1000/],
    ["1795352400", /looks like seconds/],
    [0, /this is none/],
    [Number.NaN, /this is none/],
    [new Date(Number.NaN), /this is none/],
    [1e18, /this is none/],
    [{}, /this is none/],
    [true, /this is none/],
    [undefined, /this is none/],
  ];
  for (const [value, words] of refused) {
    it(`refuses ${inspect(value)} with a hint`, () => {
      assert.throws(() => utc.read("start", value), { code: "badRequest", message: words });
    });
  }
});
