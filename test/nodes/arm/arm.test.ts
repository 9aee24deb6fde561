import assert from "node:assert/strict";
import armModule from "../../../nodes/arm/arm";
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
import {
  detectionsOff,
  oneTouchOf,
  schedulesOf,
  startVirtualDevice,
  status,
  triggersOf,
  type VirtualDevice,
  type VirtualDeviceOptions,
} from "../../virtual-device";

const modules = [deviceModule, armModule, coreNode("common/25-catch")];

/** A node as the form saves it. */
function arm(extra: Record<string, unknown> = {}, id = "arm"): FlowNode {
  const form = { what: "detection", action: "on", channels: [], events: [], rollback: true };
  return { id, type: "hikvision-arm", device: "device", wires: [["out"]], ...form, ...extra };
}

const AROUND: readonly FlowNode[] = [
  { id: "out", type: "helper" },
  { id: "catch", type: "catch", scope: null, wires: [["caught"]] },
  { id: "caught", type: "helper" },
];

interface Payload {
  readonly what: string;
  readonly armed: boolean | "mixed";
  readonly unverified?: true;
  readonly items: readonly Record<string, unknown>[];
}

describe("arm", () => {
  let device: VirtualDevice;

  async function start(nodes: readonly FlowNode[], options: VirtualDeviceOptions = {}): Promise<void> {
    device = await startVirtualDevice({ heartbeat: null, ...options });
    await loadFlow(modules, [deviceNode(device), ...nodes, ...AROUND], { device: login(device) });
  }
  const send = (message: object, id = "arm"): void => nodeById(id).receive(message as never);

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  it("arms what is chosen, keeps the message, and shows how it stands", async () => {
    await start([arm({ events: ["VMD", "linedetection"], channels: [2] })], { model: "nvr" });
    detectionsOff(device).add("motionDetection/2");
    const [messages, ended] = [inbox("out"), ends("arm")];
    send({ topic: "left", mine: 1, action: "off" });
    const { payload, topic, mine, action } = await messages.next();
    assert.deepEqual(payload, {
      what: "detection",
      armed: true,
      items: [
        { channel: 2, type: "VMD", before: false, after: true, changed: true },
        { channel: 2, type: "linedetection", before: true, after: true, changed: false },
      ],
    });
    assert.deepEqual([topic, mine, action], ["left", 1, "off"], "msg.action is not its own here");
    assert.deepEqual(ended, [undefined]);
    assert.match(String(statuses("arm").at(-1)?.text), /status\.armed$/);
  });

  it("takes the action from the message where the form says so, and off what it sends on", async () => {
    await start([arm({ action: "msg", events: ["VMD"] })]);
    const messages = inbox("out");
    for (const [action, armed] of [
      ["off", false],
      ["status", false],
      ["on", true],
    ] as const) {
      send({ action });
      const message = await messages.next();
      assert.equal((message["payload"] as Payload).armed, armed);
      assert.equal("action" in message, false);
    }
    const caught = inbox("caught");
    for (const action of ["arm", undefined, 1]) {
      send({ action });
      assert.equal(((await caught.next())["error"] as { code: string }).code, "badRequest");
    }
  });

  it("tells why nothing can come of it in words, and what failed, where nothing is to be put back", async () => {
    await start([arm({ rollback: false, events: ["VMD"] })], { model: "nvr", channels: ["Gate", "Yard", "Till"] });
    for (const channel of [1, 2, 3]) detectionsOff(device).add(`motionDetection/${channel}`);
    schedulesOf(device).set("motionDetections/1", []);
    triggersOf(device).find(({ id }) => id === "VMD-1")!.methods = [];
    device.profile.channels[1]!.online = false;
    const [messages, ended] = [inbox("out"), ends("arm")];
    send({});
    const { armed, items } = (await messages.next())["payload"] as Payload;
    assert.equal(armed, "mixed");
    assert.deepEqual(items, [
      {
        channel: 1,
        type: "VMD",
        before: false,
        after: true,
        changed: true,
        blind:
          "Its arming schedule is empty: it never reports anything. " +
          "No linkage method is ticked for it: the device does nothing when it happens.",
      },
      {
        channel: 2,
        type: "VMD",
        changed: false,
        error: {
          code: "offline",
          message: "The camera behind the recorder is offline. Check its power and network.",
        },
      },
      { channel: 3, type: "VMD", before: false, after: true, changed: true },
    ]);
    assert.deepEqual(ended, [undefined]);
    assert.match(String(statuses("arm").at(-1)?.text), /status\.mixed$/);
  });

  it("ends in one error with everything put back, as a catch node sees it", async () => {
    await start([arm({ action: "off" })]);
    device.fail(/LineDetection/, status("badParameters"), { method: "PUT" });
    const [caught, ended] = [inbox("caught"), ends("arm")];
    send({});
    const error = (await caught.next())["error"] as { code: string; message: string; cause: object };
    assert.equal(error.code, "badRequest");
    assert.match(error.message, /^Line crossing on channel 1 could not be disarmed: .* has been put back\.$/);
    assert.deepEqual([detectionsOff(device).size, ended.length], [0, 1]);
    assert.match(String(statuses("arm").at(-1)?.text), /status\.badRequest$/);
  });

  it("switches linkage and one-touch disarming", async () => {
    await start(
      [arm({ what: "center", action: "off", events: ["VMD"] }), arm({ what: "disturb", action: "off" }, "touch")],
      { model: "nvr", channels: ["Gate", "Yard"] },
    );
    const messages = inbox("out");
    send({});
    assert.deepEqual(
      ((await messages.next())["payload"] as Payload).items.map(({ channel, after }) => [channel, after]),
      [
        [1, false],
        [2, false],
      ],
    );
    oneTouchOf(device).readable = false;
    send({}, "touch");
    const { armed, unverified, what } = (await messages.next())["payload"] as Payload;
    assert.deepEqual([what, armed, unverified], ["disturb", false, true]);
  });

  it("puts back what it had begun when it is closed, and leaves nothing changed", async () => {
    await start([arm({ action: "off", events: ["VMD"] })], { model: "nvr" });
    device.fail(/channels\/3\/video\/motionDetection/, { kind: "slow", ms: 100 }, { method: "PUT" });
    const ended = ends("arm");
    send({});
    while (!detectionsOff(device).has("motionDetection/2")) await new Promise((resolve) => setTimeout(resolve, 5));
    await helper.unload();
    assert.deepEqual([...detectionsOff(device)], []);
    assert.equal(ended.length, 1);
  });

  it("says in words what is wrong with its channels", async () => {
    await start([arm({ channels: ["201"] })]);
    const caught = inbox("caught");
    send({});
    assert.match(((await caught.next())["error"] as Error).message, /^Channel 201 looks like a stream number/);
  });
});
