import assert from "node:assert/strict";
import deviceModule from "../../../nodes/device/device";
import diagnoseModule from "../../../nodes/diagnose/diagnose";
import eventInModule from "../../../nodes/event-in/event-in";
import type { Report } from "../../../src/diagnose/check";
import {
  deviceNode,
  ends,
  helper,
  inbox,
  loadFlow,
  login,
  nodeById,
  statuses,
  type FlowNode,
  type Inbox,
} from "../../support/flow";
import { startVirtualDevice, triggersOf, type VirtualDevice, type VirtualDeviceOptions } from "../../virtual-device";
import { until } from "../../support/until";

describe("diagnose", () => {
  let device: VirtualDevice;
  let out: Inbox;
  let done: (string | undefined)[];

  async function start(
    options: VirtualDeviceOptions = {},
    { password, def = {}, more = [] }: { password?: string; def?: object; more?: FlowNode[] } = {},
  ): Promise<void> {
    device = await startVirtualDevice(options);
    await loadFlow(
      [deviceModule, diagnoseModule, eventInModule],
      [
        deviceNode(device),
        { id: "look", type: "hikvision-diagnose", device: "device", events: [], wires: [["out"]], ...def },
        { id: "out", type: "helper" },
        ...more,
      ],
      { device: { ...login(device), ...(password !== undefined && { password }) } },
    );
    out = inbox("out");
    done = ends("look");
  }

  async function ask(): Promise<Report> {
    nodeById("look").receive({ payload: "go", topic: "kept" });
    const message = await out.next();
    assert.equal(message["topic"], "kept");
    return message["payload"] as Report;
  }

  const credentials = (): number => device.requests.filter((request) => request.credentials).length;

  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  it("reports what works, and who the device is", async () => {
    await start({ model: "nvr", name: "Yard" });
    const report = await ask();
    assert.equal(report.ok, true, JSON.stringify(report.checks));
    assert.equal(report.device?.name, "Yard");
    assert.deepEqual(done, [undefined]);
    assert.deepEqual(JSON.parse(JSON.stringify(report)), report, "plain data");
  });

  it("tells when a recorder's camera goes blind", async () => {
    await start({ model: "nvr", channels: ["Gate", "Yard"] });
    device.profile.channels[0]!.online = false;
    const { ok, checks } = await ask();
    assert.equal(ok, false);
    assert.match(checks.find(({ id }) => id === "online")?.text.toString() ?? "", /channel 1 "Gate"/);
  });

  it("looks into the chosen events, whatever their spelling", async () => {
    await start({}, { def: { events: ["shelteralarm"] } });
    triggersOf(device).find(({ id }) => id === "tamper-1")!.methods = [];
    const { checks } = await ask();
    assert.deepEqual(
      checks.filter(({ ok }) => ok === false).map(({ id }) => id),
      ["linkage"],
    );
    assert.equal(checks.filter(({ id }) => id === "detection").length, 1);
  });

  it("never sends a refused password again, however often it is asked", async () => {
    await start({}, { password: "wrong" });
    for (let time = 0; time < 3; time++) {
      const { ok, checks } = await ask();
      assert.deepEqual([ok, checks.at(-1)?.id, checks.at(-1)?.code], [false, "login", "unauthorized"]);
    }
    assert.equal(credentials(), 1);
    assert.deepEqual(done, [undefined, undefined, undefined], "a report of a fault is no failure");
  });

  it("counts the stream that an event-in has open, and opens no second one", async () => {
    await start({ slots: 1 }, { more: [{ id: "in", type: "hikvision-event-in", device: "device" }] });
    await until(() => device.streams === 1 && statuses("in").at(-1)?.fill === "green", "the stream");
    const { ok, checks } = await ask();
    assert.equal(ok, true, JSON.stringify(checks));
    assert.equal(device.requests.filter(({ path }) => path.endsWith("alertStream")).length, 1);
  });

  it("says that no device is chosen", async () => {
    await start({}, { def: { device: "" } });
    assert.equal(statuses("look").at(-1)?.shape, "ring");
    nodeById("look").receive({ payload: "go" });
    await until(() => done.length === 1, "the end");
    assert.deepEqual(done, ["badRequest"]);
  });

  it("stops when the flow is redeployed in the middle", async () => {
    await start({ heartbeat: null });
    nodeById("look").receive({ payload: "go" });
    await until(() => device.streams === 1, "the stream is tried");
    const finished = done;
    await helper.clearFlows();
    await until(() => finished.length === 1, "the end");
    assert.deepEqual(finished, ["aborted"]);
    await until(() => device.connections.open === 0, "the connections are cut");
  });
});
