/** Doors and barriers at a virtual device that takes only what the families take, and does as little as they do. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { Doors, type DoorCommand, type DoorResult } from "../../src/door/doors";
import { terminalState } from "../../src/door/door-state";
import { Outputs } from "../../src/io/outputs";
import { Isapi } from "../../src/isapi/isapi";
import { type Clock, systemClock } from "../../src/lib/clock";
import { AbortedError, codeOf, type HikvisionError, RetryableError } from "../../src/lib/errors";
import { say } from "../../src/lib/sentence";
import { deviceHttp } from "../http/support";
import { FakeHttp, OK, status as answer } from "../isapi/fake-http";
import { hasFixtures, whyNoFixtures } from "../support/fixtures";
import { until } from "../support/until";
import { barriersOf, doorsOf, portsOf, startVirtualDevice, status, type VirtualDevice } from "../virtual-device";

const FIXTURES = path.join(__dirname, "../../../shared/fixtures/access");
/** Pauses of Doors are so much shorter here. */
const FASTER = 20;
const time = { passed: 0 };
const clock: Clock = {
  ...systemClock,
  elapsed: () => systemClock.elapsed() + time.passed,
  wait: (ms, ...signals) => systemClock.wait(ms / FASTER, ...signals),
};
const PARKING = "/ISAPI/Parking/channels/1/barrierGate";
const ITC = "/ISAPI/ITC/Entrance/barrierGateCtrl";
const DOOR = "/ISAPI/AccessControl/RemoteControl/door/1";
const INTERCOM = "/ISAPI/VideoIntercom/remoteOpenDoor";
const TRIGGER = "/ISAPI/System/IO/outputs/1/trigger";

let devices = 0;

async function connect(prepare: (device: VirtualDevice) => void = () => undefined) {
  const device = await startVirtualDevice({ heartbeat: null });
  prepare(device);
  const http = deviceHttp(device.port, device.password);
  const isapi = new Isapi(http);
  const tasks = new Set<Promise<unknown>>();
  const beforeClose = (task: Promise<unknown>): void => void tasks.add(task.catch(() => undefined));
  const outputs = new Outputs({ isapi, clock, beforeClose });
  // What is remembered of a device outlives it, and a port is given out again: each test has a device of its own.
  const key = `device ${++devices}`;
  const make = (): Doors => new Doors({ isapi, outputs, clock, key, beforeClose });
  const doors = make();
  const signal = new AbortController().signal;
  const run = (action: string, more: Partial<DoorCommand> = {}, until = signal): Promise<DoorResult> =>
    doors.run({ kind: "auto", number: 1, action, ...more }, until);
  return {
    device,
    doors,
    make,
    tasks,
    time,
    run,
    /** What it was asked to do: "PUT path". */
    commands: () =>
      device.requests
        .filter(({ method, authorized }) => method === "PUT" && authorized)
        .map(({ path: asked }) => asked),
    async [Symbol.asyncDispose]() {
      doors.stop();
      outputs.stop();
      await Promise.all(tasks);
      isapi.close();
      await http.close();
      await device.close();
    },
  };
}

/** The error of what has to fail. */
async function failure(work: Promise<unknown>): Promise<HikvisionError & { unclear?: true }> {
  try {
    await work;
  } catch (error) {
    return error as HikvisionError & { unclear?: true };
  }
  return assert.fail("it did not fail");
}

const plain = ({ notice, ...result }: DoorResult): object => ({ ...result, ...(notice && { notice: String(notice) }) });

