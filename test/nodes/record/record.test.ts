import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import deviceModule from "../../../nodes/device/device";
import recordModule from "../../../nodes/record/record";
import { ffmpegs, LOGIN, probe } from "../../record/rig";
import {
  coreNode,
  deviceNode,
  ends,
  errors,
  helper,
  inbox,
  loadFlow,
  login,
  nodeById,
  statuses,
  type FlowNode,
  type Inbox,
} from "../../support/flow";
import { has, without } from "../../support/left-out";
import { RtspServer } from "../../support/rtsp/server";
import {
  accessOf,
  manualRecordOf,
  startVirtualDevice,
  status,
  type VirtualDevice,
  type VirtualDeviceOptions,
} from "../../virtual-device";
import { until } from "../../support/until";

const STATUS = "@hikflow/node-red-hikvision/device:hikvision-device.status.";

/** A record node as the form saves it. */
function record(extra: Record<string, unknown> = {}, id = "rec"): FlowNode {
  return {
    ...{ id, type: "hikvision-record", device: "device", wires: [["out"]], where: "device", action: "start" },
    ...{ channel: "1", channelType: "num", stream: "main", streamType: "str", duration: "", durationType: "num" },
    ...{ directory: "", directoryType: "str", filename: "{device}_{channel}_{start}", filenameType: "str" },
    ...{ container: "mp4", ...extra },
  };
}

