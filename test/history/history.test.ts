/** The past of a device, at a virtual one that cuts, repeats, lies and refuses as real ones do. */
import assert from "node:assert/strict";
import { PictureFetcher } from "../../src/events/pictures/fetcher";
import { History, type HistoryQuery } from "../../src/history/history";
import { Isapi } from "../../src/isapi/isapi";
import { codeOf } from "../../src/lib/errors";
import { DeviceFacts } from "../../src/isapi/device-facts";
import { systemClock } from "../../src/lib/clock";
import { Recordings } from "../../src/recordings/recordings";
import { TimeFrame } from "../../src/time/time-frame";
import { parsePosixZone } from "../../src/time/posix-zone";
import { deviceHttp } from "../http/support";
import { archiveOf, pastOf, startVirtualDevice, storePicture, type VirtualDevice } from "../virtual-device";
import { greyJpeg } from "../virtual-device/jpeg";

const ZONE = "CST-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00";
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const NOON = Date.parse("2026-11-20T11:00:00Z");
const DAY = { start: "2026-11-20", end: "2026-11-21" } as const;

async function connect(
  prepare: (device: VirtualDevice) => void = () => undefined,
  more: Partial<ConstructorParameters<typeof History>[0]> = {},
) {
  const device = await startVirtualDevice({ model: "nvr", channels: ["Gate", "Yard"], heartbeat: null, zone: ZONE });
  prepare(device);
  const http = deviceHttp(device.port, device.password);
  const isapi = new Isapi(http);
  const zone = parsePosixZone(ZONE);
  assert.ok(zone);
  const now = (): Promise<number> => Promise.resolve(Date.parse("2026-12-01T12:00:00Z"));
  const frame = (): Promise<TimeFrame> => Promise.resolve(new TimeFrame(zone, "utc", false));
  const facts = new DeviceFacts(isapi, systemClock);
  const recordings = new Recordings({ isapi, time: { now, frame }, facts });
  const { fetch: fetchPicture } = new PictureFetcher({ http, ports: [], sibling: () => http });
  const time = { now, zone };
  const history = new History({ isapi, time, facts, recordings, fetchPicture, clock: systemClock, ...more });
  return {
    device,
    past: pastOf(device),
    search: (query: Partial<HistoryQuery> = {}) =>
      history.search({ source: "auto", channels: [], events: [], targets: [], pictures: false, ...DAY, ...query }),
    history,
    bodies: (path: RegExp) =>
      device.requests.filter((one) => one.authorized && path.test(one.path)).map(({ body = "" }) => body),
    async [Symbol.asyncDispose]() {
      isapi.close();
      await http.close();
      await device.close();
    },
  };
}

const brief = (rows: readonly { readonly time: string; readonly type: string; readonly channel: number | null }[]) =>
  rows.map(({ time, type, channel }) => `${time.slice(11, 19)} ${type} ${channel}`);

