import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import deviceModule from "../../../nodes/device/device";
import eventInModule from "../../../nodes/event-in/event-in";
import { serveAdmin } from "../../../nodes/admin/routes";
import { deviceNode, helper, lastLine, loadFlow, login } from "../../support/flow";
import { collectGarbage } from "../../support/garbage";
import { askAndLeave } from "../../support/leaving";
import { fingerprint, startVirtualDevice, type VirtualDevice, type VirtualDeviceOptions } from "../../virtual-device";
import { until } from "../../support/until";

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** What a form holds for this device, its password typed in. */
function connection(device: VirtualDevice, extra: Record<string, unknown> = {}): Record<string, unknown> {
  const { host, port, secure, username, password } = device;
  return {
    id: "device",
    host,
    port: String(port),
    protocol: secure ? "https" : "http",
    tls: "verify",
    username,
    password,
    ...extra,
  };
}

async function ask(question: string, body: object): Promise<Answer> {
  const answer = await helper.request().post(`/hikvision/${question}`).send(body).buffer(true);
  return { status: answer.status, body: lastLine(answer) as Record<string, unknown> };
}

function channelNames({ body }: Answer): unknown[] {
  return (body["items"] as { label: string }[]).map(({ label }) => label);
}

function withCredentials(device: VirtualDevice): number {
  return device.requests.filter(({ credentials }) => credentials).length;
}

