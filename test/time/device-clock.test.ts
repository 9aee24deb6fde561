import assert from "node:assert/strict";
import { FatalError, RetryableError } from "../../src/lib/errors";
import { parseXml } from "../../src/isapi/xml";
import { parseDeviceClock, readDeviceClock } from "../../src/time/device-clock";
import { say } from "../../src/lib/sentence";
import { FakeClock } from "../support/fake-clock";

const HOUR = 3_600_000;
const EUROPE = "CST-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00";
const EASTERN = "CST+5:00:00DST01:00:00,M3.2.0/02:00:00,M11.1.0/02:00:00";

function time(localTime: string, timeZone: string) {
  return parseXml(
    `<Time version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema"><timeMode>NTP</timeMode>` +
      `<localTime>${localTime}</localTime><timeZone>${timeZone}</timeZone></Time>`,
  );
}

describe("the clock of a device", () => {
  const cases: readonly {
    what: string;
    localTime: string;
    timeZone: string;
    now: string;
    offset: number;
    drift: number;
  }[] = [
    {
      what: "zone and offset agree, winter",
      localTime: "2026-01-15T13:00:00+01:00",
      timeZone: EUROPE,
      now: "2026-01-15T12:00:00Z",
      offset: 1,
      drift: 0,
    },
    {
      what: "zone and offset agree, summer",
      localTime: "2026-07-15T14:00:05+02:00",
      timeZone: EUROPE,
      now: "2026-07-15T12:00:00Z",
      offset: 2,
      drift: 5,
    },
    {
      what: "line breaks around the zone",
      localTime: "2026-07-15T13:59:00+02:00",
      timeZone: `\n${EUROPE}\n`,
      now: "2026-07-15T12:00:00Z",
      offset: 2,
      drift: -60,
    },
    {
      what: "no offset",
      localTime: "2026-07-15T08:00:00",
      timeZone: "CST+4",
      now: "2026-07-15T12:00:00Z",
      offset: -4,
      drift: 0,
    },
    {
      what: "an unknown zone",
      localTime: "2026-07-15T20:00:00+08:00",
      timeZone: "China Standard Time",
      now: "2026-07-15T12:00:00Z",
      offset: 8,
      drift: 0,
    },
    {
      what: "no zone",
      localTime: "2026-07-15T20:00:00+08:00",
      timeZone: "",
      now: "2026-07-15T12:00:00Z",
      offset: 8,
      drift: 0,
    },
    {
      what: "summer time under the winter offset",
      localTime: "2026-09-09T07:24:29-05:00",
      timeZone: EASTERN,
      now: "2026-09-09T11:24:29Z",
      offset: -4,
      drift: 0,
    },
    {
      what: "an offset that the zone denies, but the time confirms",
      localTime: "2026-07-15T14:00:00+02:00",
      timeZone: "CST-8:00:00",
      now: "2026-07-15T12:00:00Z",
      offset: 2,
      drift: 0,
    },
    {
      what: "digits alone",
      localTime: "2026-07-15T17:31:00",
      timeZone: "",
      now: "2026-07-15T12:00:00Z",
      offset: 5.5,
      drift: 60,
    },
    {
      what: "the second passing of an hour that comes twice",
      localTime: "2026-10-25T02:30:00",
      timeZone: EUROPE,
      now: "2026-10-25T01:30:00Z",
      offset: 1,
      drift: 0,
    },
    {
      what: "the first passing of it",
      localTime: "2026-10-25T02:30:00",
      timeZone: EUROPE,
      now: "2026-10-25T00:30:00Z",
      offset: 2,
      drift: 0,
    },
    {
      what: "a clock that was never set",
      localTime: "1970-01-01T08:10:00+08:00",
      timeZone: "CST-8:00:00",
      now: "2026-07-15T12:00:00Z",
      offset: 8,
      drift: (600_000 - Date.UTC(2026, 6, 15, 12)) / 1000,
    },
  ];
  for (const { what, localTime, timeZone, now, offset, drift } of cases) {
    it(`is understood with ${what}`, () => {
      const nowMs = Date.parse(now);
      const found = parseDeviceClock(time(localTime, timeZone), nowMs);
      assert.equal(found.zone.offsetAt(nowMs) / HOUR, offset);
      assert.ok(Math.abs((found.driftMs ?? NaN) / 1000 - drift) <= 0.5, `drift ${found.driftMs}`);
    });
  }

  it("gives the zone even when it does not tell the time", () => {
    const { zone, driftMs } = parseDeviceClock(time("", "CST-8:00:00"), Date.UTC(2026, 0));
    assert.equal(zone.offsetAt(0), 8 * HOUR);
    assert.equal(driftMs, undefined);
  });

  it("is taken for this computer's where the user may not see it", async () => {
    const get = () => Promise.reject(new FatalError("forbidden", say`No.`));
    const { zone, driftMs } = await readDeviceClock({ get }, new FakeClock());
    assert.equal(zone.offsetAt(0), -new Date(0).getTimezoneOffset() * 60_000);
    assert.equal(driftMs, undefined);
  });

  it("is not guessed while the device is away", async () => {
    const get = () => Promise.reject(new RetryableError("offline", say`Away.`));
    await assert.rejects(readDeviceClock({ get }, new FakeClock()), { code: "offline" });
  });
});
