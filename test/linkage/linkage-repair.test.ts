import assert from "node:assert/strict";
import { systemClock, type Clock } from "../../src/lib/clock";
import { FatalError } from "../../src/lib/errors";
import { DeviceHttp } from "../../src/http/device-http";
import { Logins } from "../../src/http/login";
import { Isapi } from "../../src/isapi/isapi";
import { parseXml } from "../../src/isapi/xml";
import { LinkageRepair, type LinkageMemory, type LinkageResult } from "../../src/linkage/linkage-repair";
import { say } from "../../src/lib/sentence";
import { startVirtualDevice, status, triggersOf, type VirtualDevice } from "../virtual-device";
import { Trigger } from "../virtual-device/services/triggers";
import { login } from "../virtual-device/testing/raw-client";

const HURRIED: Clock = {
  ...systemClock,
  now: () => systemClock.now(),
  elapsed: () => systemClock.elapsed(),
  wait: () => Promise.resolve(),
};
const life = new AbortController().signal;

/** One device's triggers in the hands of the repair. */
interface Bench {
  readonly repair: LinkageRepair;
  readonly memory: LinkageMemory;
  /** Plans for these triggers and applies what was shown. */
  apply(...ids: string[]): Promise<LinkageResult[]>;
  undo(...ids: string[]): Promise<LinkageResult[]>;
}

function bench(isapi: Pick<Isapi, "bytes" | "get" | "put">): Bench {
  const repair = new LinkageRepair(isapi, systemClock);
  const memory: LinkageMemory = new Map();
  return {
    repair,
    memory,
    async apply(...ids) {
      const { changes } = await repair.plan(ids, life);
      const results: LinkageResult[] = [];
      const shown = new Map(changes.map(({ id, digest }) => [id, digest]));
      await repair.apply(shown, memory, (result) => results.push(result), life);
      return results;
    },
    async undo(...ids) {
      const results: LinkageResult[] = [];
      await repair.undo(ids, memory, (result) => results.push(result), life);
      return results;
    },
  };
}

