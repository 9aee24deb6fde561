import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import deviceModule from "../../../nodes/device/device";
import eventInModule from "../../../nodes/event-in/event-in";
import {
  coreNode,
  deviceNode,
  errors,
  helper,
  inbox,
  lastLine,
  loadFlow,
  login,
  nodeById,
  statuses,
  type FlowNode,
} from "../../support/flow";
import { alerts, PAGES, startVirtualDevice, type VirtualDevice, type VirtualDeviceOptions } from "../../virtual-device";
import { until } from "../../support/until";

const modules = [deviceModule, eventInModule, coreNode("common/25-catch")];
const VOCABULARY = "@hikflow/node-red-hikvision/device:hikvision-device.status.";

const FLOW: readonly FlowNode[] = [
  { id: "in", type: "hikvision-event-in", device: "device", connection: true, wires: [["out"]] },
  { id: "out", type: "helper" },
  { id: "catch", type: "catch", scope: null, wires: [["caught"]] },
  { id: "caught", type: "helper" },
];

interface Caught {
  error: { message: string; code: string; cause: Record<string, unknown>; stack: string };
}

describe("device", () => {
  let device: VirtualDevice;
  let elsewhere: Server | undefined;

  async function start(options: VirtualDeviceOptions = {}): Promise<void> {
    device = await startVirtualDevice(options);
  }

  async function deploy(extra: Record<string, unknown> = {}, credentials: object = login(device)): Promise<void> {
    await loadFlow(modules, [deviceNode(device, extra), ...FLOW], { device: credentials });
  }

  /** The status word once the stream has failed, and what it was told to the log. */
  async function failure(): Promise<{ word: string; sentence: string }> {
    await until(() => errors("device").length > 0, "an error");
    const error = errors("device")[0]?.[0] as Error;
    return { word: String(statuses("in").at(-1)?.text).replace(VOCABULARY, ""), sentence: error.message };
  }

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await device.close();
    await new Promise<unknown>((resolve) => (elsewhere ? elsewhere.close(resolve) : resolve(undefined)));
    elsewhere = undefined;
  });

  describe("says in words of its own that", () => {
    const cases: Record<string, { word: string; says: RegExp; prepare: () => Promise<void> }> = {
      "the password is wrong": {
        word: "unauthorized",
        says: /password/i,
        prepare: async () => {
          await start();
          await deploy({}, { username: "admin", password: "wrong" });
        },
      },
      "the user is locked": {
        word: "locked",
        says: /locked/i,
        prepare: async () => {
          await start({ auth: { lockAfter: 1 }, password: "locked out" });
          const wrong = { username: "admin", password: "also wrong" };
          await deploy({}, wrong);
          await failure();
          await helper.unload();
          await deploy();
        },
      },
      "nothing listens at the port": {
        word: "offline",
        says: /127\.0\.0\.1/,
        prepare: async () => {
          await start();
          await device.disconnect();
          await deploy();
        },
      },
      "nobody knows the name": {
        word: "offline",
        says: /no-such-camera\.invalid/,
        prepare: async () => {
          await start();
          await deploy({ host: "no-such-camera.invalid" });
        },
      },
      "the certificate is not trusted": {
        word: "tls",
        says: /certificate/i,
        prepare: async () => {
          await start({ tls: true });
          await deploy();
        },
      },
      "all event connections are taken": {
        word: "noSlots",
        says: /taken/i,
        prepare: async () => {
          await start({ slots: 0 });
          await deploy();
        },
      },
      "the device is not activated": {
        word: "notActivated",
        says: /activated/i,
        prepare: async () => {
          await start({ activated: false });
          await deploy();
        },
      },
      "the user may not listen": {
        word: "forbidden",
        says: /right|user/i,
        prepare: async () => {
          await start();
          device.fail(/alertStream/, PAGES.html403);
          await deploy();
        },
      },
      "something else answers there": {
        word: "notIsapi",
        says: /Hikvision/,
        prepare: async () => {
          await start();
          elsewhere = createServer((_request, response) => {
            response.writeHead(200, { "Content-Type": "text/html" }).end("<html><body>Router</body></html>");
          });
          await new Promise<void>((resolve) => elsewhere?.listen(0, "127.0.0.1", resolve));
          await deploy({ port: (elsewhere.address() as AddressInfo).port });
        },
      },
      "the device does not answer in time": {
        word: "timeout",
        says: /silent|answer/i,
        prepare: async () => {
          await start({ heartbeat: { ms: 100, times: 2 } });
          await deploy({ heartbeatTimeout: 1 });
        },
      },
    };
    for (const [what, { word, says, prepare }] of Object.entries(cases)) {
      it(what, async () => {
        await prepare();
        const found = await failure();
        assert.equal(found.word, word);
        assert.match(found.sentence, says);
        assert.doesNotMatch(found.sentence, /wrong$|correct horse|locked out/);
      });
    }
  });

  it("gives a Catch node the sentence, the code and plain facts", async () => {
    await start();
    await deploy();
    const caught = inbox("caught");
    await until(() => device.streams === 1, "the stream");
    await device.disconnect();
    const { error } = (await caught.next()) as unknown as Caught;
    assert.match(error.message, /^[A-Z0-9].*\.$/);
    assert.equal(error.code, "offline");
    assert.deepEqual(error.cause["device"], { id: "device", name: "Front", host: "127.0.0.1" });
    assert.deepEqual(JSON.parse(JSON.stringify(error.cause)), error.cause);
    assert.equal(caught.all.length, 1);
  });

  it("comes back by itself when a full device frees a slot", async () => {
    await start({ slots: 1 });
    await deploy();
    await until(() => device.streams === 1, "the stream");
    await device.reboot(50);
    await until(() => device.streams === 1, "the stream again");
    const messages = inbox("out");
    await device.emit(alerts.motion());
    for (;;) {
      const payload = await messages.payload();
      if (payload["type"] === "VMD") break;
    }
  });

  it("connects over TLS when told to trust the device, openly or by its fingerprint", async () => {
    await start({ tls: true });
    await deploy({ tls: "insecure" });
    await until(() => device.streams === 1, "the stream");
  });

  it("connects at once when a person presses Test connection after the password was put right on the device", async () => {
    await start();
    const later = { username: device.username, password: "set on the device later" };
    await deploy({}, later);
    assert.equal((await failure()).word, "unauthorized");
    device.options.password = later.password;
    const connection = { id: "device", host: device.host, port: String(device.port), protocol: "http", ...later };
    const answer = await helper.request().post("/hikvision/form/test").send({ connection }).buffer(true);
    assert.equal((lastLine(answer) as { ok: boolean }).ok, true);
    await until(() => device.streams === 1, "the stream");
  });

  it("keeps nothing in `users` but the nodes that listen", async () => {
    await start();
    await deploy();
    const { users } = nodeById("device") as unknown as { users: Record<string, unknown> };
    assert.deepEqual(Object.keys(users), ["in"]);
    assert.equal(users["in"], nodeById("in"));
    await helper.clearFlows();
    assert.deepEqual(users, {});
  });

  it("closes within a second, also while the device takes connections and never answers", async () => {
    await start();
    device.fail(/./, { kind: "hang" }, { stage: "login" });
    await deploy();
    await until(() => device.requests.length > 0, "a request");
    const before = performance.now();
    await helper.unload();
    assert.ok(performance.now() - before < 1_000);
    await until(() => device.connections.open === 0, "all connections closed");
  });

  for (const [what, extra] of [
    ["an empty host", { host: "" }],
    ["a URL for a host", { host: "http://192.0.2.1/" }],
    ["a port that is none", { port: "eighty" }],
    ["pinning without a fingerprint", { protocol: "https", tls: "pinned", fingerprint: "" }],
  ] as const) {
    it(`shows that it is not set up with ${what}, and sends nothing`, async () => {
      await start();
      await deploy(extra);
      assert.equal(statuses("in").at(-1)?.text, `${VOCABULARY}unconfigured`);
      assert.match(String(errors("device")[0]?.[0]), /device is not set up/);
    });
  }

  it("keeps the password out of every status, log and error", async () => {
    await start({ password: "S3cret&pass" });
    device.fail(/alertStream/, PAGES.html500);
    await deploy();
    await failure();
    const said = JSON.stringify([statuses("in"), errors("device"), errors("in")]) + String(errors("device")[0]?.[0]);
    assert.doesNotMatch(said, /S3cret/);
  });
});
