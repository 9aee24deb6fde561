/** Searches of a device that answers only what real ones answer, and the dates of its calendar. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { DeviceFacts } from "../../src/isapi/device-facts";
import { Isapi } from "../../src/isapi/isapi";
import { systemChance, systemClock } from "../../src/lib/clock";
import { codeOf } from "../../src/lib/errors";
import { Downloads, type Downloaded, type Failed } from "../../src/recordings/download/downloads";
import { Recordings } from "../../src/recordings/recordings";
import { DeviceTime } from "../../src/time/device-time";
import { readDeviceInfo } from "../../src/isapi/device-info";
import { deviceHttp } from "../http/support";
import { archiveOf, startVirtualDevice, type VirtualDevice } from "../virtual-device";

const ZONE = "CST-4:00:00";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

async function connect(
  prepare: (archive: ReturnType<typeof archiveOf>, device: VirtualDevice) => void,
  timeZone: "auto" | "utc" | "local" = "utc",
) {
  const device = await startVirtualDevice({ model: "nvr", channels: ["Gate", "Yard"], heartbeat: null, zone: ZONE });
  const archive = archiveOf(device);
  prepare(archive, device);
  const http = deviceHttp(device.port, device.password);
  const isapi = new Isapi(http);
  const info = (signal?: AbortSignal) => readDeviceInfo(isapi, signal);
  const time = new DeviceTime({ isapi, info, clock: systemClock, timeZone, warn: () => undefined });
  const options = { isapi, time, facts: new DeviceFacts(isapi, systemClock) };
  const recordings = new Recordings(options);
  const downloads = new Downloads({ isapi, recordings, time, clock: systemClock, chance: systemChance });
  return {
    device,
    archive,
    options,
    recordings,
    downloads,
    asked: (what: RegExp) => device.requests.filter((one) => one.authorized && what.test(one.path)),
    async [Symbol.asyncDispose]() {
      isapi.close();
      await http.close();
      await device.close();
    },
  };
}

describe("a search for recordings, at a device of which", () => {
  const at = Date.parse("2026-05-01T08:00:00Z");

  it("matches are called matchElement, finds them", async () => {
    await using to = await connect((archive) => {
      archive.itemTag = "matchElement";
      archive.add({ startMs: at, endMs: at + MINUTE });
    });
    assert.equal((await to.recordings.search({ channel: 1, start: at - HOUR, end: at + HOUR })).length, 1);
  });

  for (const descriptor of [
    "recordType.meta.isapi.com",
    "//recordType.meta.std-cgi.com",
    "recordType.meta.hikvision.com",
  ])
    it(`kinds stand behind ${descriptor}, reads them`, async () => {
      await using to = await connect((archive) => {
        archive.descriptor = descriptor;
        archive.add({ startMs: at, endMs: at + MINUTE, recordType: "motion" });
      });
      const [found] = await to.recordings.search({ channel: 1, start: at - HOUR, end: at + HOUR });
      assert.equal(found?.recordType, "motion");
    });

  it("the list has no end, tells what it has when it is asked to", async () => {
    await using to = await connect((archive) => {
      for (let index = 0; index < 200; index++)
        archive.add({ startMs: at + index * 1000, endMs: at + index * 1000 + 1000, channel: 1 + (index % 2) });
    });
    const limits = { matches: 50, pages: 100, ms: 60_000 };
    const short = new Recordings({ ...to.options, limits });
    const all = { start: at - HOUR, end: at + HOUR };
    await assert.rejects(short.search(all), /cut off after 50 recordings/);
    const cuts: string[] = [];
    const found = await short.search({ ...all, onCut: (why) => void cuts.push(String(why)) });
    assert.equal(found.length, 50);
    assert.match(cuts.join(), /^The search was cut off after 50 recordings/);
  });

  it("a wide range is an internal error, is asked by months, and by days where these are too wide", async () => {
    await using to = await connect((archive) => {
      archive.widest = 32;
      for (let day = 0; day < 100; day++) archive.add({ startMs: at - day * DAY, endMs: at - day * DAY + MINUTE });
      // Over the end of a month's window.
      archive.add({ startMs: at - 200 * DAY, endMs: at + DAY, name: "long" });
    });
    const all = { channel: 1, start: at - 120 * DAY, end: at + DAY } as const;
    const found = await to.recordings.search(all);
    assert.deepEqual([found.length, new Set(found.map(({ name }) => name)).size], [101, 101]);
    assert.equal(to.asked(/\/search$/).length, 4);
    to.archive.widest = 2;
    assert.equal((await to.recordings.search(all)).length, 101);
    to.archive.widest = 0;
    await assert.rejects(to.recordings.search(all), (error) => codeOf(error) === "protocol");
    await assert.rejects(to.recordings.findByName("ch01_00000000001"), (error) => codeOf(error) === "protocol");
  });

  it("an end in the future is refused, ends now by its own clock, and tells what its Z means", async () => {
    await using to = await connect((archive, device) => {
      archive.futureEnds = false;
      archive.zulu = "local";
      const now = device.time.now();
      for (let hours = 1; hours <= 8; hours++)
        archive.add({ startMs: now - hours * HOUR, endMs: now - (hours - 1) * HOUR });
    }, "auto");
    const found = await to.recordings.search({ channel: 1, start: Date.now() - 90 * MINUTE, end: Date.now() + DAY });
    assert.equal(found.length, 2);
    assert.equal((await to.recordings.search({ channel: 1 })).length, 8);
    assert.deepEqual(await to.recordings.zone(1), { meaning: "local", sure: true });
    assert.deepEqual(await to.recordings.search({ channel: 1, start: Date.now() + HOUR, end: Date.now() + DAY }), []);
  });

  it("two searches at once reset each other, asks one after the other", async () => {
    await using to = await connect((archive) => {
      archive.pageCap = 10;
      for (let minute = 0; minute < 35; minute++) {
        const startMs = at + minute * MINUTE;
        archive.add({ startMs, endMs: startMs + MINUTE });
        archive.add({ startMs, endMs: startMs + MINUTE, channel: 2 });
      }
    });
    const look = (channel: number) => to.recordings.search({ channel, start: at, end: at + HOUR });
    const found = await Promise.all([look(1), look(2), look(1)]);
    assert.deepEqual(
      found.map(({ length }) => length),
      [35, 35, 35],
    );
    const ids = to.asked(/\/search$/).map(({ body = "" }) => /<searchID>(.*?)</.exec(body)?.[1]);
    assert.equal(ids.filter((id, index) => id !== ids[index - 1]).length, new Set(ids).size);
  });

  it("addresses grow stale, searches again and downloads from the new one", async () => {
    await using to = await connect((archive) => {
      archive.add({ startMs: at, endMs: at + MINUTE });
      archive.add({ startMs: at + MINUTE, endMs: at + 2 * MINUTE });
    });
    const directory = mkdtempSync(path.join(os.tmpdir(), "hikflow stale "));
    const found = await to.recordings.search({ channel: 1, start: at, end: at + HOUR });
    to.archive.session = "2";
    const outcomes: (Downloaded | Failed)[] = [];
    await to.downloads.run({
      items: found.map((recording) => ({ recording })),
      deliverAs: "file",
      directory,
      filename: "{name}",
      existing: "skip",
      signal: new AbortController().signal,
      onFile: (_index, outcome) => void outcomes.push(outcome),
      onProgress: () => undefined,
    });
    rmSync(directory, { recursive: true, force: true });
    assert.deepEqual(
      outcomes.map((one) => ("error" in one ? String(one.error) : one.bytes)),
      [4096, 4096],
    );
  });
});

describe("the dates with recordings", () => {
  const noon = (date: string): number => Date.parse(`${date}T08:00:00Z`);
  const add = (archive: ReturnType<typeof archiveOf>): void => {
    for (const date of ["2026-02-27", "2026-03-01", "2026-03-31", "2026-04-02"])
      archive.add({ startMs: noon(date), endMs: noon(date) + MINUTE });
    // By the device's clock it is the next day.
    archive.add({ channel: 2, startMs: Date.parse("2026-03-09T21:00:00Z"), endMs: Date.parse("2026-03-09T22:00:00Z") });
  };
  const march = { start: "2026-03-01", end: "2026-04-01" } as const;

  it("are the device's own, of one channel or of any, within the range", async () => {
    await using to = await connect(add);
    assert.deepEqual(await to.recordings.dates({ channel: 1, ...march }), ["2026-03-01", "2026-03-31"]);
    assert.deepEqual(await to.recordings.dates(march), ["2026-03-01", "2026-03-10", "2026-03-31"]);
    assert.deepEqual(await to.recordings.dates({ channel: 1, start: "2026-02-27 00:00", end: "2026-04-02 12:00" }), [
      "2026-02-27",
      "2026-03-01",
      "2026-03-31",
      "2026-04-02",
    ]);
    assert.equal(to.asked(/\/search$/).length, 0);
    await assert.rejects(to.recordings.dates({ start: "2020-01-01", end: "2026-04-01" }), /75 months/);
  });

  it("come from a search where the device has no calendar, and where a kind is asked for", async () => {
    await using to = await connect((archive) => {
      add(archive);
      archive.calendar = false;
      archive.add({
        startMs: Date.parse("2026-03-15T19:50:00Z"),
        endMs: Date.parse("2026-03-15T20:10:00Z"),
        recordType: "motion",
      });
    });
    const dates = ["2026-03-01", "2026-03-15", "2026-03-16", "2026-03-31"];
    assert.deepEqual(await to.recordings.dates({ channel: 1, ...march }), dates);
    to.archive.calendar = true;
    assert.deepEqual(await to.recordings.dates({ channel: 1, ...march, recordType: "motion" }), [
      "2026-03-15",
      "2026-03-16",
    ]);
  });

  it("are those of the current month where nothing is said", async () => {
    await using to = await connect((archive, device) => {
      archive.add({ startMs: device.time.now() - MINUTE, endMs: device.time.now() });
      archive.add({ startMs: device.time.now() - 40 * DAY, endMs: device.time.now() - 40 * DAY + MINUTE });
    });
    assert.deepEqual(await to.recordings.dates({ channel: 1 }), [to.device.time.stamp().slice(0, 10)]);
  });
});
