import assert from "node:assert/strict";
import { createServer, request as httpRequest, type RequestListener, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import type { NodeAPI } from "node-red";
import deviceModule from "../../../nodes/device/device";
import eventInModule from "../../../nodes/event-in/event-in";
import { deviceNode, errors, helper, inbox, loadFlow, login, statuses, type FlowNode } from "../../support/flow";
import { alerts, startVirtualDevice, type VirtualDevice } from "../../virtual-device";
import { post, pushAlert } from "../../virtual-device/push";
import { until } from "../../support/until";

/** The answer to a POST whose first line is sent as it is; "" when the server only closes. */
async function rawPost(base: string, target: string): Promise<string> {
  const { hostname, port } = new URL(base);
  const socket = connect(Number(port), hostname);
  socket.end(`POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("latin1");
}

const TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const FLOW: readonly FlowNode[] = [
  { id: "in", type: "hikvision-event-in", device: "device", wires: [["out"]] },
  { id: "out", type: "helper" },
];

describe("push", () => {
  let device: VirtualDevice;
  let server: Server;
  let base: string;
  let settings: Record<string, unknown> = {};

  /** Lends the runtime's HTTP root a server, and its settings to the test. */
  const lend = (RED: NodeAPI): void => {
    settings = RED.settings as unknown as Record<string, unknown>;
    server.removeAllListeners("request").on("request", RED.httpNode as unknown as RequestListener);
  };

  async function deploy(token: string | undefined = TOKEN): Promise<void> {
    await loadFlow([lend, deviceModule, eventInModule], [deviceNode(device, { eventSource: "push" }), ...FLOW], {
      device: { ...login(device), ...(token && { pushToken: token }) },
    });
  }

  async function online(): Promise<void> {
    await until(() => statuses("in").at(-1)?.fill === "green", "online");
  }

  before(async () => {
    await new Promise<void>((resolve) => helper.startServer(() => resolve()));
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hikvision/push/`;
  });
  after(async () => {
    await new Promise<void>((resolve) => helper.stopServer(() => resolve()));
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(async () => {
    device = await startVirtualDevice();
  });
  afterEach(async () => {
    delete settings["httpNodeAuth"];
    await helper.unload();
    await device.close();
  });

  it("brings the messages of the stream, pictures included, and opens no stream", async () => {
    await deploy();
    await online();
    const messages = inbox("out");
    assert.equal(await pushAlert(device, base + TOKEN, alerts.intrusion({ withPictures: true })), 200);
    const payload = await messages.payload();
    assert.deepEqual([payload["type"], payload["state"], payload["targets"]], ["fielddetection", "start", ["human"]]);
    const [picture] = payload["pictures"] as { data: Buffer }[];
    assert.deepEqual([...picture!.data.subarray(0, 3)], [0xff, 0xd8, 0xff]);
    assert.equal(await pushAlert(device, base + TOKEN, alerts.motion(), { shape: "raw" }), 200);
    assert.equal((await messages.payload())["type"], "VMD");
    assert.equal(device.requests.filter(({ path }) => path.endsWith("alertStream")).length, 0);
  });

  it("gives an event the image that stands in front of it, as terminals send it", async () => {
    await deploy();
    await online();
    const messages = inbox("out");
    const event = {
      dateTime: "2026-03-01T12:00:00+01:00",
      eventType: "AccessControllerEvent",
      eventState: "active",
      AccessControllerEvent: { majorEventType: 5, subEventType: 75, serialNo: 1 },
    };
    const form = new FormData();
    form.append(
      "Picture",
      new Blob([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 0xff, 0xd9])], { type: "image/jpeg" }),
      "Picture.jpg",
    );
    form.append("AccessControllerEvent", JSON.stringify(event));
    assert.equal((await fetch(base + TOKEN, { method: "POST", body: form })).status, 200);
    const payload = await messages.payload();
    const pictures = payload["pictures"] as { name: string; data: Buffer }[];
    assert.deepEqual([payload["type"], pictures.length, pictures[0]?.data.length], ["AccessControllerEvent", 1, 8]);
  });

  it("does not wait for pictures that a body without them announced", async () => {
    await deploy();
    await online();
    const messages = inbox("out");
    const promised = alerts.altered(alerts.motion(), (text) =>
      text.replace(
        "</EventNotificationAlert>",
        "<detectionPicturesNumber>1</detectionPicturesNumber></EventNotificationAlert>",
      ),
    );
    await pushAlert(device, base + TOKEN, promised);
    const [picture] = (await messages.payload())["pictures"] as { data: null; error: { code: string } }[];
    assert.equal(picture!.data, null);
    assert.match(picture!.error.code, /\w/);
  });

  it("refuses with 503 what a sender begins beyond 16 unfinished bodies, and takes pushes again when they are gone", async () => {
    await deploy();
    await online();
    const begun = Array.from({ length: 20 }, () =>
      httpRequest(base + TOKEN, { method: "POST", agent: false, headers: { "Content-Length": 1_000 } }),
    );
    let refused = 0;
    for (const one of begun) {
      one.on("error", () => undefined).on("response", ({ statusCode }) => (refused += Number(statusCode === 503)));
      one.write("<EventNotificationAlert>");
    }
    await until(() => refused === 4, "four refusals");
    for (const one of begun) one.destroy();
    const messages = inbox("out");
    await until(async () => (await pushAlert(device, base + TOKEN, alerts.motion())) === 200, "taken again");
    assert.equal((await messages.payload())["type"], "VMD");
    assert.equal(refused, 4);
  });

  it("keeps no place for senders that left while something in front of the route was waited for", async () => {
    await deploy();
    await online();
    const [route] = server.listeners("request") as RequestListener[];
    let late = 0;
    server.removeAllListeners("request").on("request", (request, response) => {
      response.once("close", () => {
        route?.(request, response);
        late += 1;
      });
      request.destroy();
    });
    for (let index = 0; index < 16; index++) {
      const one = httpRequest(base + TOKEN, { method: "POST", agent: false, headers: { "Content-Length": 1_000 } });
      one.on("error", () => undefined).write("<EventNotificationAlert>");
    }
    await until(() => late === 16, "all have left");
    server.removeAllListeners("request").on("request", route as RequestListener);
    assert.equal(await pushAlert(device, base + TOKEN, alerts.motion()), 200);
  });

  it("answers 404 to a wrong token, and says so once per sender", async () => {
    await deploy();
    await online();
    const messages = inbox("out");
    for (const token of ["wrong", TOKEN.slice(1), `${TOKEN}0`, "constructor"]) {
      assert.equal(await pushAlert(device, base + token, alerts.motion()), 404);
    }
    assert.equal(await messages.nextOrNothing(50), undefined);
    const lines = helper.log().args.map(([line]) => String((line as { msg: unknown }).msg));
    assert.equal(lines.filter((line) => line.includes("an address that no device has")).length, 1);
  });

  it("answers 413 to a body that is too large, without reading it all", async () => {
    await deploy();
    await online();
    const refused = post(base + TOKEN, "image/jpeg", Buffer.alloc(17 << 20)).catch(() => 413);
    assert.equal(await refused, 413);
  });

  it("survives a sender that breaks off, and takes the next push", async () => {
    await deploy();
    await online();
    const messages = inbox("out");
    await assert.rejects(pushAlert(device, base + TOKEN, alerts.motion(), { cutAt: 100 }));
    assert.equal(await pushAlert(device, base + TOKEN, alerts.motion()), 200);
    assert.equal((await messages.payload())["type"], "VMD");
  });

  it("ends with the flow: the address is nobody's after that", async () => {
    await deploy();
    await online();
    await helper.clearFlows();
    assert.equal(await pushAlert(device, base + TOKEN, alerts.motion()), 404);
  });

  it("survives an absolute address with a bad port, and every other first line, and takes the next push", async () => {
    await deploy();
    await online();
    const messages = inbox("out");
    const path = `/hikvision/push/${TOKEN}`;
    for (const target of [
      `http://device:99999${path}?channelID=1`,
      `http://[::1${path}`,
      `http://%zz${path}`,
      `//x:99999${path}`,
      `${path}?%zz=%`,
      `${path}/%zz`,
      "http://",
      "*",
    ]) {
      const answer = await rawPost(base, target);
      assert.match(answer, /^(?:HTTP\/1\.1 \d{3} |$)/, target);
    }
    assert.equal(await pushAlert(device, base + TOKEN, alerts.motion()), 200);
    assert.equal((await messages.payload())["type"], "VMD");
  });

  it("goes to the first of two devices with one push address, and tells the second so", async () => {
    const twin = deviceNode(device, { id: "twin", name: "Twin", eventSource: "push" });
    const user: FlowNode = { id: "in-twin", type: "hikvision-event-in", device: "twin", wires: [["out-twin"]] };
    const credentials = { ...login(device), pushToken: TOKEN };
    await loadFlow(
      [lend, deviceModule, eventInModule],
      [deviceNode(device, { eventSource: "push" }), ...FLOW, twin, user, { id: "out-twin", type: "helper" }],
      { device: credentials, twin: credentials },
    );
    await online();
    const [mine, twins] = [inbox("out"), inbox("out-twin")];
    assert.equal(await pushAlert(device, base + TOKEN, alerts.motion()), 200);
    assert.equal((await mine.payload())["type"], "VMD");
    assert.equal(twins.all.length, 0);
    assert.match(errors("twin").map(String).join(), /Another device node has the same push address/);
  });

  it("says that the device is away although nothing was pushed", async () => {
    await device.disconnect();
    await deploy();
    await until(() => errors("device").length > 0, "an error");
    assert.equal((errors("device")[0]?.[0] as { code: string }).code, "offline");
  });

  it("says what to do where no push can come in", async () => {
    await deploy("");
    await until(() => errors("device").length > 0, "an error");
    assert.match(String(errors("device")[0]?.[0]), /push address/);
    await helper.unload();
    settings["httpNodeAuth"] = { user: "u", pass: "p" };
    await deploy();
    await until(() => errors("device").length > 0, "an error");
    assert.match(String(errors("device")[0]?.[0]), /httpNodeAuth/);
  });
});
