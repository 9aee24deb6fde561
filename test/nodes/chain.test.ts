/** Nodes wired one behind the other: what one sends must not steer the next by accident. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import deviceModule from "../../nodes/device/device";
import downloadModule from "../../nodes/download/download";
import playbackUrlModule from "../../nodes/playback-url/playback-url";
import ptzModule from "../../nodes/ptz/ptz";
import snapshotModule from "../../nodes/snapshot/snapshot";
import { coreNode, deviceNode, helper, inbox, loadFlow, login, nodeById, type FlowNode } from "../support/flow";
import { archiveOf, IMKH, startVirtualDevice, type VirtualDevice } from "../virtual-device";

const modules = [
  deviceModule,
  downloadModule,
  playbackUrlModule,
  ptzModule,
  snapshotModule,
  coreNode("common/25-catch"),
  coreNode("function/89-delay"),
];

describe("a chain of nodes", () => {
  let device: VirtualDevice;

  async function deploy(...nodes: FlowNode[]): Promise<void> {
    const all = [deviceNode(device, { timeZone: "utc" }), ...nodes, { id: "out", type: "helper" }];
    await loadFlow(modules, all, { device: login(device) });
  }

  before(() => helper.startServer());
  after(() => helper.stopServer());
  beforeEach(async () => {
    device = await startVirtualDevice({ model: "camera" });
  });
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  const asked = (path: RegExp): string[] =>
    device.requests.filter(({ path: one, method }) => method === "PUT" && path.test(one)).map(({ path: one }) => one);

  it("snapshot → ptz → playback-url: each takes its own stream and does its own action", async () => {
    await deploy(
      { id: "first", type: "hikvision-snapshot", device: "device", channel: "1", stream: "2", wires: [["second"]] },
      {
        id: "second",
        type: "hikvision-ptz",
        device: "device",
        channel: "1",
        action: "setPreset",
        values: { preset: { value: "7", type: "num" } },
        wires: [["third"]],
      },
      {
        id: "third",
        type: "hikvision-playback-url",
        device: "device",
        channel: "1",
        stream: "1",
        kind: "live",
        wires: [["out"]],
      },
    );
    const out = inbox("out");
    nodeById("first").receive({ topic: "kept" });
    const message = await out.next();
    assert.equal(message["topic"], "kept");
    assert.match(String(message["payload"]), /\/Streaming\/Channels\/101/i);
    assert.deepEqual([(message["snapshot"] as { stream: number }).stream, asked(/presets/).length], [2, 1]);
    assert.match(asked(/presets/)[0]!, /channels\/1\/presets\/7/);
  });

  it("snapshot → ptz → download: the recording asked for in the form, not something in the results before it", async () => {
    const startMs = Date.parse("2026-05-01T08:00:00Z");
    archiveOf(device).add({ startMs, endMs: startMs + 60_000, media: Buffer.concat([IMKH, Buffer.alloc(9_000, 7)]) });
    const folder = mkdtempSync(path.join(os.tmpdir(), "hikflow-chain-"));
    try {
      await deploy(
        { id: "first", type: "hikvision-snapshot", device: "device", channel: "1", wires: [["second"]] },
        { id: "second", type: "hikvision-ptz", device: "device", channel: "1", action: "setHome", wires: [["third"]] },
        {
          id: "third",
          type: "hikvision-download",
          device: "device",
          channel: "1",
          start: "2026-05-01T08:00:00Z",
          end: "2026-05-01T08:01:00Z",
          directory: folder,
          filename: "clip",
          existing: "skip",
          deliverAs: "file",
          wires: [["out"], []],
        },
      );
      const out = inbox("out");
      nodeById("first").receive({});
      const { path: file, bytes } = (await out.payload()) as { path: string; bytes: number };
      assert.deepEqual([path.dirname(file), bytes], [folder, 9_000 + IMKH.length]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("ptz → delay → ptz: the second does its own action, although the first was told what to do by the message", async () => {
    await deploy(
      { id: "first", type: "hikvision-ptz", device: "device", channel: "1", action: "msg", wires: [["pause"]] },
      {
        id: "pause",
        type: "delay",
        pauseType: "delay",
        timeout: "10",
        timeoutUnits: "milliseconds",
        wires: [["second"]],
      },
      { id: "second", type: "hikvision-ptz", device: "device", channel: "1", action: "gotoHome", wires: [["out"]] },
    );
    const out = inbox("out");
    nodeById("first").receive({ payload: { action: "setHome" } });
    const message = await out.next();
    assert.deepEqual(message["payload"], { done: "gotoHome" });
    assert.deepEqual(
      asked(/homeposition/).map((path) => path.endsWith("goto")),
      [false, true],
    );
  });

  it("snapshot → ptz → ptz: results stand where the forms say, and the order that one has taken moves no other", async () => {
    const values = { preset: { value: "7", type: "num" } };
    await deploy(
      {
        ...{ id: "first", type: "hikvision-snapshot", device: "device", channel: "1", wires: [["second"]] },
        ...{ returns: "dataUrl", property: "door.picture" },
      },
      {
        ...{ id: "second", type: "hikvision-ptz", device: "device", channel: "1", action: "msg", wires: [["third"]] },
        property: "moved",
      },
      {
        ...{ id: "third", type: "hikvision-ptz", device: "device", channel: "1", action: "setPreset", values },
        ...{ property: "stored", wires: [["out"]] },
      },
    );
    const out = inbox("out");
    nodeById("first").receive({ payload: { action: "setHome", note: 1 } });
    const message = await out.next();
    assert.match((message["door"] as { picture: string }).picture, /^data:image\/jpeg;base64,\/9j/);
    assert.deepEqual(message["moved"], { done: "setHome" });
    assert.equal((message["stored"] as { preset: number }).preset, 7);
    assert.deepEqual(message["payload"], { note: 1 });
    assert.ok(!("action" in message));
  });

  for (const [property, why] of [
    ["channel", /next node would take it/],
    ["action", /next node would take it/],
    ["two words", /no property of a message/],
    ["topic.picture", /has something else there/],
  ] as const)
    it(`snapshot: no result goes to msg.${property}`, async () => {
      await deploy(
        { id: "first", type: "hikvision-snapshot", device: "device", channel: "1", property, wires: [["out"]] },
        { id: "catch", type: "catch", scope: null, wires: [["out"]] },
      );
      const out = inbox("out");
      nodeById("first").receive({ topic: "a text" });
      const { error } = (await out.next()) as { error?: { code: string; message: string } };
      assert.equal(error?.code, "badRequest");
      assert.match(error.message, why);
    });

  it("snapshots of several channels: each message has its own copy of the payload", async () => {
    await deploy({
      ...{ id: "first", type: "hikvision-snapshot", device: "device", channel: "1", wires: [["out"]] },
      property: "picture",
    });
    const out = inbox("out");
    nodeById("first").receive({ channel: [1, 1], payload: { mine: 1 } });
    const [one, two] = [await out.next(), await out.next()];
    assert.ok(Buffer.isBuffer(one["picture"]));
    assert.deepEqual([one["payload"], two["payload"]], [{ mine: 1 }, { mine: 1 }]);
    assert.notEqual(one["payload"], two["payload"]);
  });

  it("ptz → ptz by message: a result is no command, and is refused in words", async () => {
    await deploy(
      { id: "first", type: "hikvision-ptz", device: "device", channel: "1", action: "setHome", wires: [["second"]] },
      { id: "second", type: "hikvision-ptz", device: "device", channel: "1", action: "msg", wires: [["out"]] },
      { id: "catch", type: "catch", scope: null, wires: [["out"]] },
    );
    const out = inbox("out");
    nodeById("first").receive({ payload: "go" });
    const { error } = (await out.next()) as { error: { code: string; message: string } };
    assert.equal(error.code, "badRequest");
    assert.match(error.message, /no PTZ command/);
    assert.equal(asked(/PTZCtrl/).length, 1);
  });
});
