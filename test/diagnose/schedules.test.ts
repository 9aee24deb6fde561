import assert from "node:assert/strict";
import { scheduleStateAt, readWeeks, type WeekSchedule } from "../../src/diagnose/schedules";
import { Isapi } from "../../src/isapi/isapi";
import { FakeHttp, reply, status } from "../isapi/fake-http";

const PATH = "/ISAPI/Event/schedules/fieldDetections";

const block = (day: number | string, begin: string, end: string): string =>
  `<TimeBlock><dayOfWeek>${day}</dayOfWeek><TimeRange><beginTime>${begin}</beginTime><endTime>${end}</endTime></TimeRange></TimeBlock>`;
const HOLIDAY = "<TimeBlock><TimeRange><beginTime>00:00</beginTime><endTime>24:00</endTime></TimeRange></TimeBlock>";

function schedule(blocks: string, channel = "<videoInputChannelID>1</videoInputChannelID>"): string {
  return `<Schedule><id>fielddetection_video1</id>${channel}<TimeBlockList size="8">${blocks}</TimeBlockList></Schedule>`;
}

async function weeks(document: string): Promise<ReadonlyMap<number, WeekSchedule>> {
  const isapi = new Isapi(FakeHttp.of({ [PATH]: reply(200, document) }));
  return readWeeks(isapi, "fielddetection", new AbortController().signal);
}

async function week(blocks: string): Promise<WeekSchedule | undefined> {
  return (await weeks(`<ScheduleList xmlns="x">${schedule(blocks)}</ScheduleList>`)).get(1);
}

const everyDay = (begin: string, end: string): string =>
  [1, 2, 3, 4, 5, 6, 7].map((day) => block(day, begin, end)).join("");
/** 2026-11-25 is a Wednesday. */
const wednesday = (time: string): number => Date.parse(`2026-11-25T${time}Z`);

describe("arming schedules", () => {
  it("tell whether the device's present time is within them, the last minute before the end included", async () => {
    const nights = (await week(block(3, "22:00", "24:00") + block(4, "00:00:00", "06:00:00")))!;
    const at = (time: string): unknown => scheduleStateAt(nights, wednesday(time));
    assert.deepEqual([at("21:59:59"), at("22:00:00"), at("23:59:59")], ["later", "now", "now"]);
    assert.equal(scheduleStateAt(nights, Date.parse("2026-11-26T05:59:59Z")), "now");
    assert.equal(scheduleStateAt(nights, Date.parse("2026-11-26T06:00:00Z")), "later");
  });

  it("count Monday as the first day and Sunday as the seventh", async () => {
    const sunday = (await week(block(7, "00:00", "24:00")))!;
    assert.equal(scheduleStateAt(sunday, Date.parse("2026-11-29T12:00:00Z")), "now");
    assert.equal(scheduleStateAt(sunday, Date.parse("2026-11-30T00:00:00Z")), "later");
  });

  it("cover all times when every minute of the week is in them, in whatever pieces", async () => {
    for (const whole of [everyDay("00:00", "24:00"), everyDay("00:00:00", "23:59:59")])
      assert.equal(scheduleStateAt((await week(whole))!, undefined), "always");
    const halves = everyDay("12:00", "24:00") + everyDay("00:00", "12:00");
    assert.equal(scheduleStateAt((await week(halves))!, undefined), "always");
    assert.notEqual(scheduleStateAt((await week(everyDay("00:00", "23:58")))!, undefined), "always");
  });

  it("are empty without a day's piece of some length; holidays do not count", async () => {
    assert.deepEqual(await week(block(1, "00:00", "00:00") + HOLIDAY), []);
    assert.equal(scheduleStateAt([], undefined), "never");
  });

  it("say nothing about now when the device's time is not known", async () => {
    assert.equal(scheduleStateAt((await week(block(1, "08:00", "18:00")))!, undefined), undefined);
  });

  it("are told apart by channel, a recorder's too; one in a form that nobody has seen is not known", async () => {
    const found = await weeks(
      `<ScheduleList>${schedule(everyDay("00:00", "24:00"))}` +
        schedule(block(1, "08:00", "18:00"), "<dynVideoInputChannelID>2</dynVideoInputChannelID>") +
        schedule(block("Montag", "08:00", "18:00"), "<videoInputChannelID>3</videoInputChannelID>") +
        schedule(block(1, "8 Uhr", "18:00"), "<videoInputChannelID>4</videoInputChannelID>") +
        `${schedule(block(1, "25:00", "26:00"), "<videoInputChannelID>5</videoInputChannelID>")}</ScheduleList>`,
    );
    assert.deepEqual([...found.keys()], [1, 2]);
  });

  it("are not known where the device has no such path, keeps it from the user, or is slow", async () => {
    const { signal } = new AbortController();
    for (const answer of [status(403, 4, "notSupport"), reply(404, "<html></html>"), status(403, 4, "lowPrivilege")]) {
      const isapi = new Isapi(FakeHttp.of({ [PATH]: answer }));
      assert.equal((await readWeeks(isapi, "fielddetection", signal)).size, 0);
    }
  });

  it("are asked for only where the path is known", async () => {
    const http = FakeHttp.of({});
    assert.equal((await readWeeks(new Isapi(http), "ANPR", new AbortController().signal)).size, 0);
    assert.deepEqual(http.paths, []);
  });
});