describe("a barrier", () => {
  it("is opened, closed, locked and unlocked at Parking, in the words of the camera's own web page", async () => {
    await using at = await connect((device) => barriersOf(device).fit());
    assert.deepEqual(plain(await at.run("open")), { done: "open", kind: "barrier", number: 1, state: "open" });
    assert.deepEqual(plain(await at.run("close")), { done: "close", kind: "barrier", number: 1, state: "closed" });
    assert.equal((await at.run("lock")).state, "locked");
    assert.equal((await at.run("unlock")).state, "closed");
    assert.deepEqual(barriersOf(at.device).moves, ["1 open", "1 close", "1 lock", "1 unlock"]);
    const bodies = at.device.requests.filter(({ path: asked }) => asked === PARKING).map(({ body }) => body);
    assert.equal(
      bodies[0],
      '<?xml version="1.0" encoding="UTF-8"?>\n<BarrierGate><ctrlMode>open</ctrlMode></BarrierGate>',
    );
  });

  it("is opened at ITC where Parking is refused, and from then on there at once", async () => {
    await using at = await connect((device) => barriersOf(device).fit(2, "itc"));
    assert.deepEqual(plain(await at.run("open", { number: "2" })), {
      ...{ done: "open", kind: "barrier", number: 2, state: "unknown" },
    });
    await at.run("close", { number: 2 });
    assert.deepEqual(barriersOf(at.device).moves, ["2 open", "2 close"]);
    assert.deepEqual(at.commands(), ["/ISAPI/Parking/channels/2/barrierGate", ITC, ITC]);
  });

  it("that ITC has locked says that it cannot be unlocked there; unlock is refused with nothing sent to it", async () => {
    await using at = await connect((device) => barriersOf(device).fit(1, "itc"));
    const { state, notice } = await at.run("lock");
    assert.equal(state, "locked");
    assert.match(String(notice), /no command to unlock/);
    const error = await failure(at.run("unlock"));
    assert.equal(error.code, "notSupported");
    assert.deepEqual(barriersOf(at.device).moves, ["1 lock"]);
  });

  it("is opened although the camera refuses every question about it (DS-TCG405-E); its state is unknown", async () => {
    await using at = await connect((device) => {
      barriersOf(device).fit().tells = false;
    });
    assert.deepEqual(plain(await at.run("open")), { done: "open", kind: "barrier", number: 1, state: "unknown" });
    const before = at.device.requests.length;
    await at.run("open");
    const asked = at.device.requests.slice(before).map(({ path: one }) => one);
    assert.equal(asked[0], PARKING, "once known, the command goes first");
  });

  it("of which the device does not tell cannot be read by itself: the node has to say what it is", async () => {
    await using at = await connect();
    assert.equal((await failure(at.run("status"))).code, "notSupported");
    assert.equal((await at.run("status", { kind: "barrier" })).state, "unknown");
  });

  it("is not asked for again after the first command, however much time has passed", async () => {
    await using at = await connect((device) => barriersOf(device).fit());
    await at.run("open");
    at.time.passed += 60 * 60_000;
    const before = at.device.requests.length;
    await at.run("close");
    assert.equal(at.device.requests[before]?.path, PARKING);
  });

  it("whose position is not wired is unknown, never what the last command was", async () => {
    await using at = await connect((device) => {
      barriersOf(device).fit().position = "noSignal";
    });
    assert.equal((await at.run("open")).state, "unknown");
    assert.equal((await at.run("status")).state, "unknown");
  });

  it("is looked at until its arm has moved", async () => {
    await using at = await connect((device) => {
      barriersOf(device).fit().moveMs = 40;
    });
    assert.equal((await at.run("open")).state, "open");
  });

  it("that does not move although the camera says OK is told as it is read", async () => {
    await using at = await connect((device) => {
      barriersOf(device).fit().moveMs = 60_000;
    });
    const { state, notice } = await at.run("open");
    assert.equal(state, "closed");
    assert.match(String(notice), /accepted the command.*still shut/);
  });

  it("that was locked here says that open has no effect, also over a deploy; unlock is never sent unasked", async () => {
    await using at = await connect((device) => barriersOf(device).fit());
    await at.run("lock");
    const signal = new AbortController().signal;
    const anew = await at.make().run({ kind: "barrier", number: 1, action: "open" }, signal);
    assert.equal(anew.state, "locked");
    assert.match(String(anew.notice), /locked: open has no effect/);
    assert.equal((await at.run("status")).state, "locked");
    assert.deepEqual(barriersOf(at.device).moves, ["1 lock"]);
    // Somebody unlocks it on the camera's web page.
    barriersOf(at.device).barriers[0]!.locked = false;
    assert.deepEqual(plain(await at.run("open")), { done: "open", kind: "barrier", number: 1, state: "open" });
    assert.equal((await at.run("close")).state, "closed");
  });

  it("does not know what doors do: nothing is sent", async () => {
    await using at = await connect((device) => barriersOf(device).fit());
    for (const action of ["holdOpen", "holdClosed", "resume"]) {
      const error = await failure(at.run(action));
      assert.equal(error.code, "notSupported");
      assert.match(error.message, /is for doors/);
    }
    assert.deepEqual(at.commands(), []);
  });

  it("stays open for a time and is closed then", async () => {
    await using at = await connect((device) => barriersOf(device).fit());
    const { moves, barriers } = barriersOf(at.device);
    const opened = at.run("open", { seconds: 2 });
    await until(() => moves.length === 1, "it is open");
    assert.ok(barriers[0]!.open);
    assert.deepEqual(plain(await opened), { done: "open", kind: "barrier", number: 1, state: "closed" });
    assert.deepEqual(moves, ["1 open", "1 close"]);
  });

  it("that somebody opens meanwhile is not closed on him: what comes later wins", async () => {
    await using at = await connect((device) => barriersOf(device).fit());
    const { moves } = barriersOf(at.device);
    const first = at.run("open", { seconds: 60 });
    await until(() => moves.length === 1, "it is open");
    await at.run("open");
    assert.equal((await first).state, "open");
    assert.deepEqual(moves, ["1 open", "1 open"]);
  });

  it("is never commanded twice at once", async () => {
    await using at = await connect((device) => barriersOf(device).fit());
    at.device.fail(PARKING, { kind: "slow", ms: 40 }, { method: "PUT" });
    await Promise.all(["open", "close", "open"].map((action) => at.run(action, { kind: "barrier" })));
    assert.deepEqual(barriersOf(at.device).moves, ["1 open", "1 close", "1 open"]);
    const times = at.device.requests.filter(({ path: asked, authorized }) => asked === PARKING && authorized);
    const gaps = times.slice(1).map(({ at: moment }, index) => moment - times[index]!.at);
    assert.ok(
      gaps.every((gap) => gap >= 39),
      String(gaps),
    );
  });

  describe("on a relay", () => {
    const relay = (device: VirtualDevice) => portsOf(device).outputs[0]!;

    it("is opened by a pulse, where the node says that it is one", async () => {
      await using at = await connect();
      const opened = at.run("open", { kind: "barrier" });
      await until(() => relay(at.device).active, "the relay is on");
      assert.deepEqual(plain(await opened), { done: "open", kind: "barrier", number: 1, state: "unknown" });
      assert.equal(relay(at.device).active, false);
      assert.deepEqual(at.commands(), [PARKING, ITC, TRIGGER, TRIGGER]);
    });

    it("is closed by letting go, never by a second pulse", async () => {
      await using at = await connect();
      await at.run("close", { kind: "barrier" });
      const sent = at.device.requests.filter(({ path: asked, authorized }) => asked === TRIGGER && authorized);
      assert.deepEqual(
        sent.map(({ body }) => /<outputState>(\w+)/.exec(String(body))?.[1]),
        ["low"],
      );
    });

    it("is locked by holding it; open and close then send nothing, for both would let go", async () => {
      await using at = await connect();
      assert.equal((await at.run("lock", { kind: "barrier" })).state, "locked");
      assert.ok(relay(at.device).active);
      for (const action of ["open", "close"]) assert.equal((await at.run(action, { kind: "barrier" })).state, "locked");
      assert.match(String((await at.run("open", { kind: "barrier" })).notice), /locked/);
      assert.ok(relay(at.device).active);
      await at.run("unlock", { kind: "barrier" });
      assert.equal(relay(at.device).active, false);
    });

    it("that somebody else holds is left alone: busy", async () => {
      await using at = await connect((device) => {
        relay(device).active = true;
      });
      const error = await failure(at.run("open", { kind: "barrier" }));
      assert.equal(error.code, "busy");
      assert.ok(relay(at.device).active);
    });

    it("is not used unless the node says so, or the device calls it an electric lock", async () => {
      await using at = await connect();
      const error = await failure(at.run("open"));
      assert.equal(error.code, "notSupported");
      assert.match(error.message, /electric lock/);
      assert.ok(!at.commands().includes(TRIGGER));
    });

    it("that is refused with 403, in platform mode (iDS-TCM), is tried at Parking again", async () => {
      await using at = await connect();
      await at.run("close", { kind: "barrier" });
      barriersOf(at.device).fit();
      at.device.fail(TRIGGER, { kind: "answer", status: 403, contentType: "text/html", body: "" });
      assert.equal((await at.run("open", { kind: "barrier" })).state, "open");
      assert.deepEqual(barriersOf(at.device).moves, ["1 open"]);
    });
  });
});

