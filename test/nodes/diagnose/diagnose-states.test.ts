import assert from "node:assert/strict";
import deviceModule from "../../../nodes/device/device";
import diagnoseModule from "../../../nodes/diagnose/diagnose";
import eventInModule from "../../../nodes/event-in/event-in";
import type { Report } from "../../../src/diagnose/check";
import { assertFinds, STATES, type Entered, type State } from "../../diagnose/states";
import { deviceNode, helper, inbox, lastLine, loadFlow, login, nodeById, type FlowNode } from "../../support/flow";
import { startVirtualDevice, type VirtualDevice } from "../../virtual-device";
import { until } from "../../support/until";

type Model = "camera" | "nvr";

/** What the settings hold; a password of nobody else's, since refusals are remembered by host, port and password. */
async function load(device: VirtualDevice, state: State, entered: Entered): Promise<void> {
  const { password, ...connection } = entered;
  const look: FlowNode = { id: "look", type: "hikvision-diagnose", device: "device", events: state.events ?? [] };
  const listener: FlowNode = { id: "in", type: "hikvision-event-in", device: "device" };
  await loadFlow(
    [deviceModule, diagnoseModule, eventInModule],
    [
      deviceNode(device, connection),
      { ...look, wires: [["out"]] },
      { id: "out", type: "helper" },
      ...(state.listening ? [listener] : []),
    ],
    { device: { ...login(device), ...(password !== undefined && { password }) } },
  );
  if (!state.listening) return;
  await until(() => device.streams === 1, "the stream");
  // The node has to have heard of it, and of the first heartbeat.
  const { alerts } = (nodeById("device")["device"] ?? {}) as { alerts: { state: { phase: string }; heard: boolean } };
  const beats = device.options.heartbeat !== null;
  await until(() => alerts.state.phase === "online" && alerts.heard === beats, "the stream is up");
}

async function byNode(): Promise<Report> {
  const messages = inbox("out");
  nodeById("look").receive({ payload: "go" });
  return (await messages.next())["payload"] as Report;
}

/** As the form asks: what it holds, the password typed in or not. */
async function byForm(device: VirtualDevice, state: State, entered: Entered): Promise<Report> {
  const { host, port, secure, username } = device;
  const connection = {
    id: "device",
    host,
    port: String(port),
    protocol: secure ? "https" : "http",
    tls: "verify",
    username,
    ...entered,
  };
  const question = { connection, events: state.events ?? [] };
  const answer = await helper.request().post("/hikvision/form/test").send(question).buffer(true);
  assert.equal(answer.status, 200);
  const report = lastLine(answer) as Report;
  // Each check was shown as it ended.
  const lines = answer.text.trim().split("\n").slice(0, -1);
  const shown = lines.map((line) => JSON.parse(line) as { check?: unknown }).flatMap(({ check }) => check ?? []);
  assert.deepEqual(shown, report.checks);
  return report;
}

describe("a device in each state", () => {
  let device: VirtualDevice;
  let devices = 0;

  async function start(model: Model, state: State): Promise<Entered> {
    // An address of its own: what is remembered of one device's login must not meet another at the same port. Linux alone has
    // all of 127.0.0.0/8; the certificate is for 127.0.0.1.
    const own = process.platform === "linux" && state.options?.tls === undefined;
    const host = own ? `127.0.7.${++devices}` : "127.0.0.1";
    device = await startVirtualDevice({ model, host, ...state.options });
    await state.arrange?.(device);
    const entered = state.entered?.(device) ?? {};
    await load(device, state, entered);
    return entered;
  }

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  // test/diagnose has each of both models; here each state is seen in both ways, of a camera in the one and of a recorder in the other.
  STATES.forEach((state, index) => {
    const [one, other]: [Model, Model] = index % 2 === 0 ? ["camera", "nvr"] : ["nvr", "camera"];

    it(`shows in the form's test: a ${one} ${state.title}`, async () => {
      const entered = await start(one, state);
      assertFinds(state, await byForm(device, state, entered), device);
    });

    it(`shows in the node's report: a ${other} ${state.title}`, async () => {
      await start(other, state);
      // Asked again, it answers alike and sends no refused login a second time.
      for (let time = 0; time < 2; time++) assertFinds(state, await byNode(), device);
    });
  });
});
