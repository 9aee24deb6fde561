import assert from "node:assert/strict";
import deviceModule from "../../../nodes/device/device";
import plateListModule from "../../../nodes/plate-list/plate-list";
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
import { accessListsOf, startVirtualDevice, type AccessListState, type VirtualDevice } from "../../virtual-device";

const modules = [deviceModule, plateListModule, coreNode("common/24-complete"), coreNode("common/25-catch")];

/** As the form saves it. */
function plateList(extra: Record<string, unknown> = {}, id = "lists"): FlowNode {
  const form = { channel: "1", channelType: "num", list: "allow", action: "add", dryRun: false, confirm: false };
  return { id, type: "hikvision-plate-list", device: "device", wires: [["out"]], ...form, ...extra };
}

const AROUND: readonly FlowNode[] = [
  { id: "out", type: "helper" },
  { id: "complete", type: "complete", scope: ["lists"], wires: [["completed"]] },
  { id: "completed", type: "helper" },
  { id: "catch", type: "catch", scope: null, wires: [["caught"]] },
  { id: "caught", type: "helper" },
];

interface Caught {
  readonly error: { readonly message: string; readonly code: string };
}

describe("plate list", () => {
  let device: VirtualDevice;
  let state: AccessListState;

  async function start(...nodes: FlowNode[]): Promise<void> {
    device = await startVirtualDevice({ heartbeat: null });
    state = accessListsOf(device);
    state.generation = "today";
    await loadFlow(modules, [deviceNode(device), ...nodes, ...AROUND], { device: login(device) });
  }
  const send = (message: object = {}, id = "lists"): void => nodeById(id).receive(message as never);
  const failure = async (): Promise<Caught["error"]> => ((await inbox("caught").next()) as unknown as Caught).error;

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  it("adds the plates of the payload, tells which the camera refused, and is done once", async () => {
    await start(plateList());
    const [out, completed] = [inbox("out"), inbox("completed")];
    send({ payload: ["AB123CD", "B?2"], topic: "t", action: "remove" });
    const { payload, topic, action } = await out.next();
    assert.deepEqual([topic, action], ["t", "remove"], "msg.action is not read where the form has another");
    const { failed, ...done } = payload as { failed: { plate: string; error: { code: string; message: string } }[] };
    assert.deepEqual(done, { added: ["AB123CD"], changed: [], removed: [], unchanged: [] });
    assert.deepEqual(
      failed.map(({ plate, error: { code } }) => [plate, code]),
      [["B?2", "badRequest"]],
    );
    assert.equal(typeof failed[0]?.error.message, "string");
    await completed.next();
    assert.deepEqual(state.plates, ["AB123CD"]);
    await until(() => statuses("lists").at(-1)?.text === undefined, "its status");
  });

  it("prefers msg.plates to the payload, and takes what the message of plate in brings", async () => {
    await start(plateList({ list: "block" }));
    const out = inbox("out");
    send({ payload: "NOT", plates: { plate: "AB123CD", list: null, channel: 1, time: "2026-01-01T00:00:00Z" } });
    await out.next();
    assert.deepEqual(state.plates, ["!AB123CD"]);
  });

  it("does what the message says, and takes that off the message", async () => {
    await start(plateList({ action: "msg" }));
    state.add("AB123CD", { until: "2026-05-01T12:00:00" }).add("ZZ1");
    const out = inbox("out");
    send({ action: "find", payload: "AB123CD" });
    const message = await out.next();
    assert.ok(!("action" in message));
    const [entry] = message["payload"] as Record<string, unknown>[];
    const { raw, ...rest } = entry ?? {};
    assert.deepEqual(rest, {
      ...{ plate: "AB123CD", list: "allow", from: "2000-01-01T00:00:00", until: "2026-05-01T12:00:00" },
    });
    assert.equal((raw as Record<string, unknown>)["type"], "whiteList");
    send({ action: "replace", payload: [], confirm: true });
    assert.deepEqual(((await out.next())["payload"] as { removed: string[] }).removed, ["AB123CD", "ZZ1"]);
    send({ action: "list" });
    assert.deepEqual((await out.next())["payload"], []);
    send({ action: "open", payload: "A1" });
    assert.match((await failure()).message, /"open" is no action/);
  });

  it("empties no list that nobody confirmed, and writes nothing in a dry run", async () => {
    await start(plateList({ action: "replace", dryRun: true }));
    state.add("AB123CD");
    const [out, caught] = [inbox("out"), inbox("caught")];
    send({ payload: [], confirm: "yes" });
    const { error } = (await caught.next()) as unknown as Caught;
    assert.equal(error.code, "badRequest");
    send({ payload: ["NEW1"] });
    const { added, removed } = (await out.next())["payload"] as Record<string, string[]>;
    assert.deepEqual([added, removed, state.plates], [["NEW1"], ["AB123CD"], ["AB123CD"]]);
  });

  it("fails in one error where the camera itself does", async () => {
    await start(plateList());
    device.fail(/licensePlateAuditData/, { kind: "truncate", bytes: 10 });
    send({ payload: "AB123CD" });
    assert.equal((await failure()).code, "offline");
    assert.deepEqual(state.plates, ["AB123CD"], "it was the answer that got lost");
  });

  it("shows how far it is", async () => {
    await start(plateList());
    const out = inbox("out");
    send({ payload: Array.from({ length: 120 }, (_, index) => `P${index}`) });
    await out.next();
    assert.ok(statuses("lists").some(({ text }) => text === "51 / 120"));
  });
});