describe("a door", () => {
  const terminal = (device: VirtualDevice): void => void doorsOf(device).add("Main entrance").add("Back door");

  it("takes every word of it, with namespace and version, and tells what is read", async () => {
    await using at = await connect(terminal);
    const states: [action: string, state: string][] = [
      ["open", "open"],
      ["close", "closed"],
      ["holdOpen", "open"],
      ["holdClosed", "locked"],
      ["resume", "closed"],
      ["status", "closed"],
    ];
    for (const [action, state] of states)
      assert.deepEqual(plain(await at.run(action)), { done: action, kind: "door", number: 1, state }, action);
    assert.deepEqual(doorsOf(at.device).moves, ["1 open", "1 close", "1 alwaysOpen", "1 alwaysClose", "1 resume"]);
    const [first] = at.device.requests.filter(({ path: asked }) => asked === DOOR);
    assert.equal(
      first!.body,
      '<?xml version="1.0" encoding="UTF-8"?>\n<RemoteControlDoor version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema"><cmd>open</cmd></RemoteControlDoor>',
    );
    assert.match(first!.contentType ?? "", /^application\/xml/);
  });

  it("is opened with the first request of all, by a terminal that reads the body before the login", async () => {
    await using at = await connect(terminal);
    await at.run("open", { kind: "door" });
    assert.deepEqual(doorsOf(at.device).moves, ["1 open"]);
    assert.equal(at.device.requests[0]?.path, DOOR);
    assert.ok(at.device.requests.every(({ status: code }) => code !== 400));
  });

  it("that says OK and stays shut is sent the command once more as a form, and only so from then on (DS-K1T344)", async () => {
    await using at = await connect((device) => {
      terminal(device);
      doorsOf(device).takes = "form";
    });
    assert.equal((await at.run("open")).state, "open");
    await at.run("close");
    await at.run("open");
    const types = at.device.requests.filter(({ path: asked, authorized }) => asked === DOOR && authorized);
    assert.deepEqual(
      types.map(({ contentType }) => /form/.test(contentType ?? "")),
      [false, true, true, true],
    );
    assert.deepEqual(doorsOf(at.device).moves, ["1 open", "1 close", "1 open"]);
  });

  it("that stays shut either way is told, and not sent everything twice for ever", async () => {
    await using at = await connect((device) => {
      terminal(device);
      doorsOf(device).takes = "nothing";
    });
    const first = await at.run("open");
    assert.equal(first.state, "closed");
    assert.match(String(first.notice), /still shut/);
    await at.run("open");
    assert.equal(at.commands().length, 3);
  });

  it("is sent nothing twice where its state cannot be read", async () => {
    await using at = await connect((device) => {
      terminal(device);
      doorsOf(device).takes = "nothing";
      doorsOf(device).workStatus = "none";
    });
    assert.deepEqual(plain(await at.run("open")), { done: "open", kind: "door", number: 1, state: "unknown" });
    assert.equal(at.commands().length, 1);
  });

  it("of a station is read from its own status; a lock that is offline is unknown (DS-KV6124)", async () => {
    await using at = await connect((device) => {
      terminal(device);
      Object.assign(doorsOf(device), { workStatus: "none", stationLocks: ["open", "offline"] });
    });
    assert.equal((await at.run("status")).state, "open");
    assert.equal((await at.run("status", { number: 2 })).state, "unknown");
  });

  it("is not asked for a word that the device does not list: close at stations, resume at DS-K1T342", async () => {
    await using at = await connect((device) => {
      terminal(device);
      doorsOf(device).words = "open,alwaysOpen,resume";
    });
    const error = await failure(at.run("close"));
    assert.equal(error.code, "notSupported");
    assert.match(error.message, /does not know "close".*Nothing was sent/);
    doorsOf(at.device).words = "open,close,alwaysOpen,alwaysClose";
    const again = await failure(
      at.make().run({ kind: "door", number: 1, action: "open", seconds: 5 }, AbortSignal.timeout(9_000)),
    );
    assert.equal(again.code, "notSupported", "there would be no way back");
    assert.deepEqual(at.commands(), []);
  });

  it("that the device does not have is told, with nothing sent", async () => {
    await using at = await connect(terminal);
    const error = await failure(at.run("holdOpen", { number: 3 }));
    assert.equal(error.code, "notFound");
    assert.match(error.message, /doors 1 to 2/);
    assert.deepEqual(at.commands(), []);
  });

  it("without a lock, the second of a station, is OK and unknown", async () => {
    await using at = await connect((device) => {
      doorsOf(device).add("Door");
      Object.assign(doorsOf(device), { told: 2, workStatus: "padded" });
    });
    const { state } = await at.run("open", { number: 2 });
    assert.notEqual(state, "open");
  });

  it("is no number of all doors: 65535 is refused, and so is what is no number", async () => {
    await using at = await connect(terminal);
    for (const number of [65_535, "65535", 0, -1, 1.5, 129, "", undefined, null, {}, "Main entrance"]) {
      const error = await failure(at.run("open", { number }));
      assert.equal(error.code, "badRequest", JSON.stringify(number));
    }
    assert.match((await failure(at.run("open", { number: 65_535 }))).message, /all doors/);
    assert.deepEqual(at.device.requests, []);
  });

  it("does not know what barriers do: nothing is sent", async () => {
    await using at = await connect(terminal);
    for (const action of ["lock", "unlock"]) assert.equal((await failure(at.run(action))).code, "notSupported");
    assert.deepEqual(at.commands(), []);
  });

  it("is opened as an intercom where the command is refused, and by the relay that is an electric lock after that", async () => {
    await using at = await connect((device) => {
      terminal(device);
      Object.assign(doorsOf(device), { remoteControl: false, remoteOpenDoor: true });
    });
    await at.run("open", { kind: "door", number: 2 });
    assert.deepEqual(doorsOf(at.device).moves, ["2 unlock"]);

    await using other = await connect((device) => {
      portsOf(device).outputs[0]!.use = "electricLock";
    });
    const opened = other.run("open");
    await until(() => portsOf(other.device).outputs[0]!.active, "the relay is on");
    assert.deepEqual(plain(await opened), { done: "open", kind: "door", number: 1, state: "unknown" });
    assert.deepEqual(other.commands(), [DOOR, INTERCOM, TRIGGER, TRIGGER]);
    assert.equal((await failure(other.run("holdClosed"))).code, "notSupported");
  });

  it("is held open for a time, and put back", async () => {
    await using at = await connect(terminal);
    const { moves, doors } = doorsOf(at.device);
    const opened = at.run("open", { seconds: 2 });
    await until(() => doors[0]!.mode === 2, "it stays open");
    assert.deepEqual(plain(await opened), { done: "open", kind: "door", number: 1, state: "closed" });
    assert.deepEqual(moves, ["1 alwaysOpen", "1 resume"]);
  });

  it("is put back at once when the node is closed, and when the device is", async () => {
    await using at = await connect(terminal);
    const { moves, doors } = doorsOf(at.device);
    const node = new AbortController();
    const first = failure(at.run("open", { seconds: 600 }, node.signal));
    await until(() => doors[0]!.mode === 2, "it stays open");
    node.abort(new AbortedError());
    assert.equal((await first).code, "aborted");
    assert.deepEqual(moves, ["1 alwaysOpen", "1 resume"]);
    const second = failure(at.run("open", { seconds: 600 }));
    await until(() => doors[0]!.mode === 2, "it stays open again");
    at.doors.stop();
    assert.equal((await second).code, "aborted");
    assert.equal(doors[0]!.mode, 4);
  });

  it("is put back again and again until it works; the error says that it may still be open", async () => {
    await using at = await connect(terminal);
    const { doors, moves } = doorsOf(at.device);
    const first = at.run("open", { seconds: 2 });
    await until(() => doors[0]!.mode === 2, "it stays open");
    at.device.fail(DOOR, { kind: "reset" }, { times: 2 });
    assert.equal((await first).state, "closed");
    assert.deepEqual(moves, ["1 alwaysOpen", "1 resume"]);
    const second = failure(at.run("open", { seconds: 2 }));
    await until(() => doors[0]!.mode === 2, "it stays open");
    at.device.fail(DOOR, { kind: "reset" });
    assert.match((await second).message, /may still be open/);
  });

  const later: readonly (readonly [action: string, moves: readonly string[], mode: number])[] = [
    ["close", ["1 alwaysOpen", "1 resume", "1 close"], 4],
    ["resume", ["1 alwaysOpen", "1 resume"], 4],
    ["holdOpen", ["1 alwaysOpen", "1 alwaysOpen"], 2],
    ["holdClosed", ["1 alwaysOpen", "1 alwaysClose"], 3],
  ];
  for (const [action, moves, mode] of later)
    it(`that is held open for a time does as ${action} says when that comes`, async () => {
      await using at = await connect(terminal);
      const { doors, moves: done } = doorsOf(at.device);
      const first = at.run("open", { seconds: 600 });
      await until(() => doors[0]!.mode === 2, "it stays open");
      await at.run(action);
      await first;
      assert.deepEqual(done, moves);
      assert.equal(doors[0]!.mode, mode);
    });

  it("that takes its commands as a form only is held open for a time, too", async () => {
    await using at = await connect((device) => {
      terminal(device);
      doorsOf(device).takes = "form";
    });
    assert.equal((await at.run("open", { seconds: 2 })).state, "closed");
    assert.deepEqual(doorsOf(at.device).moves, ["1 alwaysOpen", "1 resume"]);
  });

  describe("on a relay that is an electric lock", () => {
    const relay = (device: VirtualDevice) => portsOf(device).outputs[0]!;
    const lock = (device: VirtualDevice): void => void (relay(device).use = "electricLock");

    it("is held open for a time, and let go; an open meanwhile does not end it", async () => {
      await using at = await connect(lock);
      const first = at.run("open", { seconds: 8 });
      await until(() => relay(at.device).active, "the relay is on");
      assert.equal((await at.run("open")).state, "unknown");
      assert.ok(relay(at.device).active);
      assert.equal((await first).state, "unknown");
      assert.equal(relay(at.device).active, false);
    });

    it("is let go by close, and when the node is closed", async () => {
      await using at = await connect(lock);
      const first = at.run("open", { seconds: 600 });
      await until(() => relay(at.device).active, "the relay is on");
      await at.run("close");
      assert.equal(relay(at.device).active, false);
      await first;
      const node = new AbortController();
      const second = failure(at.run("open", { seconds: 600 }, node.signal));
      await until(() => relay(at.device).active, "the relay is on again");
      node.abort(new AbortedError());
      assert.equal((await second).code, "aborted");
      assert.equal(relay(at.device).active, false);
    });
  });

  it("that is opened while it is held open is put back all the same", async () => {
    await using at = await connect(terminal);
    const { moves, doors } = doorsOf(at.device);
    const first = at.run("open", { seconds: 4 });
    await until(() => doors[0]!.mode === 2, "it stays open");
    await at.run("open");
    await first;
    assert.deepEqual(moves, ["1 alwaysOpen", "1 open", "1 resume"]);
  });
});

