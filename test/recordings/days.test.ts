import assert from "node:assert/strict";
import { Isapi } from "../../src/isapi/isapi";
import { readDays } from "../../src/recordings/days";
import { FakeHttp, reply, status } from "../isapi/fake-http";

const day = (n: number, record: boolean): string =>
  `<day><id>${n}</id><dayOfMonth>${n}</dayOfMonth><record>${record}</record>${record ? "<recordType>time</recordType>" : ""}</day>`;

describe("the calendar of recordings", () => {
  it("tells the days that have any", async () => {
    const days = Array.from({ length: 31 }, (_, i) => day(i + 1, [2, 3, 31].includes(i + 1)));
    const body = `<trackDailyDistribution xmlns="u"><dayList>${days.join("")}</dayList></trackDailyDistribution>`;
    const http = new FakeHttp(() => reply(200, body));
    assert.deepEqual(await readDays(new Isapi(http), { channel: 3, year: 2026, month: 8 }), [
      { day: 2, recordType: "time" },
      { day: 3, recordType: "time" },
      { day: 31, recordType: "time" },
    ]);
    assert.deepEqual(http.paths, ["/ISAPI/ContentMgmt/record/tracks/301/dailyDistribution"]);
  });

  it("is not supported by every device", async () => {
    const isapi = new Isapi(new FakeHttp(() => status(403, 4, "notSupport")));
    await assert.rejects(readDays(isapi, { channel: 1, year: 2026, month: 8 }), { code: "notSupported" });
  });
});
