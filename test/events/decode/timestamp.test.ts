import assert from "node:assert/strict";
import { deviceTimestamp, hostMinutesAt } from "../../../src/events/decode/timestamp";

describe("a device's time stamp", () => {
  const untouched = [
    "2026-03-01T12:00:00+01:00",
    "2026-03-01T12:00:00Z",
    "2024-05-07T17:48:03.847+07:00",
    "1970-01-01T00:00:00+08:00",
    "2009-11-14T15:27+08:00",
  ];
  for (const stamp of untouched) {
    it(`stays ${stamp}`, () => assert.equal(deviceTimestamp(stamp), stamp));
  }

  const plusTwo = (): number => 120;
  const completed: [string, string][] = [
    ["2026-03-01T12:00:00", "2026-03-01T12:00:00+02:00"],
    ["2026-03-01 12:00:00", "2026-03-01T12:00:00+02:00"],
    ["2026-03-01T12:00:00.5", "2026-03-01T12:00:00.5+02:00"],
    ["2026-03-01T12:00:00+0800", "2026-03-01T12:00:00+08:00"],
    ["2026-03-01 12:00:00 +08:00", "2026-03-01T12:00:00+08:00"],
    ["20200424T1616270000", "2020-04-24T16:16:27.0000+02:00"],
    ["20250415T000000-500", "2025-04-15T00:00:00-05:00"],
    ["20210101T000000", "2021-01-01T00:00:00+02:00"],
    [" 2026-03-01T12:00:00z ", "2026-03-01T12:00:00Z"],
  ];
  for (const [sent, expected] of completed) {
    it(`reads ${sent} as ${expected}`, () => assert.equal(deviceTimestamp(sent, plusTwo), expected));
  }

  for (const sent of [
    undefined,
    "",
    "0000-00-00T00:00:00",
    "2026-13-01T00:00:00",
    "2026-02-31T12:00:00Z",
    "yesterday",
    "2026-03-01",
    "12:00",
  ]) {
    it(`finds no time in ${String(sent)}`, () => assert.equal(deviceTimestamp(sent), undefined));
  }

  it("asks for the offset at the very moment, so that summer time counts", () => {
    const asked: string[] = [];
    const minutesAt = (wallMs: number): number => {
      asked.push(new Date(wallMs).toISOString());
      return -210;
    };
    assert.equal(deviceTimestamp("2026-07-01T00:30:00", minutesAt), "2026-07-01T00:30:00-03:30");
    assert.deepEqual(asked, ["2026-07-01T00:30:00.000Z"]);
  });

  it("takes the offset of this machine where nothing better is known", () => {
    const minutes = 0 - new Date(2026, 6, 1, 12).getTimezoneOffset();
    assert.equal(hostMinutesAt(Date.UTC(2026, 6, 1, 12)), minutes);
  });
});