describe("the repair of the linkage", () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  async function start(model: VirtualDevice["profile"]["model"], ...silent: string[]): Promise<VirtualDevice & Bench> {
    const device = await startVirtualDevice({ model });
    for (const id of silent) triggerOf(device, id).methods = ["record"];
    const { host, port, username, password } = device;
    const http = new DeviceHttp({
      identity: { id: "d", name: "Front", host },
      address: { protocol: "http", host, port },
      credentials: { username, password },
      tls: { mode: "verify" },
      basic: false,
      logins: new Logins(),
    });
    ends.push(
      () => http.close(),
      () => device.close(),
    );
    return Object.assign(device, bench(new Isapi(http, { clock: HURRIED })));
  }

  function triggerOf(device: VirtualDevice, id: string): ReturnType<typeof triggersOf>[number] {
    const trigger = triggersOf(device).find((one) => one.id === id);
    assert.ok(trigger);
    return trigger;
  }

  async function triggersText(device: VirtualDevice): Promise<string> {
    return (await login(device, "/ISAPI/Event/triggers")).body.toString("latin1");
  }

  function puts(device: VirtualDevice): string[] {
    return device.requests.filter(({ method }) => method === "PUT").map(({ path }) => path);
  }

  for (const model of ["camera", "nvr", "dvr"] as const) {
    it(`shows the change, adds exactly it, and undo brings back every byte (${model})`, async () => {
      const device = await start(model, "VMD-1", "linedetection-1");
      triggerOf(device, "tamper-1").methods = [];
      const before = await triggersText(device);
      const ids = ["VMD-1", "linedetection-1", "tamper-1"];
      const { changes, refused } = await device.repair.plan([...ids, "videoloss-1"], life);
      assert.deepEqual(refused, []);
      assert.deepEqual(
        changes.map(({ id, type, channel }) => [id, type, channel]),
        [
          ["VMD-1", "VMD", 1],
          ["linedetection-1", "linedetection", 1],
          ["tamper-1", "tamperdetection", 1],
        ],
      );
      assert.equal(changes[0]?.path, "/ISAPI/Event/triggers/VMD-1/notifications");
      assert.equal(changes[0].added.includes("<notificationRecurrence>beginning<"), model === "camera");
      assert.equal(await triggersText(device), before);
      assert.deepEqual(puts(device), []);

      assert.deepEqual(
        await device.apply(...ids),
        ids.map((id) => ({ id, state: "added" })),
      );
      assert.deepEqual(
        puts(device),
        ids.map((id) => `/ISAPI/Event/triggers/${id}/notifications`),
      );
      const minus = changes.reduce(
        (text, { id, added }) => {
          const trigger = text.slice(text.indexOf(`<id>${id}<`));
          return text.replace(trigger, () => trigger.replace(added, ""));
        },
        await triggersText(device),
      );
      assert.equal(
        minus.replace(/<(EventTriggerNotificationList[^>]*)><\/EventTriggerNotificationList>/, "<$1/>"),
        before,
      );
      for (const id of ids) assert.ok(triggerOf(device, id).isSent);

      assert.deepEqual(
        await device.undo(...ids),
        ids.map((id) => ({ id, state: "undone" })),
      );
      assert.equal(await triggersText(device), before);
      assert.deepEqual(await device.undo("VMD-1"), [{ id: "VMD-1", state: "gone" }]);
    });
  }

  it("writes an entry as another trigger of the device has it", async () => {
    const device = await start("camera", "VMD-1");
    triggerOf(device, "IO-1").entries = triggerOf(device, "IO-1").entries.replace(">beginning<", ">beginningandend<");
    const { changes } = await device.repair.plan(["VMD-1"], life);
    assert.match(
      changes[0]!.added,
      /^\n<EventTriggerNotification>\n<id>center<[^]*>beginningandend<[^]*<\/EventTriggerNotification>$/,
    );
  });

  for (const method of ["GET", "PUT"]) {
    it(`takes the whole trigger where the notifications alone cannot be had (${method})`, async () => {
      const device = await start("camera", "VMD-1");
      const before = await triggersText(device);
      const notifications = "/ISAPI/Event/triggers/VMD-1/notifications";
      device.fail(notifications, status("methodNotAllowed"), { method });
      const [change] = (await device.repair.plan(["VMD-1"], life)).changes;
      assert.equal(change?.path, method === "GET" ? "/ISAPI/Event/triggers/VMD-1" : notifications);
      assert.deepEqual(await device.apply("VMD-1"), [{ id: "VMD-1", state: "added" }]);
      assert.equal(puts(device).at(-1), "/ISAPI/Event/triggers/VMD-1");
      assert.deepEqual(await device.undo("VMD-1"), [{ id: "VMD-1", state: "undone" }]);
      assert.equal(await triggersText(device), before);
    });
  }

  it("reports a device that accepts but does not store, and one that refuses, and goes on with the others", async () => {
    const device = await start("camera", "VMD-1", "tamper-1", "videoloss-1");
    device.fail("/ISAPI/Event/triggers/VMD-1/notifications", status("ok"), { method: "PUT" });
    device.fail("/ISAPI/Event/triggers/tamper-1/notifications", status("lowPrivilege"), { method: "PUT" });
    const [forgot, denied, done] = await device.apply("VMD-1", "tamper-1", "videoloss-1");
    assert.ok(forgot && "code" in forgot && denied && "code" in denied);
    assert.equal(forgot.code, "protocol");
    assert.match(forgot.error.toString(), /did not keep/);
    assert.equal(denied.code, "forbidden");
    assert.match(denied.error.toString(), /Parameters Settings/);
    assert.deepEqual(done, { id: "videoloss-1", state: "added" });
    assert.deepEqual(
      (await device.undo("VMD-1", "tamper-1", "videoloss-1")).map((result) => "state" in result && result.state),
      ["gone", "gone", "undone"],
    );
  });

  it("retries a busy device, and reports one that stays busy", async () => {
    const device = await start("camera", "VMD-1", "tamper-1");
    device.fail("/ISAPI/Event/triggers/VMD-1/notifications", status("deviceBusy"), { method: "PUT", times: 1 });
    device.fail("/ISAPI/Event/triggers/tamper-1/notifications", status("deviceBusy"), { method: "PUT" });
    const [once, always] = await device.apply("VMD-1", "tamper-1");
    assert.deepEqual(once, { id: "VMD-1", state: "added" });
    assert.equal(always && "code" in always && always.code, "busy");
  });

  it("writes nothing where the trigger has changed since it was shown", async () => {
    const device = await start("camera", "VMD-1", "tamper-1", "videoloss-1");
    const { changes } = await device.repair.plan(["VMD-1", "tamper-1", "videoloss-1"], life);
    triggerOf(device, "VMD-1").methods = ["record", "email"];
    triggerOf(device, "tamper-1").methods = ["record", "center"];
    const results: LinkageResult[] = [];
    const shown = new Map([...changes.map(({ id, digest }) => [id, digest] as const), ["nosuch-1", "x"]]);
    await device.repair.apply(shown, device.memory, (result) => results.push(result), life);
    assert.deepEqual(
      results.map((result) => ("state" in result ? result.state : result.code)),
      ["busy", "there", "added", "notFound"],
    );
    assert.match(JSON.stringify(results[0]), /Nothing was written/);
    assert.equal(puts(device).length, 1);
  });

  it("removes only its own entry where the trigger has changed since", async () => {
    const device = await start("camera", "VMD-1", "tamper-1");
    await device.apply("VMD-1", "tamper-1");
    triggerOf(device, "VMD-1").methods = ["center", "email"];
    triggerOf(device, "tamper-1").methods = ["beep"];
    assert.deepEqual(await device.undo("VMD-1", "tamper-1"), [
      { id: "VMD-1", state: "takenOut" },
      { id: "tamper-1", state: "gone" },
    ]);
    assert.deepEqual(triggerOf(device, "VMD-1").methods, ["email"]);
    assert.deepEqual(triggerOf(device, "tamper-1").methods, ["beep"]);
  });

  it("reports which triggers it cannot read, and shows the others", async () => {
    const device = await start("camera", "VMD-1", "tamper-1");
    device.fail(/VMD-1/, { kind: "answer", status: 200, contentType: "application/xml", body: "<EventTrigger/>" });
    const { changes, refused } = await device.repair.plan(["VMD-1", "tamper-1"], life);
    assert.deepEqual(
      changes.map(({ id }) => id),
      ["tamper-1"],
    );
    assert.deepEqual([refused[0]?.id, refused[0]?.code], ["VMD-1", "notSupported"]);
  });

  it("finds a trigger that the list leaves out", async () => {
    const device = await start("camera", "VMD-1");
    const trigger = triggerOf(device, "VMD-1");
    const body = (await triggersText(device)).replace(/<EventTrigger>\s*<id>VMD-1<[^]*?<\/EventTrigger>/, "");
    device.fail("/ISAPI/Event/triggers", { kind: "answer", status: 200, contentType: "application/xml", body });
    const { changes } = await device.repair.plan(["VMD-1"], life);
    assert.deepEqual([changes[0]?.type, changes[0]?.channel], ["VMD", 1]);
    assert.deepEqual(await device.apply("VMD-1"), [{ id: "VMD-1", state: "added" }]);
    assert.ok(trigger.isSent);
  });

  it("changes nothing where the device has one id twice", async () => {
    const device = await start("nvr");
    triggersOf(device).push(new Trigger("VMD-1", "VMD", { channel: 2 }, false, ["record"]));
    const { changes, refused } = await device.repair.plan(["VMD-1"], life);
    assert.deepEqual([changes, refused[0]?.code], [[], "notSupported"]);
    assert.match(refused[0]!.error.toString(), /several events under one name/);
  });

  it("ends at once where the device is not reachable, or when it is stopped", async () => {
    const device = await start("camera", "VMD-1", "tamper-1");
    const { changes } = await device.repair.plan(["VMD-1", "tamper-1"], life);
    const shown = new Map(changes.map(({ id, digest }) => [id, digest]));
    device.fail("/ISAPI/Event/triggers/VMD-1/notifications", { kind: "reset" }, { method: "PUT" });
    const results: LinkageResult[] = [];
    await assert.rejects(
      device.repair.apply(shown, device.memory, (result) => results.push(result), life),
      { code: "offline" },
    );
    const stop = new AbortController();
    const tell = (): void => stop.abort();
    await assert.rejects(device.repair.apply(new Map([...shown].reverse()), device.memory, tell, stop.signal), {
      code: "aborted",
    });
    assert.deepEqual(results, []);
    assert.deepEqual(triggerOf(device, "tamper-1").isSent, true);
    assert.deepEqual(puts(device).filter((path) => path.includes("VMD")).length, 1);
  });

  describe("with a device that changes the XML it stores", () => {
    const list = (inner: string): string => `<EventTriggerNotificationList>${inner}</EventTriggerNotificationList>`;
    const entry = (method: string): string =>
      `<EventTriggerNotification><id>${method}</id><notificationMethod>${method}</notificationMethod></EventTriggerNotification>`;

    /** One trigger; `keep` makes of what is put what is shown from then on. */
    function odd(before: string, keep: (document: string) => string): Bench & { document: string } {
      const state = { document: before };
      const isapi: Pick<Isapi, "bytes" | "get" | "put"> = {
        get: () =>
          Promise.resolve(
            parseXml(
              "<EventTriggerList><EventTrigger><id>VMD-1</id><eventType>VMD</eventType></EventTrigger></EventTriggerList>",
            ),
          ),
        bytes: (path) =>
          path.endsWith("/notifications")
            ? Promise.resolve({ data: Buffer.from(state.document), contentType: "application/xml" })
            : Promise.reject(new FatalError("notSupported", say`no`)),
        put: (_path, body) => {
          state.document = keep(String(body));
          return Promise.resolve(undefined);
        },
      };
      return Object.assign(state, bench(isapi));
    }

    it("lets it put the list into another order and other white space", async () => {
      const device = odd(list(entry("record") + entry("email")), (document) =>
        document.includes("center")
          ? list(`\r\n${entry("center")}\r\n${entry("email")}\r\n ${entry("record")}\r\n`).replace(
              "List>",
              'List size="3">',
            )
          : document,
      );
      assert.deepEqual(await device.apply("VMD-1"), [{ id: "VMD-1", state: "added" }]);
      assert.deepEqual(await device.undo("VMD-1"), [{ id: "VMD-1", state: "undone" }]);
      assert.equal(device.document, list(entry("record") + entry("email")));
    });

    it("reports one that drops something else, and undo restores it", async () => {
      const before = list(entry("record") + entry("email"));
      const device = odd(before, (document) =>
        document.includes("center") ? document.replace(entry("email"), "") : document,
      );
      const [result] = await device.apply("VMD-1");
      assert.match(JSON.stringify(result), /changed something else/);
      assert.deepEqual(await device.undo("VMD-1"), [{ id: "VMD-1", state: "undone" }]);
      assert.equal(device.document, before);
    });

    it("reports one that does not undo it, and remembers it for another try", async () => {
      let stubborn = true;
      const device = odd(list(entry("record")), (document): string =>
        stubborn && !document.includes("center") ? device.document : document,
      );
      await device.apply("VMD-1");
      assert.match(JSON.stringify(await device.undo("VMD-1")), /did not keep/);
      stubborn = false;
      assert.deepEqual(await device.undo("VMD-1"), [{ id: "VMD-1", state: "undone" }]);
    });

    it("keeps the encoding and the byte order mark", async () => {
      const before = `\uFEFF<?xml version="1.0"?>\r\n<!-- Tür 门 -->${list(entry("record"))}\r\n`;
      const device = odd(before, (document) => document);
      await device.apply("VMD-1");
      assert.equal(device.document, before.replace(entry("record"), `$&${entry("center")}`));
    });
  });
});
