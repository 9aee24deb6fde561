import assert from "node:assert/strict";
import callModule from "../../../nodes/call/call";
import deviceModule from "../../../nodes/device/device";
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
import { alerts, callsOf, startVirtualDevice, status, type VirtualDevice } from "../../virtual-device";

const modules = [deviceModule, callModule, coreNode("common/24-complete"), coreNode("common/25-catch")];
const STATUS = "/ISAPI/VideoIntercom/callStatus?format=json";

/** A call node as the form saves it. */
function call(extra: Record<string, unknown> = {}, id = "call"): FlowNode {
  const form = { pollInterval: 1, pictures: false, action: "answer" };
  return { id, type: "hikvision-call", device: "device", wires: [["rings"], ["done"]], ...form, ...extra };
}

const AROUND: readonly FlowNode[] = [
  { id: "rings", type: "helper" },
  { id: "done", type: "helper" },
  { id: "complete", type: "complete", scope: ["call"], wires: [["completed"]] },
  { id: "completed", type: "helper" },
  { id: "catch", type: "catch", scope: null, wires: [["caught"]] },
  { id: "caught", type: "helper" },
];

interface Payload {
  readonly state: string;
  readonly since: string;
  readonly pictures?: { name: string; data: Buffer | null; error?: { code: string; message: string } }[];
}

interface Caught {
  readonly error: { readonly message: string; readonly code: string };
}

