import assert from "node:assert/strict";
import deviceModule from "../../../nodes/device/device";
import statisticsModule from "../../../nodes/statistics/statistics";
import { coreNode, deviceNode, helper, inbox, loadFlow, login, nodeById, type FlowNode } from "../../support/flow";
import { countingOf, startVirtualDevice, type VirtualDevice } from "../../virtual-device";
import { greyJpeg } from "../../virtual-device/jpeg";

const modules = [deviceModule, statisticsModule, coreNode("common/24-complete"), coreNode("common/25-catch")];

/** As the form saves it. */
function statistics(extra: Record<string, unknown> = {}): FlowNode {
  return {
    id: "node",
    type: "hikvision-statistics",
    device: "device",
    channel: "1",
    channelType: "num",
    kind: "people",
    interval: "hour",
    action: "read",
    wires: [["out"]],
    ...extra,
  };
}

interface Caught {
  readonly error: { readonly message: string; readonly code: string };
}

describe("statistics", () => {
  let device: VirtualDevice;

  async function start(node: FlowNode): Promise<void> {
    device = await startVirtualDevice({ heartbeat: null });
    await loadFlow(
      modules,
      [
        deviceNode(device),
        node,
        { id: "out", type: "helper" },
        { id: "catch", type: "catch", scope: null, wires: [["caught"]] },
        { id: "caught", type: "helper" },
      ],
      { device: login(device) },
    );
  }
  const send = (message: object = {}): void => nodeById("node").receive(message as never);

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  it("gives rows of the range of the message, and says what they are", async () => {
    await start(statistics());
    countingOf(device)
      .fit()
      .crossings.push({ channel: 2, atMs: Date.parse("2026-05-01T08:10:00Z"), enter: 3, exit: 1 });
    send({ topic: "t", channel: 2, start: "2026-05-01 10:00", end: "2026-05-01 12:00" });
    const message = await inbox("out").next();
    assert.deepEqual(message["payload"], [
      { start: "2026-05-01T10:00:00+02:00", end: "2026-05-01T11:00:00+02:00", enter: 3, exit: 1 },
      { start: "2026-05-01T11:00:00+02:00", end: "2026-05-01T12:00:00+02:00", enter: 0, exit: 0 },
    ]);
    assert.deepEqual(message["statistics"], {
      kind: "people",
      channel: 2,
      start: "2026-05-01T10:00:00+02:00",
      end: "2026-05-01T12:00:00+02:00",
      interval: "hour",
    });
    assert.equal(message["topic"], "t");
  });

  it("takes times in words, and gives a heat map as a picture", async () => {
    await start(statistics({ kind: "heatmap", start: "yesterday", end: "today" }));
    Object.assign(countingOf(device), { heatMap: greyJpeg(16, 16), heatValues: { max: 7, min: 1 } });
    send();
    const message = await inbox("out").next();
    assert.deepEqual(message["payload"], greyJpeg(16, 16));
    const { kind, max, min } = message["statistics"] as Record<string, unknown>;
    assert.deepEqual({ kind, max, min }, { kind: "heatmap", max: 7, min: 1 });
  });

  it("sets the counter to zero only where the form has the tick", async () => {
    await start(statistics({ action: "msg" }));
    countingOf(device).fit();
    const caught = inbox("caught");
    send({ action: "reset", confirm: true });
    const { error } = (await caught.next()) as unknown as Caught;
    assert.equal(error.code, "badRequest");
    assert.match(error.message, /Tick "Confirm"/);
    assert.equal(countingOf(device).resets, 0);
    send({ action: "wipe" });
    assert.match(((await caught.next()) as unknown as Caught).error.message, /"read" or "reset"/);
    await helper.unload();
    await device.close();

    await start(statistics({ action: "msg", confirm: true }));
    countingOf(device).fit();
    send({ action: "reset" });
    const message = await inbox("out").next();
    assert.deepEqual(message["payload"], { done: "reset", channel: 1 });
    assert.ok(!("action" in message), "the next node must not take the order for its own");
    assert.equal(countingOf(device).resets, 1);
  });
});
