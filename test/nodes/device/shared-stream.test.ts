/** Several device nodes for one device, as examples and copied flows bring them. */
import assert from "node:assert/strict";
import deviceModule from "../../../nodes/device/device";
import eventInModule from "../../../nodes/event-in/event-in";
import { deviceNode, helper, inbox, loadFlow, login, nodeById, type FlowNode } from "../../support/flow";
import { until } from "../../support/until";
import { alerts, startVirtualDevice, type VirtualDevice, type VirtualDeviceOptions } from "../../virtual-device";

type Payload = Record<string, unknown> & { pictures: { data: Buffer }[]; device: { id: string; name: string } };

describe("device nodes with the same address and login", () => {
  let device: VirtualDevice;

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  /** Two device nodes, "a" and "b", with an event in each: "of a" and "of b", that send to "from a" and "from b". */
  async function deploy(
    options: VirtualDeviceOptions = {},
    second: object = {},
    secondLogin: object = {},
    settings: object = {},
  ): Promise<void> {
    device = await startVirtualDevice({ heartbeat: { ms: 100 }, ...options });
    const ids = ["a", "b"];
    const nodes = ids.flatMap((id): FlowNode[] => [
      deviceNode(device, { id, name: `Device ${id}`, ...(id === "b" && second) }),
      {
        id: `of ${id}`,
        type: "hikvision-event-in",
        device: id,
        connection: true,
        wires: [[`from ${id}`]],
        ...settings,
      },
      { id: `from ${id}`, type: "helper" },
    ]);
    const credentials = { a: login(device), b: { ...login(device), ...secondLogin } };
    await loadFlow([deviceModule, eventInModule], nodes, credentials);
  }

  const online = async (): Promise<void> => {
    await until(() => device.streams > 0, "a stream is open");
    for (const id of ["of a", "of b"])
      await until(() => /connected/.test(statuses(id).at(-1)?.text ?? ""), `${id} is connected`);
  };
  /** What this one node and no other was asked for: the helper's spies are those of all nodes. */
  const calls = (id: string, method: "error" | "status"): unknown[] => {
    const node = nodeById(id);
    const spies = node as unknown as Record<string, { getCalls(): { thisValue: unknown; args: unknown[] }[] }>;
    return (spies[method]?.getCalls() ?? []).filter(({ thisValue }) => thisValue === node).map(({ args }) => args[0]);
  };
  const errors = (id: string) => calls(id, "error") as (Error & { code: string; cause: { device: { id: string } } })[];
  const statuses = (id: string) => calls(id, "status") as { text?: string }[];
  const streamsOpened = (): number => device.requests.filter(({ path }) => /alertStream/.test(path)).length;

  it("share one event stream: each event reaches the nodes of both, under their own names", async () => {
    await deploy();
    const [a, b] = [inbox("from a"), inbox("from b")];
    await online();
    assert.equal((await a.payload())["state"], "online");
    assert.equal((await b.payload())["state"], "online");
    await device.emit(alerts.intrusion({ channel: 1, withPictures: true }));
    const [first, second] = [(await a.payload()) as Payload, (await b.payload()) as Payload];
    assert.deepEqual([first.device.name, second.device.name], ["Device a", "Device b"]);
    assert.deepEqual([first.device.id, second.device.id], ["a", "b"]);
    assert.deepEqual(first.pictures[0]?.data, second.pictures[0]?.data);
    first.pictures[0]!.data[0] = 0;
    assert.notEqual(second.pictures[0]?.data[0], 0, "each may change its message");
    assert.deepEqual([device.streams, streamsOpened()], [1, 1]);
  });

  it("go on when the one that has it open is left by its nodes, and say nothing of it", async () => {
    await deploy();
    const b = inbox("from b");
    await online();
    assert.equal((await b.payload())["state"], "online");
    const told = statuses("of b").length;
    await nodeById("of a").close(true);
    await until(() => streamsOpened() === 2 && device.streams === 1, "the other has opened it");
    await until(async () => (await device.emit(alerts.motion({ channel: 1 }))).bytes > 0, "it listens");
    assert.equal((await b.payload())["type"], "VMD");
    assert.equal(statuses("of b").length, told);
    await nodeById("of b").close(true);
    await until(() => device.streams === 0, "the last one closes it");
  });

  it("open none for a moment when all are deployed anew at once", async () => {
    await deploy();
    await online();
    await helper.unload();
    await until(() => device.streams === 0, "closed");
    assert.equal(streamsOpened(), 1);
  });

  it("are lost and come back together, each under its own name", async () => {
    await deploy();
    await online();
    await device.disconnect();
    for (const id of ["a", "b"]) {
      await until(() => errors(id).length > 0, `${id} tells the loss`);
      assert.equal(errors(id)[0]?.cause.device.id, id);
    }
    await device.connect();
    await online();
  });

  it("are watched as the one with the shortest patience wants", async () => {
    await deploy({ heartbeat: { ms: 100 } }, { heartbeatTimeout: 1 });
    await online();
    device.stream.heartbeat = null;
    await until(() => errors("a").length > 0 && errors("b").length > 0, "the silence is told", 5_000);
    assert.equal(errors("a")[0]?.code, "timeout");
  });

  it("ask for the alarm outputs once", async () => {
    await deploy({ model: "nvr" }, {}, {}, { events: ["IOOutput"] });
    await online();
    const asked = (): number => device.requests.filter(({ path }) => /IO\/outputs/.test(path)).length;
    // Of one output after the other: what is asked after the last of them is asked by the other node.
    const last = (): boolean =>
      device.requests.some(({ path, status }) => /\/301\/status$/.test(path) && status === 200);
    await until(last, "all are told");
    const once = asked();
    await nodeById("of a").close(true);
    await until(() => asked() > once, "the other asks on");
  });

  for (const [what, second] of Object.entries({
    "may send the password in the clear": { basic: true },
    "has its events pushed": { eventSource: "push" },
  }))
    it(`do not share with one that ${what}`, async () => {
      await deploy({}, second);
      await until(() => device.streams === (what.includes("push") ? 1 : 2), "streams of their own");
    });

  it("are named where this Node-RED itself has taken the last event connection", async () => {
    await deploy({ slots: 1 }, { basic: true });
    await until(() => errors("a").length + errors("b").length > 0, "one of them has none");
    const [error] = [...errors("a"), ...errors("b")];
    assert.equal(error?.code, "noSlots");
    assert.match(error.message, /1 of them by this Node-RED itself/);
  });
});