describe("the admin endpoints", () => {
  const open: VirtualDevice[] = [];

  async function start(options: VirtualDeviceOptions = {}): Promise<VirtualDevice> {
    const device = await startVirtualDevice(options);
    open.push(device);
    return device;
  }

  async function deploy(device: VirtualDevice): Promise<void> {
    await loadFlow([deviceModule, eventInModule], [deviceNode(device)], { device: login(device) });
  }

  it("tell which moment a time in words is, by the device's clock and zone, deployed or not", async () => {
    const device = await start({ zone: "CST-8:00:00" });
    await deploy(device);
    const asked = { text: "today 07:30" };
    const deployed = await ask("deployed/moment", { id: "device", ...asked });
    assert.match(String(deployed.body["at"]), /^\d{4}-\d\d-\d\dT07:30:00\+08:00$/);
    assert.deepEqual((await ask("form/moment", { connection: connection(device), ...asked })).body, deployed.body);
    assert.equal((await ask("deployed/moment", { id: "device", text: "tomorrow" })).status, 400);
  });

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    for (const device of open.splice(0)) await device.close();
  });

  it("list a deployed device's alarm outputs with their states, a recorder's cameras' among them", async () => {
    await deploy(await start({ model: "nvr" }));
    const { body } = await ask("deployed/list", { id: "device", list: "outputs" });
    assert.deepEqual(body, {
      items: [
        { value: "1", label: "Output 1", state: "off" },
        { value: "301", label: "Camera 3 output", state: "off" },
      ],
    });
  });

  it("refuse with 415 what a page of another site can make a browser send, and ask the device nothing", async () => {
    const device = await start({ model: "nvr" });
    await deploy(device);
    const before = device.requests.length;
    const form = { channel: "1", action: "move", values: { pan: { value: 50, type: "num" } } };
    for (const question of ["deployed/try/ptz", "deployed/list", "deployed/listen", "find", "form/test"])
      for (const type of [
        "application/x-www-form-urlencoded",
        "text/plain",
        "multipart/form-data; boundary=a",
        "application/jsonp",
      ]) {
        const answer = await helper
          .request()
          .post(`/hikvision/${question}`)
          .set("Content-Type", type)
          .send(JSON.stringify({ id: "device", form }));
        assert.equal(answer.status, 415, `${question} as ${type}`);
      }
    assert.equal(device.requests.length, before);
  });

  it("list a channel's streams with codec and size, its audio channels, and its events as the one table spells them", async () => {
    await deploy(await start({ model: "nvr", channels: ["Gate", "Yard"] }));
    const items = async (list: string, about: object = {}): Promise<Record<string, string>[]> => {
      const { status, body } = await ask("deployed/list", { id: "device", list, ...about });
      assert.equal(status, 200, JSON.stringify(body));
      return body["items"] as Record<string, string>[];
    };
    const streams = await items("streams", { channel: "2" });
    assert.deepEqual(
      streams.map(({ value }) => value),
      ["main", "sub"],
    );
    assert.match(streams[0]?.["label"] ?? "", /^H\.26[45]\+? \d+ × \d+$/);
    assert.deepEqual((await items("audioChannels"))[0]?.["value"], "1");
    const events = (await items("events")).map(({ value }) => value);
    assert.ok(events.includes("linedetection") && events.includes("diskfull"), events.join());
    assert.equal(new Set(events).size, events.length);
  });

  it("say that the streams of a channel are not listed, instead of calling a saved one gone", async () => {
    await deploy(await start({ model: "nvr", channels: ["Gate"] }));
    const { status, body } = await ask("deployed/list", { id: "device", list: "streams", channel: "9" });
    assert.deepEqual([status, body["code"]], [502, "notSupported"]);
  });

  it("list a deployed device's channels by name, with their state", async () => {
    const device = await start({ model: "nvr", channels: ["Gate", "Yard"] });
    device.profile.channels[1]!.online = false;
    await deploy(device);
    const answer = await ask("deployed/list", { id: "device", list: "channels" });
    assert.deepEqual(answer, {
      status: 200,
      body: {
        items: [
          { value: "1", label: "Gate", online: true },
          { value: "2", label: "Yard", online: false },
        ],
      },
    });
  });

  it("list them before the first deploy, with what the form holds", async () => {
    const device = await start({ model: "nvr", channels: ["Gate", "Yard"] });
    await loadFlow([deviceModule], []);
    const answer = await ask("form/list", { connection: connection(device, { id: "new" }), list: "channels" });
    assert.deepEqual(channelNames(answer), ["Gate", "Yard"]);
  });

  it("use the stored password toward the deployed address", async () => {
    const device = await start({ model: "nvr", channels: ["Gate"] });
    await deploy(device);
    const { password, username, ...rest } = connection(device);
    assert.ok(password && username);
    assert.deepEqual(channelNames(await ask("form/list", { connection: rest, list: "channels" })), ["Gate"]);
    assert.equal((await ask("form/test", { connection: rest })).body["ok"], true);
  });

  it("send the stored password nowhere else: not to another host, port or protocol", async () => {
    const device = await start();
    const trap = await start();
    const secure = await start({ tls: true });
    await deploy(device);
    const stored = (extra: object): object => ({ ...connection(device), password: undefined, ...extra });
    const elsewhere = [
      { port: String(trap.port) },
      { host: "localhost" },
      { port: String(secure.port), protocol: "https", tls: "insecure" },
    ];
    for (const extra of elsewhere) {
      for (const question of ["form/test", "form/list"]) {
        const answer = await ask(question, { connection: stored(extra), list: "channels" });
        assert.equal(answer.status, 409, JSON.stringify(extra));
        assert.equal(answer.body["code"], "passwordNeeded");
      }
    }
    assert.equal(trap.requests.length + secure.requests.length, 0);
  });

  it("send the stored password under no weaker rule: neither another certificate rule or pin, nor Basic", async () => {
    const device = await start({ tls: true });
    const pin = fingerprint(device.certificate ?? "");
    const other = pin.replace(/^../, pin.startsWith("00") ? "11" : "00");
    const node = { ...deviceNode(device), tls: "pinned", fingerprint: pin };
    await loadFlow([deviceModule], [node], { device: login(device) });
    const held = (extra: object): object => ({
      ...connection(device, { tls: "pinned", fingerprint: pin, ...extra }),
      password: undefined,
    });
    const before = withCredentials(device);
    for (const extra of [{ tls: "insecure" }, { tls: "verify" }, { fingerprint: other }]) {
      for (const question of ["form/test", "form/list"]) {
        const answer = await ask(question, { connection: held(extra), list: "channels" });
        assert.deepEqual([answer.status, answer.body["code"]], [409, "passwordNeeded"], JSON.stringify(extra));
      }
    }
    assert.equal(withCredentials(device), before);
    const spelled = pin.replaceAll(":", "").toLowerCase();
    assert.equal(
      (await ask("form/list", { connection: held({ fingerprint: spelled }), list: "channels" })).status,
      200,
    );

    const plain = await start();
    await helper.unload();
    await deploy(plain);
    const basic = { ...connection(plain, { basic: true }), password: undefined };
    assert.equal((await ask("form/list", { connection: basic, list: "channels" })).status, 409);
  });

  it("accept by a test that a device logs in with less than SHA-256, and say so", async () => {
    const device = await start({ auth: { algorithms: ["SHA-256"], nameAlgorithm: true } });
    await deploy(device);
    const test = async (): Promise<Record<string, unknown> | undefined> => {
      const { body } = await ask("form/test", { connection: connection(device) });
      return (body["checks"] as Record<string, unknown>[]).find(({ id }) => id === "login");
    };
    assert.match(String((await test())?.["text"]), /^Digest SHA-256, user name and password are right\.$/);
    Object.assign(device.authenticator.options, { algorithms: ["MD5"], nameAlgorithm: false });
    device.authenticator.forgetNonces();
    const listed = await ask("deployed/list", { id: "device", list: "channels" });
    assert.match(String(listed.body["error"]), /now offers only Digest MD5/);
    const check = await test();
    assert.equal(check?.["ok"], null);
    assert.match(String(check["text"]), /^Digest MD5, .* Before, the device logged in with SHA-256/);
    assert.equal((await ask("deployed/list", { id: "device", list: "channels" })).status, 200);
  });

  it("fill in ${ENV} where Node-RED runs, and say when it is not set", async () => {
    const device = await start({ model: "nvr", channels: ["Gate"] });
    await loadFlow([deviceModule], []);
    process.env["ADMIN_TEST_HOST"] = device.host;
    try {
      const held = connection(device, { host: "${ADMIN_TEST_HOST}" });
      assert.deepEqual(channelNames(await ask("form/list", { connection: held, list: "channels" })), ["Gate"]);
    } finally {
      delete process.env["ADMIN_TEST_HOST"];
    }
    const answer = await ask("form/test", { connection: connection(device, { host: "${ADMIN_TEST_HOST}" }) });
    assert.equal(answer.status, 400);
    assert.match(String(answer.body["error"]), /ADMIN_TEST_HOST is not set/);
  });

  it("test a connection: who answers, and by which login", async () => {
    const device = await start({ name: "Yard" });
    await loadFlow([deviceModule], []);
    const { status, body } = await ask("form/test", { connection: connection(device) });
    assert.equal(status, 200);
    assert.equal(body["ok"], true);
    const checks = body["checks"] as { id: string; text: string }[];
    assert.match(checks.find(({ id }) => id === "login")?.text ?? "", /^Digest/);
    assert.match(checks.find(({ id }) => id === "device")?.text ?? "", /VC-2CD4B-V, "Yard", firmware V5/);
    assert.equal(checks.find(({ id }) => id === "heartbeat")?.text, "The device sends data over it.");
    assert.equal(device.streams, 0);
  });

  it("tell each check of a test as it ends, on a line of its own", async () => {
    const device = await start();
    await loadFlow([deviceModule], []);
    const held = { connection: connection(device), events: ["VMD"] };
    const answer = await helper.request().post("/hikvision/form/test").send(held).buffer(true);
    assert.match(String(answer.headers["content-type"]), /ndjson/);
    const lines = answer.text.trim().split("\n");
    const told = lines.slice(0, -1).map((line) => (JSON.parse(line) as { check: object }).check);
    assert.deepEqual((lastLine(answer) as { checks: object[] }).checks, told);
    assert.ok(told.length > 8);
  });

  it("count the stream that is open already, and open none for a device that pushes", async () => {
    const device = await start({ slots: 1 });
    const flow = [deviceNode(device), { id: "in", type: "hikvision-event-in", device: "device" }];
    await loadFlow([deviceModule, eventInModule], flow, { device: login(device) });
    await until(() => device.streams === 1, "the stream");
    for (const extra of [{}, { eventSource: "push" }]) {
      const { body } = await ask("form/test", { connection: connection(device), ...extra });
      assert.equal(body["ok"], true, JSON.stringify(body));
    }
    assert.equal(device.requests.filter(({ path }) => path.endsWith("alertStream")).length, 1);
  });

  it("try a wrong password once per test, and never for a list", async () => {
    const device = await start();
    await loadFlow([deviceModule], []);
    const wrong = connection(device, { password: "wrong" });
    const { status, body } = await ask("form/test", { connection: wrong });
    assert.equal(status, 200);
    assert.equal(body["ok"], false);
    assert.equal((body["checks"] as { code: string }[]).at(-1)?.code, "unauthorized");
    assert.equal(withCredentials(device), 1);
    const list = await ask("form/list", { connection: wrong, list: "channels" });
    assert.deepEqual([list.status, list.body["code"]], [502, "unauthorized"]);
    assert.equal(withCredentials(device), 1);
    await ask("form/test", { connection: wrong });
    assert.equal(withCredentials(device), 2);
  });

  it("show a device's certificate, unchecked, without sending it anything", async () => {
    const device = await start({ tls: true });
    await deploy(device);
    const { body } = await ask("form/certificate", { connection: connection(device, { password: undefined }) });
    assert.equal(body["fingerprint"], fingerprint(device.certificate!));
    assert.deepEqual(Object.keys(body).sort(), ["fingerprint", "issuer", "subject", "validFrom", "validTo"]);
    assert.equal(device.requests.length, 0);
  });

  it("say in words what is wrong: no device, no such list, nothing there", async () => {
    await loadFlow([deviceModule], []);
    const none = await ask("deployed/list", { id: "nobody", list: "channels" });
    assert.deepEqual([none.status, none.body["code"]], [400, "badRequest"]);
    const device = await start();
    const list = await ask("form/list", { connection: connection(device), list: "constructor" });
    assert.deepEqual([list.status, list.body["code"]], [400, "badRequest"]);
    const recorder = connection(await start({ model: "nvr" }));
    const sounds = await ask("form/list", { connection: recorder, list: "sounds", channel: 2 });
    assert.deepEqual([sounds.status, sounds.body["code"]], [502, "notSupported"]);
    assert.match(String(sounds.body["error"]), /^Channel 2 is a camera behind a recorder.* own address, \d+\./);
    await device.disconnect();
    const gone = await ask("form/list", { connection: connection(device), list: "channels" });
    assert.deepEqual([gone.status, gone.body["code"]], [502, "offline"]);
    for (const junk of [{}, { connection: 7 }, { connection: { host: ["a"] } }]) {
      assert.equal((await ask("form/test", junk)).status, 400);
    }
  });

  it("let go of the device when the browser goes away", async () => {
    const device = await start();
    await loadFlow([deviceModule], []);
    device.fail("/ISAPI/System/deviceInfo", { kind: "hang" });
    const leave = await askAndLeave("form/test", { connection: connection(device) });
    await until(() => device.requests.length > 1, "the question reaches the device");
    await leave();
    await until(() => device.connections.open === 0, "the connection to the device is cut");
  });

  it("give no secret away in any answer", async () => {
    const device = await start();
    await deploy(device);
    const answers = await Promise.all([
      ask("deployed/list", { id: "device", list: "channels" }),
      ask("form/test", { connection: connection(device) }),
      ask("form/test", { connection: connection(device, { port: "1" }) }),
      ask("form/test", { connection: connection(device, { password: undefined, port: "1" }) }),
    ]);
    for (const answer of answers) assert.ok(!JSON.stringify(answer).includes(device.password));
  });

  it("are registered once, each with its permission", () => {
    const routes: [string, string][] = [];
    const RED = {
      auth: { needsPermission: (permission: string) => permission },
      httpAdmin: { post: (path: string, permission: string) => routes.push([path, permission]) },
    } as unknown as Parameters<typeof serveAdmin>[0];
    serveAdmin(RED);
    serveAdmin(RED);
    assert.deepEqual(routes, [
      ["/hikvision/deployed/list", "hikvision-device.read"],
      ["/hikvision/form/list", "hikvision-device.write"],
      ["/hikvision/deployed/moment", "hikvision-device.read"],
      ["/hikvision/form/moment", "hikvision-device.write"],
      ["/hikvision/form/test", "hikvision-device.write"],
      ["/hikvision/form/certificate", "hikvision-device.write"],
      ["/hikvision/find", "hikvision-device.write"],
      ["/hikvision/deployed/listen", "hikvision-device.write"],
      ["/hikvision/form/listen", "hikvision-device.write"],
      ...[
        "ptz",
        "snapshot",
        "playback-url",
        "playback",
        "video",
        "recordings",
        "download",
        "plates",
        "history",
        "statistics",
        "plate-list",
      ].flatMap((trial) =>
        ["deployed", "form"].map((scope) => [`/hikvision/${scope}/try/${trial}`, "hikvision-device.write"]),
      ),
      ["/hikvision/form/push", "hikvision-device.write"],
      ["/hikvision/form/push/plan", "hikvision-device.write"],
      ["/hikvision/form/push/write", "hikvision-device.write"],
      ["/hikvision/form/push/remove", "hikvision-device.write"],
      ["/hikvision/form/repair/written", "hikvision-device.write"],
      ["/hikvision/form/repair/plan", "hikvision-device.write"],
      ["/hikvision/form/repair/apply", "hikvision-device.write"],
      ["/hikvision/form/repair/undo", "hikvision-device.write"],
    ]);
  });

  it("wait 10 seconds for a device, no longer, whatever garbage is collected meanwhile", async function () {
    this.timeout(60_000).slow(12_000);
    const mute = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(mute, "listening");
    const { port } = mute.address() as AddressInfo;
    await loadFlow([deviceModule], []);
    const begun = Date.now();
    const answer = ask("form/list", {
      connection: { id: "x", host: "127.0.0.1", port: String(port), protocol: "http", username: "a", password: "b" },
      list: "channels",
    });
    const collecting = setInterval(collectGarbage, 2_000);
    const { status, body } = await answer;
    clearInterval(collecting);
    assert.deepEqual([status, body["code"]], [504, "timeout"]);
    assert.ok(Date.now() - begun < 11_500);
    mute.closeAllConnections();
    mute.close();
  });
});
