/** curl in the place of a pushing device: its HTTP is not Node's. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { NodeAPI } from "node-red";
import deviceModule from "../../nodes/device/device";
import eventInModule from "../../nodes/event-in/event-in";
import { xmlAlert } from "../support/alerts";
import { deviceNode, helper, inbox, loadFlow, login, statuses, type Inbox } from "../support/flow";
import { findProgram, has, without } from "../support/left-out";
import { until } from "../support/until";
import { startVirtualDevice, type VirtualDevice } from "../virtual-device";

const TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const XML = "Content-Type: application/xml";
/** More than a push may have. */
const HUGE_BYTES = 17 * 1024 * 1024;

(has("curl") ? describe : describe.skip)(`pushes by curl${without("curl")}`, () => {
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
  });
  after(async () => {
    await new Promise<void>((resolve) => helper.stopServer(() => resolve()));
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(async () => {
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
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  /** The answer's status; 0 where there is none. */
  async function curl(args: readonly string[], body: string | Buffer): Promise<number> {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hikvision/push/${TOKEN}`;
    const fixed = ["--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--max-time", "20"];
    const child = spawn(findProgram("curl") ?? "", [...fixed, ...args, "--data-binary", "@-", url], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    child.stdin.on("error", () => undefined).end(body);
    let status = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (status += text));
    await new Promise((resolve) => child.once("close", resolve));
    return Number(status);
  }

  async function assertNextIsGood(): Promise<void> {
    assert.equal(await curl(["-H", XML], xmlAlert({ eventType: "linedetection" })), 200);
    assert.equal((await messages.payload())["type"], "linedetection");
  }

  it("in chunks, without a length, arrive", async () => {
    assert.equal(await curl(["-H", XML, "-H", "Transfer-Encoding: chunked"], xmlAlert({})), 200);
    assert.equal((await messages.payload())["type"], "VMD");
  });

  it("slowly, over two seconds, arrive", async () => {
    const body = xmlAlert({}) + "\n".repeat(3_000);
    assert.equal(await curl(["-H", XML, "--limit-rate", "1500"], body), 200);
    assert.equal((await messages.payload())["type"], "VMD");
  });

  it("that ask first (Expect: 100-continue) arrive", async () => {
    assert.equal(await curl(["-H", XML, "-H", "Expect: 100-continue"], xmlAlert({})), 200);
    assert.equal((await messages.payload())["type"], "VMD");
  });

  for (const [how, args] of [
    ["announced", []],
    ["in chunks", ["-H", "Transfer-Encoding: chunked"]],
  ] as const)
    it(`that are huge, ${how}, are refused, end their connection, and hinder nobody`, async () => {
      const status = await curl(["-H", XML, ...args], Buffer.alloc(HUGE_BYTES, "<a/>"));
      // None, or 100, where the connection was cut while curl was still sending.
      assert.ok([413, 0, 100].includes(status), `status ${status}`);
      await until(() => sockets.size === 0, "no connection is left");
      await assertNextIsGood();
    });

  it("that break off are no event, and hinder nobody", async () => {
    assert.equal(await curl(["-H", XML, "--limit-rate", "200", "--max-time", "1"], xmlAlert({})), 0);
    await until(() => sockets.size === 0, "no connection is left");
    await assertNextIsGood();
    assert.equal(messages.all.length, 1);
  });
});
