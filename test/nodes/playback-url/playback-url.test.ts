import assert from "node:assert/strict";
import deviceModule from "../../../nodes/device/device";
import playbackUrlModule from "../../../nodes/playback-url/playback-url";
import {
  deviceNode,
  ends,
  helper,
  inbox,
  loadFlow,
  login,
  nodeById,
  statuses,
  warnings,
  type FlowNode,
  type Inbox,
} from "../../support/flow";
import {
  archiveOf,
  platformAccessOf,
  startVirtualDevice,
  status,
  streamsOf,
  type VirtualDevice,
  type VirtualDeviceOptions,
} from "../../virtual-device";
import { until } from "../../support/until";

const PASSWORD = "pa ss@#%";
const STATUS = "@hikflow/node-red-hikvision/device:hikvision-device.status.";

describe("playback-url", () => {
  let device: VirtualDevice;
  let out: Inbox;
  let caught: Inbox;

  async function start(
    def: Record<string, unknown> = {},
    options: VirtualDeviceOptions = {},
    nodes: FlowNode[] = [],
  ): Promise<void> {
    device = await startVirtualDevice({ model: "nvr", password: PASSWORD, zone: "CST-8:00:00", ...options });
    const flow = [
      deviceNode(device, { timeZone: "local" }),
      {
        id: "url",
        type: "hikvision-playback-url",
        device: "device",
        wires: [["out"]],
        channel: "3",
        channelType: "num",
        stream: "main",
        ...def,
      },
      { id: "out", type: "helper" },
      { id: "catch", type: "catch", wires: [["caught"]] },
      { id: "caught", type: "helper" },
      ...nodes,
    ];
    await loadFlow([deviceModule, playbackUrlModule], flow, { device: login(device) });
    out = inbox("out");
    caught = inbox("caught");
  }

  const send = (message: Record<string, unknown> = {}): void => nodeById("url").receive(message);
  const url = async (message?: Record<string, unknown>): Promise<unknown> => {
    send(message);
    return (await out.next())["payload"];
  };
  const failure = async (
    message?: Record<string, unknown>,
  ): Promise<{ code: string; message: string; cause: Record<string, unknown> }> => {
    send(message);
    return (await caught.next())["error"] as never;
  };

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  it("sends the address on the message that came, with what there is to know", async () => {
    await start();
    send({ topic: "t", keep: { me: 1 } });
    const { payload, topic, keep, playback } = await out.next();
    assert.equal(payload, "rtsp://127.0.0.1:10554/Streaming/Channels/301?transportmode=unicast");
    assert.deepEqual([topic, keep], ["t", { me: 1 }]);
    assert.deepEqual(playback, {
      channel: 3,
      stream: 1,
      codec: "H.265",
      encrypted: false,
      notices: [],
      device: { id: "device", name: "Front", host: "127.0.0.1" },
    });
  });

  it("lets a message choose channel and stream, for itself alone", async () => {
    await start();
    assert.match(String(await url({ channel: "5", stream: "sub" })), /Channels\/502/);
    assert.match(String(await url()), /Channels\/301/);
  });

  it("does not steer the node after it", async () => {
    await start({ wires: [["second"]] }, {}, [
      { id: "second", type: "hikvision-playback-url", device: "device", channel: "1", stream: "sub", wires: [["out"]] },
    ]);
    assert.match(String(await url()), /Channels\/102/);
  });

  it("keeps the password out of everything, unless it is asked for", async () => {
    await start({ stream: "7" });
    const { message } = await failure();
    assert.ok(!message.includes(PASSWORD));
    assert.ok(!JSON.stringify([statuses("url"), await url({ stream: 2 })]).includes("pa"));
  });

  it("puts the password into the address when asked for it", async () => {
    await start({ withCredentials: true, transport: "multicast" });
    assert.equal(
      await url(),
      "rtsp://admin:pa%20ss%40%23%25@127.0.0.1:10554/Streaming/Channels/301?transportmode=multicast",
    );
  });

  const NOON = Date.parse("2025-11-22T14:00:00+08:00");
  const record = (fromSeconds: number, toSeconds: number, channel = 3): void => {
    const archive = archiveOf(device);
    archive.zulu = "local";
    archive.add({ channel, startMs: NOON + fromSeconds * 1000, endMs: NOON + toSeconds * 1000 });
  };
  const range = { kind: "time", start: "2025-11-22 14:00", startType: "str", end: "2025-11-22 14:05", endType: "str" };
  interface Told {
    readonly coverage: readonly { readonly start: string; readonly end: string }[];
    readonly shift: number;
  }
  const base = "rtsp://127.0.0.1:10554/Streaming/tracks/301/?starttime=20251122T140";

  it("makes the address of a time, from the form or the message", async () => {
    await start(range);
    record(-600, 600);
    assert.equal(await url(), `${base}000Z&endtime=20251122T140500Z`);
    assert.equal(await url({ start: new Date("2025-11-22T06:01:00Z") }), `${base}100Z&endtime=20251122T140500Z`);
    assert.equal(await url(), `${base}000Z&endtime=20251122T140500Z`);
  });

  it("begins with the first moment that is recorded, and tells what is", async () => {
    await start(range);
    record(60, 100);
    record(101, 120);
    record(130, 1000);
    record(0, 1000, 4);
    send();
    const { payload, playback } = await out.next();
    assert.equal(payload, `${base}100Z&endtime=20251122T140500Z`);
    const { coverage, shift } = playback as Told;
    assert.equal(shift, 60);
    assert.deepEqual(coverage, [
      { start: "2025-11-22T06:01:00.000Z", end: "2025-11-22T06:02:00.000Z" },
      { start: "2025-11-22T06:02:10.000Z", end: "2025-11-22T06:05:00.000Z" },
    ]);
  });

  it("of a time without recordings is not found; a search that fails is an error of its own", async () => {
    await start(range);
    record(0, 300, 4);
    const { code, message } = await failure();
    assert.equal(code, "notFound");
    assert.match(message, /Nothing is recorded of channel 3 from 2025-11-22T14:00:00/);
    device.fail("/ISAPI/ContentMgmt/search", status("lowPrivilege"));
    assert.equal((await failure()).code, "forbidden");
  });

  const uri = "rtsp://10.0.0.5/Streaming/tracks/201/?starttime=20260101T000000Z&endtime=20260101T001000Z&name=x&size=1";
  for (const [what, recording] of [
    ["a playbackUri", uri],
    ["a recording", { name: "x", playbackUri: uri }],
    ["a list of one", [{ name: "x", playbackUri: uri }]],
  ] as const) {
    it(`makes the address of ${what}`, async () => {
      await start({ kind: "recording" });
      assert.equal(await url({ recording }), uri.replace("10.0.0.5", "127.0.0.1:10554"));
    });
  }

  it("makes the address of a recording's name, which it searches for", async () => {
    await start({ kind: "recording" });
    const startMs = Math.floor(Date.now() / 1000) * 1000 - 40 * 3_600_000;
    const { name } = archiveOf(device).add({ channel: 6, startMs, endMs: startMs + 60_000 });
    assert.match(String(await url({ recording: name })), new RegExp(`:10554/Streaming/tracks/601/.*name=${name}`));
    assert.equal((await failure({ recording: "gone" })).code, "notFound");
  });

  for (const [what, recording, words] of [
    ["nothing", undefined, /there is none/],
    ["a number", 7, /there is none/],
    ["several", [{ playbackUri: uri }, { playbackUri: uri }], /there are several/],
    ["a picture", uri.replace("rtsp", "http"), /a picture, not a video/],
  ] as const) {
    it(`refuses ${what} for a recording, in words`, async () => {
      await start({ kind: "recording" });
      const { code, message } = await failure({ recording });
      assert.equal(code, "badRequest");
      assert.match(message, words);
    });
  }

  it("says once what makes players show black", async () => {
    await start();
    Object.assign(platformAccessOf(device), { enabled: true, encrypted: true });
    Object.assign(streamsOf(device).get(301) ?? {}, { codec: "H.265", smart: true });
    for (let i = 0; i < 3; i++) await url();
    send();
    const { notices } = (await out.next())["playback"] as { notices: string[] };
    assert.deepEqual(warnings("url"), notices);
    assert.match(notices.join(), /encrypts its video.*H\.265\+/);
  });

  for (const [what, message, code, status_] of [
    ["a channel that does not exist", { channel: 99 }, "notFound", "notFound"],
    ["a stream number for a channel", { channel: 301 }, "badRequest", "badRequest"],
    ["a stream that is none", { stream: "best" }, "badRequest", "badRequest"],
  ] as const) {
    it(`fails with ${code} for ${what}`, async () => {
      await start();
      const error = await failure(message);
      assert.equal(error.code, code);
      assert.deepEqual(error.cause["device"], { id: "device", name: "Front", host: "127.0.0.1" });
      assert.equal(statuses("url").at(-1)?.text, STATUS + status_);
      assert.equal(await out.nextOrNothing(20), undefined);
    });
  }

  it("ends every input exactly once, good or bad", async () => {
    await start();
    const done = ends("url");
    for (const channel of [1, 99, 2]) send({ channel });
    await until(() => done.length >= 3, "three inputs done");
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(done.sort(), ["notFound", undefined, undefined].sort());
  });

  it("gives up at once when the flow is redeployed, and says so to nobody but done", async () => {
    await start();
    device.fail(/Streaming\/channels/, { kind: "hang" });
    const done = ends("url");
    send();
    await until(() => device.requests.some(({ path }) => path.includes("Streaming")), "the question");
    const began = Date.now();
    await helper.unload();
    assert.deepEqual(done, ["aborted"]);
    assert.ok(Date.now() - began < 1_000);
  });

  it("asks the device for nothing that it knows already", async () => {
    await start();
    await url();
    const before = device.requests.length;
    for (let i = 0; i < 10; i++) await url({ channel: 1 + (i % 8) });
    assert.equal(device.requests.length, before);
  });

  it("works for a user who may ask for nothing, and says so", async () => {
    await start();
    device.fail(/adminAccesses|Streaming|EZVIZ/, status("lowPrivilege"));
    send();
    const { payload, playback } = await out.next();
    assert.equal(payload, "rtsp://127.0.0.1:554/Streaming/Channels/301?transportmode=unicast");
    assert.match((playback as { notices: string[] }).notices.join(), /Nobody knows whether channel 3/);
  });
});
