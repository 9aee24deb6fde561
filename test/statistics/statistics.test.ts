/** People counts and heat maps at a virtual camera that takes only what the families take. */
import assert from "node:assert/strict";
import { Isapi } from "../../src/isapi/isapi";
import { codeOf } from "../../src/lib/errors";
import { type Interval, Statistics } from "../../src/statistics/statistics";
import { parsePosixZone } from "../../src/time/posix-zone";
import { deviceHttp } from "../http/support";
import { countingOf, startVirtualDevice, type VirtualDevice } from "../virtual-device";
import { greyJpeg } from "../virtual-device/jpeg";

const CENTRAL_EUROPE = "CST-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00";
/** Puts its clock forward by half an hour. */
const LORD_HOWE = "CST-10:30:00DST00:30:00,M10.1.0/02:00:00,M4.1.0/02:00:00";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SEARCH = /\/counting\/search/;

async function connect(prepare: (device: VirtualDevice) => void = () => undefined, zone = CENTRAL_EUROPE) {
  const device = await startVirtualDevice({ heartbeat: null, zone });
  countingOf(device).fit();
  prepare(device);
  const http = deviceHttp(device.port, device.password);
  const isapi = new Isapi(http);
  let [passed, step] = [0, 0];
  const clock = { elapsed: () => (passed += step) };
  const parsed = parsePosixZone(zone);
  assert.ok(parsed);
  const time = { now: () => Promise.resolve(Date.parse("2026-12-01T12:20:00Z")), zone: parsed };
  const statistics = new Statistics({ isapi, time, clock });
  return {
    device,
    statistics,
    /** From now on each day takes half a minute. */
    slow: () => void (step = HOUR / 120),
    counting: countingOf(device),
    people: (start: unknown, end: unknown, interval: Interval = "hour") =>
      statistics.people({ channel: 1, start, end, interval }),
    /** Bodies of the searches that were answered after the login. */
    asked: () => device.requests.filter(({ path, authorized }) => authorized && SEARCH.test(path)),
    async [Symbol.asyncDispose]() {
      isapi.close();
      await http.close();
      await device.close();
    },
  };
}

const total = (rows: readonly { readonly enter: number | null }[]): number =>
  rows.reduce((sum, { enter }) => sum + (enter ?? 0), 0);
const lengths = (rows: readonly { readonly start: string; readonly end: string }[]): number[] =>
  rows.map(({ start, end }) => (Date.parse(end) - Date.parse(start)) / MINUTE);

