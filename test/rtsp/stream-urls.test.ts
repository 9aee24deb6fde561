import assert from "node:assert/strict";
import type { HikvisionError } from "../../src/lib/errors";
import { DeviceHttp } from "../../src/http/device-http";
import { Isapi } from "../../src/isapi/isapi";
import { StreamUrls, type LiveRequest } from "../../src/rtsp/stream-urls";
import { parsePosixZone } from "../../src/time/posix-zone";
import { TimeFrame } from "../../src/time/time-frame";
import { FakeClock } from "../support/fake-clock";
import {
  accessOf,
  platformAccessOf,
  startVirtualDevice,
  status,
  streamsOf,
  type VirtualDevice,
  type VirtualDeviceOptions,
} from "../virtual-device";

const MINUTE = 60_000;
const zone = parsePosixZone("CST-8:00:00");
assert.ok(zone);

describe("the stream addresses of a device", () => {
  let device: VirtualDevice;
  let http: DeviceHttp;
  let urls: StreamUrls;
  const clock = new FakeClock();

  async function start(
    options: VirtualDeviceOptions = {},
    frame = new TimeFrame(zone!, "local", false),
  ): Promise<void> {
    device = await startVirtualDevice({ password: "pa ss@#%", ...options });
    const credentials = { username: device.username, password: device.password };
    http = new DeviceHttp({
      identity: { id: "d", name: "Device", host: device.host },
      address: { protocol: "http", host: device.host, port: device.port },
      credentials,
      tls: { mode: "verify" },
      basic: false,
    });
    const isapi = new Isapi(http);
    urls = new StreamUrls({
      isapi,
      clock,
      credentials,
      host: device.host,
      time: { frame: () => Promise.resolve(frame) },
    });
  }

  afterEach(async () => {
    await http.close();
    await device.close();
  });

  const live = (channel: number, stream = 1, more: Partial<LiveRequest> = {}) =>
    urls.live({ channel, stream, transport: "unicast", ...more });
  const asked = (): string[] => device.requests.filter(({ status: code }) => code !== 401).map(({ path }) => path);

  it("use the device's own RTSP port, and keep the password out", async () => {
    await start({ model: "nvr" });
    const { url, codec, notices, encrypted } = await live(3, 2);
    assert.equal(url, "rtsp://127.0.0.1:10554/Streaming/Channels/302?transportmode=unicast");
    assert.deepEqual([codec, encrypted, notices], ["H.264", false, []]);
  });

  it("carry the password, encoded, when asked to", async () => {
    await start();
    const { url } = await live(1, 1, { withCredentials: true });
    assert.equal(url, "rtsp://admin:pa%20ss%40%23%25@127.0.0.1:10554/Streaming/Channels/101?transportmode=unicast");
  });

  it("cost three questions at first, then none for a minute, then one", async () => {
    await start();
    await live(1);
    await live(1, 2);
    assert.deepEqual(asked().sort(), [
      "/ISAPI/Security/adminAccesses",
      "/ISAPI/Streaming/channels",
      "/ISAPI/System/Network/EZVIZ",
    ]);
    await clock.advance(MINUTE);
    await live(1);
    assert.equal(asked().length, 4);
  });

  it("fall back to port 554 where the user may not ask for it", async () => {
    await start();
    device.fail("/ISAPI/Security/adminAccesses", status("lowPrivilege"));
    assert.match((await live(1)).url, /^rtsp:\/\/127\.0\.0\.1:554\//);
  });

  const secure: readonly (readonly [what: string, rtsp: boolean, srtp: boolean, listed: boolean, url: RegExp])[] = [
    ["port and stream offer it", true, true, true, /^rtsps:\/\/127\.0\.0\.1:322\//],
    ["only the port does", true, true, false, /^rtsp:\/\/127\.0\.0\.1:10554\//],
    ["only the stream does", true, false, true, /^rtsp:\/\/127\.0\.0\.1:10554\//],
    ["there is nothing else", false, true, false, /^rtsps:\/\/127\.0\.0\.1:322\//],
  ];
  for (const [what, rtsp, srtp, listed, url] of secure) {
    it(`${url.source.includes("rtsps") ? "use" : "do without"} TLS when ${what}`, async () => {
      await start();
      accessOf(device).rtsp.enabled = rtsp;
      accessOf(device).srtp.enabled = srtp;
      streamsOf(device).get(101)!.protocols = listed ? ["RTSP", "SRTP"] : ["RTSP"];
      assert.match((await live(1)).url, url);
    });
  }

  it("are refused for a channel that does not exist, naming those that do", async () => {
    await start({ model: "nvr", channels: ["A", "B"] });
    await assert.rejects(live(9), { code: "notFound", message: /^The device has no channel 9, only: 1, 2\./ });
  });

  it("are refused for a third stream that a camera lacks, though the camera itself pretends to have it", async () => {
    await start();
    streamsOf(device).delete(103);
    await assert.rejects(live(1, 3), {
      code: "notFound",
      message: /^Channel 1 has no third stream, only: main, sub\./,
    });
  });

  it("are given by recorders that list no streams, but know each of them", async () => {
    await start({ model: "nvr", channels: ["A", "B"] });
    device.fail(/^\/ISAPI\/Streaming\/channels$/, status("notSupport"));
    assert.match((await live(2, 2)).url, /Channels\/202/);
    await assert.rejects(live(2, 3), { code: "notFound", message: /^The device has no third stream of a channel 2\./ });
    await assert.rejects(live(3), { code: "notFound" });
  });

  it("say so where the user may not see the streams", async () => {
    await start();
    device.fail(/^\/ISAPI\/Streaming\/channels/, status("lowPrivilege"));
    const { url, notices } = await live(7);
    assert.match(url, /Channels\/701/);
    assert.match(notices.join(), /Nobody knows whether channel 7 has this stream/);
  });

  it("say that video is encrypted, and keep the verification code to the device", async () => {
    await start();
    Object.assign(platformAccessOf(device), { enabled: true, encrypted: true });
    const result = await live(1);
    assert.equal(result.encrypted, true);
    assert.match(result.notices.join(), /encrypts its video for Hik-Connect: players show black/);
    assert.ok(!JSON.stringify(result).includes("VERIFY-SECRET"));
  });

  it("do not take encryption for on where the platform is off", async () => {
    await start();
    Object.assign(platformAccessOf(device), { enabled: false, encrypted: true });
    assert.equal((await live(1)).encrypted, false);
  });

  it("say nothing of encryption where the device does not", async () => {
    await start();
    device.fail("/ISAPI/System/Network/EZVIZ", status("notSupport"));
    assert.ok(!("encrypted" in (await live(1))));
  });

  const smart: readonly (readonly [codec: "H.264" | "H.265", smart: boolean, said: boolean])[] = [
    ["H.265", true, true],
    ["H.265", false, false],
    ["H.264", true, false],
  ];
  for (const [codec, isSmart, said] of smart) {
    it(`${said ? "warn" : "do not warn"} of ${codec}${isSmart ? "+" : ""}`, async () => {
      await start();
      Object.assign(streamsOf(device).get(101)!, { codec, smart: isSmart });
      assert.equal(/H\.265\+/.test((await live(1)).notices.join()), said);
    });
  }

  it("say that a stream is switched off", async () => {
    await start();
    streamsOf(device).get(102)!.enabled = false;
    assert.match((await live(1, 2)).notices.join(), /switched off/);
  });

  it("ask for multicast, unless the device has switched it off", async () => {
    await start();
    assert.match((await live(1, 2, { transport: "multicast" })).url, /transportmode=multicast$/);
    streamsOf(device).get(101)!.multicast = false;
    await clock.advance(MINUTE);
    await assert.rejects(live(1, 1, { transport: "multicast" }), {
      code: "notSupported",
      message: /Multicast is switched off/,
    });
    assert.match((await live(1)).url, /unicast$/);
  });

  it("of a time are written as the device reads them", async () => {
    await start({ model: "nvr" });
    const result = await urls.byTime({ channel: 2, start: "2026-11-22 14:00", end: new Date("2026-11-22T06:05:00Z") });
    assert.equal(
      result.url,
      "rtsp://127.0.0.1:10554/Streaming/tracks/201/?starttime=20261122T140000Z&endtime=20261122T140500Z",
    );
    assert.deepEqual([result.start, result.end], ["2026-11-22T06:00:00.000Z", "2026-11-22T06:05:00.000Z"]);
    assert.deepEqual([result.zulu, result.notices], [{ meaning: "local", assumed: false }, []]);
  });

  it("of a time without an end play on", async () => {
    await start({}, new TimeFrame(zone, "utc", false));
    const { url } = await urls.byTime({ channel: 1, start: "2026-11-22 14:00" });
    assert.match(url, /tracks\/101\/\?starttime=20261122T060000Z$/);
  });

  it("of a time say what was only assumed", async () => {
    await start({}, new TimeFrame(zone, "utc", true));
    const { zulu, notices } = await urls.byTime({ channel: 1, start: "2026-11-22 14:00" });
    assert.deepEqual(zulu, { meaning: "utc", assumed: true });
    assert.match(notices.join(), /It is assumed that this device writes UTC/);
  });

  const wrong: readonly (readonly [start: unknown, end: unknown, words: RegExp])[] = [
    ["2026-11-22 14:00", "2026-11-22 14:00", /"end" must come after "start"/],
    ["2026-11-22 14:00", "2026-11-22 13:00", /"end" must come after "start"/],
    [undefined, "2026-11-22 13:00", /"start" must be a moment/],
    ["2026-11-22 14:00", "later", /"end" must be a moment/],
  ];
  for (const [from, to, words] of wrong) {
    it(`of the time from ${String(from)} to ${String(to)} are refused in words`, async () => {
      await start();
      await assert.rejects(urls.byTime({ channel: 1, start: from, end: to }), { code: "badRequest", message: words });
    });
  }

  it("of a recording lead to the device, also when its channel is gone", async () => {
    await start({ model: "nvr", channels: ["A"] });
    const playbackUri =
      "rtsp://10.0.0.5/Streaming/tracks/401/?starttime=20260101T000000Z&endtime=20260101T001000Z&name=x&size=1";
    const { url, channel, stream, notices } = await urls.byRecording({ playbackUri });
    assert.equal(url, playbackUri.replace("10.0.0.5", "127.0.0.1:10554"));
    assert.deepEqual([channel, stream, notices], [4, 1, []]);
  });

  it("are an error while the device is away, and when stopped", async () => {
    await start();
    await device.disconnect();
    await assert.rejects(live(1), { code: "offline" });
    await assert.rejects(
      live(1, 1, { signal: AbortSignal.abort() }),
      (error: HikvisionError) => error.code === "aborted",
    );
  });
});
