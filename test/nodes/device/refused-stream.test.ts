import assert from "node:assert/strict";
import deviceModule from "../../../nodes/device/device";
import eventInModule from "../../../nodes/event-in/event-in";
import type { DeviceNode } from "../../../nodes/shared/device-node";
import { deviceNode, helper, loadFlow, login, nodeById } from "../../support/flow";
import { until } from "../../support/until";
import { startVirtualDevice } from "../../virtual-device";

describe("a device whose event stream is not for this user", () => {
  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(() => helper.unload());

  it("refuses that stream alone, by whatever 401: snapshots go on with the same login", async () => {
    await using device = await startVirtualDevice({ auth: { refusedPath: /alertStream/ } });
    const flow = [deviceNode(device), { id: "in", type: "hikvision-event-in", device: "device" }];
    await loadFlow([deviceModule, eventInModule], flow, { device: login(device) });
    const { device: of } = nodeById("device") as unknown as DeviceNode;
    assert.ok(of);
    await until(() => of.alerts.state.phase === "offline", "the stream is refused");
    const { state } = of.alerts;
    assert.equal(state.phase === "offline" && state.error.code, "forbidden");
    assert.match(String(state.phase === "offline" && state.error.message), /^The user may not use the event stream/);
    const picture = await of.snapshots.take({ channel: 1, stream: 1 });
    assert.ok(picture.length > 0);
    assert.equal(device.authenticator.failures, 0);
  });
});
