import assert from "node:assert/strict";
import deviceModule from "../../../nodes/device/device";
import eventInModule from "../../../nodes/event-in/event-in";
import outputModule from "../../../nodes/output/output";
import {
  coreNode,
  deviceNode,
  helper,
  inbox,
  loadFlow,
  login,
  nodeById,
  statuses,
  warnings,
  type FlowNode,
} from "../../support/flow";
import {
  portsOf,
  startVirtualDevice,
  status,
  type VirtualDevice,
  type VirtualDeviceOptions,
} from "../../virtual-device";
import { until } from "../../support/until";

const modules = [
  deviceModule,
  eventInModule,
  outputModule,
  coreNode("common/24-complete"),
  coreNode("common/25-catch"),
];
const VOCABULARY = "@hikflow/node-red-hikvision/device:hikvision-device.status.";
const TRIGGER = "/ISAPI/System/IO/outputs/1/trigger";

/** An output node as the form saves it. */
function output(action: string, extra: Record<string, unknown> = {}, id = "relay"): FlowNode {
  const form = { output: "1", outputType: "str", duration: "1", durationType: "num" };
  return { id, type: "hikvision-output", device: "device", action, wires: [["out"]], ...form, ...extra };
}

const AROUND: readonly FlowNode[] = [
  { id: "out", type: "helper" },
  { id: "complete", type: "complete", scope: ["relay"], wires: [["completed"]] },
  { id: "completed", type: "helper" },
  { id: "catch", type: "catch", scope: null, wires: [["caught"]] },
  { id: "caught", type: "helper" },
];