describe("people counts", () => {
  it("are the hours of a day, in true time, with what the camera does not tell as null", async () => {
    await using at = await connect((device) => {
      const counting = countingOf(device);
      counting.sparse = true;
      counting.passes = true;
      counting.crossings.push({ atMs: Date.parse("2026-11-20T08:10:00Z"), enter: 3, exit: 1, pass: 2 });
      counting.crossings.push({ channel: 2, atMs: Date.parse("2026-11-20T08:10:00Z"), enter: 9 });
    });
    const { rows, ...about } = await at.people("2026-11-20", "2026-11-21");
    assert.equal(rows.length, 24);
    assert.deepEqual(rows[9], {
      start: "2026-11-20T09:00:00+01:00",
      end: "2026-11-20T10:00:00+01:00",
      enter: 3,
      exit: 1,
      pass: 2,
    });
    assert.deepEqual(rows[10], {
      start: "2026-11-20T10:00:00+01:00",
      end: "2026-11-20T11:00:00+01:00",
      enter: null,
      exit: null,
    });
    assert.deepEqual(about, {
      start: "2026-11-20T00:00:00+01:00",
      end: "2026-11-21T00:00:00+01:00",
      interval: "hour",
    });
    const { body = "" } = at.asked()[0]!;
    assert.match(body, /<startTime>2026-11-20T00:00:00<\/startTime><endTime>2026-11-20T23:59:59<\/endTime>/);
    assert.doesNotMatch(body, /MinTimeInterval/);
  });

  it("are quarters where the camera knows them, and hours, which the result says, where it does not", async () => {
    const at815 = { atMs: Date.parse("2026-11-20T08:20:00Z"), enter: 2 };
    await using at = await connect((device) => countingOf(device).crossings.push(at815));
    const quarters = await at.people("2026-11-20", "2026-11-21", "quarter");
    assert.deepEqual([quarters.rows.length, quarters.interval], [96, "quarter"]);
    assert.equal(quarters.rows.find(({ enter }) => enter === 2)?.start, "2026-11-20T09:15:00+01:00");
    at.counting.takesQuarters = false;
    const hours = await at.people("2026-11-20", "2026-11-21", "quarter");
    assert.deepEqual([hours.rows.length, hours.interval, total(hours.rows)], [24, "hour", 2]);
  });

  it("are read with the form that a camera takes, which goes first from then on", async () => {
    const forms: readonly (readonly [
      prepare: Partial<ReturnType<typeof countingOf>>,
      interval: Interval,
      tries: number,
    ])[] = [
      [{}, "quarter", 1],
      [{ takesStatisticType: false }, "quarter", 2],
      [{ takesQuarters: false }, "quarter", 3],
      [{ takesQuarters: false, takesStatisticType: false }, "quarter", 4],
      [{ takesStatisticType: false }, "hour", 2],
      [{ method: "GET" }, "hour", 2],
      [{ method: "GET", old: true }, "hour", 3],
    ];
    for (const [quirks, interval, tries] of forms) {
      await using at = await connect((device) => {
        Object.assign(countingOf(device), quirks);
        countingOf(device).crossings.push({ atMs: Date.parse("2026-11-20T08:20:00Z"), enter: 2 });
      });
      const { rows } = await at.people("2026-11-20", "2026-11-22", interval);
      assert.equal(total(rows), 2, JSON.stringify(quirks));
      assert.equal(at.asked().length, tries + 1, JSON.stringify(quirks));
    }
  });

  it("come from rows with their times straight in them, from a single row, and not twice from a row of the next day", async () => {
    await using at = await connect((device) => {
      const counting = countingOf(device);
      Object.assign(counting, { flat: true, sparse: true, oneMore: true });
      counting.crossings.push({ atMs: Date.parse("2026-11-20T23:10:00Z"), enter: 4 });
    });
    assert.equal(total((await at.people("2026-11-20", "2026-11-22")).rows), 4);
    assert.equal(total((await at.people("2026-11-20", "2026-11-21")).rows), 0);
  });

  it("of a day are one row, whatever the size of the camera's rows", async () => {
    await using at = await connect((device) => {
      countingOf(device).size = 15;
      for (let hour = 0; hour < 48; hour++)
        countingOf(device).crossings.push({ atMs: Date.parse("2026-11-19T23:05:00Z") + hour * HOUR, enter: 1 });
    });
    const days = await at.people("2026-11-20", "2026-11-22", "day");
    assert.deepEqual(
      [lengths(days.rows), days.rows.map(({ enter }) => enter)],
      [
        [1440, 1440],
        [24, 24],
      ],
    );
    assert.equal(days.interval, "day");
    assert.equal((await at.people("2026-11-20", "2026-11-21", "hour")).rows.length, 24);
  });

  it("say the size of rows that are larger than asked for", async () => {
    await using at = await connect((device) => {
      countingOf(device).size = 1440;
      countingOf(device).crossings.push({ atMs: Date.parse("2026-11-20T08:20:00Z"), enter: 2 });
    });
    const { rows, interval } = await at.people("2026-11-20", "2026-11-21");
    assert.deepEqual([rows.length, interval, total(rows)], [1, "day", 2]);
  });

  /** One person at the twentieth minute of each half hour of that day, in true time. */
  const everyHalfHour = (from: string, hours: number) =>
    Array.from({ length: hours * 2 }, (_, index) => ({
      atMs: Date.parse(from) + index * 30 * MINUTE + 20 * MINUTE,
      enter: 1,
    }));

  it("of the day of 23 hours are 23 rows", async () => {
    await using at = await connect((device) =>
      countingOf(device).crossings.push(...everyHalfHour("2026-03-28T23:00:00Z", 23)),
    );
    const { rows } = await at.people("2026-03-29", "2026-03-30");
    assert.deepEqual([lengths(rows), total(rows)], [new Array(23).fill(60), 46]);
    assert.deepEqual(
      rows.slice(1, 3).map(({ start }) => start),
      ["2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00"],
    );
    const day = await at.people("2026-03-29", "2026-03-30", "day");
    assert.deepEqual([lengths(day.rows), total(day.rows)], [[23 * 60], 46]);
  });

  it("of the day of 25 hours are 24 rows, one of two hours, where the camera tells the repeated hour once", async () => {
    await using at = await connect((device) =>
      countingOf(device).crossings.push(...everyHalfHour("2026-10-24T22:00:00Z", 25)),
    );
    for (const interval of ["hour", "quarter"] as const) {
      const { rows } = await at.people("2026-10-25", "2026-10-26", interval);
      assert.equal(total(rows), 50);
      const long = rows.filter(({ start, end }) => Date.parse(end) - Date.parse(start) > HOUR);
      assert.deepEqual(long, [
        { start: "2026-10-25T02:00:00+02:00", end: "2026-10-25T03:00:00+01:00", enter: 4, exit: 0 },
      ]);
      assert.equal(rows.length, interval === "hour" ? 24 : 23 * 4 + 1);
    }
  });

  it("of the day of 25 hours are 25 rows where the camera tells the repeated hour twice", async () => {
    await using at = await connect((device) => {
      countingOf(device).twice = true;
      countingOf(device).crossings.push(...everyHalfHour("2026-10-24T22:00:00Z", 25));
    });
    const { rows } = await at.people("2026-10-25", "2026-10-26");
    assert.deepEqual([lengths(rows), rows.map(({ enter }) => enter)], [new Array(25).fill(60), new Array(25).fill(2)]);
  });

  it("keep every count where the clock changes by half an hour", async () => {
    await using at = await connect((device) => {
      // The nights in which it goes back and forward, there.
      for (const from of ["2026-04-04T13:00:00Z", "2026-10-03T13:30:00Z"])
        countingOf(device).crossings.push(...everyHalfHour(from, 24));
    }, LORD_HOWE);
    for (const [from, to, hours] of [
      ["2026-04-05", "2026-04-06", 24.5],
      ["2026-10-04", "2026-10-05", 23.5],
    ] as const) {
      const before = at.counting.crossings.filter(({ atMs }) => at.device.time.stamp(atMs).startsWith(from)).length;
      for (const interval of ["quarter", "hour", "day"] as const) {
        const { rows } = await at.people(from, to, interval);
        assert.equal(total(rows), before, `${from} ${interval}`);
        assert.equal(
          lengths(rows).reduce((sum, one) => sum + one, 0),
          hours * 60,
        );
      }
    }
  });

  it("are of today until now where nothing is said, and begin no row in the future", async () => {
    await using at = await connect((device) =>
      countingOf(device).crossings.push({ atMs: Date.parse("2026-12-01T12:05:00Z"), enter: 1 }),
    );
    const { rows, start, end } = await at.people(undefined, undefined);
    assert.deepEqual([start, end], ["2026-12-01T00:00:00+01:00", "2026-12-01T14:00:00+01:00"]);
    assert.deepEqual(rows.at(-1), {
      start: "2026-12-01T13:00:00+01:00",
      end: "2026-12-01T14:00:00+01:00",
      enter: 1,
      exit: 0,
    });
  });

  it("of weeks are asked day by day, within a limit that the error tells, and within a time in all", async () => {
    await using at = await connect();
    assert.equal((await at.people("2026-11-01", "2026-11-15", "day")).rows.length, 14);
    assert.equal(at.asked().length, 14);
    await assert.rejects(at.people("2024-01-01", "2026-11-15"), /1049 days/);
    await assert.rejects(at.people("2026-12-02", "2026-12-03"), (error) => codeOf(error) === "badRequest");
    await assert.rejects(at.people("2026-11-02", "2026-11-01"), /must come after/);
    const began = at.asked().length;
    at.slow();
    await assert.rejects(
      at.people("2026-10-01", "2026-11-15", "day"),
      (error) => codeOf(error) === "timeout" && /within 5 minutes/.test(String(error)),
    );
    assert.equal(at.asked().length, began + 9);
  });

  it("of a camera without counting are not supported, in one request", async () => {
    await using at = await connect((device) => {
      countingOf(device).fitted = false;
    });
    await assert.rejects(at.people("2026-11-20", "2026-11-21"), (error) => codeOf(error) === "notSupported");
    assert.equal(at.asked().length, 1);
  });

  it("are set to zero by one request without a body", async () => {
    await using at = await connect();
    await at.statistics.reset(1);
    assert.equal(at.counting.resets, 1);
  });
});

