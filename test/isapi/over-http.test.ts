/** The client over real HTTP, against the virtual device: what the fake transport of the other tests cannot show. */
import assert from "node:assert/strict";
import { eventChannels, readChannels } from "../../src/isapi/channels";
import { readDeviceInfo } from "../../src/isapi/device-info";
import { Isapi } from "../../src/isapi/isapi";
import { readStreams } from "../../src/isapi/streams";
import { deviceHttp } from "../http/support";
import { PAGES, startVirtualDevice, status, type VirtualDevice, type VirtualDeviceOptions } from "../virtual-device";
import { until } from "../support/until";

const IDENTITY = { id: "n1", name: "Yard", host: "127.0.0.1" };

/** A device and a client of it, both closed at the end of the scope. */
async function connect(options?: VirtualDeviceOptions) {
  const device: VirtualDevice = await startVirtualDevice(options);
  const http = deviceHttp(Number(new URL(device.url).port), device.password, { identity: IDENTITY });
  const isapi = new Isapi(http);
  const end = async (): Promise<void> => {
    isapi.close();
    await http.close();
    await device[Symbol.asyncDispose]();
  };
  return { device, isapi, [Symbol.asyncDispose]: end };
}

describe("the client over HTTP", () => {
  const families = [
    ["camera", "1 local"],
    ["nvr", [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `${n} digital`).join(", ")],
    ["dvr", "1 analogue, 2 analogue, 3 analogue, 4 analogue, 5 digital, 6 digital"],
  ] as const;
  for (const [model, expected] of families) {
    it(`knows a ${model}, and which channel its alerts mean`, async () => {
      await using client = await connect({ model });
      const { device, isapi } = client;
      const info = await readDeviceInfo(isapi);
      assert.equal(info.model, device.profile.modelName);
      assert.equal(info.firmwareDate, "2024-01-26");
      const { channels, incomplete } = await readChannels(isapi, { type: info.type });
      assert.equal(channels.map(({ number, kind }) => `${number} ${kind}`).join(", "), expected);
      assert.deepEqual(
        channels.map(({ name }) => name),
        device.profile.channels.map(({ name }) => name),
      );
      assert.ok(channels.every(({ kind, online }) => kind === "local" || kind === "analogue" || online === true));
      assert.equal(incomplete, undefined);
      const map = eventChannels(channels);
      assert.deepEqual(
        device.profile.channels.map(({ alertId }) => map(alertId)),
        channels.map(({ number }) => number),
      );
      const streams = await readStreams(isapi);
      assert.deepEqual(
        [...new Set(streams.map(({ channel }) => channel))],
        channels.map(({ number }) => number),
      );
      assert.ok(streams.every(({ codec, width, height, enabled }) => codec && width && height && enabled));
    });
  }

  it("takes one round trip per command after the first", async () => {
    await using client = await connect();
    for (let i = 0; i < 10; i++) await client.isapi.get("/ISAPI/System/time");
    assert.equal(client.device.requests.length, 11);
  });

  const answers = [
    ["another web server", PAGES.router, "notIsapi"],
    ["junk", PAGES.junk, "notIsapi"],
    ["no such path where every device has one", PAGES.html404, "notIsapi"],
    ["nothing", PAGES.empty, "protocol"],
    ["XML cut off", PAGES.cutXml, "protocol"],
    ["an error page", PAGES.html500, "protocol"],
    ["a missing right", status("lowPrivilege"), "forbidden"],
    ["a new device without a password", status("notActivated"), "notActivated"],
    ["an unknown command", status("notSupport"), "notSupported"],
    ["a reset", { kind: "reset" }, "offline"],
    ["a reset in the middle of the answer", { kind: "truncate", bytes: 40 }, "offline"],
  ] as const;
  for (const [title, fault, code] of answers) {
    it(`${title} is ${code}, and names the device`, async () => {
      await using client = await connect();
      client.device.faults.add("/ISAPI/System/deviceInfo", fault);
      await assert.rejects(readDeviceInfo(client.isapi), (error: Error & { code?: string }) => {
        assert.equal(error.code, code, error.message);
        assert.deepEqual((error.cause as { device?: unknown }).device, IDENTITY);
        return true;
      });
      client.device.faults.clear();
      assert.ok(await readDeviceInfo(client.isapi));
    });
  }

  it("gives a picture as it is, and its refusal as an error", async () => {
    await using client = await connect();
    const { data, contentType } = await client.isapi.bytes("/ISAPI/Streaming/channels/101/picture");
    assert.deepEqual([...data.subarray(0, 2)], [0xff, 0xd8]);
    assert.equal(contentType, "image/jpeg");
    await assert.rejects(client.isapi.bytes("/ISAPI/Streaming/channels/901/picture"), (error: Error) => {
      assert.equal((error.cause as { statusCode?: unknown }).statusCode, 400);
      return true;
    });
  });

  it("makes a burst of commands wait for its turn, not for its deadline", async () => {
    await using client = await connect();
    const { device, isapi } = client;
    device.faults.add("/ISAPI/System/time", { kind: "slow", ms: 200 });
    const all = Array.from({ length: 20 }, () => isapi.get("/ISAPI/System/time", { timeoutMs: 1_900 }));
    assert.equal((await Promise.all(all)).length, 20);
  });

  it("cancels what waits and what runs, and goes on", async () => {
    await using client = await connect();
    const { device, isapi } = client;
    await readDeviceInfo(isapi);
    const fault = device.faults.add("/ISAPI/System/time", { kind: "hang" });
    const stop = new AbortController();
    const all = [1, 2, 3, 4].map(() =>
      assert.rejects(isapi.get("/ISAPI/System/time", { signal: stop.signal }), { code: "aborted" }),
    );
    await until(() => fault.hits === 2, "two commands under way");
    stop.abort();
    await Promise.all(all);
    assert.ok(await readDeviceInfo(isapi));
  });
});