describe("the log as history", () => {
  it("is one row per event, by its start and its stop, in event-in's words and the device's own time", async () => {
    await using at = await connect((device) => {
      pastOf(device).log.push(
        { atMs: NOON, what: "Alarm/motionStart/2" },
        { atMs: NOON + MINUTE, what: "Alarm/motionStop/2" },
        { atMs: NOON + MINUTE, what: "Alarm/fieldDetectionStart/1" },
        { atMs: NOON + 2 * MINUTE, what: "Exception/hdFull" },
        { atMs: NOON, what: "Operation/remoteLogin" },
        { atMs: NOON - 26 * 60 * MINUTE, what: "Alarm/motionStart/1" },
      );
    });
    const { rows, ...about } = await at.search({ source: "log" });
    assert.deepEqual(about, { complete: true, sources: ["log"] });
    assert.deepEqual(brief(rows), ["12:00:00 VMD 2", "12:01:00 fielddetection 1", "12:02:00 diskfull null"]);
    assert.deepEqual(
      rows.map(({ label, end }) => [label, end]),
      [
        ["Motion", "2026-11-20T12:01:00+01:00"],
        ["Intrusion", undefined],
        ["Disk full", undefined],
      ],
    );
    assert.match(at.bodies(/logSearch/)[0] ?? "", /<startTime>2026-11-20T00:00:00Z</);
  });

  it("keeps an event open as long as one of its areas is, and leaves out what began before the range", async () => {
    await using at = await connect((device) => {
      pastOf(device).log.push(
        { atMs: NOON - 13 * 60 * MINUTE, what: "Alarm/motionStart/1" },
        { atMs: NOON - 11.9 * 60 * MINUTE, what: "Alarm/motionStop/1" },
        { atMs: NOON, what: "Alarm/fieldDetectionStart/1" },
        { atMs: NOON + SECOND, what: "Alarm/fieldDetectionStart/1" },
        { atMs: NOON + 5 * SECOND, what: "Alarm/fieldDetectionStop/1" },
        { atMs: NOON + 9 * SECOND, what: "Alarm/fieldDetectionStop/1" },
      );
    });
    const { rows } = await at.search({ source: "log" });
    assert.deepEqual(
      rows.map(({ type, end }) => [type, end?.slice(11, 19)]),
      [["fielddetection", "12:00:09"]],
    );
  });

  for (const stopsByStart of [false, true])
    it(`is complete although the recorder cuts it at 2000 (stops found by ${stopsByStart ? "their start" : "their time"})`, async () => {
      await using at = await connect((device) => {
        Object.assign(pastOf(device), { stopsByStart });
        for (let index = 0; index < 1_300; index++) {
          const atMs = NOON - 10 * 60 * MINUTE + index * 20 * SECOND;
          const channel = (index % 7) + 1;
          pastOf(device).log.push({ atMs, what: `Alarm/motionStart/${channel}` });
          pastOf(device).log.push({ atMs: atMs + 100 * SECOND, sinceMs: atMs, what: `Alarm/motionStop/${channel}` });
        }
      });
      const { rows, complete } = await at.search({ source: "log" });
      assert.equal(complete, true);
      assert.equal(rows.length, 1_300);
      assert.deepEqual(
        [...new Set(rows.map(({ time, end = "" }) => Date.parse(end) - Date.parse(time)))],
        [100 * SECOND],
      );
      assert.equal(at.past.crossed, 0);
    });

  it("keeps two alike of one second, and says where the device has more in it than it tells", async () => {
    await using at = await connect((device) => {
      const exception = (atMs: number) => ({ atMs, what: "Exception/illegalAccess" });
      pastOf(device).log.push(exception(NOON), exception(NOON), exception(NOON + SECOND));
    });
    assert.equal((await at.search({ source: "log" })).rows.length, 3);
    for (let index = 0; index < 2_100; index++)
      at.past.log.push({ atMs: NOON, what: `Exception/illegalAccess/${index + 1}` });
    const seconds = { start: "2026-11-20T11:59:58", end: "2026-11-20T12:00:10" };
    const { rows, complete, reason } = await at.search({ source: "log", ...seconds });
    assert.equal(rows.length, 2_001);
    assert.equal(complete, false);
    assert.match(String(reason), /cuts its log at 2000 entries/);
  });

  it("ends where the device says MORE for ever, and says so", async () => {
    await using at = await connect((device) => {
      pastOf(device).logMoreForEver = true;
      pastOf(device).log.push({ atMs: NOON, what: "Alarm/motionStart/1" });
    });
    const { rows, complete, reason } = await at.search({ source: "log" });
    assert.equal(rows.length, 1);
    assert.equal(complete, false);
    assert.match(String(reason), /repeats the same page/);
  });

  it("is an error where the device fails at it in words, and where it has none", async () => {
    await using at = await connect((device) => {
      pastOf(device).logStatus = "PARM ERROR";
    });
    await assert.rejects(
      at.search({ source: "log" }),
      (error) => codeOf(error) === "protocol" && /PARM ERROR/.test(String(error)),
    );
    at.past.hasLog = false;
    await assert.rejects(at.search({ source: "log" }), (error) => codeOf(error) === "notSupported");
  });

  it("is asked for one search after the other, however many want it", async () => {
    await using at = await connect((device) => {
      for (let index = 0; index < 300; index++)
        pastOf(device).log.push({ atMs: NOON + index * SECOND, what: "Exception/ipConflict" });
    });
    const results = await Promise.all([1, 2, 3].map(() => at.search({ source: "log" })));
    assert.deepEqual(
      results.map(({ rows }) => rows.length),
      [300, 300, 300],
    );
    assert.equal(at.past.crossed, 0);
  });

  it("is in true order in the night in which the clock goes back", async () => {
    const before = Date.parse("2026-10-25T00:50:00Z");
    await using at = await connect((device) => {
      pastOf(device).log.push(
        { atMs: before, what: "Alarm/motionStart/1" },
        { atMs: before + 20 * MINUTE, what: "Alarm/motionStop/1" },
      );
    });
    const { rows } = await at.search({ source: "log", start: "2026-10-25", end: "2026-10-26" });
    assert.deepEqual(
      rows.map(({ time, end }) => [time, end]),
      [["2026-10-25T02:50:00+02:00", "2026-10-25T02:10:00+01:00"]],
    );
  });
});