describe("a command whose answer got lost", () => {
  const faults = [
    ["cut before it", { kind: "reset" }, "offline"],
    ["an internal error", status("deviceError"), "protocol"],
    ["broken off", { kind: "truncate", bytes: 20 }, "offline"],
  ] as const;
  for (const [name, fault, code] of faults)
    it(`(${name}) is not repeated, on no path, and says so`, async () => {
      await using at = await connect((device) => {
        barriersOf(device).fit();
        doorsOf(device).add("Door");
      });
      await at.run("close");
      at.device.fail(PARKING, fault, { method: "PUT" });
      const before = at.commands().length;
      const error = await failure(at.run("open"));
      assert.equal(error.code, code);
      assert.equal(error.unclear, true);
      assert.ok(Object.hasOwn(error, "unclear"));
      assert.equal(error.cause.unclear, true);
      assert.match(error.message, /^Nobody knows whether barrier 1 has got the command, so it was not sent again/);
      assert.equal(error.cause.device?.host, "127.0.0.1");
      assert.equal(at.commands().length, before + 1);
    });

  it("within a time is neither", async () => {
    const { doors, http } = scripted(({ method }) =>
      method === "PUT" ? new RetryableError("timeout", say`No answer.`) : answer(403, 4, "notSupport"),
    );
    const error = await failure(doors.run({ kind: "door", number: 1, action: "open" }, new AbortController().signal));
    assert.deepEqual([error.code, error.unclear], ["timeout", true]);
    assert.equal(http.requests.length, 1);
  });

  it("leaves no door open: one that may be held open is put back", async () => {
    await using at = await connect((device) => void doorsOf(device).add("Door"));
    at.device.fail(DOOR, { kind: "truncate", bytes: 20 }, { times: 1 });
    const error = await failure(at.run("open", { seconds: 600, kind: "door" }));
    assert.equal(error.unclear, true);
    assert.equal(doorsOf(at.device).doors[0]!.mode, 4);
  });

  it("is none where nobody was there to get it, or where the device has refused", async () => {
    await using at = await connect((device) => void doorsOf(device).add("Door"));
    at.device.fail(DOOR, status("deviceBusy"));
    const busy = await failure(at.run("open", { kind: "door" }));
    assert.deepEqual([busy.code, busy.unclear], ["busy", undefined]);
    assert.equal(at.commands().length, 1, "not even that is repeated by itself");
    await at.device.disconnect();
    const gone = await failure(at.run("close", { kind: "door" }));
    assert.deepEqual([gone.code, gone.unclear], ["offline", undefined]);
  });

  it("that this user may not give is told at once, with no other path tried", async () => {
    await using at = await connect((device) => void doorsOf(device).add("Door"));
    at.device.fail(DOOR, status("lowPrivilege"));
    assert.equal((await failure(at.run("open", { kind: "door" }))).code, "forbidden");
    assert.equal(at.commands().length, 1);
  });
});