describe("record", () => {
  let device: VirtualDevice;
  let out: Inbox;
  let caught: Inbox;

  async function start(nodes: readonly FlowNode[], options: VirtualDeviceOptions = {}): Promise<void> {
    device = await startVirtualDevice({ heartbeat: null, model: "nvr", ...options });
    const around = [
      { id: "out", type: "helper" },
      { id: "catch", type: "catch", scope: null, wires: [["caught"]] },
      { id: "caught", type: "helper" },
    ];
    const modules = [deviceModule, recordModule, coreNode("common/25-catch")];
    await loadFlow(modules, [deviceNode(device), ...nodes, ...around], { device: login(device) });
    out = inbox("out");
    caught = inbox("caught");
  }

  const send = (message: object = {}, id = "rec"): void => nodeById(id).receive(message as never);
  const failure = async (): Promise<{ code: string; message: string; cause: Record<string, unknown> }> =>
    (await caught.next())["error"] as never;

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  describe("on the device", () => {
    it("starts until it is stopped, on the message that came", async () => {
      await start([record(), record({ action: "stop" }, "stop")]);
      send({ topic: "t", keep: 1 });
      const { payload, topic, keep } = await out.next();
      assert.deepEqual(payload, { state: "started", where: "device", channel: 1 });
      assert.deepEqual([topic, keep, [...manualRecordOf(device).recording]], ["t", 1, [1]]);
      await until(() => statuses("rec").at(-1)?.text === `${STATUS}recording`, "the status");
      send({}, "stop");
      const { duration, ...stopped } = await out.payload();
      assert.deepEqual(stopped, { state: "stopped", where: "device", channel: 1, reason: "stopped" });
      assert.ok(Number(duration) > 0 && Number(duration) < 3);
      assert.deepEqual([...manualRecordOf(device).recording], []);
      await until(() => statuses("rec").at(-1)?.text === undefined, "no status");
    });

    it("records for so many seconds and tells both with the message's own properties", async () => {
      await start([record()]);
      send({ topic: "t", duration: 0.2 });
      assert.deepEqual((await out.payload())["state"], "started");
      const { topic, payload } = await out.next();
      const { duration, ...stopped } = payload as Record<string, unknown>;
      assert.deepEqual(stopped, { state: "stopped", where: "device", channel: 1, reason: "duration" });
      assert.ok(Number(duration) >= 0.2);
      assert.equal(topic, "t");
      assert.deepEqual(manualRecordOf(device).log, ["start 1", "stop 1"]);
    });

    it("lets a message choose channel and duration for itself alone", async () => {
      await start([record({ channel: "2" })]);
      for (const message of [{ channel: "5", duration: 100 }, {}]) send(message);
      await out.next();
      await out.next();
      assert.deepEqual([...manualRecordOf(device).recording].sort(), [2, 5]);
    });

    it("does what the message says, and keeps that from the next node", async () => {
      await start([record({ action: "msg", wires: [["next"]] }), record({ action: "msg" }, "next")]);
      send({ action: "start" });
      const { code, message } = await failure();
      assert.equal(code, "badRequest");
      assert.match(message, /msg.action/);
      assert.deepEqual(manualRecordOf(device).log, ["start 1"]);
    });

    it("does not read msg.action when the form says what to do", async () => {
      await start([record()]);
      send({ action: "stop" });
      const { payload, action } = await out.next();
      assert.deepEqual([(payload as { state: string }).state, action], ["started", "stop"]);
    });

    it("stops what it has started when the flow is redeployed", async () => {
      await start([record()]);
      send({ channel: 3 });
      send({ channel: 4, duration: 600 });
      await out.next();
      await out.next();
      const began = Date.now();
      await helper.unload();
      assert.deepEqual([...manualRecordOf(device).recording], []);
      assert.ok(Date.now() - began < 1_000);
    });

    it("stops also what was only beginning", async () => {
      await start([record()]);
      // A password that nobody has confirmed yet would not be sent again so soon.
      send({ channel: 2 });
      await out.next();
      device.fail(/start.*101/, { kind: "hang" });
      const done = ends("rec");
      send();
      await until(
        () => device.requests.some((one) => one.authorized && one.path.endsWith("start/tracks/101")),
        "the start",
      );
      await helper.unload();
      const { log } = manualRecordOf(device);
      assert.deepEqual([done, log.sort()], [["aborted"], ["start 2", "stop 1", "stop 2"]]);
    });

    it("reports that it could not stop, with the message that started it, and stops later", async () => {
      await start([record()]);
      device.fail(/manual\/stop/, { kind: "reset" }, { times: 1 });
      send({ topic: "t", duration: 0.1 });
      await out.next();
      const { error, topic } = await caught.next();
      const { code, cause } = error as { code: string; cause: Record<string, unknown> };
      assert.deepEqual([code, topic], ["offline", "t"]);
      assert.deepEqual(cause["device"], { id: "device", name: "Front", host: "127.0.0.1" });
      assert.equal((await out.payload())["reason"], "duration");
      assert.deepEqual(manualRecordOf(device).log, ["start 1", "stop 1"]);
    });

    for (const [what, message, code] of [
      ["a channel that does not exist", { channel: 99 }, "badRequest"],
      ["a stream number for a channel", { channel: 301 }, "badRequest"],
      ["a duration that is none", { duration: "long" }, "badRequest"],
      ["a duration of nothing", { duration: 0 }, "badRequest"],
    ] as const) {
      it(`fails with ${code} for ${what}`, async () => {
        await start([record()]);
        const done = ends("rec");
        send(message);
        assert.equal((await failure()).code, code);
        assert.equal(statuses("rec").at(-1)?.text, STATUS + code);
        assert.deepEqual([done, await out.nextOrNothing(20)], [[code], undefined]);
      });
    }

    it("says it when the user may not", async () => {
      await start([record()]);
      device.fail(/manual/, status("lowPrivilege"));
      send();
      assert.equal((await failure()).code, "forbidden");
    });
  });

  const needed = ["ffmpeg", "RTSP server of GStreamer"] as const;
  (has(...needed) ? describe : describe.skip)(`in a local file${without(...needed)}`, function () {
    this.timeout(60_000);
    let video: RtspServer;
    let directory: string;

    const file = (extra: Record<string, unknown> = {}, id = "rec"): FlowNode =>
      record({ where: "file", directory, ...extra }, id);

    async function startVideo(nodes: () => readonly FlowNode[]): Promise<void> {
      video = await RtspServer.start({ ...LOGIN, paths: ["/Streaming/Channels/101", "/Streaming/Channels/202"] });
      directory = await mkdtemp(path.join(tmpdir(), "record-"));
      await start(nodes(), { ...LOGIN, zone: "CST-8:00:00" });
      accessOf(device).rtsp.port = video.port;
    }

    afterEach(async () => {
      await helper.unload();
      assert.deepEqual(ffmpegs(), []);
      await video.stop();
      await rm(directory, { recursive: true });
    });

    it("records the stream that the message chose, for so long", async () => {
      await startVideo(() => [file({ duration: "2" })]);
      send({ channel: 2, stream: "sub", directory: "/", filename: "../evil" });
      const started = await out.payload(20_000);
      const { path: where } = started as { path: string };
      assert.match(where, /\/Front_2_\d{8}-\d{6}\.mp4$/);
      assert.equal(path.dirname(where), directory);
      assert.deepEqual(started, { state: "started", where: "file", channel: 2, path: where });
      const { duration, bytes, ...stopped } = await out.payload(20_000);
      assert.deepEqual(stopped, { state: "stopped", where: "file", channel: 2, path: where, reason: "duration" });
      const { claims } = await probe(where);
      assert.ok(Math.abs(claims - Number(duration)) < 0.2 && claims > 1.8 && Number(bytes) > 10_000);
      assert.deepEqual(
        video.described.map(({ path }) => path),
        ["/Streaming/Channels/202"],
      );
    });

    it("is ended by another node, which tells what there is", async () => {
      await startVideo(() => [
        file(),
        file({ action: "stop", wires: [["second"]] }, "stop"),
        { id: "second", type: "helper" },
      ]);
      send();
      const { path: where } = (await out.payload(20_000)) as { path: string };
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const second = inbox("second");
      send({}, "stop");
      const stopped = await second.payload();
      assert.deepEqual([stopped["path"], stopped["reason"]], [where, "stopped"]);
      assert.ok((await probe(where)).claims > 0.5);
      assert.equal(await out.nextOrNothing(50), undefined);
      await until(() => statuses("rec").at(-1)?.text === undefined, "no status");
    });

    it("ends its file when the flow is redeployed, and leaves no ffmpeg", async () => {
      await startVideo(() => [file()]);
      send();
      const { path: where } = (await out.payload(20_000)) as { path: string };
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await helper.unload();
      assert.deepEqual(ffmpegs(), []);
      assert.ok((await probe(where)).claims > 0.5);
    });

    it("leaves nothing when the flow is redeployed before the first picture", async () => {
      await startVideo(() => [file()]);
      const done = ends("rec");
      send();
      await until(() => video.described.length > 0, "it is asked");
      await helper.unload();
      assert.deepEqual([done, ffmpegs(), await readdir(directory)], [["aborted"], [], []]);
    });

    it("fails, in words without the password, when there is no video", async () => {
      await startVideo(() => [file()]);
      await video.stop();
      send();
      const { code, message } = await failure();
      assert.equal(code, "offline");
      assert.match(message, /RTSP/);
      const said = JSON.stringify([message, statuses("rec"), errors("rec").map(String)]);
      assert.ok(!said.includes("pa ss") && !said.includes("pa%20"));
      assert.equal(statuses("rec").at(-1)?.text, `${STATUS}offline`);
      assert.deepEqual(await readdir(directory), []);
    });

    it("needs a directory", async () => {
      await startVideo(() => [file({ directory: "" })]);
      send({ directory });
      const { code, message } = await failure();
      assert.deepEqual([code, message], ["badRequest", '"directory" is empty. Fill it in, in this node\'s settings.']);
    });
  });
});