describe("stored events as history", () => {
  const types = { eventTypes: "VMD,shelteralarm,alarmIn", behaviors: "linedetection,fielddetection" };

  it("tell each kind on each channel, with pictures, and ask no more than it takes", async () => {
    await using at = await connect((device) => {
      const past = pastOf(device);
      past.recordTypes = types;
      for (let index = 0; index < 40; index++)
        past.records.push({
          channel: 1,
          type: "VMD",
          startMs: NOON + index * MINUTE,
          endMs: NOON + index * MINUTE + 1,
        });
      past.records.push({ channel: 1, type: "linedetection", startMs: NOON, endMs: NOON + SECOND, pictureUrl: "/p" });
    });
    const { rows, sources, complete } = await at.search({ source: "events" });
    assert.deepEqual([sources, complete, rows.length], [["events"], true, 41]);
    const line = rows.find(({ type }) => type === "linedetection");
    assert.deepEqual(line?.pictures, [{ url: "/p" }]);
    assert.equal(line.end, "2026-11-20T12:00:01+01:00");
    assert.equal(at.bodies(/eventRecordSearch/).filter((body) => body.includes('"channels":[2]')).length, 1);
    const before = at.bodies(/eventRecordSearch/).length;
    const some = await at.search({ source: "events", events: ["linedetection"], channels: [1] });
    assert.deepEqual(brief(some.rows), ["12:00:00 linedetection 1"]);
    assert.equal(at.bodies(/eventRecordSearch/).length, before + 1);
  });

  it("are read as matchList with a time and a type of their own, too", async () => {
    await using at = await connect((device) => {
      Object.assign(pastOf(device), { recordTypes: types, recordsAsMatches: true });
      pastOf(device).records.push({ channel: 2, type: "alarmIn", startMs: NOON, endMs: NOON });
    });
    assert.deepEqual(brief((await at.search({ source: "events" })).rows), ["12:00:00 IO 2"]);
  });
});

describe("people and vehicles as history", () => {
  it("are spans, by the digits of the device alone, page by page", async () => {
    await using at = await connect((device) => {
      Object.assign(pastOf(device), { hasTargets: true, lyingOffsets: true });
      for (let index = 0; index < 5; index++) {
        const startMs = NOON + index * MINUTE;
        pastOf(device).targets.push({ channel: 2, target: "human", startMs, endMs: startMs + 21 * SECOND });
      }
      pastOf(device).targets.push({ channel: 1, target: "vehicle", startMs: NOON, endMs: NOON + SECOND });
    });
    const { rows } = await at.search({ source: "targets" });
    assert.equal(rows.length, 6);
    assert.deepEqual(brief(rows.slice(0, 2)).sort(), ["12:00:00 human 2", "12:00:00 vehicle 1"]);
    const human = await at.search({ source: "auto", targets: ["human"], channels: [2] });
    assert.deepEqual([human.rows.length, human.sources], [5, ["targets"]]);
    assert.deepEqual(human.rows[0]?.targets, ["human"]);
    assert.equal(human.rows[0].end, "2026-11-20T12:00:21+01:00");
  });

  it("name the right that is missing, which is not playback", async () => {
    await using at = await connect((device) => {
      Object.assign(pastOf(device), { hasTargets: true, targetsForbidden: true });
      pastOf(device).log.push({ atMs: NOON, what: "Alarm/motionStart/1" });
    });
    await assert.rejects(
      at.search({ source: "targets" }),
      (error) => codeOf(error) === "forbidden" && /Parameter Configuration/.test(String(error)),
    );
    const { rows, complete, reason, sources } = await at.search();
    assert.deepEqual([rows.length, complete, sources], [1, false, ["log"]]);
    assert.match(String(reason), /Parameter Configuration/);
  });
});

