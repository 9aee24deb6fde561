import assert from "node:assert/strict";
import deviceModule from "../../../nodes/device/device";
import doorModule from "../../../nodes/door/door";
import {
  coreNode,
  deviceNode,
  helper,
  inbox,
  loadFlow,
  login,
  nodeById,
  statuses,
  type FlowNode,
} from "../../support/flow";
import { until } from "../../support/until";
import { barriersOf, doorsOf, startVirtualDevice, type VirtualDevice } from "../../virtual-device";

const modules = [deviceModule, doorModule, coreNode("common/24-complete"), coreNode("common/25-catch")];
const PARKING = "/ISAPI/Parking/channels/1/barrierGate";

/** A door node as the form saves it. */
function door(extra: Record<string, unknown> = {}, id = "door"): FlowNode {
  const form = { kind: "auto", number: "1", numberType: "num", action: "open", duration: "", durationType: "num" };
  return { id, type: "hikvision-door", device: "device", wires: [["out"]], ...form, ...extra };
}

const AROUND: readonly FlowNode[] = [
  { id: "out", type: "helper" },
  { id: "complete", type: "complete", scope: ["door"], wires: [["completed"]] },
  { id: "completed", type: "helper" },
  { id: "catch", type: "catch", scope: null, wires: [["caught"]] },
  { id: "caught", type: "helper" },
];

interface Caught {
  readonly error: { readonly message: string; readonly code: string; readonly cause: Record<string, unknown> };
}

describe("door", () => {
  let device: VirtualDevice;

  async function start(...nodes: FlowNode[]): Promise<void> {
    device = await startVirtualDevice({ heartbeat: null });
    await loadFlow(modules, [deviceNode(device), ...nodes, ...AROUND], { device: login(device) });
  }
  const send = (message: object = {}, id = "door"): void => nodeById(id).receive(message as never);

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  it("opens, tells what was read, and keeps the rest of the message", async () => {
    await start(door());
    barriersOf(device).fit();
    send({ topic: "t" });
    const message = await inbox("out").next();
    assert.deepEqual(message["payload"], { done: "open", kind: "barrier", number: 1, state: "open" });
    assert.deepEqual(Object.keys(message).sort(), ["_msgid", "payload", "topic"]);
    await until(() => statuses("door").at(-1)?.text === undefined, "its status");
  });

  it("tells of a lock in words", async () => {
    await start(door({ action: "msg" }));
    barriersOf(device).fit();
    const messages = inbox("out");
    send({ action: "lock" });
    assert.deepEqual((await messages.next())["payload"], { done: "lock", kind: "barrier", number: 1, state: "locked" });
    send({ action: "open" });
    const message = await messages.next();
    assert.equal(
      (message["payload"] as { notice: string }).notice,
      "The barrier is locked: open has no effect until it is unlocked.",
    );
    assert.ok(!("action" in message), "the next node must not take the order for its own");
  });

  it("reads msg.action only where the form says so, and takes msg.number and msg.duration for this message only", async () => {
    await start(door({ kind: "door" }));
    const { moves } = doorsOf(device).add("One").add("Two");
    const messages = inbox("out");
    send({ action: "close", number: "2", duration: 0.2 });
    const message = await messages.next();
    assert.equal(message["action"], "close");
    assert.deepEqual(message["payload"], { done: "open", kind: "door", number: 2, state: "closed" });
    send({});
    await messages.next();
    assert.deepEqual(moves, ["2 alwaysOpen", "2 resume", "1 open"]);
  });

  it("shows that it holds open, and puts back when the flow is deployed anew", async () => {
    await start(door({ kind: "door", duration: "600" }));
    const { doors } = doorsOf(device).add("One");
    send();
    await until(() => /\.open$/.test(statuses("door").at(-1)?.text ?? ""), "its status");
    assert.equal(doors[0]!.mode, 2);
    const closed = Date.now();
    await helper.unload();
    assert.ok(Date.now() - closed < 1_500, "close takes a second at most");
    await until(() => doors[0]!.mode === 4, "it is put back");
  });

  it("ends in one error that says that nobody knows, also at a catch node", async () => {
    await start(door({ kind: "barrier" }));
    barriersOf(device).fit();
    device.fail(PARKING, { kind: "truncate", bytes: 10 }, { method: "PUT" });
    send();
    const { error } = (await inbox("caught").next()) as unknown as Caught;
    assert.match(error.message, /^Nobody knows whether barrier 1 has got the command/);
    assert.equal(error.code, "offline");
    assert.equal(error.cause["unclear"], true);
    assert.equal(device.requests.filter(({ method, authorized }) => method === "PUT" && authorized).length, 1);
  });

  const refused: readonly (readonly [name: string, settings: object, message: object, code: string, says: RegExp])[] = [
    ["all doors", { kind: "door" }, { number: 65_535 }, "badRequest", /all doors/],
    ["an action that is none", { action: "msg" }, { action: "explode" }, "badRequest", /Give one of open, close/],
    ["no action", { action: "msg" }, {}, "badRequest", /Give one of/],
    ["a number that is none", { number: "door", numberType: "msg" }, { door: "" }, "badRequest", /from 1 to 128/],
    ["a number that comes to nothing", { number: "door", numberType: "msg" }, {}, "badRequest", /from 1 to 128/],
    ["a day and a second", {}, { duration: 86_401 }, "badRequest", /from 0.001 to 86400/],
    ["what is for barriers", { kind: "door", action: "lock" }, {}, "notSupported", /is for barriers/],
    ["what is for doors", { kind: "barrier", action: "resume" }, {}, "notSupported", /is for doors/],
  ];
  for (const [name, settings, message, code, says] of refused)
    it(`refuses ${name} with nothing sent`, async () => {
      await start(door(settings as Record<string, unknown>));
      send(message);
      const { error } = (await inbox("caught").next()) as unknown as Caught;
      assert.equal(error.code, code);
      assert.match(error.message, says);
      assert.deepEqual(device.requests, []);
    });
});