describe("a command for a door", () => {
  it("goes before what reads; what ends a hold waits behind nothing", async () => {
    const { doors, http } = scripted(({ method }) => (method === "PUT" ? OK : answer(403, 4, "notSupport")));
    const signal = new AbortController().signal;
    await doors.run({ kind: "door", number: 1, action: "open", seconds: 1 }, signal);
    const sent = http.requests.filter(({ method }) => method === "PUT");
    assert.deepEqual(
      sent.map(({ lane, body }) => [lane, /<cmd>(\w+)/.exec(String(body))?.[1]]),
      [
        ["change", "alwaysOpen"],
        ["stop", "resume"],
      ],
    );
  });
});

describe("too many commands for one door", () => {
  it("are refused as busy, while those before them wait", async () => {
    const held: (() => void)[] = [];
    const { doors } = scripted(({ method }) =>
      method === "PUT" ? new Promise((resolve) => held.push(() => resolve(OK))) : answer(403, 4, "notSupport"),
    );
    const run = (): Promise<unknown> =>
      doors.run({ kind: "barrier", number: 1, action: "open" }, new AbortController().signal).catch(codeOf);
    const all = Array.from({ length: 22 }, run);
    assert.equal(await all.at(-1), "busy");
    const release = setInterval(() => held.shift()?.(), 1);
    const results = await Promise.all(all);
    clearInterval(release);
    assert.equal(results.filter((one) => one === "busy").length, 1);
  });
});

