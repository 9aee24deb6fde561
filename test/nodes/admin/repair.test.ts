import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import deviceModule from "../../../nodes/device/device";
import { deviceNode, helper, loadFlow, login } from "../../support/flow";
import { startVirtualDevice, status, triggersOf, type VirtualDevice } from "../../virtual-device";
import { until } from "../../support/until";

const NOTIFICATIONS = "/ISAPI/Event/triggers/VMD-1/notifications";

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  /** Of an answer line by line. */
  readonly results: readonly Record<string, unknown>[];
}

describe("the repair part of the device form", () => {
  const open: VirtualDevice[] = [];
  async function start(...silent: string[]): Promise<VirtualDevice> {
    const device = await startVirtualDevice();
    open.push(device);
    for (const id of silent) trigger(device, id).methods = ["record"];
    return device;
  }

  function trigger(device: VirtualDevice, id = "VMD-1"): ReturnType<typeof triggersOf>[number] {
    return triggersOf(device).find((one) => one.id === id)!;
  }

  /** What the form sends. `typed`: with the password, as before the first deploy. */
  function held(device: VirtualDevice, triggers: unknown, typed = true): object {
    const { host, port, username, password } = device;
    const connection = { id: "device", host, port: String(port), protocol: "http", tls: "verify" };
    return { connection: { ...connection, ...(typed && { username, password }) }, triggers };
  }

  async function ask(question: string, body: object): Promise<Answer> {
    const reply = await helper.request().post(`/hikvision/form/repair/${question}`).send(body);
    const lines = reply.text.trim().split("\n");
    const said = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.doesNotMatch(reply.text, /correct horse|authorization/i);
    const results = said.flatMap(({ result }) => (result === undefined ? [] : [result as Record<string, unknown>]));
    return { status: reply.status, body: said.at(-1) ?? {}, results };
  }

  async function marks(device: VirtualDevice, ids: readonly string[], typed = true): Promise<object[]> {
    const { body } = await ask("plan", held(device, ids, typed));
    return (body["changes"] as { id: string; digest: string }[]).map(({ id, digest }) => ({ id, digest }));
  }

  function puts(device: VirtualDevice): number {
    return device.requests.filter(({ method }) => method === "PUT").length;
  }

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    for (const device of open.splice(0)) await device.close();
  });

  for (const typed of [true, false]) {
    it(`shows, adds and takes back, ${typed ? "before the first deploy" : "with the stored password"}`, async () => {
      const device = await start("VMD-1");
      await loadFlow([deviceModule], typed ? [] : [deviceNode(device)], typed ? {} : { device: login(device) });
      const before = trigger(device).entries;
      const plan = await ask("plan", held(device, ["VMD-1", "tamper-1"], typed));
      assert.equal(plan.status, 200);
      const [change, ...others] = plan.body["changes"] as Record<string, unknown>[];
      assert.deepEqual(others, []);
      assert.deepEqual(
        [change?.["id"], change?.["type"], change?.["channel"], change?.["path"]],
        ["VMD-1", "VMD", 1, NOTIFICATIONS],
      );
      assert.match(String(change?.["added"]), /^\n<EventTriggerNotification>\n<id>center<\/id>/);
      assert.deepEqual(Object.keys(change ?? {}).sort(), ["added", "channel", "digest", "id", "path", "type"]);
      assert.equal(puts(device), 0);

      const shown = [{ id: "VMD-1", digest: change?.["digest"] }];
      const applied = await ask("apply", held(device, shown, typed));
      assert.deepEqual([applied.status, applied.results], [200, [{ id: "VMD-1", state: "added" }]]);
      assert.equal(trigger(device).entries, before + String(change?.["added"]).slice(1) + "\n");
      const asked = device.requests.length;
      const written = async (): Promise<unknown> => (await ask("written", held(device, [], typed))).body["triggers"];
      assert.deepEqual(await written(), [{ id: "VMD-1", type: "VMD", channel: 1 }]);
      assert.equal(device.requests.length, asked);
      const undone = await ask("undo", held(device, ["VMD-1"], typed));
      assert.deepEqual(undone.results, [{ id: "VMD-1", state: "undone" }]);
      assert.equal(trigger(device).entries, before);
      assert.deepEqual(await written(), []);
    });
  }

  it("writes only what was shown", async () => {
    const device = await start("VMD-1");
    await loadFlow([deviceModule], []);
    const shown = await marks(device, ["VMD-1"]);
    trigger(device).methods = ["email"];
    const { results } = await ask("apply", held(device, shown));
    assert.deepEqual([results[0]?.["code"], puts(device)], ["busy", 0]);
    const unseen = await ask("apply", held(device, [{ id: "VMD-1" }]));
    assert.deepEqual([unseen.results[0]?.["code"], puts(device)], ["busy", 0]);
  });

  it("tells of each trigger, and says in the end why it stopped", async () => {
    const device = await start("VMD-1", "tamper-1", "videoloss-1");
    await loadFlow([deviceModule], []);
    const shown = await marks(device, ["VMD-1", "tamper-1", "videoloss-1"]);
    device.fail(NOTIFICATIONS, status("lowPrivilege"), { method: "PUT" });
    device.fail("/ISAPI/Event/triggers/videoloss-1/notifications", { kind: "reset" }, { method: "PUT" });
    const { status: code, results, body } = await ask("apply", held(device, shown));
    assert.equal(code, 200);
    assert.deepEqual(
      results.map((result) => result["code"] ?? result["state"]),
      ["forbidden", "added"],
    );
    assert.equal(body["code"], "offline");
  });

  it("takes back nothing that it has not written", async () => {
    const device = await start();
    await loadFlow([deviceModule], []);
    const { results } = await ask("undo", held(device, ["tamper-1"]));
    assert.deepEqual([results, puts(device)], [[{ id: "tamper-1", state: "gone" }], 0]);
  });

  it("sends a refused password once, and the stored one nowhere else", async () => {
    const device = await start("VMD-1");
    await loadFlow([deviceModule], [deviceNode(device)], { device: login(device) });
    const trap = await start("VMD-1");
    for (const question of ["plan", "apply", "undo"]) {
      const { status: code, body } = await ask(
        question,
        held(trap, [question === "apply" ? { id: "VMD-1" } : "VMD-1"], false),
      );
      assert.deepEqual([code, body["code"]], [409, "passwordNeeded"]);
    }
    assert.equal(trap.requests.length, 0);
    const wrong = held(trap, ["VMD-1"]) as { connection: object };
    const refused = { ...wrong, connection: { ...wrong.connection, password: "wrong" } };
    assert.equal((await ask("plan", refused)).body["code"], "unauthorized");
    assert.equal((await ask("plan", refused)).body["code"], "unauthorized");
    assert.equal(trap.requests.filter(({ credentials }) => credentials).length, 1);
  });

  it("takes nothing for a trigger that is none", async () => {
    const device = await start();
    await loadFlow([deviceModule], []);
    for (const triggers of [undefined, [], ["a/b"], [7], [""], Array.from({ length: 257 }, (_, i) => `VMD-${i}`)]) {
      for (const question of ["plan", "undo"]) {
        const { status: code, body } = await ask(question, held(device, triggers));
        assert.deepEqual([code, body["code"]], [400, "badRequest"]);
      }
    }
    assert.equal(device.requests.length, 0);
  });

  it("refuses as the others do when asked about what is no address, and asks nobody", async () => {
    const device = await start();
    await loadFlow([deviceModule], []);
    const { connection } = held(device, []) as { connection: object };
    const { status: code, body } = await ask("written", { connection: { ...connection, port: "70000" } });
    assert.deepEqual([code, typeof body["error"]], [400, "string"]);
    assert.equal(device.requests.length, 0);
  });

  it("stops when the browser goes away", async () => {
    const device = await start("VMD-1", "tamper-1");
    await loadFlow([deviceModule], []);
    const shown = await marks(device, ["VMD-1", "tamper-1"]);
    const fault = device.fail(NOTIFICATIONS, { kind: "hang" }, { method: "PUT" });
    const away = new AbortController();
    const { _httpAdmin } = helper as unknown as { _httpAdmin: RequestListener };
    const server = createServer(_httpAdmin).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const asked = fetch(`http://127.0.0.1:${port}/hikvision/form/repair/apply`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(held(device, shown)),
      signal: away.signal,
    });
    await until(() => fault.hits === 1, "the device is asked to write");
    away.abort();
    await assert.rejects(asked);
    await until(() => device.connections.open === 0, "the connections to the device are closed");
    server.close();
    assert.equal(trigger(device, "tamper-1").isSent, false);
  });
});
