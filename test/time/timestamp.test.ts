import assert from "node:assert/strict";
import fc from "fast-check";
import { formatWall, parseTimestamp } from "../../src/time/timestamp";

describe("a timestamp", () => {
  const HOUR = 3_600_000;
  const readable: readonly (readonly [text: string, wall: string, zone: "Z" | number | undefined, local?: string])[] = [
    ["2021-08-18T15:18:15Z", "2021-08-18T15:18:15.000", "Z"],
    ["20210818T151815Z", "2021-08-18T15:18:15.000", "Z"],
    ["20210818t151815z", "2021-08-18T15:18:15.000", "Z"],
    ["2018-12-10 00:00:00Z", "2018-12-10T00:00:00.000", "Z"],
    ["2022-03-02T17:08:16+01:00", "2022-03-02T17:08:16.000", HOUR],
    ["2022-03-02T17:08:16.25-0530", "2022-03-02T17:08:16.250", -5.5 * HOUR, "2022-03-02T17:08:16.25"],
    ["2022-03-02T17:08:16+8", "2022-03-02T17:08:16.000", 8 * HOUR],
    ["20250415T000000-500", "2025-04-15T00:00:00.000", -5 * HOUR],
    ["2026-11-22 14:00", "2026-11-22T14:00:00.000", undefined, "2026-11-22T14:00"],
    ["2026-11-22T14:00:01", "2026-11-22T14:00:01.000", undefined],
    ["20261122T140000", "2026-11-22T14:00:00.000", undefined],
    ["20200424T1616278800", "2020-04-24T16:16:27.880", undefined, "2020-04-24T16:16:27.8800"],
    ["20260716093012456", "2026-07-16T09:30:12.456", undefined, "2026-07-16T09:30:12.456"],
  ];
  for (const [text, wall, zone, local = wall.slice(0, 19)] of readable) {
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseTimestamp(text), { wallMs: Date.parse(`${wall}Z`), zone, local });
    });
  }

  for (const text of [" 2026-11-22 ", "2028-02-29"]) {
    it(`reads ${JSON.stringify(text)} as the first moment of that day, without a time of day`, () => {
      assert.deepEqual(parseTimestamp(text), { wallMs: Date.parse(text.trim()), zone: undefined, local: undefined });
    });
  }

  const refused = [
    "",
    "now",
    "14:00",
    "2026-02-29",
    "2026-02-31T10:00:00",
    "2026-13-01",
    "2026-11-22T25:00",
    "2026-11-22T14:61",
    "22.11.2026 14:00",
    "2026-1122",
    "0000-00-00T00:00:00",
    "1763820000000",
    "202607160930",
    "2026-11-22T14:00:00+25:00",
    "2026-11-22T14:00:00+08:75",
  ];
  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseTimestamp(text), undefined));
  }

  it("is read the same in the usual form, quickly, as in any other", () => {
    const two = (max: number): fc.Arbitrary<string> => fc.nat({ max }).map((value) => String(value).padStart(2, "0"));
    const stamp = fc
      .tuple(
        fc.constantFrom("2026", "2028", "1970", "0000", "0999", "20a6"),
        two(14),
        two(33),
        two(26),
        two(62),
        two(62),
        fc.constantFrom("", "Z", "z", "+08:00", "-00:30", "+23:59", "+24:00", "+08:60", "+8:00", ".5Z", " "),
      )
      .map(
        ([year, month, day, hour, minute, second, zone]) =>
          `${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`,
      );
    fc.assert(
      // White space in front keeps it from the quick way.
      fc.property(stamp, (text) => assert.deepEqual(parseTimestamp(text), parseTimestamp(` ${text}`))),
      { numRuns: 3_000 },
    );
  });

  it("writes a wall time without a zone", () => {
    assert.equal(formatWall(Date.UTC(2021, 7, 18, 15, 18, 15, 999)), "2021-08-18T15:18:15");
  });
});
