import assert from "node:assert/strict";
import deviceModule from "../../../nodes/device/device";
import historyModule from "../../../nodes/history/history";
import { coreNode, deviceNode, helper, inbox, loadFlow, login, nodeById, type FlowNode } from "../../support/flow";
import { pastOf, startVirtualDevice, storePicture, type VirtualDevice } from "../../virtual-device";
import { greyJpeg } from "../../virtual-device/jpeg";

const modules = [deviceModule, historyModule, coreNode("common/25-catch")];
const AT = Date.parse("2026-05-01T08:00:00Z");

describe("history", () => {
  let device: VirtualDevice;

  async function start(extra: Record<string, unknown> = {}): Promise<void> {
    device = await startVirtualDevice({ model: "nvr", heartbeat: null });
    const node: FlowNode = {
      id: "node",
      type: "hikvision-history",
      device: "device",
      source: "auto",
      channels: [],
      events: [],
      targets: [],
      start: "2026-05-01",
      end: "2026-05-02",
      pictures: true,
      wires: [["out"]],
      ...extra,
    };
    await loadFlow(
      modules,
      [
        deviceNode(device),
        node,
        { id: "out", type: "helper" },
        { id: "catch", type: "catch", scope: null, wires: [["caught"]] },
        { id: "caught", type: "helper" },
      ],
      { device: login(device) },
    );
  }
  const send = (message: object = {}): void => nodeById("node").receive(message as never);

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  it("gives one list with pictures, and says what is missing in words", async () => {
    await start();
    Object.assign(pastOf(device), {
      recordTypes: { eventTypes: "VMD", behaviors: "linedetection" },
      hasTargets: true,
      targetsForbidden: true,
    });
    const picture = greyJpeg(16, 16);
    const record = { channel: 2, type: "linedetection", startMs: AT, endMs: AT + 1000 };
    pastOf(device).records.push({ ...record, pictureUrl: storePicture(device, picture) });
    pastOf(device).records.push({ ...record, startMs: AT + 60_000, endMs: AT + 60_000, pictureUrl: "/picture/gone" });
    send({ topic: "t" });
    const message = await inbox("out").next();
    const [first, second] = message["payload"] as Record<string, unknown>[];
    const { raw, pictures, ...row } = first ?? {};
    assert.ok(raw);
    assert.deepEqual(row, {
      time: "2026-05-01T10:00:00+02:00",
      end: "2026-05-01T10:00:01+02:00",
      type: "linedetection",
      label: "Line crossing",
      channel: 2,
      source: "events",
    });
    assert.deepEqual((pictures as { data: Buffer }[])[0]?.data, picture);
    const [missing] = second?.["pictures"] as { error: { code: string; message: string } }[];
    assert.equal(missing?.error.code, "notFound");
    assert.equal(typeof missing.error.message, "string");
    const { reason, ...about } = message["history"] as { reason: string };
    assert.deepEqual(about, { complete: false, sources: ["events", "log"] });
    assert.match(reason, /Parameter Configuration/);
    assert.equal(message["topic"], "t");
  });

  it("tells in words what happened at a door", async () => {
    await start({ source: "access" });
    Object.assign(pastOf(device), { hasAccess: true });
    pastOf(device).access.push({ atMs: AT, major: 5, minor: 9 }, { atMs: AT + 1000, major: 5, minor: 208 });
    send();
    const { payload } = await inbox("out").next();
    assert.deepEqual(
      (payload as { text: unknown }[]).map(({ text }) => text),
      ["card unknown", "Event 5/208"],
    );
  });

  it("takes the range and the number of the newest from the message, and times in words", async () => {
    await start({ source: "log", events: ["IO"] });
    for (const [minutes, what] of [
      [1, "alarmInStart/1"],
      [2, "motionStart/1"],
      [3, "alarmInStart/2"],
      [4, "alarmInStart/3"],
    ] as const)
      pastOf(device).log.push({ atMs: Date.now() - minutes * 60_000, what: `Alarm/${what}` });
    const out = inbox("out");
    send({ start: "-1h", end: "now", newest: "2" });
    const { payload, history } = await out.next();
    assert.deepEqual(
      (payload as { channel: number; type: string }[]).map(({ type, channel }) => `${type} ${channel}`),
      ["IO 2", "IO 1"],
    );
    assert.deepEqual(history, { complete: true, sources: ["log"] });
    send({ newest: 0 });
    const { error } = (await inbox("caught").next()) as unknown as { error: { code: string } };
    assert.equal(error.code, "badRequest");
  });
});