describe("a heat map", () => {
  const range = { channel: 1, start: "2026-11-20", end: "2026-11-21" };

  it("is the camera's picture, with its largest and smallest value", async () => {
    await using at = await connect((device) => {
      Object.assign(countingOf(device), { heatMap: greyJpeg(16, 16), heatValues: { max: 52, min: 0 } });
    });
    const { picture, ...values } = await at.statistics.heatMap(range);
    assert.deepEqual(picture, at.counting.heatMap);
    assert.deepEqual(values, {
      max: 52,
      min: 0,
      start: "2026-11-20T00:00:00+01:00",
      end: "2026-11-21T00:00:00+01:00",
    });
    assert.ok(at.device.requests.some(({ body = "" }) => /<reportType>daily<\/reportType>/.test(body)));
    at.counting.heatValues = undefined;
    assert.deepEqual(Object.keys(await at.statistics.heatMap(range)), ["picture", "start", "end"]);
  });

  it("that comes as an error document is an error, and no picture", async () => {
    await using at = await connect((device) => {
      Object.assign(countingOf(device), { heatMap: greyJpeg(16, 16), heatError: true });
    });
    await assert.rejects(at.statistics.heatMap(range), (error) => codeOf(error) === "protocol");
    at.counting.heatMap = undefined;
    await assert.rejects(at.statistics.heatMap(range), (error) => codeOf(error) === "notSupported");
  });
});
