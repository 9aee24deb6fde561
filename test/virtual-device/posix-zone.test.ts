import assert from "node:assert/strict";
import { formatLocal, parseZone } from "./posix-zone";

const BERLIN = "CST-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00";
const NEW_YORK = "CST+5:00:00DST01:00:00,M3.2.0/02:00:00,M11.1.0/02:00:00";
const SYDNEY = "CST-10:00:00DST01:00:00,M10.1.0/02:00:00,M4.1.0/03:00:00";

/** Expectations from the IANA database, not from our own formula. */
const CASES: readonly (readonly [zone: string, utc: string, local: string])[] = [
  ["CST-8:00:00", "2026-07-01T00:00:00Z", "2026-07-01T08:00:00+08:00"],
  ["CST+4", "2026-07-01T00:00:00Z", "2026-06-30T20:00:00-04:00"],
  ["CST-5:30:00", "2026-07-01T00:00:00Z", "2026-07-01T05:30:00+05:30"],
  ["\nCST-8:00:00\n", "2026-07-01T00:00:00Z", "2026-07-01T08:00:00+08:00"],
  [BERLIN, "2026-03-29T00:59:59Z", "2026-03-29T01:59:59+01:00"],
  [BERLIN, "2026-03-29T01:00:00Z", "2026-03-29T03:00:00+02:00"],
  [BERLIN, "2026-10-25T00:59:59Z", "2026-10-25T02:59:59+02:00"],
  [BERLIN, "2026-10-25T01:00:00Z", "2026-10-25T02:00:00+01:00"],
  [NEW_YORK, "2026-03-08T06:59:59Z", "2026-03-08T01:59:59-05:00"],
  [NEW_YORK, "2026-03-08T07:00:00Z", "2026-03-08T03:00:00-04:00"],
  [NEW_YORK, "2026-11-01T06:00:00Z", "2026-11-01T01:00:00-05:00"],
  [SYDNEY, "2026-01-15T00:00:00Z", "2026-01-15T11:00:00+11:00"],
  [SYDNEY, "2026-04-04T16:00:00Z", "2026-04-05T02:00:00+10:00"],
  [SYDNEY, "2026-10-03T16:00:00Z", "2026-10-04T03:00:00+11:00"],
];

describe("virtual device: time zones", () => {
  for (const [zone, utc, local] of CASES) {
    it(`${JSON.stringify(zone)} at ${utc} is ${local}`, () => {
      assert.equal(formatLocal(parseZone(zone), Date.parse(utc)), local);
    });
  }

  it("are those of each year", () => {
    const zone = parseZone(BERLIN);
    assert.equal(formatLocal(zone, Date.parse("2026-03-28T12:00:00Z")), "2026-03-28T13:00:00+01:00");
    assert.equal(formatLocal(zone, Date.parse("2027-03-28T12:00:00Z")), "2027-03-28T14:00:00+02:00");
  });

  for (const text of ["", "Europe/Berlin", "CST-1DST,M3", "+01:00"]) {
    it(`${JSON.stringify(text)} is no zone`, () => assert.throws(() => parseZone(text)));
  }
});