describe("call", () => {
  let device: VirtualDevice;

  async function start(...nodes: FlowNode[]): Promise<void> {
    device = await startVirtualDevice({ heartbeat: { ms: 200 }, name: "Station" });
    callsOf(device).fit();
    await loadFlow(modules, [{ ...deviceNode(device), name: "Front/door" }, ...nodes, ...AROUND], {
      device: login(device),
    });
  }
  const send = (message: object = {}, id = "call"): void => nodeById(id).receive(message as never);
  const polls = (): number => device.requests.filter(({ path, authorized }) => path === STATUS && authorized).length;
  const shown = (id = "call"): string => statuses(id).at(-1)?.text ?? "";
  const warnings = (): unknown[] =>
    helper
      .log()
      .args.flat()
      .filter(
        (line) => (line as { id?: string; level: number }).id === "call" && (line as { level: number }).level === 30,
      );

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  it("tells who rings, what becomes of it, and shows it", async () => {
    await start(call());
    const rings = inbox("rings");
    await until(() => shown().endsWith("common.status.connected"), "its status");
    callsOf(device).status = "ring";
    const message = await rings.next();
    assert.equal(message["topic"], "Front_door/device/call");
    const { since, ...payload } = message["payload"] as Payload;
    assert.match(since, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(payload, {
      state: "ringing",
      caller: { type: "doorStation", building: 1, zone: 1, unit: 3, floor: 2, number: 7 },
      device: { id: "device", name: "Front/door", host: "127.0.0.1" },
    });
    assert.match(shown(), /\.ringing$/);
    callsOf(device).status = "onCall";
    assert.equal(((await rings.next())["payload"] as Payload).state, "answered");
    assert.match(shown(), /\.onCall$/);
    callsOf(device).status = "idle";
    assert.equal(((await rings.next())["payload"] as Payload).state, "ended");
    assert.match(shown(), /connected$/);
  });

  it("takes a picture at the ring, before which nothing else of the call is sent", async () => {
    await start(call({ pictures: true }));
    const rings = inbox("rings");
    device.fail("/ISAPI/Streaming/channels/101/picture", { kind: "slow", ms: 1_500 }, { times: 1 });
    callsOf(device).status = "ring";
    await until(() => device.requests.some(({ path }) => path.endsWith("/picture")), "the picture is asked for");
    callsOf(device).status = "idle";
    const first = (await rings.next())["payload"] as Payload;
    assert.equal(first.state, "ringing");
    const [picture] = first.pictures!;
    assert.match(picture!.name, /^Front_door_1_\d{8}-\d{6}\.jpg$/);
    assert.deepEqual([...picture!.data!.subarray(0, 2)], [0xff, 0xd8]);
    const second = (await rings.next())["payload"] as Payload;
    assert.deepEqual([second.state, second.pictures], ["missed", undefined]);
  });

  it("tells of a ring without its picture where there is none, and why", async () => {
    await start(call({ pictures: true }));
    for (const path of [
      "/ISAPI/Streaming/channels/101/picture",
      "/ISAPI/Streaming/channels/1/picture",
      "/Streaming/channels/101/picture",
    ])
      device.fail(path, status("notSupport"));
    callsOf(device).status = "ring";
    const { pictures } = (await inbox("rings").next())["payload"] as Payload;
    assert.equal(pictures![0]!.data, null);
    assert.equal(pictures![0]!.error?.code, "notSupported");
    assert.match(pictures![0]!.error.message, /snapshot of channel 1/);
  });

  it("hears of a ring that the device reports, as another node does in a message of its own", async () => {
    await start(call(), call({ wires: [["rings2"], []] }, "call2"), { id: "rings2", type: "helper" });
    const [one, two] = [inbox("rings"), inbox("rings2")];
    await until(() => device.streams === 1 && polls() > 0, "it is asked");
    await device.emit(alerts.access({ code: [5, 37], more: { doorNo: 1 } }));
    const [first, second] = [await one.next(), await two.next()];
    assert.deepEqual((first["payload"] as { caller: object }).caller, { name: "Station", door: 1 });
    assert.notEqual(first["payload"], second["payload"]);
  });

  it("says once, in words, that the device cannot be asked, and goes on with what it reports", async () => {
    await start(call());
    await helper.unload();
    const station = callsOf(device);
    station.tells = "no";
    station.caller = undefined;
    await loadFlow(modules, [deviceNode(device), call(), ...AROUND], { device: login(device) });
    await until(() => warnings().length === 1, "a warning");
    assert.match((warnings()[0] as { msg: string }).msg, /^The device cannot be asked whether somebody rings/);
    await until(() => /\.eventsOnly$/.test(shown()), "its status");
    await device.emit(alerts.access({ code: [5, 37] }));
    assert.equal(((await inbox("rings").next())["payload"] as Payload).state, "ringing");
  });

  it("does not take history for a ring", async () => {
    await start(call());
    const rings = inbox("rings");
    await until(() => device.streams === 1, "the stream");
    await device.emit(alerts.access({ code: [5, 37], more: { currentEvent: false } }));
    await device.emit(alerts.access({ code: [5, 37], more: { serialNo: 2 } }));
    await rings.next();
    assert.equal(rings.all.length, 1);
  });

  it("does not believe what a station says while it sends its history", async () => {
    await start(call());
    const rings = inbox("rings");
    await until(() => device.streams === 1 && polls() > 0, "it is asked");
    await device.emit(alerts.access({ code: [5, 22], more: { currentEvent: false } }));
    callsOf(device).status = "ring";
    const before = polls();
    await until(() => polls() >= before + 2, "it has said so twice");
    assert.equal(rings.all.length, 0);
    await rings.next();
  });

  it("answers, keeps the rest of the message, and sends it on its second output", async () => {
    await start(call());
    callsOf(device).status = "ring";
    send({ topic: "t", action: "hangUp" });
    const message = await inbox("done").next();
    assert.deepEqual(message["payload"], { done: "answer", status: "onCall" });
    assert.equal(message["topic"], "t");
    assert.equal(message["action"], "hangUp", "it is not this node's");
    await inbox("completed").next();
  });

  it("does what the message says, and takes the order off it", async () => {
    await start(call({ action: "msg" }));
    callsOf(device).status = "ring";
    const done = inbox("done");
    send({ action: "reject" });
    const message = await done.next();
    assert.deepEqual(message["payload"], { done: "reject", status: "idle" });
    assert.ok(!("action" in message));
    assert.deepEqual(callsOf(device).signals, ["reject"]);
  });

  it("is busy where the device has accepted it without effect, at a catch node", async () => {
    await start(call({ action: "reject" }));
    const station = callsOf(device);
    station.status = "ring";
    station.obeys = false;
    send();
    const { error } = (await inbox("caught").next()) as unknown as Caught;
    assert.equal(error.code, "busy");
    assert.match(error.message, /^The device has accepted "reject", but it had no effect/);
    assert.deepEqual(station.signals, ["reject"]);
  });

  it("refuses an action that is none with nothing sent", async () => {
    await start(call({ action: "msg" }));
    send({ action: "open" });
    const { error } = (await inbox("caught").next()) as unknown as Caught;
    assert.equal(error.code, "badRequest");
    assert.deepEqual(callsOf(device).signals, []);
  });
});
