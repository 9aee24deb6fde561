import assert from "node:assert/strict";
import { FatalError, RetryableError, type HikvisionError } from "../../src/lib/errors";
import { inSearchTurn } from "../../src/isapi/search-turn";
import { parseXml, text, type XmlDocument } from "../../src/isapi/xml";
import { DeviceTime, type DeviceTimeOptions } from "../../src/time/device-time";
import { say, type Sentence } from "../../src/lib/sentence";
import type { ZuluMeaning } from "../../src/time/time-frame";
import { FakeClock } from "../support/fake-clock";

const NOW = "2026-07-15T12:00:00Z";
const MINUTE = 60_000;

interface Fake {
  localTime?: (now: number) => string;
  deviceType?: string;
  /** Start and end of its only recording, by track, as the device writes them. */
  recordings?: Readonly<Record<string, readonly [start: string, end: string]>>;
  failing?: Readonly<Record<string, HikvisionError>>;
}

/** A device in UTC+8. */
function fake(
  state: Fake,
  timeZone: DeviceTimeOptions["timeZone"] = "auto",
  memory: Pick<DeviceTimeOptions, "serial" | "proven"> = {},
) {
  const clock = new FakeClock(NOW);
  const requests: string[] = [];
  const warnings: string[] = [];
  const answer = (name: string, document: () => string): Promise<XmlDocument> => {
    requests.push(name);
    const error = state.failing?.[name];
    return error ? Promise.reject(error) : Promise.resolve(parseXml(document()));
  };
  const isapi = {
    get: () =>
      answer("time", () => {
        const local = state.localTime?.(clock.now()) ?? localTime(clock.now());
        return `<Time><localTime>${local}</localTime><timeZone>CST-8:00:00</timeZone></Time>`;
      }),
    post: (_path: string, body?: string | Buffer) =>
      answer("search", () => {
        const search = parseXml(body ?? "").value;
        const recording = state.recordings?.[text(search, "trackIDList", "trackID") ?? ""];
        const span = (name: string) => text(search, "timeSpanList", "timeSpan", name) ?? "";
        const isMatch = recording && recording[0] < span("endTime") && recording[1] > span("startTime");
        return `<CMSearchResult><matchList>${
          isMatch
            ? `<searchMatchItem><timeSpan><startTime>${recording[0]}</startTime><endTime>${recording[1]}</endTime></timeSpan><mediaSegmentDescriptor><playbackURI>rtsp://10.0.0.5/Streaming/tracks/101/</playbackURI></mediaSegmentDescriptor></searchMatchItem>`
            : " "
        }</matchList></CMSearchResult>`;
      }),
  };
  const info = async () => {
    await answer("info", () => "<DeviceInfo/>");
    return { type: state.deviceType ?? "IPCamera" };
  };
  const warn = (sentence: Sentence): void => void warnings.push(sentence.toString());
  const time = new DeviceTime({ isapi, info, clock, timeZone, warn, ...memory });
  return { time, clock, requests, warnings, isapi };
}

function localTime(now: number, driftMs = 0): string {
  return `${new Date(now + driftMs + 8 * 60 * MINUTE).toISOString().slice(0, 19)}+08:00`;
}

describe("the time of a device", () => {
  it("is detected by its recordings, and read once", async () => {
    const { time, requests } = fake({ recordings: { 101: ["2026-07-15T19:40:00Z", "2026-07-15T19:59:30Z"] } });
    for (let i = 0; i < 3; i++) {
      const frame = await time.frame();
      assert.deepEqual([frame.zulu, frame.assumed], ["local", false]);
      assert.equal(frame.stamp(Date.parse(NOW)), "2026-07-15T20:00:00Z");
    }
    assert.deepEqual(requests, ["time", "search"]);
  });

  it("is searched for when no other search is under way: devices do one at a time", async () => {
    const { time, requests, isapi } = fake({ recordings: { 101: ["2026-07-15T19:40:00Z", "2026-07-15T19:59:30Z"] } });
    let release: () => void = () => undefined;
    const other = inSearchTurn(isapi, () => new Promise<void>((resolve) => void (release = resolve)));
    const frame = time.frame();
    for (let turns = 0; turns < 20; turns++) await Promise.resolve();
    assert.deepEqual(requests, ["time"]);
    release();
    await other;
    assert.equal((await frame).zulu, "local");
    assert.deepEqual(requests, ["time", "search"]);
  });

  it("is detected by the recordings of the requested channel, until one channel shows it", async () => {
    const { time, requests } = fake({
      deviceType: "NVR",
      recordings: { 301: ["2026-07-15T11:40:00Z", "2026-07-15T11:59:30Z"] },
    });
    assert.deepEqual(
      [(await time.frame({ channel: 2 })).zulu, (await time.frame({ channel: 2 })).assumed],
      ["local", true],
    );
    const third = await time.frame({ channel: 3 });
    assert.deepEqual([third.zulu, third.assumed], ["utc", false]);
    assert.equal((await time.frame({ channel: 2 })).zulu, "utc");
    assert.deepEqual(requests, ["time", "search", "search", "info", "info", "search", "search"]);
  });

  for (const [deviceType, zulu] of [
    ["IPCamera", "utc"],
    ["IPDome", "utc"],
    ["NVR", "local"],
    ["DVR", "local"],
    ["", "utc"],
  ] as const) {
    it(`is assumed to be ${zulu} for a "${deviceType}" that has recorded nothing`, async () => {
      const frame = await fake({ deviceType }).time.frame();
      assert.deepEqual([frame.zulu, frame.assumed], [zulu, true]);
    });
  }

  it("is detected again later while it is only assumed", async () => {
    const recordings: Record<string, readonly [string, string]> = {};
    const { time, clock } = fake({ recordings });
    assert.equal((await time.frame()).assumed, true);
    recordings["101"] = ["2026-07-15T20:01:00Z", "2026-07-15T20:10:00Z"];
    assert.equal((await time.frame()).assumed, true);
    await clock.advance(10 * MINUTE);
    assert.deepEqual([(await time.frame()).zulu, (await time.frame()).assumed], ["local", false]);
  });

  it("is proven when recordings show it twice at different times, and is remembered by serial number", async () => {
    const proven = new Map<string, ZuluMeaning>();
    const recordings: Record<string, readonly [string, string]> = {
      101: ["2026-07-15T19:40:00Z", "2026-07-15T19:59:30Z"],
    };
    const options = { serial: () => "A1", proven };
    const { time, clock, requests } = fake({ recordings }, "auto", options);
    assert.equal((await time.frame()).zulu, "local");
    assert.equal(proven.size, 0);
    await clock.advance(11 * MINUTE);
    recordings["101"] = ["2026-07-15T20:00:00Z", "2026-07-15T20:10:30Z"];
    assert.equal((await time.frame()).zulu, "local");
    assert.deepEqual([...proven], [["A1", "local"]]);
    const asked = requests.filter((name) => name === "search").length;
    await clock.advance(60 * MINUTE);
    await time.frame();
    assert.equal(requests.filter((name) => name === "search").length, asked);
    const anew = fake({}, "auto", options);
    const frame = await anew.time.frame();
    assert.deepEqual([frame.zulu, frame.assumed, anew.requests], ["local", false, ["time"]]);
  });

  it("is taken back when a second look shows that the first was chance", async () => {
    const recordings: Record<string, readonly [string, string]> = {
      101: ["2026-07-15T11:50:00Z", "2026-07-15T11:59:30Z"],
    };
    const { time, clock } = fake({ recordings });
    assert.equal((await time.frame()).zulu, "utc");
    recordings["101"] = ["2026-07-15T20:05:00Z", "2026-07-15T20:10:30Z"];
    await clock.advance(11 * MINUTE);
    assert.equal((await time.frame()).zulu, "local");
  });

  for (const setting of ["utc", "local"] as const) {
    it(`is ${setting} when the settings say so, without a search`, async () => {
      const { time, requests } = fake({}, setting);
      const frame = await time.frame();
      assert.deepEqual([frame.zulu, frame.assumed], [setting, false]);
      assert.deepEqual(requests, ["time"]);
    });
  }

  for (const code of ["forbidden", "notSupported"] as const) {
    it(`is assumed where searching is ${code}`, async () => {
      const failing = { search: new FatalError(code, say`No.`), info: new FatalError(code, say`No.`) };
      const frame = await fake({ failing }).time.frame();
      assert.deepEqual([frame.zulu, frame.assumed], ["utc", true]);
    });
  }

  it("is an error while the device is offline, and is read again afterwards", async () => {
    const failing: Record<string, HikvisionError> = { time: new RetryableError("offline", say`Offline.`) };
    const { time } = fake({ failing });
    await assert.rejects(time.frame(), { code: "offline" });
    Reflect.deleteProperty(failing, "time");
    await time.frame();
  });

  it("ends the wait of a caller who aborts", async () => {
    const { time } = fake({});
    await assert.rejects(time.frame({ signal: AbortSignal.abort() }), { code: "aborted" });
  });

  const drifts: readonly (readonly [driftMs: number, words: RegExp | undefined])[] = [
    [0, undefined],
    [29_000, undefined],
    [-29_000, undefined],
    [45_000, /4[56] s ahead of this computer's/],
    [-12 * MINUTE, /12 min behind this computer's/],
    [-185 * MINUTE, /3 h 5 min behind/],
    [72 * 60 * MINUTE, /3 days ahead/],
  ];
  for (const [driftMs, words] of drifts) {
    it(`${words ? "warns once" : "does not warn"} when the clock is ${driftMs / 1000} s ahead`, async () => {
      const { time, clock, warnings } = fake({ localTime: (now) => localTime(now, driftMs) });
      for (let i = 0; i < 3; i++) {
        await time.frame();
        await clock.advance(11 * MINUTE);
      }
      assert.equal(warnings.length, words ? 1 : 0);
      if (words) assert.match(warnings[0] ?? "", words);
    });
  }

  it("warns again after the clock was right in between", async () => {
    const drifts = [40_000, 0, 40_000];
    const { time, clock, warnings } = fake({ localTime: (now) => localTime(now, drifts.shift()) });
    for (let i = 0; i < 3; i++) {
      await time.frame();
      await clock.advance(11 * MINUTE);
    }
    assert.equal(warnings.length, 2);
  });

  it("is read in the background: zone, and a warning where it is wrong", async () => {
    const { time, clock, warnings } = fake({ localTime: (now) => localTime(now, MINUTE) });
    const noon = Date.UTC(2026, 6, 15, 12);
    assert.equal(time.minutesAt(noon), 0 - new Date(2026, 6, 15, 12).getTimezoneOffset());
    time.learn();
    await clock.advance(0);
    assert.equal(time.minutesAt(noon), 8 * 60);
    assert.equal(time.zone.offsetAt(noon), 8 * 3_600_000);
    assert.equal(warnings.length, 1);
  });

  it("is read in the background without an error when the device is offline", async () => {
    const { time, clock, warnings } = fake({ failing: { time: new RetryableError("offline", say`Offline.`) } });
    time.learn();
    await clock.advance(0);
    assert.deepEqual(warnings, []);
  });
});
