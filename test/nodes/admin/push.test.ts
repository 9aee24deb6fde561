import assert from "node:assert/strict";
import type { NodeAPI } from "node-red";
import deviceModule from "../../../nodes/device/device";
import { deviceNode, helper, loadFlow, login } from "../../support/flow";
import { hostAddresses, hostsOf, startVirtualDevice, status, type VirtualDevice } from "../../virtual-device";

const TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const FRESH = "00112233445566778899aabbccddeeff";
const PATH = "/ISAPI/Event/notification/httpHosts";

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

describe("the push part of the device form", () => {
  const open: VirtualDevice[] = [];
  const answers: Answer[] = [];
  let settings: Record<string, unknown> = {};
  const lend = (RED: NodeAPI): void => {
    settings = RED.settings as unknown as Record<string, unknown>;
  };

  async function start(model: "camera" | "nvr" = "camera"): Promise<VirtualDevice> {
    const device = await startVirtualDevice({ model });
    open.push(device);
    return device;
  }

  /** `stored`: its credentials have a token, as after a deploy. */
  async function deploy(device: VirtualDevice, stored = false): Promise<void> {
    await loadFlow([lend, deviceModule], [deviceNode(device, { eventSource: "push" })], {
      device: { ...login(device), ...(stored && { pushToken: TOKEN }) },
    });
  }

  /** What the form sends; without a token when it holds a stored one. */
  function held(device: VirtualDevice, token?: string, more: object = {}): object {
    const { host, port, username, password } = device;
    const connection = { id: "device", host, port: String(port), protocol: "http", tls: "verify", username, password };
    const push = { protocol: "http", host: "192.0.2.10", port: "1880", ...(token !== undefined && { token }) };
    return { connection, push, ...more };
  }

  async function ask(question: string, body: object): Promise<Answer> {
    const reply = await helper.request().post(`/hikvision/form/push${question}`).send(body);
    const answer = { status: reply.status, body: reply.body as Record<string, unknown> };
    answers.push(answer);
    return answer;
  }

  function puts(device: VirtualDevice): number {
    return device.requests.filter(({ method }) => method === "PUT").length;
  }

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    for (const { body } of answers.splice(0))
      assert.doesNotMatch(JSON.stringify(body), new RegExp(`${TOKEN}|${FRESH}`));
    delete settings["httpNodeAuth"];
    delete settings["httpNodeRoot"];
    await helper.unload();
    for (const device of open.splice(0)) await device.close();
  });

  it("says under which path Node-RED listens, and on which addresses", async () => {
    await deploy(await start());
    const { status, body } = await ask("", {});
    assert.equal(status, 200);
    assert.equal(body["path"], "/hikvision/push/");
    assert.ok((body["addresses"] as string[]).every((address) => /^(\d+\.){3}\d+$/.test(address)));
    assert.equal(body["obstacle"], undefined);
    settings["httpNodeRoot"] = "/red/";
    assert.equal((await ask("", {})).body["path"], "/red/hikvision/push/");
  });

  it("says what keeps devices out: a password under the HTTP root, or no HTTP root", async () => {
    await deploy(await start());
    settings["httpNodeAuth"] = { user: "u", pass: "p" };
    assert.match(String((await ask("", {})).body["obstacle"]), /httpNodeAuth/);
    delete settings["httpNodeAuth"];
    settings["httpNodeRoot"] = false;
    assert.match(String((await ask("", {})).body["obstacle"]), /httpNodeRoot/);
  });

  for (const model of ["camera", "nvr"] as const) {
    it(`shows what would change, writes it, and puts it back byte for byte (${model})`, async () => {
      const device = await start(model);
      await deploy(device);
      const before = [...hostsOf(device).places];
      const plan = await ask("/plan", held(device, FRESH));
      assert.deepEqual([plan.status, plan.body["place"], plan.body["changes"]], [200, "1", true]);
      assert.equal(puts(device), 0);
      const done = await ask("/write", held(device, FRESH, { place: "1" }));
      assert.deepEqual(done, { status: 200, body: { place: "1" } });
      assert.deepEqual(hostAddresses(device), [`http://192.0.2.10:1880/hikvision/push/${FRESH}`]);
      assert.equal((await ask("/plan", held(device, FRESH))).body["changes"], false);
      assert.deepEqual((await ask("/remove", held(device, FRESH))).body, { removed: true });
      assert.deepEqual(hostsOf(device).places, before);
      assert.deepEqual((await ask("/remove", held(device, FRESH))).body, { removed: false });
    });
  }

  it("puts back what stood there first, also when the address was renewed in between", async () => {
    const device = await start();
    hostsOf(device).places[0] = hostsOf(device).places[0]!.replace("0.0.0.0", "192.0.2.50");
    hostsOf(device).places[1] = hostsOf(device).places[1]!.replace("<portNo>80<", "<portNo>8123<");
    const before = [...hostsOf(device).places];
    await deploy(device);
    await ask("/write", held(device, TOKEN, { place: "2" }));
    const renewed = await ask("/plan", held(device, FRESH));
    assert.deepEqual([renewed.body["place"], renewed.body["changes"]], ["2", true]);
    await ask("/write", held(device, FRESH, { place: "2" }));
    assert.equal(hostAddresses(device).filter((address) => address.includes("/hikvision/push/")).length, 1);
    await ask("/remove", held(device, FRESH));
    assert.deepEqual(hostsOf(device).places, before);
  });

  it("uses the stored token, and after a restart frees its place", async () => {
    const device = await start();
    const free = [...hostsOf(device).places];
    hostsOf(device).places[1] = hostsOf(device)
      .places[1]!.replace("0.0.0.0", "192.0.2.10")
      .replace("<portNo>80<", "<portNo>1880<")
      .replace("<url>/<", `<url>/hikvision/push/${TOKEN}<`);
    await deploy(device, true);
    const plan = await ask("/plan", held(device));
    assert.deepEqual([plan.body["place"], plan.body["changes"]], ["2", false]);
    assert.deepEqual((await ask("/remove", held(device))).body, { removed: true });
    assert.deepEqual(hostsOf(device).places, free);
  });

  it("tells the stored token to no other device", async () => {
    const device = await start();
    const trap = await start();
    await deploy(device, true);
    for (const question of ["/plan", "/write", "/remove"]) {
      const { status, body } = await ask(question, held(trap, undefined, { place: "1" }));
      assert.deepEqual([status, body["code"]], [400, "badRequest"]);
    }
    assert.equal(trap.requests.length, 0);
  });

  it("writes only where it was shown, and overwrites nobody", async () => {
    const device = await start("nvr");
    await deploy(device);
    const moved = await ask("/write", held(device, FRESH, { place: "2" }));
    assert.deepEqual([moved.status, moved.body["code"]], [502, "busy"]);
    hostsOf(device).places[0] = hostsOf(device).places[0]!.replace("0.0.0.0", "192.0.2.50");
    for (const question of ["/plan", "/write"]) {
      const full = await ask(question, held(device, FRESH, { place: "1" }));
      assert.deepEqual([full.status, full.body["code"]], [502, "busy"]);
      assert.match(String(full.body["error"]), /192\.0\.2\.50/);
    }
    assert.equal(puts(device), 0);
  });

  it("says in words what is wrong with an address", async () => {
    const device = await start();
    await deploy(device);
    const wrong = [
      { host: "" },
      { host: "a b" },
      { host: "http://a" },
      { port: "0" },
      { port: "x" },
      { token: "short" },
    ];
    for (const push of wrong) {
      const sent = held(device, FRESH) as { push: object };
      const { status, body } = await ask("/plan", { ...sent, push: { ...sent.push, ...push } });
      assert.deepEqual([status, body["code"]], [400, "badRequest"], JSON.stringify(push));
    }
    assert.equal(device.requests.length, 0);
  });

  it("says what the device says: no such list, a list that does not change", async () => {
    const device = await start();
    await deploy(device);
    device.fail(PATH, status("notSupport"), { times: 1 });
    const none = await ask("/plan", held(device, FRESH));
    assert.deepEqual([none.status, none.body["code"]], [502, "notSupported"]);
    device.fail(PATH, {
      kind: "answer",
      status: 200,
      contentType: "application/xml",
      body: "<HttpHostNotificationList/>",
    });
    const junk = await ask("/plan", held(device, FRESH));
    assert.match(String(junk.body["error"]), /cannot be read/);
  });
});
