/** The one conversation that the device begins: every fault of its request, and the next push works. */
import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import type { NodeAPI } from "node-red";
import deviceModule from "../../nodes/device/device";
import eventInModule from "../../nodes/event-in/event-in";
import { xmlAlert } from "../support/alerts";
import { deviceNode, helper, inbox, loadFlow, login, statuses, type Inbox } from "../support/flow";
import { until } from "../support/until";
import { startVirtualDevice, type VirtualDevice } from "../virtual-device";

const TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const ALERT = xmlAlert({});
const HUGE = 17 * 1024 * 1024;

const head = (length: number | string, type = "application/xml", more = ""): string =>
  `POST /hikvision/push/${TOKEN} HTTP/1.1\r\nHost: here\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n${more}\r\n`;
const whole = head(ALERT.length) + ALERT;
const half = (text: string): string => text.slice(0, text.length >> 1);

/** What the sender does after its bytes. */
type Then = "reset" | "end" | "silence";

/** Bytes of a sender, and what they become: no event, or one. */
const BROKEN: Readonly<Record<string, readonly [bytes: string | Buffer, events?: 0 | 1]>> = {
  "says nothing": [""],
  "breaks off in its headers": [half(head(ALERT.length))],
  "breaks off in its body": [head(ALERT.length) + half(ALERT)],
  "announces more than it sends": [head(ALERT.length + 500) + ALERT],
  "sends more than it announces": [head(ALERT.length) + ALERT + ALERT, 1],
  "sends no HTTP": [Buffer.from(Array.from({ length: 900 }, (_, i) => (i * 7919) & 0xff))],
  "has a length that is no number": [head("twelve") + ALERT],
  "has two lengths": [head(ALERT.length, "application/xml", "Content-Length: 7\r\n") + ALERT],
  "announces far too much": [head(HUGE) + ALERT],
  "sends a page": [head(30, "text/html") + "<html><body>hello</body></html>".slice(0, 30)],
  "sends nothing as its body": [head(0)],
  "sends junk as XML": [head(500) + "\0\u0001<<<&&&]]>".repeat(50).slice(0, 500)],
  "sends a multipart body without parts": [head(4, "multipart/form-data; boundary=x") + "----"],
  "sends a multipart body that ends in a part": [
    head(90, "multipart/form-data; boundary=x") + `--x\r\nContent-Type: application/xml\r\n\r\n${ALERT}`.slice(0, 90),
  ],
  "sends its alert as a picture": [head(ALERT.length, "image/jpeg") + ALERT],
};

describe("a push under a fault", () => {
  let device: VirtualDevice;
  let server: Server;
  let messages: Inbox;
  const sockets = new Set<Socket>();

  const lend = (RED: NodeAPI): void => {
    server.removeAllListeners("request").on("request", RED.httpNode as unknown as RequestListener);
  };

  before(async () => {
    await new Promise<void>((resolve) => helper.startServer(() => resolve()));
    server = createServer().on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    device = await startVirtualDevice();
    const nodes = [
      { id: "in", type: "hikvision-event-in", device: "device", emit: "all", wires: [["out"]] },
      { id: "out", type: "helper" },
    ];
    await loadFlow([lend, deviceModule, eventInModule], [deviceNode(device, { eventSource: "push" }), ...nodes], {
      device: { ...login(device), pushToken: TOKEN },
    });
    await until(() => statuses("in").at(-1)?.fill === "green", "the device listens");
    messages = inbox("out");
  });
  after(async () => {
    await helper.unload();
    await device.close();
    await new Promise<void>((resolve) => helper.stopServer(() => resolve()));
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function open(): Promise<Socket> {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.on("error", () => undefined).resume();
    await new Promise((resolve) => socket.once("connect", resolve));
    return socket;
  }

  async function pushGood(): Promise<void> {
    const before = messages.all.length;
    const socket = await open();
    const answered = new Promise<string>((resolve) => socket.once("data", (data: Buffer) => resolve(data.toString())));
    socket.write(whole);
    assert.match(await answered, /^HTTP\/1\.1 200 /);
    await until(() => messages.all.length > before, "the good push is a message");
    assert.equal(messages.all.length, before + 1);
    socket.destroy();
  }

  for (const [what, [bytes, events = 0]] of Object.entries(BROKEN))
    for (const then of ["reset", "end", "silence"] as const satisfies readonly Then[])
      it(`whose sender ${what}, then ${then}: ${events === 0 ? "no message" : "one message"}, and the next one works`, async () => {
        const before = messages.all.length;
        const socket = await open();
        await new Promise((resolve) => socket.write(bytes.length > 0 ? bytes : "\r\n", resolve));
        // What came before the reset would be lost with it.
        await until(() => messages.all.length === before + events, "its event is a message");
        if (then === "reset") socket.resetAndDestroy();
        else if (then === "end") socket.end();
        await pushGood();
        assert.equal(messages.all.length, before + events + 1);
        socket.destroy();
        await until(() => sockets.size === 0, "no connection is left");
      });
});
