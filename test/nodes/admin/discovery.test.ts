import assert from "node:assert/strict";
import os from "node:os";
import type { NodeAPI } from "node-red";
import sinon from "sinon";
import deviceModule from "../../../nodes/device/device";
import eventInModule from "../../../nodes/event-in/event-in";
import { findInNetwork, type FoundLine } from "../../../nodes/admin/discovery";
import { FakeNetwork } from "../../discovery/fake-network";
import { ContextStore } from "../../support/context-store";
import { FakeClock, settle } from "../../support/fake-clock";
import { deviceNode, helper, loadFlow, login, type FlowNode } from "../../support/flow";
import { startVirtualDevice, type VirtualDevice, type VirtualDeviceOptions } from "../../virtual-device";
import { until } from "../../support/until";

const EVENT_IN: FlowNode = { id: "in", type: "hikvision-event-in", device: "device" };

describe("finding devices for the form", () => {
  let RED: NodeAPI;
  let store: ContextStore | undefined;
  const open: VirtualDevice[] = [];
  const lend = (api: NodeAPI): void => {
    RED = api;
  };

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    sinon.restore();
    await helper.unload();
    store?.remove();
    store = undefined;
    for (const device of open.splice(0)) await device.close();
  });

  async function start(options: VirtualDeviceOptions = {}): Promise<VirtualDevice> {
    const device = await startVirtualDevice(options);
    open.push(device);
    return device;
  }

  async function deploy(device: VirtualDevice, extra: object = {}, more: FlowNode[] = [EVENT_IN]): Promise<void> {
    const modules = [lend, deviceModule, eventInModule, ...(store ? [store.install] : [])];
    await loadFlow(modules, [deviceNode(device, { ...extra }), ...more], { device: login(device) });
  }

  /** What a search tells when `answers` come. */
  async function find(...answers: string[]): Promise<FoundLine[]> {
    const network = new FakeNetwork({ name: "eth0", address: "192.0.2.5" });
    const clock = new FakeClock();
    const lines: FoundLine[] = [];
    const end = findInNetwork(RED, new AbortController().signal, (line) => lines.push(line), { network, clock });
    await settle();
    for (const answer of answers) network.answer(answer);
    await clock.advance(5_000);
    assert.deepEqual(await end, { asked: ["eth0 (192.0.2.5)"] });
    return lines;
  }

  const says = ({ profile }: VirtualDevice, at: string, port?: number): string =>
    `<DeviceSN>${profile.serial}</DeviceSN><MAC>${profile.macAddress}</MAC><IPv4Address>${at}</IPv4Address>` +
    (port === undefined ? "" : `<HttpPort>${port}</HttpPort>`);
  const stranger = "<DeviceSN>DS-2CD9999-X20260101AAWR999999999</DeviceSN><IPv4Address>192.0.2.9</IPv4Address>";

  async function met(device: VirtualDevice): Promise<void> {
    await until(() => device.streams > 0, "the device is known");
  }

  it("recognizes a deployed device that has said who it is, and at its new address too", async () => {
    const device = await start();
    await deploy(device);
    await met(device);
    const [here, other] = await find(says(device, "127.0.0.1", device.port), stranger);
    const setUp = { id: "device", name: "Front", moved: false, was: `127.0.0.1:${device.port}` };
    assert.deepEqual(here?.setUp, [setUp]);
    assert.deepEqual(other?.setUp, []);

    await device.disconnect();
    for (const answer of [says(device, "192.0.2.20", 80), says(device, "127.0.0.1", device.port + 1)]) {
      assert.deepEqual((await find(answer))[0]?.setUp, [{ ...setUp, moved: true }]);
    }
    assert.deepEqual((await find(says(device, "127.0.0.1", device.port)))[0]?.setUp, [setUp]);
  });

  it("does not offer the address of a device that answers where it was deployed", async () => {
    const device = await start();
    await deploy(device);
    await met(device);
    assert.equal((await find(says(device, "192.0.2.20", 80)))[0]?.setUp[0]?.moved, false);
  });

  it("takes nobody for a device because it has its old address", async () => {
    const device = await start();
    await deploy(device);
    await met(device);
    const impostor = says(device, "127.0.0.1", device.port).replace(
      /<DeviceSN>.*<\/MAC>/,
      "<MAC>02-00-5e-10-00-99</MAC>",
    );
    assert.deepEqual((await find(impostor))[0]?.setUp, []);
  });

  it("knows a device that never said who it is by its address and port", async () => {
    const device = await start();
    await deploy(device, {}, []);
    const setUp = (await find(says(device, "127.0.0.1", device.port)))[0]?.setUp;
    assert.deepEqual(
      setUp?.map(({ id, moved }) => [id, moved]),
      [["device", false]],
    );
    assert.deepEqual((await find(says(device, "127.0.0.1", device.port + 1)))[0]?.setUp, []);
    assert.deepEqual((await find(says(device, "192.0.2.20")))[0]?.setUp, []);
  });

  it("learns who a device is by a test of its connection", async () => {
    const device = await start();
    await deploy(device, {}, []);
    const { host, port, username, password } = device;
    const connection = { id: "device", host, port: String(port), protocol: "http", username, password };
    await helper.request().post("/hikvision/form/test").send({ connection });
    assert.equal((await find(says(device, "192.0.2.20")))[0]?.setUp[0]?.id, "device");
  });

  it("remembers it over a restart while the device is away, if a context store is kept; not for another address", async () => {
    store = new ContextStore();
    const device = await start();
    await deploy(device);
    await met(device);
    await until(() => store?.read("device", "identity") !== undefined, "it is written");
    await helper.unload();
    await device.disconnect();
    await deploy(device);
    await settle();
    assert.equal((await find(says(device, "192.0.2.20")))[0]?.setUp[0]?.moved, true);
    await helper.unload();
    await deploy(device, { host: "192.0.2.77" });
    await settle();
    assert.deepEqual((await find(says(device, "192.0.2.20")))[0]?.setUp, []);
  });

  it("offers no address in place of a name", async () => {
    const device = await start();
    await deploy(device, { host: "localhost" });
    await met(device);
    await device.disconnect();
    const [line] = await find(says(device, "192.0.2.20"));
    assert.deepEqual([line?.setUp[0]?.id, line?.setUp[0]?.moved], ["device", false]);
  });

  it("lets few search at once, and others afterwards", async () => {
    await deploy(await start(), {}, []);
    const gone = new AbortController();
    const environment = { network: new FakeNetwork({ name: "eth0", address: "192.0.2.5" }), clock: new FakeClock() };
    const search = (): Promise<unknown> => findInNetwork(RED, gone.signal, () => undefined, environment);
    const searching = [search(), search(), search(), search()];
    await assert.rejects(search(), { code: "busy" });
    gone.abort();
    for (const one of searching) await assert.rejects(one, { code: "aborted" });
    assert.equal(environment.network.ears, 0);
    await find();
  });

  it("answers line by line, and says in words that there is no network", async function () {
    this.timeout(60_000).slow(8_000);
    if (process.platform !== "linux") this.skip(); // only there any 127.x.y.z is this computer
    const address = `127.38.${(process.pid >> 8) & 255}.${process.pid & 255}`;
    const interfaces = sinon.stub(os, "networkInterfaces");
    interfaces.returns({ lo: [{ address, internal: false, family: "IPv4" } as os.NetworkInterfaceInfo] });
    const device = await start({ sadp: { interface: address } });
    await deploy(device, {}, []);
    const answer = await helper.request().post("/hikvision/find").send({}).buffer(true);
    assert.match(String(answer.headers["content-type"]), /ndjson/);
    const [line, last] = answer.text
      .trim()
      .split("\n")
      .map((text) => JSON.parse(text) as Record<string, object>);
    assert.deepEqual(last, { asked: [`lo (${address})`] });
    assert.deepEqual(Object.keys(line?.["found"] ?? {}).sort(), [
      "activated",
      "address",
      "dhcp",
      "firmware",
      "httpPort",
      "macAddress",
      "model",
      "serialNumber",
    ]);
    assert.ok(!answer.text.includes(device.password) && !answer.text.includes(device.username));
    interfaces.returns({});
    const none = await helper.request().post("/hikvision/find").send({});
    assert.deepEqual([none.status, (none.body as { code: string }).code], [502, "offline"]);
  });
});