describe("access events as history", () => {
  const passing = (atMs: number, serialNo: number) => ({
    atMs,
    major: 5,
    minor: 75,
    more: { serialNo, name: "Anna", employeeNoString: "1001", doorNo: 1 },
  });

  it("tell who passed, of no channel, and can be chosen by kind", async () => {
    await using at = await connect((device) => {
      Object.assign(pastOf(device), { hasAccess: true });
      pastOf(device).access.push(passing(NOON, 1), { atMs: NOON + SECOND, major: 5, minor: 9 });
    });
    const { rows } = await at.search({ source: "access", channels: [1] });
    assert.deepEqual(brief(rows), ["12:00:00 AccessControllerEvent null", "12:00:01 AccessControllerEvent null"]);
    assert.deepEqual(rows[0]?.person, { name: "Anna", employee: "1001" });
    assert.equal(String(rows[1]?.text), "card unknown");
    const denied = await at.search({ source: "access", events: ["AccessControllerEvent/denied"] });
    assert.equal(denied.rows.length, 1);
  });

  it("are all there, in order, although the device keeps none and takes no position above 1000", async () => {
    for (const totals of [true, false]) {
      await using at = await connect((device) => {
        Object.assign(pastOf(device), { hasAccess: true, totals });
        for (let index = 0; index < 1_500; index++)
          pastOf(device).access.push(passing(NOON + ((index * 7) % 1_500) * SECOND, index));
      });
      const { rows, complete } = await at.search({ source: "access" });
      assert.deepEqual([rows.length, complete], [1_500, true]);
      assert.deepEqual(
        [...rows].sort((a, b) => Date.parse(a.time) - Date.parse(b.time)),
        rows,
      );
      for (const body of at.bodies(/AcsEvent/)) assert.ok(Number(/Position":(\d+)/.exec(body)?.[1] ?? 0) <= 1_000);
    }
  });

  it("without offset and number are local, and two alike are two", async () => {
    await using at = await connect((device) => {
      Object.assign(pastOf(device), { hasAccess: true, plainTimes: true });
      const plain = { atMs: NOON, major: 5, minor: 21 };
      pastOf(device).access.push(plain, plain);
    });
    const { rows } = await at.search({ source: "access" });
    assert.deepEqual(
      rows.map(({ time }) => time),
      ["2026-11-20T12:00:00+01:00", "2026-11-20T12:00:00+01:00"],
    );
  });

  it("say where there are more in one second than the device tells", async () => {
    await using at = await connect((device) => {
      Object.assign(pastOf(device), { hasAccess: true });
      for (let index = 0; index < 1_200; index++) pastOf(device).access.push(passing(NOON, index));
    });
    const { complete, reason } = await at.search({ source: "access" });
    assert.equal(complete, false);
    assert.match(String(reason), /more than 900 access events in one second/);
  });
});

describe("history of all sources", () => {
  it("is one list: the same event of several is one row, rows of one source are not", async () => {
    await using at = await connect((device) => {
      const past = pastOf(device);
      Object.assign(past, { recordTypes: { eventTypes: "VMD", behaviors: "linedetection" }, pictureTypes: true });
      past.records.push({ channel: 1, type: "linedetection", startMs: NOON, endMs: NOON + SECOND, pictureUrl: "/p" });
      past.log.push(
        { atMs: NOON + 2 * SECOND, what: "Alarm/lineDetectionStart/1" },
        { atMs: NOON + 3 * SECOND, what: "Alarm/lineDetectionStop/1" },
        { atMs: NOON + 3 * SECOND, what: "Alarm/lineDetectionStart/1" },
        { atMs: NOON, what: "Alarm/lineDetectionStart/2" },
        { atMs: NOON, what: "Alarm/motionStart/1" },
      );
      const picture = {
        channel: 1,
        kind: "picture",
        recordType: "MOTION",
        startMs: NOON + SECOND,
        endMs: NOON + SECOND,
      };
      archiveOf(device).add({ ...picture, kind: "picture" });
    });
    const { rows, sources, complete } = await at.search();
    assert.deepEqual([sources, complete], [["events", "log", "pictures"], true]);
    assert.deepEqual(
      rows.map(({ type, channel, source, pictures = [] }) => `${type} ${channel} ${source} ${pictures.length}`).sort(),
      ["VMD 1 log 1", "linedetection 1 events 1", "linedetection 1 log 0", "linedetection 2 log 0"],
    );
  });

  it("leaves out a log that the device does not have, and is an error where there is nothing at all", async () => {
    await using at = await connect((device) => {
      Object.assign(pastOf(device), { hasLog: false, hasTargets: true });
    });
    assert.deepEqual(await at.search(), { rows: [], complete: true, sources: ["targets"] });
    at.past.hasTargets = false;
    await using other = await connect((device) => {
      pastOf(device).hasLog = false;
    });
    await assert.rejects(other.search(), (error) => codeOf(error) === "notSupported");
    await assert.rejects(other.search({ targets: ["human"] }), /no memory of events/);
  });

  it("ends now at most, and takes the newest from as far back as it needs", async () => {
    await using at = await connect((device) => {
      for (const days of [2, 20]) {
        const atMs = Date.parse("2026-12-01T11:00:00Z") - days * 24 * 60 * MINUTE;
        pastOf(device).log.push({ atMs, what: "Exception/ipConflict" });
      }
    });
    const newest = await at.search({ source: "log", start: undefined, end: "2027-01-01", newest: 2 });
    assert.equal(newest.rows.length, 2);
    for (const body of at.bodies(/logSearch/)) assert.match(body, /<endTime>2026-12-01T12:59:59Z/);
    assert.equal((await at.search({ source: "log", start: undefined, end: undefined })).rows.length, 0);
    await assert.rejects(
      at.search({ start: "2026-12-02", end: "2026-12-03" }),
      (error) => codeOf(error) === "badRequest",
    );
  });

  it("fetches pictures from the device alone, says why one did not come, and keeps to its limits", async () => {
    const records = { recordTypes: { eventTypes: "VMD", behaviors: "linedetection" } };
    const add = (device: VirtualDevice, pictureUrl: string): void =>
      void pastOf(device).records.push({ channel: 1, type: "VMD", startMs: NOON, endMs: NOON + SECOND, pictureUrl });
    const picture = greyJpeg(16, 16);
    await using at = await connect((device) => {
      Object.assign(pastOf(device), records);
      const path = storePicture(device, picture);
      add(device, `http://127.0.0.1:${device.port}${path}`);
      // The inner address of a device behind a router: its path, at the device that was set up.
      add(device, `http://192.0.2.99${path}`);
      add(device, "http://192.0.2.99/elsewhere");
    });
    const { rows, complete } = await at.search({ source: "events", pictures: true });
    assert.equal(complete, true);
    const pictures = rows.flatMap((row) => row.pictures ?? []);
    assert.deepEqual(
      pictures.map(({ data, error }) => data?.equals(picture) ?? error?.code),
      [true, true, "forbidden"],
    );
    await using few = await connect(
      (device) => {
        Object.assign(pastOf(device), records);
        for (let index = 0; index < 3; index++) add(device, storePicture(device, picture));
      },
      { pictureLimits: { pictures: 2, bytes: 1e9 } },
    );
    const cut = await few.search({ source: "events", pictures: true });
    assert.equal(cut.complete, false);
    assert.match(String(cut.reason), /Only the first 2 pictures/);
  });
});
