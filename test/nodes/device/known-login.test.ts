import assert from "node:assert/strict";
import deviceModule from "../../../nodes/device/device";
import type { DeviceNode } from "../../../nodes/shared/device-node";
import { codeOf } from "../../../src/lib/errors";
import { ContextStore } from "../../support/context-store";
import { deviceNode, helper, loadFlow, login, nodeById } from "../../support/flow";
import { until } from "../../support/until";
import { startVirtualDevice, type VirtualDevice } from "../../virtual-device";

describe("a device's login with SHA-256", () => {
  let store: ContextStore;
  let device: VirtualDevice;

  before(() => helper.startServer());
  after(() => helper.stopServer());
  beforeEach(() => (store = new ContextStore()));
  afterEach(async () => {
    await helper.unload();
    store.remove();
    await device.close();
  });

  const deploy = async (): Promise<DeviceNode> => {
    await loadFlow([store.install, deviceModule], [deviceNode(device)], { device: login(device) });
    return nodeById("device") as unknown as DeviceNode;
  };
  const ask = async ({ device: of }: DeviceNode): Promise<unknown> => of?.facts.info().then(() => "answered", codeOf);

  it("is kept in the device node's context, and its end when a person has confirmed a weaker one", async () => {
    device = await startVirtualDevice({ auth: { algorithms: ["SHA-256"], nameAlgorithm: true } });
    const node = await deploy();
    assert.equal(await ask(node), "answered");
    const address = `${device.host}:${device.port}`;
    await until(() => store.read("device", "login") !== undefined, "it is written");
    assert.deepEqual(store.read("device", "login"), { address, strong: true });
    node.device?.http.login.schemes.confirm();
    await until(() => JSON.stringify(store.read("device", "login")).includes("false"), "the end is written");
  });

  for (const [what, strong, same, expected] of [
    ["is missed after a restart", true, true, "unauthorized"],
    ["is not missed at another address", true, false, "answered"],
    ["is not missed where a weaker one was confirmed", false, true, "answered"],
  ] as const)
    it(what, async () => {
      device = await startVirtualDevice();
      const address = same ? `${device.host}:${device.port}` : "192.0.2.1:80";
      await new Promise<void>((resolve) => store.set("device", "login", { address, strong }, () => resolve()));
      assert.equal(await ask(await deploy()), expected);
      if (expected === "unauthorized")
        assert.ok(
          device.requests.every(({ credentials }) => !credentials),
          "no password was sent",
        );
    });
});
