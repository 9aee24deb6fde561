import assert from "node:assert/strict";
import deterrentModule from "../../../nodes/deterrent/deterrent";
import deviceModule from "../../../nodes/device/device";
import {
  coreNode,
  deviceNode,
  ends,
  helper,
  inbox,
  loadFlow,
  login,
  nodeById,
  statuses,
  type FlowNode,
} from "../../support/flow";
import { startVirtualDevice, type VirtualDevice, type VirtualDeviceOptions } from "../../virtual-device";
import { audioAlarmOf, isLit, lightOf } from "../../virtual-device/services/deterrent";
import { until } from "../../support/until";

const modules = [deviceModule, deterrentModule, coreNode("common/24-complete"), coreNode("common/25-catch")];
const VOCABULARY = "@hikflow/node-red-hikvision/device:hikvision-device.status.";

/** A node as its form saves it. */
function deterrent(action: string, values: object = {}, id = "guard", extra: Record<string, unknown> = {}): FlowNode {
  const form = { channel: "1", channelType: "num", action, values };
  return { id, type: "hikvision-deterrent", device: "device", wires: [["out"]], ...form, ...extra };
}

const num = (value: string): object => ({ value, type: "num" });
const AROUND: readonly FlowNode[] = [
  { id: "out", type: "helper" },
  { id: "catch", type: "catch", scope: null, wires: [["caught"]] },
  { id: "caught", type: "helper" },
];

describe("deterrent", () => {
  let device: VirtualDevice;

  async function start(nodes: readonly FlowNode[], options: VirtualDeviceOptions = {}): Promise<void> {
    device = await startVirtualDevice({ heartbeat: null, ...options });
    await loadFlow(modules, [deviceNode(device), ...nodes, ...AROUND], { device: login(device) });
  }

  function send(message: object = {}, id = "guard"): void {
    nodeById(id).receive(message as never);
  }

  const documents = (): string[] => [lightOf(device).light, lightOf(device).filter];

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  it("lists, plays, reads and stops, and keeps the rest of the message", async function () {
    this.slow(15_000);
    await start([
      deterrent("list", {}, "list"),
      deterrent("siren", { sound: { value: "siren", type: "str" } }),
      deterrent("status", {}, "state"),
      deterrent("stop", {}, "stop"),
    ]);
    const messages = inbox("out");
    send({ topic: "t" }, "list");
    const { payload, topic } = (await messages.next()) as { payload: { id: number }[]; topic: string };
    assert.deepEqual([payload[0], topic], [{ id: 1, name: "Siren", kind: "siren" }, "t"]);
    send();
    await until(() => statuses("guard").at(-1)?.text === `${VOCABULARY}playing`, "its status");
    send({}, "state");
    assert.deepEqual(await messages.payload(), { light: "off", playing: true });
    send({}, "stop");
    assert.deepEqual(await messages.payload(), {
      done: "stop",
      note: "A clip cannot be cut off: it ends by itself after about 5 s.",
    });
    const { seconds, ...rest } = await messages.payload();
    assert.deepEqual(rest, { done: "siren", sound: "Siren" });
    assert.ok(Number(seconds) < 5);
    assert.deepEqual(audioAlarmOf(device).played, ["1"]);
  });

  it("lights up for the form's time, shows it, and leaves all as it was", async () => {
    await start([deterrent("light", { brightness: num("70"), duration: num("0.4") })]);
    const before = documents();
    const [messages, done] = [inbox("out"), ends("guard")];
    send();
    await until(() => isLit(device), "light");
    await until(() => statuses("guard").at(-1)?.text === `${VOCABULARY}on`, "its status");
    const { seconds, ...rest } = await messages.payload();
    assert.deepEqual(rest, { done: "light", brightness: 70 });
    assert.ok(Number(seconds) >= 0.4);
    assert.deepEqual(documents(), before);
    assert.deepEqual([statuses("guard").at(-1), done], [{}, [undefined]]);
  });

  it("does what the message says, whose values win over the form's, and takes the action off", async () => {
    await start([deterrent("msg", { brightness: num("70"), duration: num("60") })]);
    const [messages, caught] = [inbox("out"), inbox("caught")];
    send({ action: "light", payload: { duration: "", brightness: 20 } });
    const message = await messages.next();
    assert.deepEqual(message["payload"], { done: "light", brightness: 20 });
    assert.equal("action" in message, false);
    send({ action: "stop", payload: 7 });
    assert.deepEqual(await messages.payload(), { done: "stop" });
    assert.equal(isLit(device), false);
    send({ payload: "no action" });
    assert.match(((await caught.next())["error"] as Error).message, /set msg\.action to siren, light, stop/);
  });

  it("reads neither action nor payload of a message while the form decides", async () => {
    await start([deterrent("status")]);
    const messages = inbox("out");
    send({ action: "siren", payload: { sound: 1 } });
    const message = await messages.next();
    assert.deepEqual([message["payload"], message["action"]], [{ light: "off", playing: false }, "siren"]);
    assert.deepEqual(audioAlarmOf(device).played, []);
  });

  it("puts the light back within a second when the flow is deployed again, and leaves nothing open", async () => {
    await start([deterrent("light", { duration: num("60") })]);
    const before = documents();
    send();
    await until(() => isLit(device), "light");
    const began = Date.now();
    await helper.unload();
    assert.ok(Date.now() - began < 1_500);
    assert.deepEqual(documents(), before);
    await until(() => device.connections.open === 0, "all connections closed");
  });

  it("puts the light back when its node alone goes, and the device stays", async () => {
    await start([deterrent("light", { duration: num("60") })]);
    const before = documents();
    send();
    await until(() => isLit(device), "light");
    await (nodeById("guard") as unknown as { close(removed: boolean): Promise<void> }).close(true);
    await until(() => documents().join() === before.join(), "all as before");
  });

  it("stops although every connection hangs", async () => {
    await start([deterrent("light", {}), deterrent("status", {}, "state"), deterrent("stop", {}, "stop")]);
    const before = documents();
    const messages = inbox("out");
    send();
    assert.deepEqual(await messages.payload(), { done: "light", brightness: 100 });
    const hang = device.fail(/IrcutFilter$/, { kind: "hang" }, { method: "GET", times: 2 });
    for (let i = 0; i < 4; i++) send({}, "state");
    await until(() => hang.hits === 2, "both connections hang");
    send({}, "stop");
    assert.deepEqual(await messages.payload(), { done: "stop" });
    assert.deepEqual(documents(), before);
  });

  it("tells of a camera behind a recorder in an error with code and device", async () => {
    await start([deterrent("siren", {}, "guard", { channel: "3" })], { model: "nvr" });
    const caught = inbox("caught");
    send();
    const { code, message, cause } = (await caught.next())["error"] as {
      code: string;
      message: string;
      cause: { device: { id: string } };
    };
    assert.equal(code, "notSupported");
    assert.match(message, /own address, \d/);
    assert.equal(cause.device.id, "device");
    assert.equal(statuses("guard").at(-1)?.text, `${VOCABULARY}notSupported`);
  });
});
