import assert from "node:assert/strict";
import deviceModule from "../../../nodes/device/device";
import ptzModule from "../../../nodes/ptz/ptz";
import {
  deviceNode,
  errors,
  helper,
  inbox,
  loadFlow,
  login,
  nodeById,
  statuses,
  type FlowNode,
} from "../../support/flow";
import {
  headsOf,
  startVirtualDevice,
  status,
  type Head,
  type VirtualDevice,
  type VirtualDeviceOptions,
} from "../../virtual-device";
import { until } from "../../support/until";

const modules = [deviceModule, ptzModule];
const VOCABULARY = "@hikflow/node-red-hikvision/device:hikvision-device.status.";
const CONTINUOUS = "/ISAPI/PTZCtrl/channels/1/continuous";

type Values = Record<string, { value: unknown; type?: string }>;

/** A ptz node as the form saves it. */
function ptz(action: string, values: Values = {}, extra: Record<string, unknown> = {}, id = "ptz"): FlowNode {
  const form = { channel: "1", channelType: "num", clamp: false };
  return { id, type: "hikvision-ptz", device: "device", action, values, wires: [[`${id}-out`]], ...form, ...extra };
}

function out(id = "ptz"): FlowNode {
  return { id: `${id}-out`, type: "helper" };
}

const catcher: FlowNode = { id: "catch", type: "catch", scope: null, wires: [["caught"]] };
const caught: FlowNode = { id: "caught", type: "helper" };