describe("the state of a terminal's door", () => {
  const cases: [name: string, status: unknown, door: number, doors: number | undefined, state: string][] = [
    ["an empty list", { doorLockStatus: [], doorStatus: [] }, 1, 1, "unknown"],
    ["no list", {}, 1, 1, "unknown"],
    ["no answer", undefined, 1, 1, "unknown"],
    ["closed", { doorLockStatus: [0], doorStatus: [4] }, 1, 1, "closed"],
    ["open", { doorLockStatus: [0, 1], doorStatus: [4, 4] }, 2, 2, "open"],
    ["held closed", { doorLockStatus: [0], doorStatus: [3] }, 1, 1, "locked"],
    ["a short circuit", { doorLockStatus: [2], doorStatus: [4] }, 1, 1, "unknown"],
    ["a cut line", { doorLockStatus: [3], doorStatus: [4] }, 1, 1, "unknown"],
    ["a fault", { doorLockStatus: [4], doorStatus: [4] }, 1, 1, "unknown"],
    ["padded, of a known door", { doorLockStatus: Array(128).fill(0) }, 2, 2, "closed"],
    ["padded, of nobody knows which", { doorLockStatus: Array(128).fill(0) }, 2, undefined, "unknown"],
    ["padded, of the first", { doorLockStatus: Array(128).fill(0) }, 1, undefined, "closed"],
  ];
  for (const [name, given, door, doors, state] of cases)
    it(`${name}: ${state}`, () => assert.equal(terminalState(given, door, doors).state, state));

  it("with a fault says which", () => {
    assert.match(String(terminalState({ doorLockStatus: [3] }, 1, 1).notice), /cut/);
  });

  it(`as devices send it${whyNoFixtures}`, function () {
    if (!hasFixtures) this.skip();
    for (const file of ["observed_ta_terminal/AcsWorkStatus.json", "idstein/AcsWorkStatus_padded128.json"]) {
      const { AcsWorkStatus } = JSON.parse(readFileSync(path.join(FIXTURES, file), "utf8")) as {
        AcsWorkStatus: unknown;
      };
      assert.equal(terminalState(AcsWorkStatus, 1, 1).state, "closed", file);
    }
  });

  it("of a door behind the last one is unknown, whatever the padding says", async () => {
    await using at = await connect((device) => {
      doorsOf(device).add("Door").workStatus = "padded";
    });
    assert.equal((await at.run("status", { number: 1 })).state, "closed");
    assert.equal((await at.run("status", { number: 2 })).state, "unknown");
  });
});

