import assert from "node:assert/strict";
import { formatWall, parseStamp } from "../../src/time/stamp";

describe("dates as text", () => {
  const HOUR = 3_600_000;
  const readable: readonly (readonly [text: string, wall: string, zone: "Z" | number | undefined])[] = [
    ["2021-08-18T15:18:15Z", "2021-08-18T15:18:15.000", "Z"],
    ["20210818T151815Z", "2021-08-18T15:18:15.000", "Z"],
    ["20210818t151815z", "2021-08-18T15:18:15.000", "Z"],
    ["2018-12-10 00:00:00Z", "2018-12-10T00:00:00.000", "Z"],
    ["2022-03-02T17:08:16+01:00", "2022-03-02T17:08:16.000", HOUR],
    ["2022-03-02T17:08:16.25-0530", "2022-03-02T17:08:16.250", -5.5 * HOUR],
    ["2022-03-02T17:08:16+8", "2022-03-02T17:08:16.000", 8 * HOUR],
    ["2026-11-22 14:00", "2026-11-22T14:00:00.000", undefined],
    ["2026-11-22T14:00:01", "2026-11-22T14:00:01.000", undefined],
    ["20261122T140000", "2026-11-22T14:00:00.000", undefined],
    [" 2026-11-22 ", "2026-11-22T00:00:00.000", undefined],
    ["2028-02-29", "2028-02-29T00:00:00.000", undefined],
  ];
  for (const [text, wall, zone] of readable) {
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseStamp(text), { wallMs: Date.parse(`${wall}Z`), zone });
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
  ];
  for (const text of refused) {
    it(`knows no moment of the name ${JSON.stringify(text)}`, () => assert.equal(parseStamp(text), undefined));
  }

  it("writes a wall time without a zone", () => {
    assert.equal(formatWall(Date.UTC(2021, 7, 18, 15, 18, 15, 999)), "2021-08-18T15:18:15");
  });
});
