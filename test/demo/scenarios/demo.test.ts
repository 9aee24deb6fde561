import assert from "node:assert/strict";
import { FakeClock } from "../../support/fake-clock";
import { drawnPictures, playDemo } from "../../../scripts/demo";
import {
  archiveOf,
  countingOf,
  mediaBytes,
  pastOf,
  plainPictures,
  startVirtualDevice,
  type alerts,
  type VirtualDevice,
} from "../../virtual-device";
import { packsOf } from "../film/program-stream-reader";

/** What the demo has said, instead of streams. Alerts are made, so that their pictures and channels are real. */
function listen(device: VirtualDevice): string[] {
  const said: string[] = [];
  device.emit = (alert: alerts.Alert) => {
    const [first] = alert(device.source(false));
    const text = String(first?.body);
    const type = /"eventType":\s*"(\w+)"|<eventType>(\w+)</.exec(text);
    said.push(`${type?.[1] ?? type?.[2]} ${/eventState[">:\s]+(\w+)/.exec(text)?.[1]}`);
    return Promise.resolve({ streams: 0, bytes: 0, startedAt: 0, writtenAt: 0 });
  };
  return said;
}

describe("demo: scenarios", () => {
  for (const model of ["nvr", "camera", "dvr"] as const) {
    it(`plays every kind of event within two minutes: ${model}`, async () => {
      const clock = new FakeClock();
      // Drawing takes a second or two: of the device that has most channels.
      const pictures = model === "nvr" ? drawnPictures : plainPictures;
      await using device = await startVirtualDevice({ model, clock, pictures });
      const said = listen(device);
      const demo = playDemo(device);
      await clock.advance(2 * 60_000);
      await demo.stop();
      const both = ["VMD", "fielddetection", "linedetection", "shelteralarm", "videoloss", "IO"];
      const once = [
        "regionEntrance",
        "regionExiting",
        "duration",
        "ANPR",
        "personDensityDetection",
        "PeopleCounting",
        "illaccess",
        "AccessControllerEvent",
      ];
      const expected = [
        ...both.flatMap((type) => [`${type} active`, `${type} inactive`]),
        ...once.map((type) => `${type} active`),
      ];
      assert.deepEqual(new Set(said), new Set(expected));
      assert.ok(device.profile.channels.every(({ online }) => online));
    });
  }

  it("says something within two seconds, and nothing after it was stopped", async () => {
    const clock = new FakeClock();
    await using device = await startVirtualDevice({ model: "nvr", clock });
    const said = listen(device);
    const demo = playDemo(device);
    await clock.advance(2000);
    assert.ok(said.length > 0);
    await demo.stop();
    const { length } = said;
    await clock.advance(60_000);
    assert.equal(said.length, length);
    assert.equal(clock.pending, 0);
  });

  it("remembers visitors of every day of the last week, and its motions as log, also of what happens from now on", async () => {
    const clock = new FakeClock();
    await using device = await startVirtualDevice({ model: "nvr", clock });
    listen(device);
    const demo = playDemo(device);
    const days = new Set(countingOf(device).crossings.map(({ atMs }) => device.time.stamp(atMs).slice(0, 10)));
    assert.ok(days.size >= 8, [...days].join(" "));
    const { log } = pastOf(device);
    const before = log.length;
    assert.ok(before > 100);
    assert.ok(log.every(({ atMs, sinceMs = 0 }) => atMs > sinceMs && atMs < clock.now()));
    const crossings = countingOf(device).crossings.length;
    await clock.advance(2 * 60_000);
    await demo.stop();
    assert.ok(log.length > before);
    assert.ok(countingOf(device).crossings.length > crossings);
  });

  it("has recorded films on every channel, each as long as its recording", async () => {
    await using device = await startVirtualDevice({ model: "nvr", clock: new FakeClock() });
    await playDemo(device).stop();
    for (const { number } of device.profile.channels) {
      const recording = archiveOf(device).all.find(({ channel }) => channel === number);
      assert.ok(recording && "read" in recording.media, `channel ${number}`);
      const { startMs, endMs, media } = recording;
      const size = mediaBytes(media);
      const tail = media.read(size - 1_000, 1_000);
      const last = packsOf(tail.subarray(tail.indexOf("000001ba", "hex"))).at(-1);
      assert.equal(last?.shown, (endMs - startMs) * 90);
      assert.equal(media.read(size, 1).length, 0);
    }
  });

  it("goes on recording: around each event, and every camera within five minutes", async () => {
    const clock = new FakeClock();
    await using device = await startVirtualDevice({ model: "nvr", clock });
    listen(device);
    const began = device.time.now();
    const demo = playDemo(device);
    await clock.advance(12 * 60_000);
    const now = device.time.now();
    for (const { number } of device.profile.channels) {
      const own = archiveOf(device).all.filter(
        ({ channel, startMs }) => channel === number && startMs > began - 15_000,
      );
      const ends = own.map(({ endMs }) => endMs).sort((a, b) => a - b);
      assert.ok(now - (ends.at(-1) ?? 0) < 5 * 60_000, `channel ${number}`);
      const starts = own.map(({ startMs }) => startMs).sort((a, b) => a - b);
      assert.ok(
        starts.slice(1).every((start, index) => start >= (ends[index] ?? 0)),
        "no file begins before the last has ended",
      );
      assert.ok(own.every(({ startMs, endMs }) => endMs - startMs >= 20_000 && endMs <= now));
    }
    const passed = archiveOf(device).all.filter(({ channel, recordType }) => channel === 1 && recordType === "motion");
    assert.ok(passed.length > 5, "around plates");
    await demo.stop();
    assert.equal(clock.pending, 0);
  });

  it("ends with its device", async () => {
    const clock = new FakeClock();
    const device = await startVirtualDevice({ model: "nvr", clock });
    listen(device);
    const demo = playDemo(device);
    await clock.advance(10_000);
    await device.close();
    await demo.stop();
    assert.equal(clock.pending, 0);
  });
});
