/** Pictures of past moments against the virtual device, which plays another moment where nothing is recorded, as real ones do. */
import assert from "node:assert/strict";
import { decode } from "jpeg-js";
import { Device } from "../../src/device";
import { systemChance, systemClock } from "../../src/lib/clock";
import { codeOf, type HikvisionError } from "../../src/lib/errors";
import { byteStream, type DecodePicture } from "../../src/snapshot/decode-picture";
import { PastSnapshots, type PastSnapshot } from "../../src/snapshot/past-snapshots";
import { toldStart } from "../../src/rtsp/told-start";
import { has, without } from "../support/left-out";
import { greyAt, labelOf, momentFilm } from "../support/moment-film";
import { until } from "../support/until";
import { archiveOf, platformAccessOf, rtspOf, startVirtualDevice, type VirtualDevice } from "../virtual-device";

const DAY = Date.UTC(2026, 0, 2);
const HOUR = 3_600_000;
const KEY_SECONDS = 2;

/** Hands out the byte stream as it is: its last picture is labelled. */
const labels: DecodePicture = (pictures) => {
  const [first] = pictures;
  return Promise.resolve(first && Buffer.concat([...byteStream(first.sets, pictures)]));
};

describe("the picture of a past moment", function () {
  this.slow(4000);
  let device: VirtualDevice;
  let client: Device;

  async function start(zone = "UTC0", timeZone: "utc" | "local" = "utc"): Promise<void> {
    device = await startVirtualDevice({ model: "nvr", heartbeat: null, films: momentFilm(KEY_SECONDS), zone });
    archiveOf(device).zulu = timeZone;
    Object.assign(rtspOf(device), { keySeconds: KEY_SECONDS, clock: "range" });
    client = new Device(
      {
        identity: { id: "d", name: "Yard", host: device.host },
        address: { protocol: "http", host: device.host, port: device.port },
        credentials: { username: device.username, password: device.password },
        tls: { mode: "insecure" },
        basic: false,
        eventSource: "stream",
        heartbeatTimeout: 30,
        timeZone,
      },
      {
        wantsPictures: () => false,
        event: () => undefined,
        notification: () => undefined,
        state: () => undefined,
        warn: () => undefined,
      },
    );
  }
  function past(decoder: DecodePicture | null = labels): PastSnapshots {
    return new PastSnapshots({
      identity: client.identity,
      time: client.time,
      recordings: client.recordings,
      streamUrls: client.streamUrls,
      credentials: { username: device.username, password: device.password },
      basic: false,
      tls: { mode: "insecure" },
      login: client.http.login,
      clock: systemClock,
      chance: systemChance,
      ...(decoder && { decode: decoder }),
    });
  }
  const take = (time: unknown, snapshots = past(), signal = new AbortController().signal): Promise<PastSnapshot> =>
    snapshots.take({ channel: 1, time, signal });
  const refused = async (time: unknown): Promise<HikvisionError> => {
    try {
      await take(time);
    } catch (error) {
      assert.ok(codeOf(error), String(error));
      return error as HikvisionError;
    }
    throw new Error("there is a picture");
  };
  const record = (startMs: number, endMs: number, channel = 1): unknown =>
    archiveOf(device).add({ channel, startMs, endMs, name: `c${channel}_${startMs}` });

  afterEach(async () => {
    await until(() => device.rtspConnections === 0, "nothing is left open");
    await client.close();
    await device.close();
  });

  for (const clock of ["range", "report", "local report"] as const)
    it(`is that of the moment, with the time that the device tells by ${clock}`, async () => {
      await start("CST-8:00:00");
      record(DAY, DAY + HOUR);
      rtspOf(device).clock = clock;
      const { picture, timeMs, shift, exact } = await take(DAY + 601_350);
      assert.equal(labelOf(picture), DAY + 601_200);
      assert.equal(timeMs, DAY + 601_200);
      assert.equal(shift, -0.15);
      assert.equal(exact, true);
      const { requests } = rtspOf(device);
      assert.ok(requests.every(({ url }) => !url.includes("@")));
      assert.equal(requests.find(({ method }) => method === "PLAY")?.headers.get("rate-control"), "no");
    });

  for (const clock of ["none", "echo"] as const)
    it(`says that it is not exact where the device tells no clock (${clock})`, async () => {
      await start();
      record(DAY, DAY + HOUR);
      rtspOf(device).clock = clock;
      const { picture, timeMs, exact } = await take(DAY + 601_350);
      assert.equal(exact, false);
      assert.ok(Math.abs(timeMs - (DAY + 601_350)) < 1000);
      const shown = labelOf(picture) ?? 0;
      assert.ok(timeMs - shown >= 0 && timeMs - shown < KEY_SECONDS * 1000, String(timeMs - shown));
    });

  it("reads a device that writes its local time into its addresses", async () => {
    await start("CST-8:00:00", "local");
    record(DAY, DAY + HOUR);
    const { picture, timeMs } = await take("2026-01-02 08:10:01");
    assert.equal(labelOf(picture), DAY + 601_000);
    assert.equal(timeMs, DAY + 601_000);
  });

  it("of a gap, of the future and of another channel is not found, and nothing is played", async () => {
    await start();
    record(DAY, DAY + HOUR);
    record(DAY + 2 * HOUR, DAY + 3 * HOUR, 2);
    for (const time of [DAY - 1, DAY + HOUR, DAY + HOUR + 5_000, DAY + 2.5 * HOUR, Date.now() + 86_400_000]) {
      const { code, message } = await refused(time);
      assert.equal(code, "notFound", String(time));
      assert.match(message, /Nothing is recorded of channel 1/);
    }
    assert.equal(rtspOf(device).connections, 0);
  });

  it("between two files that follow each other is that of the next, and says so", async () => {
    await start();
    record(DAY, DAY + 60_000);
    record(DAY + 61_000, DAY + HOUR);
    const { picture, shift } = await take(DAY + 60_600);
    assert.equal(labelOf(picture), DAY + 61_000);
    assert.equal(shift, 0.4);
  });

  it("is the last one of a recording that ends, though the device only falls silent", async () => {
    await start();
    record(DAY, DAY + 60_000);
    const { picture, timeMs } = await take(DAY + 59_990);
    assert.equal(labelOf(picture), DAY + 59_800);
    assert.equal(timeMs, DAY + 59_800);
  });

  for (const rateControl of ["unknown", "refused"] as const)
    it(`comes also from a device to which Rate-Control is ${rateControl}`, async () => {
      await start();
      record(DAY, DAY + HOUR);
      Object.assign(rtspOf(device), { rateControl });
      assert.equal(labelOf((await take(DAY + 601_350)).picture), DAY + 601_200);
    });

  it("is refused where the device says that it plays another moment", async () => {
    await start();
    record(DAY, DAY + HOUR);
    record(DAY + 2 * HOUR + 400_000, DAY + 3 * HOUR);
    const snapshots = past();
    // It is overwritten between the search and the playback.
    const search = client.recordings.search.bind(client.recordings);
    client.recordings.search = async (...query) => {
      const found = await search(...query);
      archiveOf(device).remove(archiveOf(device).all.slice(0, 1));
      return found;
    };
    await assert.rejects(take(DAY + 1000, snapshots), (error: HikvisionError) => {
      assert.equal(error.code, "protocol");
      assert.match(error.message, /another moment/);
      return true;
    });
  });

  it("that the device refuses is an error in words", async () => {
    await start();
    record(DAY, DAY + HOUR);
    rtspOf(device).statuses.set("PLAY", "453 Not Enough Bandwidth");
    assert.equal((await refused(DAY + 1000)).code, "noSlots");
    rtspOf(device).statuses.clear();
    rtspOf(device).statuses.set("DESCRIBE", "500 Internal Server Error");
    assert.equal((await refused(DAY + 1000)).code, "protocol");
    assert.equal((await refused("soon")).code, "badRequest");
  });

  it("of an encrypting device is not supported, and nothing is played", async () => {
    await start();
    record(DAY, DAY + HOUR);
    Object.assign(platformAccessOf(device), { enabled: true, encrypted: true });
    const { code, message } = await refused(DAY + 1000);
    assert.equal(code, "notSupported");
    assert.match(message, /encrypts/);
    assert.equal(rtspOf(device).connections, 0);
  });

  it("ends with the signal, and leaves no connection", async () => {
    await start();
    record(DAY, DAY + HOUR);
    rtspOf(device).trouble = { kind: "stall", after: 1 };
    const stop = new AbortController();
    const taken = take(DAY + 1900, past(), stop.signal);
    await until(() => rtspOf(device).sessions.size === 1, "it plays");
    stop.abort();
    await assert.rejects(taken, (error: unknown) => codeOf(error) === "aborted");
  });

  it("is never that of another moment: 10 random ones over a day with gaps", async () => {
    await start();
    const spans: { startMs: number; endMs: number }[] = [];
    for (let at = DAY + 60_000; at < DAY + 24 * HOUR - 20 * 60_000;) {
      const startMs = at + Math.floor(Math.random() * 1800) * 1000;
      const endMs = startMs + (60 + Math.floor(Math.random() * 3000)) * 1000;
      spans.push({ startMs, endMs });
      record(startMs, endMs);
      at = endMs + 5000;
    }
    const span = (index: number): { startMs: number; endMs: number } =>
      spans[Math.floor((spans.length * (index + Math.random())) / 10)] ?? { startMs: DAY, endMs: DAY };
    await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const { startMs, endMs } = span(index);
        // Every fifth behind the end, where nothing is.
        const at = index % 5 === 4 ? endMs + Math.random() * 5000 : startMs + Math.random() * (endMs - startMs);
        const taken = await take(at, past()).catch((error: unknown) => codeOf(error));
        if (index % 5 === 4) assert.equal(taken, "notFound", String(at));
        else {
          assert.ok(typeof taken === "object", `${at}: ${JSON.stringify(taken)}`);
          const seen = labelOf(taken.picture) ?? 0;
          assert.ok(taken.timeMs === seen && seen <= at && at - seen <= 200, String(at - seen));
        }
      }),
    );
  });

  (has("ffmpeg") ? it : it.skip)(`is decoded by ffmpeg within two seconds${without("ffmpeg")}`, async () => {
    await start();
    record(DAY, DAY + HOUR);
    const snapshots = past(null);
    for (const at of [DAY, DAY + 1_300, DAY + 37_850, DAY + 1_000_100]) {
      const begun = Date.now();
      const { picture, timeMs } = await take(at, snapshots);
      const took = Date.now() - begun;
      assert.ok(took <= 2000, `${took} ms`);
      assert.ok(timeMs <= at && at - timeMs < 200);
      const { width, height, data } = decode(picture);
      assert.deepEqual([width, height], [64, 64]);
      const grey = greyAt(at, KEY_SECONDS, DAY);
      assert.ok(Math.abs((data[0] ?? 0) - grey) < 3, `${data[0]} is not ${grey}`);
    }
    const sized = await snapshots.take({ channel: 1, time: DAY, width: 32, signal: new AbortController().signal });
    assert.equal(decode(sized.picture).height, 32);
  });

  it("without ffmpeg is an error that says how to get it", async () => {
    await start();
    record(DAY, DAY + HOUR);
    const { PATH } = process.env;
    process.env["PATH"] = "/nowhere";
    try {
      await assert.rejects(take(DAY + 1000, past(null)), (error: HikvisionError) => {
        assert.equal(error.code, "ffmpeg");
        assert.match(error.message, /not installed/);
        return true;
      });
    } finally {
      process.env["PATH"] = PATH;
    }
  });
});

describe("the moment that a device says it plays from", () => {
  const url = "rtsp://h/Streaming/tracks/101/?starttime=20260102T080000Z&endtime=20260102T080010Z";
  const start = Date.UTC(2026, 0, 2, 8);
  const of = (range: string | undefined): number | undefined | "other" => {
    const told = toldStart(range, url, start, 3_600_000);
    return typeof told === "number" ? told - start : told;
  };
  const cases: readonly (readonly [string | undefined, number | undefined | "other"])[] = [
    [undefined, undefined],
    ["npt=0-", undefined],
    ["clock=20260102T080000Z-", 0],
    ["clock=20260102T075958.250Z-20260102T080010Z", -1750],
    ["clock=20260102T065958Z-", undefined],
    ["clock=20260102T090000Z-", undefined],
    ["clock=20260102T071500Z-", "other"],
    ["clock=20260102T100000Z-", "other"],
    ["clock=20260102T074221Z-", "other"],
    ["clock=20251224T080000Z-", "other"],
    ["clock=x-", undefined],
  ];
  for (const [range, expected] of cases)
    it(`by ${range ?? "no Range"}: ${expected ?? "unknown"}`, () => assert.equal(of(range), expected));
});