describe("the list of doors and barriers", () => {
  it("names the doors, and keeps the passwords beside their names to itself", async () => {
    await using at = await connect((device) => void doorsOf(device).add("Main entrance").add("Back door"));
    assert.deepEqual(await at.doors.list(), [
      { kind: "door", number: 1, name: "Main entrance" },
      { kind: "door", number: 2, name: "Back door" },
    ]);
  });

  it("counts barriers, and prefers them", async () => {
    await using at = await connect((device) => {
      doorsOf(device).add("Hut");
      barriersOf(device).fit(2, "itc");
    });
    assert.deepEqual(await at.doors.list(), [
      { kind: "barrier", number: 1 },
      { kind: "barrier", number: 2 },
    ]);
    assert.deepEqual(await at.doors.list("door"), [{ kind: "door", number: 1, name: "Hut" }]);
    assert.equal((await at.run("open", { number: 2 })).kind, "barrier");
  });

  it("offers relays for barriers, and of doors those that are electric locks", async () => {
    await using at = await connect();
    assert.deepEqual(await at.doors.list("barrier"), [{ kind: "barrier", number: 1, name: "Output 1" }]);
    assert.deepEqual(await at.doors.list("door"), []);
    assert.deepEqual(await at.doors.list(), []);
    portsOf(at.device).outputs[0]!.use = "electricLock";
    assert.deepEqual(await at.make().list(), [{ kind: "door", number: 1, name: "Output 1" }]);
  });

  it(`reads what door stations send${whyNoFixtures}`, async function () {
    if (!hasFixtures) this.skip();
    for (const file of [
      "pergolafabio/RemoteControl.door.capabilities_KD8003.xml",
      "openlab-red/RemoteControl.door.capabilities.xml",
    ]) {
      const body = readFileSync(path.join(FIXTURES, file));
      const { doors } = scripted(({ path: asked }) =>
        asked.endsWith("door/capabilities") ? { statusCode: 200, headers: {}, body } : answer(403, 4, "notSupport"),
      );
      assert.equal((await doors.list()).length, 2, file);
      const error = await failure(doors.run({ kind: "auto", number: 1, action: "close" }, AbortSignal.timeout(5_000)));
      assert.match(error.message, /does not know "close"/);
    }
    const ports = readFileSync(path.join(FIXTURES, "pergolafabio/System.IO.outputs_KD8003.xml"));
    const { doors } = scripted(({ path: asked }) =>
      asked === "/ISAPI/System/IO/outputs"
        ? { statusCode: 200, headers: {}, body: ports }
        : answer(403, 4, "notSupport"),
    );
    assert.deepEqual(await doors.list("door"), [
      { kind: "door", number: 1, name: "COM1" },
      { kind: "door", number: 2, name: "COM2" },
    ]);
  });
});

function scripted(script: ConstructorParameters<typeof FakeHttp>[0]) {
  const http = new FakeHttp(script);
  const isapi = new Isapi(http);
  const beforeClose = (): void => undefined;
  const outputs = new Outputs({ isapi, clock, beforeClose });
  return { http, doors: new Doors({ isapi, outputs, clock, key: "scripted", beforeClose }) };
}
