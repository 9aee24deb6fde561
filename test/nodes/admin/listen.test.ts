import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import deviceModule from "../../../nodes/device/device";
import eventInModule from "../../../nodes/event-in/event-in";
import { deviceNode, helper, loadFlow, login } from "../../support/flow";
import { alerts, startVirtualDevice, type VirtualDevice } from "../../virtual-device";
import { until } from "../../support/until";

type Line = Record<string, unknown>;

describe("listening in a form", () => {
  let device: VirtualDevice;
  let server: Server | undefined;

  before(() => helper.startServer());
  after(() => helper.stopServer());
  beforeEach(async () => {
    device = await startVirtualDevice({ model: "nvr", channels: ["Gate", "Yard"] });
  });
  afterEach(async () => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
    await helper.unload();
    await device.close();
  });

  /** Reads lines as they come, into `lines`. */
  async function listen(
    scope = "deployed",
    body: object = { id: "device" },
  ): Promise<{ lines: Line[]; close: () => void; ended: Promise<void> }> {
    // The helper has its admin app only once a flow is loaded.
    server ??= await serve((helper as unknown as { _httpAdmin: RequestListener })._httpAdmin);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hikvision/${scope}/listen`;
    const away = new AbortController();
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: away.signal,
    });
    assert.equal(answer.status, 200);
    const lines: Line[] = [];
    const read = async (): Promise<void> => {
      let rest = "";
      for await (const chunk of Readable.fromWeb(answer.body as ReadableStream).setEncoding("utf8")) {
        const parts = (rest + String(chunk)).split("\n");
        rest = parts.pop() ?? "";
        lines.push(...parts.map((part) => JSON.parse(part) as Line));
      }
    };
    return { lines, close: () => away.abort(), ended: read().catch(() => undefined) };
  }

  const online = ({ lines }: { lines: Line[] }): boolean => lines.some(({ state }) => state === "online");
  const events = ({ lines }: { lines: Line[] }): Line[] => lines.flatMap(({ event }) => (event ? [event as Line] : []));

  it("shows events of a device that is not deployed, with what is typed, and closes its stream with the form", async () => {
    await loadFlow([deviceModule, eventInModule], [], {});
    const { host, port, username, password } = device;
    const form = await listen("form", {
      connection: { id: "new", host, port: String(port), protocol: "http", username, password },
    });
    await until(() => online(form), "the stream is open");
    await device.emit(alerts.lineCrossing({ channel: 2 }));
    await until(() => events(form).length > 0, "the event is shown");
    form.close();
    await until(() => device.streams === 0, "the stream is closed");
  });

  it("closes the stream of a form whose request waited behind another one of its connection", async () => {
    await loadFlow([deviceModule, eventInModule], [], {});
    const { host, port, username, password } = device;
    const connection = { id: "new", host, port: String(port), protocol: "http", username, password };
    const body = JSON.stringify({ connection });
    server = await serve((helper as unknown as { _httpAdmin: RequestListener })._httpAdmin);
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.on("error", () => undefined);
    const head = `POST /hikvision/form/listen HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n`;
    socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`.repeat(2));
    await until(() => device.streams === 2, "both streams are open");
    socket.destroy();
    await until(() => device.streams === 0, "both streams are closed");
  });

  it("takes the stream that is open where the form says what is deployed", async () => {
    await loadFlow(
      [deviceModule, eventInModule],
      [deviceNode(device), { id: "in", type: "hikvision-event-in", device: "device" }],
      {
        device: login(device),
      },
    );
    await until(() => device.streams === 1, "the stream of the node is open");
    const { host, port } = device;
    const form = await listen("form", { connection: { id: "device", host, port: String(port), protocol: "http" } });
    await until(() => online(form), "the form is told that it is open");
    assert.equal(device.streams, 1);
    form.close();
  });

  it("sends the stored password nowhere but to the device that is deployed", async () => {
    await loadFlow([deviceModule, eventInModule], [deviceNode(device)], { device: login(device) });
    const other = await startVirtualDevice();
    server ??= await serve((helper as unknown as { _httpAdmin: RequestListener })._httpAdmin);
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hikvision/form/listen`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        connection: { id: "device", host: other.host, port: String(other.port), protocol: "http" },
      }),
    });
    assert.equal(answer.status, 409);
    assert.equal(((await answer.json()) as Line)["code"], "passwordNeeded");
    assert.equal(other.requests.length, 0);
    await other.close();
  });

  it("shows events as they come, and lets go of the stream when the form closes", async () => {
    await loadFlow([deviceModule, eventInModule], [deviceNode(device)], { device: login(device) });
    const form = await listen();
    await until(() => online(form), "the stream is open");
    await device.emit(alerts.lineCrossing({ channel: 2 }));
    await until(() => events(form).length > 0, "the event is shown");
    const { receivedAt, regions, ...event } = events(form)[0]!;
    assert.ok(!Number.isNaN(Date.parse(String(receivedAt))) && Array.isArray(regions));
    assert.deepEqual(event, {
      type: "linedetection",
      channel: 2,
      channelName: "Yard",
      targets: event["targets"],
      active: true,
    });
    await device.emit(alerts.access({ code: [5, 9] }));
    await until(() => events(form).length > 1, "what happened at the door is shown");
    assert.deepEqual(events(form)[1]?.["access"], { kind: "denied", text: "card unknown" });
    form.close();
    await until(() => device.streams === 0, "the stream is closed");
  });

  it("takes no second connection beside a node's, and leaves the node's alone", async () => {
    const eventIn = { id: "in", type: "hikvision-event-in", device: "device", z: "flow", wires: [["out"]] };
    const flow = [deviceNode(device), { id: "flow", type: "tab" }, eventIn, { id: "out", z: "flow", type: "helper" }];
    await loadFlow([deviceModule, eventInModule], flow, { device: login(device) });
    const streams = (): number => device.requests.filter(({ path }) => /alertStream/i.test(path)).length;
    const received: unknown[] = [];
    helper.getNode("out").on("input", (message: unknown) => received.push(message));
    const first = await listen();
    await until(() => online(first), "the stream is open");
    const asked = streams();
    const second = await listen();
    await until(() => online(second), "the second form is told at once");
    first.close();
    await first.ended;
    await device.emit(alerts.lineCrossing({ channel: 1 }));
    await until(() => events(second).length > 0 && received.length > 0, "node and form have it");
    assert.equal(streams(), asked);
    second.close();
  });

  it("ends with a reason when the device is deployed anew", async () => {
    await loadFlow([deviceModule, eventInModule], [deviceNode(device)], { device: login(device) });
    const form = await listen();
    await until(() => online(form), "the stream is open");
    await helper.unload();
    await form.ended;
    assert.deepEqual(form.lines.at(-1), { over: "deployed" });
  });

  it("refuses a device that is not deployed, in words", async () => {
    await loadFlow([deviceModule], []);
    const answer = await helper.request().post("/hikvision/deployed/listen").send({ id: "new" });
    assert.equal(answer.status, 400);
    assert.equal((answer.body as Line)["code"], "badRequest");
  });
});

async function serve(app: RequestListener): Promise<Server> {
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}