describe("ptz", () => {
  let device: VirtualDevice;

  async function start(options: VirtualDeviceOptions = {}): Promise<void> {
    device = await startVirtualDevice({ heartbeat: null, ...options });
  }

  async function deploy(...nodes: FlowNode[]): Promise<void> {
    await loadFlow(modules, [deviceNode(device), ...nodes], { device: login(device) });
  }

  function head(channel = 1): Head {
    const found = headsOf(device).channels.get(channel);
    assert.ok(found);
    return found;
  }

  function sent(): string[] {
    return device.requests.filter(({ authorized }) => authorized).map(({ method, path }) => `${method} ${path}`);
  }

  function send(message: object, id = "ptz"): void {
    nodeById(id).receive(message as never);
  }

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  it("does what its form says, and keeps the message", async () => {
    await start();
    head().presets.set(3, { name: "Gate", position: head().position });
    await deploy(
      ptz("gotoPreset", { preset: { value: "Gate", type: "str" }, wait: { value: "false", type: "bool" } }),
      out(),
    );
    const messages = inbox("ptz-out");
    send({ topic: "t", payload: { action: "stop", preset: 99 }, mine: 1 });
    const message = await messages.next();
    assert.deepEqual([message["topic"], message["mine"]], ["t", 1]);
    assert.deepEqual(message["payload"], { done: "gotoPreset", preset: 3 });
    assert.ok(sent().includes("PUT /ISAPI/PTZCtrl/channels/1/presets/3/goto"));
    assert.deepEqual(statuses("ptz").at(-1), {});
  });

  it("reads values of every type, from the message where the form says so", async () => {
    await start();
    const values = {
      pan: { value: "payload.speed", type: "msg" },
      tilt: { value: "-20", type: "num" },
      zoom: { value: "1 + 2", type: "jsonata" },
    };
    await deploy(ptz("move", values), out());
    const messages = inbox("ptz-out");
    send({ payload: { speed: 33 } });
    assert.deepEqual(await messages.payload(), { done: "move", pan: 33, tilt: -20, zoom: 3 });
  });

  it("does what the message says with the action msg", async () => {
    await start();
    await deploy(ptz("msg"), out());
    const messages = inbox("ptz-out");
    send({ payload: { action: "setPreset", preset: 5, name: "Door" } });
    assert.deepEqual(await messages.payload(), { done: "setPreset", preset: 5, name: "Door" });
    send({ payload: { action: "listPresets" } });
    assert.deepEqual((await messages.next())["payload"], [{ preset: 5, name: "Door" }]);
    send({ payload: { action: "status" } });
    assert.deepEqual(await messages.payload(), { azimuth: 90, elevation: 10, zoom: 1 });
  });

  it("lets msg.channel win for its message only", async () => {
    await start({ model: "dvr" });
    await deploy(ptz("msg", {}, { channel: "2" }), out());
    const messages = inbox("ptz-out");
    for (const extra of [{ channel: 3 }, {}]) {
      send({ payload: { action: "move", pan: 10 }, ...extra });
      await messages.next();
    }
    assert.deepEqual(
      sent().filter((line) => line.startsWith("PUT")),
      ["PUT /ISAPI/PTZCtrl/channels/3/continuous", "PUT /ISAPI/PTZCtrl/channels/2/continuous"],
    );
  });

  it("steers no node after it: ptz, ptz, ptz", async () => {
    await start();
    await deploy(
      ptz(
        "move",
        { pan: { value: "20", type: "num" }, duration: { value: "0.05", type: "num" } },
        { wires: [["b"]] },
        "a",
      ),
      ptz("status", {}, { wires: [["c"]] }, "b"),
      ptz("msg", {}, {}, "c"),
      out("c"),
      catcher,
      caught,
    );
    const [messages, failures] = [inbox("c-out"), inbox("caught")];
    send({ payload: "go" }, "a");
    const { error } = (await failures.next()) as { error: { message: string } };
    assert.match(error.message, /brings no PTZ command/);
    assert.equal(messages.all.length, 0);
    assert.equal(head().moving, false);
  });

  it("answers each message once, also many at a time", async () => {
    await start();
    await deploy(
      ptz("msg"),
      out(),
      { id: "complete", type: "complete", scope: ["ptz"], wires: [["completed"]] },
      {
        id: "completed",
        type: "helper",
      },
    );
    const [messages, completed] = [inbox("ptz-out"), inbox("completed")];
    for (let i = 1; i <= 8; i++) send({ payload: { action: "aux", aux: "light", on: i % 2 === 0 }, i });
    const seen: unknown[] = [];
    for (let i = 1; i <= 8; i++) seen.push((await messages.next())["i"]);
    await until(() => completed.all.length === 8, "eight done()");
    assert.deepEqual([...seen].sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert.equal(await messages.nextOrNothing(50), undefined);
    assert.equal(completed.all.length, 8);
  });

  describe("tells a Catch node, once, with code and cause", () => {
    const wrong: [title: string, payload: unknown, code: string, words: RegExp][] = [
      ["a message without a command", "left", "badRequest", /brings no PTZ command/],
      ["an unknown action", { action: "dance" }, "badRequest", /no PTZ action "dance"/],
      ["a value out of range", { action: "move", pan: 900 }, "badRequest", /from -100 to 100/],
      ["preset 94 unconfirmed", { action: "gotoPreset", preset: 94 }, "badRequest", /restarts the device/],
    ];
    for (const [title, payload, code, words] of wrong) {
      it(title, async () => {
        await start();
        await deploy(ptz("msg"), out(), catcher, caught);
        const failures = inbox("caught");
        send({ payload, mine: 1 });
        const message = await failures.next();
        const error = message["error"] as { message: string; code: string; cause: { device: object } };
        assert.match(error.message, words);
        assert.equal(error.code, code);
        assert.deepEqual(error.cause.device, { id: "device", name: "Front", host: "127.0.0.1" });
        assert.deepEqual([message["payload"], message["mine"]], [payload, 1]);
        assert.deepEqual(statuses("ptz").at(-1), { fill: "red", shape: "ring", text: VOCABULARY + code });
        assert.equal(await failures.nextOrNothing(30), undefined);
        assert.equal(errors("ptz").length, 1);
      });
    }

    it("what the device cannot do, naming the model", async () => {
      await start({ model: "nvr" });
      await deploy(ptz("status"), out(), catcher, caught);
      const failures = inbox("caught");
      send({});
      const { error } = (await failures.next()) as { error: { message: string; code: string } };
      assert.match(error.message, /^VN-7708-V does not offer/);
      assert.equal(error.code, "notSupported");
    });

    it("a lost connection, after which the camera is told to stop and the process lives on", async () => {
      await start();
      await deploy(ptz("msg"), out(), catcher, caught);
      const [messages, failures] = [inbox("ptz-out"), inbox("caught")];
      send({ payload: { action: "stop" } });
      await messages.next();
      device.fail(CONTINUOUS, { kind: "truncate", bytes: 5 }, { times: 1 });
      send({ payload: { action: "move", pan: 50 } });
      await failures.next();
      await until(() => !head().moving, "the camera stands");
      send({ payload: { action: "move", pan: 50 } });
      assert.deepEqual(await messages.payload(), { done: "move", pan: 50, tilt: 0, zoom: 0 });
    });
  });

  describe("when it is deployed anew", () => {
    it("stops what it had started without an end", async () => {
      await start();
      await deploy(ptz("move", { pan: { value: "50", type: "num" } }), out());
      const messages = inbox("ptz-out");
      send({});
      await messages.next();
      assert.equal(head().moving, true);
      await helper.unload();
      assert.equal(head().moving, false);
      assert.equal(sent().filter((line) => line.endsWith("continuous")).length, 2);
      await until(() => device.connections.open === 0, "all connections closed");
    });

    it("stops a timed move at once, and its message ends once, aborted", async () => {
      await start();
      const values = { pan: { value: "50", type: "num" }, duration: { value: "60", type: "num" } };
      await deploy(ptz("move", values), out());
      const ends: unknown[] = [];
      // What done() calls; the helper's spies are gone before the flow ends.
      nodeById("ptz")["_complete"] = (_message: object, error?: { code: string }) => ends.push(error?.code);
      send({});
      await until(() => head().moving, "it moves");
      const before = Date.now();
      await helper.unload();
      assert.ok(Date.now() - before < 1_500);
      assert.equal(head().moving, false);
      assert.deepEqual(ends, ["aborted"]);
    });

    it("stops within a second even behind commands that hang, and leaves no socket", async () => {
      await start();
      await deploy(ptz("msg"), out());
      const messages = inbox("ptz-out");
      send({ payload: { action: "move", pan: 50 } });
      await messages.next();
      device.fail(/absolute|status/, { kind: "hang" });
      for (let i = 0; i < 4; i++) send({ payload: { action: "status" } });
      await until(() => sent().filter((line) => line.endsWith("/status")).length === 2, "the queue is full");
      await helper.unload();
      assert.equal(head().moving, false);
      await until(() => device.connections.open === 0, "all connections closed");
    });

    it("says nothing to a camera that it has not moved", async () => {
      await start();
      await deploy(ptz("gotoHome"), out());
      const { length } = device.requests;
      await helper.unload();
      assert.equal(device.requests.length, length);
    });
  });

  it("repeats a busy device's command, then says that it is busy", async () => {
    await start();
    await deploy(ptz("msg"), out(), catcher, caught);
    const [messages, failures] = [inbox("ptz-out"), inbox("caught")];
    send({ payload: { action: "stop" } });
    await messages.next();
    const fault = device.fail(/homeposition/, status("deviceBusy"));
    send({ payload: { action: "setHome" } });
    const { error } = (await failures.next()) as { error: { code: string } };
    assert.equal(error.code, "busy");
    assert.equal(fault.hits, 3);
    assert.deepEqual(statuses("ptz").at(-1), { fill: "yellow", shape: "dot", text: `${VOCABULARY}busy` });
  });

  it("gives its form the names of presets and patrols", async () => {
    await start({ model: "nvr" });
    const { presets, patrols, position } = head(3);
    presets.set(7, { name: "Gate", position });
    patrols.set(2, { name: "Round", stops: [{ preset: 7, delay: 5000, speed: 10 }], state: "stopped" });
    await deploy(ptz("stop"), out());
    const ask = async (list: string, channel: string): Promise<unknown> => {
      const answer = await helper.request().post("/hikvision/deployed/list").send({ id: "device", list, channel });
      return answer.body as unknown;
    };
    assert.deepEqual(await ask("presets", "3"), { items: [{ value: "7", label: "Gate" }] });
    assert.deepEqual(await ask("patrols", "3"), { items: [{ value: "2", label: "Round" }] });
    assert.deepEqual(await ask("presets", "4"), { items: [] });
  });

  it("shows that no device is chosen", async () => {
    await start();
    await deploy(ptz("stop", {}, { device: "" }), out(), catcher, caught);
    assert.deepEqual(statuses("ptz").at(-1), { fill: "grey", shape: "ring", text: `${VOCABULARY}unconfigured` });
    const failures = inbox("caught");
    send({});
    assert.match(((await failures.next()) as { error: { message: string } }).error.message, /No device is chosen/);
  });
});