describe("output", () => {
  let device: VirtualDevice;

  async function start(nodes: readonly FlowNode[], options: VirtualDeviceOptions = {}): Promise<void> {
    device = await startVirtualDevice({ heartbeat: null, ...options });
    await loadFlow(modules, [deviceNode(device), ...nodes, ...AROUND], { device: login(device) });
  }

  function send(message: object = {}, id = "relay"): void {
    nodeById(id).receive(message as never);
  }

  function isOn(id = 1): boolean {
    const { outputs, remote } = portsOf(device);
    return [...outputs, ...remote].find((port) => port.id === id)!.active;
  }

  /** What was switched, as "high" and "low". */
  function switched(): (string | undefined)[] {
    return device.requests
      .filter(({ authorized, method }) => authorized && method === "PUT")
      .map(({ body }) => /<outputState>(\w+)</.exec(String(body))?.[1]);
  }

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  it("switches on and off and reads, one request each, and keeps the rest of the message", async () => {
    await start([output("on"), output("off", {}, "off"), output("status", {}, "status")]);
    const messages = inbox("out");
    for (const [id, state] of [
      ["relay", "on"],
      ["status", "on"],
      ["off", "off"],
      ["status", "off"],
    ] as const) {
      send({ topic: "t" }, id);
      const message = await messages.next();
      assert.deepEqual(message["payload"], { output: 1, state });
      assert.deepEqual(Object.keys(message).sort(), ["_msgid", "payload", "topic"]);
      assert.equal(isOn(), state === "on");
    }
    assert.equal(device.requests.filter(({ authorized }) => authorized).length, 4);
    assert.deepEqual(statuses("relay").at(-1), {});
  });

  it("finds an output by its name, and a camera's behind the recorder", async () => {
    await start([output("on", { output: "camera 3 output" })], { model: "nvr" });
    const messages = inbox("out");
    send();
    assert.deepEqual((await messages.next())["payload"], { output: 301, state: "on" });
    assert.ok(isOn(301));
    send({ output: "Output 1" });
    assert.deepEqual((await messages.next())["payload"], { output: 1, state: "on" });
    assert.ok(isOn(1));
  });

  it("takes the output from the message for this message only", async () => {
    await start([output("on")], { model: "nvr" });
    const messages = inbox("out");
    send({ output: 301 });
    send({});
    assert.deepEqual(
      [await messages.payload(), await messages.payload()].map(({ output: number }) => number),
      [301, 1],
    );
  });

  it("pulses for the message's duration: shown while it is on, one message and one completion when it is off", async () => {
    await start([output("pulse", { duration: "60" })]);
    const [messages, completed] = [inbox("out"), inbox("completed")];
    send({ duration: "0.2" });
    await until(isOn, "the output is on");
    await until(
      () => statuses("relay").at(-1)?.text === `${VOCABULARY}on`,
      `status: ${JSON.stringify(statuses("relay"))}`,
    );
    assert.equal(messages.all.length, 0);
    assert.deepEqual((await messages.next())["payload"], { output: 1, state: "off" });
    assert.equal(isOn(), false);
    await completed.next();
    assert.equal(await completed.nextOrNothing(20), undefined);
    assert.deepEqual(switched(), ["high", "low"]);
    assert.deepEqual(statuses("relay").at(-1), {});
  });

  it("is off after a redeploy in the middle of a pulse, within a second, and no connection stays", async () => {
    await start([output("pulse", { duration: "60" })]);
    send();
    await until(isOn, "the output is on");
    const before = Date.now();
    await helper.unload();
    assert.ok(Date.now() - before < 1_000);
    assert.equal(isOn(), false);
    assert.deepEqual(switched(), ["high", "low"]);
    await until(() => device.connections.open === 0, "all connections closed");
  });

  it("is off after a redeploy while the device is slow to switch on", async () => {
    await start([output("pulse", { duration: "60" })]);
    device.fail(TRIGGER, { kind: "slow", ms: 200 }, { times: 1 });
    send();
    await until(() => switched().length === 1, "the command is on its way");
    await helper.unload();
    assert.deepEqual(switched(), ["high", "low"]);
    assert.equal(isOn(), false);
  });

  it("is off when its node alone goes, and the device stays", async () => {
    await start([output("pulse", { duration: "60" })]);
    send();
    await until(isOn, "the output is on");
    await (nodeById("relay") as unknown as { close(removed: boolean): Promise<void> }).close(true);
    await until(() => !isOn(), "the output is off");
  });

  it("is off at once although slow commands are under way", async () => {
    await start([output("pulse", { duration: "60" }), output("status", { output: "1" }, "status")]);
    send();
    await until(isOn, "the output is on");
    device.fail(/status$/, { kind: "hang" });
    for (let i = 0; i < 4; i++) send({}, "status");
    await until(() => device.requests.filter(({ path }) => path.endsWith("status")).length === 2, "both turns taken");
    await (nodeById("relay") as unknown as { close(removed: boolean): Promise<void> }).close(true);
    await until(() => !isOn(), "the output is off", 10_000);
  });

  it("is switched off again although the device was busy or lost the connection", async () => {
    await start([output("pulse", { duration: "0.1" })]);
    const messages = inbox("out");
    send();
    await until(isOn, "the output is on");
    device.fail(TRIGGER, { kind: "reset" }, { times: 1 });
    assert.deepEqual((await messages.next())["payload"], { output: 1, state: "off" });
    assert.equal(isOn(), false);
  });

  it("says what failed: to Catch with code and cause, in the status, and once", async () => {
    await start([output("on")]);
    device.fail(TRIGGER, status("lowPrivilege"));
    const [messages, caught, completed] = [inbox("out"), inbox("caught"), inbox("completed")];
    send({ mine: 1 });
    const message = await caught.next();
    const error = message["error"] as { message: string; code: string; cause: unknown };
    assert.equal(message["mine"], 1);
    assert.equal(error.code, "forbidden");
    assert.match(error.message, /Trigger Alarm Output/);
    assert.deepEqual(error.cause, {
      statusCode: 403,
      subStatusCode: "lowPrivilege",
      device: { id: "device", name: "Front", host: "127.0.0.1" },
    });
    assert.deepEqual(statuses("relay").at(-1), { fill: "red", shape: "ring", text: `${VOCABULARY}forbidden` });
    for (const box of [messages, caught, completed]) assert.equal(await box.nextOrNothing(20), undefined);
  });

  for (const [message, says] of [
    [{ output: "Siren" }, /There is no output "Siren"\. The device has 1 "Output 1"/],
    [{ output: 0 }, /Which output\?/],
    [{ duration: 0 }, /"duration" must be a number of seconds from 0.001/],
    [{ duration: 1e6 }, /to 86400\./],
    [{ duration: "long" }, /"duration" must be a number/],
  ] as const) {
    it(`refuses ${JSON.stringify(message)}, and switches nothing`, async () => {
      await start([output("pulse")]);
      const caught = inbox("caught");
      send(message);
      assert.match(((await caught.next())["error"] as Error).message, says);
      assert.deepEqual(switched(), []);
    });
  }

  describe("as an event", () => {
    const listens = (extra: Record<string, unknown> = {}, id = "in"): FlowNode => ({
      id,
      type: "hikvision-event-in",
      device: "device",
      events: ["IOOutput"],
      wires: [["out"]],
      ...extra,
    });
    const asked = () => device.requests.filter(({ path }) => /\/IO(?:Proxy)?\//.test(path)).length;

    it("starts and ends as the output does, told by asking every 5 s", async () => {
      device = await startVirtualDevice({ heartbeat: null });
      portsOf(device).outputs[0]!.active = true;
      const nodes = [listens({ offDelay: 1 }), output("off", { wires: [] })];
      await loadFlow(modules, [deviceNode(device), ...nodes, ...AROUND], { device: login(device) });
      const messages = inbox("out");
      const event = await messages.next();
      assert.equal(event["topic"], "Front/device/IOOutput");
      const { type, label, state, channel, description, outputPort, pictures, raw } = event["payload"] as Record<
        string,
        unknown
      >;
      assert.deepEqual([type, label, state, channel], ["IOOutput", "Alarm output", "start", null]);
      assert.deepEqual([outputPort, description, pictures], [1, "Output 1", []]);
      assert.equal((raw as Record<string, unknown>)["ioState"], "active");
      assert.equal(await messages.nextOrNothing(1_500), undefined, "silence is no end");
      send();
      const end = await messages.payload();
      assert.deepEqual([end["state"], end["synthetic"]], ["end", undefined]);
    });

    it("that is on at the start is told at once, to each node that ticked it, and to those that want everything", async () => {
      device = await startVirtualDevice({ heartbeat: null });
      portsOf(device).outputs[0]!.active = true;
      const nodes = [
        listens({}, "a"),
        listens({ events: [], pictures: false }, "b"),
        listens({ events: ["VMD"] }, "c"),
      ];
      await loadFlow(modules, [deviceNode(device), ...nodes, ...AROUND], { device: login(device) });
      const messages = inbox("out");
      const both = [await messages.payload(), await messages.payload()];
      assert.deepEqual(
        both.map(({ type, state }) => [type, state]),
        [
          ["IOOutput", "start"],
          ["IOOutput", "start"],
        ],
      );
      assert.notEqual(both[0]!["raw"], both[1]!["raw"]);
      assert.equal(await messages.nextOrNothing(50), undefined);
    });

    it("is not asked for where nobody ticked it", async () => {
      await start([listens({ events: [] }, "all"), listens({ events: ["VMD", "IO"] }, "others")]);
      await until(() => device.streams === 1, "the stream is open");
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(asked(), 0);
    });

    it("is asked for until the last node that ticked it is closed", async () => {
      await start([listens(), listens({ events: [] }, "all")]);
      // A request that is under way at the close comes to the device after it: the close waits for the round to be over.
      const told = () => device.requests.some(({ path, status: code }) => path.endsWith("/1/status") && code === 200);
      await until(told, "its state is told");
      await (nodeById("in") as unknown as { close(removed: boolean): Promise<void> }).close(true);
      const before = asked();
      await new Promise((resolve) => setTimeout(resolve, 5_300));
      assert.equal(asked(), before);
    });

    it("that the device does not offer is a warning with the reason", async () => {
      device = await startVirtualDevice({ heartbeat: null });
      device.fail(/\/IO(?:Proxy)?\//, status("notSupport"));
      await loadFlow(modules, [deviceNode(device), listens(), ...AROUND], { device: login(device) });
      await until(() => warnings("device").length > 0, "a warning");
      assert.match(String(warnings("device")[0]), /states cannot be read\. .*does not offer the list of alarm outputs/);
    });
  });
});
