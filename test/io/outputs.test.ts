import assert from "node:assert/strict";
import { AbortedError, codeOf, RetryableError } from "../../src/lib/errors";
import type { HttpReply } from "../../src/http/device-http";
import { Outputs } from "../../src/io/outputs";
import { Isapi } from "../../src/isapi/isapi";
import { say } from "../../src/lib/sentence";
import { BUSY, FakeHttp, OK, reply, status, type Answer } from "../isapi/fake-http";
import { FakeClock, settle } from "../support/fake-clock";

const OFFLINE = new RetryableError("offline", say`No way there.`);
const LIST = reply(
  200,
  `<IOOutputPortList><IOOutputPort><id>1</id><name>Gate</name></IOOutputPort>
   <IOOutputPort><id>2</id><name>Light</name></IOOutputPort><IOOutputPort><id>3</id><name>light</name></IOOutputPort></IOOutputPortList>`,
);

const OWN = "/ISAPI/System/IO/outputs";
const REMOTE = "/ISAPI/ContentMgmt/IOProxy/outputs";

const FAMILY: Readonly<Record<string, string>> = { 1: OWN, 2: OWN, 3: OWN, 301: REMOTE };

/** A recorder with outputs 1, 2 and 3 and a camera's 301. `fault` may answer instead. */
function device() {
  const clock = new FakeClock();
  const on = new Set<string>();
  /** What was switched, as "1 high"; states asked for, as "1 ?". */
  const log: string[] = [];
  let fault: ((command: string, signal?: AbortSignal) => Answer | undefined) | undefined;
  const http = new FakeHttp(({ method, path, body, signal }) => {
    if (path === OWN) return LIST;
    const [, family, output = ""] = /^(.*\/outputs)\/(\d+)\/(?:trigger|status)$/.exec(path) ?? [];
    if (family !== FAMILY[output]) return status(403, 4, "invalidOperation");
    const level = method === "PUT" ? /<outputState>(high|low)</.exec(String(body))?.[1] : "?";
    const command = `${output} ${level}`;
    const answer = fault?.(command, signal);
    log.push(command);
    if (answer) return answer;
    if (level === "high") on.add(output);
    if (level === "low") on.delete(output);
    return level === "?" ? stateOf(output, on.has(output)) : OK;
  });
  const beforeClose = new Set<Promise<unknown>>();
  const outputs = new Outputs({
    isapi: new Isapi(http, { clock, chance: { random: () => 0.5, token: () => "00" } }),
    clock,
    beforeClose: (task) => void beforeClose.add(task),
  });
  /** A pulse of so many seconds with its own signal; `result` is the state it ends with, or the error's code. */
  function pulse(seconds: number, output = 1) {
    const node = new AbortController();
    let failure: Error | undefined;
    const work = outputs.pulse(output, seconds * 1000, node.signal, () => undefined);
    const result = work.catch((error: unknown) => {
      failure = error as Error;
      return `!${codeOf(error)}`;
    });
    return { close: () => node.abort(new AbortedError()), result, failure: () => failure };
  }
  return {
    clock,
    http,
    outputs,
    log,
    on,
    pulse,
    beforeClose,
    fail: (next: typeof fault) => void (fault = next),
  };
}

function stateOf(output: string, active: boolean): HttpReply {
  const state = active ? "active" : "inactive";
  return reply(
    200,
    `<IOPortStatus><ioPortID>${output}</ioPortID><ioPortType>output</ioPortType><ioState>${state}</ioState></IOPortStatus>`,
  );
}

/** Never answers, but gives up when told, as the transport does. */
function hang(signal: AbortSignal | undefined): Promise<HttpReply> {
  return new Promise((_, reject) =>
    signal?.addEventListener("abort", () => reject(new AbortedError()), { once: true }),
  );
}

describe("alarm outputs", () => {
  describe("are found", () => {
    const cases: [given: unknown, outcome: number | string][] = [
      [1, 1],
      ["1", 1],
      [" 301 ", 301],
      ["Gate", 1],
      ["GATE ", 1],
      ["Light", "!notFound"],
      ["Siren", "!notFound"],
      ["", "!badRequest"],
      [undefined, "!badRequest"],
      [0, "!badRequest"],
      [1.5, "!badRequest"],
      [-1, "!badRequest"],
      [Infinity, "!badRequest"],
      [{ output: 1 }, "!badRequest"],
      [true, "!badRequest"],
    ];
    for (const [given, outcome] of cases) {
      it(`by ${JSON.stringify(given)}: ${outcome}`, async () => {
        const { outputs } = device();
        assert.equal(await outputs.find(given).catch((error: unknown) => `!${codeOf(error)}`), outcome);
      });
    }

    it("by number without a request, by name with the list, which is then remembered", async () => {
      const { outputs, http } = device();
      await outputs.find(2);
      assert.equal(http.requests.length, 0);
      await outputs.find("Gate");
      await outputs.find("gate");
      assert.deepEqual(http.paths, [OWN, REMOTE]);
    });

    it("or not: the error names what there is", async () => {
      const { outputs } = device();
      await assert.rejects(outputs.find("Siren"), /no output "Siren"\. The device has 1 "Gate", 2 "Light", 3 "light"/);
      await assert.rejects(outputs.find("Light"), /Several outputs are called "Light": 2 "Light", 3 "light"/);
    });
  });

  describe("are switched", () => {
    it("on and off, the device's own and a camera's, in one request each once the path is known", async () => {
      const { outputs, http, log } = device();
      for (const output of [1, 301]) {
        await outputs.set(output, "on");
        await outputs.set(output, "off");
      }
      assert.deepEqual(log, ["1 high", "1 low", "301 high", "301 low"]);
      assert.deepEqual(
        http.requests.map(({ method, path }) => `${method} ${path}`),
        [`${OWN}/1`, `${OWN}/1`, `${OWN}/301`, `${REMOTE}/301`, `${REMOTE}/301`].map((path) => `PUT ${path}/trigger`),
      );
      assert.match(
        String(http.requests[0]?.body),
        /^<\?xml [^>]*\?>\s*<IOPortData><outputState>high<\/outputState><\/IOPortData>$/,
      );
    });

    it("again while the device is busy, three times in all", async () => {
      const { outputs, clock, log, fail } = device();
      fail(() => BUSY);
      const failed = outputs.set(1, "on").catch(codeOf);
      await clock.advance(10_000);
      assert.equal(await failed, "busy");
      assert.equal(log.length, 3);
    });

    it("50 at most while they wait for a device that hangs; off is never one too many", async () => {
      const { outputs, log, fail } = device();
      let release: (answer: HttpReply) => void = () => undefined;
      fail((command) => (command === "1 high" ? new Promise((resolve) => (release = resolve)) : undefined));
      const ons = Array.from({ length: 100 }, () => outputs.set(1, "on").catch(codeOf));
      assert.deepEqual(new Set(await Promise.all(ons.slice(51))), new Set(["busy"]));
      const offs = Array.from({ length: 100 }, () => outputs.set(1, "off"));
      release(OK);
      await Promise.all(offs);
      assert.deepEqual(new Set(await Promise.all(ons.slice(1, 51))), new Set(["aborted"]));
      assert.deepEqual(log, ["1 high", "1 low", "1 low"], "a hundred offs are one, sent at once and again");
    });

    it("off once more where the node has gone that had sent it, and anew after an on", async () => {
      const { outputs, log, fail } = device();
      fail((command, signal) => (command === "1 low" && signal ? hang(signal) : undefined));
      const gone = new AbortController();
      const first = outputs.set(1, "off", gone.signal).catch(codeOf);
      await settle();
      const second = outputs.set(1, "off");
      gone.abort();
      assert.equal(await first, "aborted");
      fail(undefined);
      await second;
      const all = [outputs.set(1, "off"), outputs.set(1, "on").catch(codeOf), outputs.set(1, "off")];
      assert.deepEqual(await Promise.all(all), [undefined, "aborted", undefined]);
      await outputs.set(1, "on");
      await outputs.set(1, "off");
      assert.deepEqual(log.slice(-2), ["1 high", "1 low"]);
    });

    it("in the order of the commands", async () => {
      const { outputs, log, fail } = device();
      let release: (answer: HttpReply) => void = () => undefined;
      fail((command) => (command === "1 high" ? new Promise((resolve) => (release = resolve)) : undefined));
      const both = Promise.all([outputs.set(1, "on"), outputs.set(1, "on")]);
      await settle();
      assert.deepEqual(log, ["1 high"]);
      fail(undefined);
      release(OK);
      await both;
      assert.deepEqual(log, ["1 high", "1 high"]);
    });

    it("off without waiting: beside an on that hangs, again after it, and nothing that waited before it", async () => {
      const { outputs, pulse, log, on, fail } = device();
      let release: (answer: HttpReply) => void = () => undefined;
      fail((command) => (command === "1 high" ? new Promise((resolve) => (release = resolve)) : undefined));
      const first = outputs.set(1, "on");
      const second = outputs.set(1, "on").catch(codeOf);
      const third = pulse(1).result;
      await settle();
      const off = outputs.set(1, "off");
      await settle();
      assert.deepEqual(log, ["1 high", "1 low"]);
      on.add("1"); // The device carries the first one out only now.
      release(OK);
      await Promise.all([first, off]);
      assert.deepEqual([await second, await third], ["aborted", "!aborted"]);
      assert.deepEqual(log, ["1 high", "1 low", "1 low"]);
      assert.equal(on.size, 0);
    });

    it("on, when that is said after an off", async () => {
      const { outputs, log, on } = device();
      await Promise.allSettled([outputs.set(1, "on"), outputs.set(1, "off"), outputs.set(1, "on")]);
      assert.equal(log.at(-1), "1 high");
      assert.equal(on.size, 1);
    });

    it("not at all, when the device lacks them, and the error says so", async () => {
      const { outputs } = device();
      await assert.rejects(outputs.set(302, "on"), (error: Error) => {
        assert.equal(codeOf(error), "notSupported");
        assert.match(error.message, /switching output 302/);
        return true;
      });
    });
  });

  describe("are read", () => {
    it("as on and off", async () => {
      const { outputs, on } = device();
      assert.equal((await outputs.status(1)).state, "off");
      on.add("301");
      const { state, raw } = await outputs.status(301);
      assert.equal(state, "on");
      assert.deepEqual(raw, { ioPortID: "301", ioPortType: "output", ioState: "active" });
    });

    for (const body of ["<IOPortStatus/>", "<IOPortStatus><ioState>maybe</ioState></IOPortStatus>"]) {
      it(`or not: ${body}`, async () => {
        const { outputs, fail } = device();
        fail(() => reply(200, body));
        await assert.rejects(outputs.status(1), { code: "protocol" });
      });
    }
  });

  describe("a pulse", () => {
    it("is on, and off after its time", async () => {
      const { pulse, clock, log } = device();
      const { result } = pulse(5);
      await clock.advance(4_999);
      assert.deepEqual(log, ["1 high"]);
      await clock.advance(1);
      assert.equal(await result, "off");
      assert.deepEqual(log, ["1 high", "1 low"]);
      assert.equal(clock.pending, 0);
    });

    it("is off at once when its node is closed, with the device waiting for it", async () => {
      const { pulse, clock, log, beforeClose } = device();
      const { result, close } = pulse(60);
      await clock.advance(1_000);
      assert.equal(beforeClose.size, 1);
      close();
      assert.equal(await result, "!aborted");
      assert.deepEqual(log, ["1 high", "1 low"]);
      assert.equal(clock.pending, 0);
    });

    it("is off at once when the device stops, and so is one that begins then", async () => {
      const { pulse, outputs, clock, log } = device();
      const { result } = pulse(60);
      await clock.advance(1_000);
      outputs.stop();
      assert.equal(await result, "!aborted");
      assert.equal(await pulse(60).result, "!aborted");
      assert.deepEqual(log, ["1 high", "1 low", "1 high", "1 low"]);
      assert.equal(clock.pending, 0);
    });

    it("closed while it is being switched on is switched off all the same", async () => {
      const { pulse, log, fail } = device();
      fail((command, signal) => (command === "1 high" ? hang(signal) : undefined));
      const { result, close } = pulse(60);
      await settle();
      close();
      assert.equal(await result, "!aborted");
      assert.deepEqual(log, ["1 high", "1 low"]);
    });

    it("that may have begun although its command failed is switched off", async () => {
      const { pulse, log, fail } = device();
      fail((command) => (command === "1 high" ? OFFLINE : undefined));
      assert.equal(await pulse(60).result, "!offline");
      assert.deepEqual(log, ["1 high", "1 low"]);
    });

    it("that the device refuses needs no off", async () => {
      const { pulse, log, fail } = device();
      fail((command) => (command === "1 high" ? status(403, 4, "lowPrivilege") : undefined));
      assert.equal(await pulse(60).result, "!forbidden");
      assert.deepEqual(log, ["1 high"]);
    });

    it("closed while it is queued switches nothing", async () => {
      const { pulse, outputs, log, fail } = device();
      let release: (answer: HttpReply) => void = () => undefined;
      fail((command) => (command === "1 high" ? new Promise((resolve) => (release = resolve)) : undefined));
      const set = outputs.set(1, "on");
      const { result, close } = pulse(60);
      await settle();
      close();
      assert.equal(await result, "!aborted");
      release(OK);
      await set;
      assert.deepEqual(log, ["1 high"]);
    });

    it("is switched off as soon as the device can be reached again", async () => {
      const { pulse, clock, log, on, fail } = device();
      const { result } = pulse(1);
      await clock.advance(0);
      fail((command) => (command === "1 low" && log.length < 3 ? OFFLINE : undefined));
      await clock.advance(3_999);
      assert.equal(on.size, 1);
      await clock.advance(1);
      assert.equal(await result, "off");
      assert.equal(on.size, 0);
      assert.deepEqual(log, ["1 high", "1 low", "1 low", "1 low"]);
    });

    it("that cannot be switched off says that the output may still be on", async () => {
      const { pulse, clock, log, fail } = device();
      const { result, failure } = pulse(1);
      await clock.advance(0);
      fail(() => OFFLINE);
      await clock.advance(60_000);
      assert.equal(await result, "!offline");
      assert.match(failure()!.message, /^Output 1 may still be on: .*No way there/);
      assert.equal(log.length, 5);
    });

    it("stopped while it tries to switch off tries once more, at once", async () => {
      const { pulse, outputs, clock, log, fail } = device();
      const { result } = pulse(1);
      await clock.advance(0);
      fail(() => OFFLINE);
      await clock.advance(1_500);
      assert.deepEqual(log, ["1 high", "1 low"]);
      outputs.stop();
      assert.equal(await result, "!offline");
      assert.deepEqual(log, ["1 high", "1 low", "1 low"]);
      assert.equal(clock.pending, 0);
    });

    it("is made longer by a second one: off once, after the second", async () => {
      const { pulse, clock, log } = device();
      const first = pulse(10);
      await clock.advance(5_000);
      const second = pulse(10);
      await clock.advance(0);
      assert.equal(await first.result, "on");
      await clock.advance(9_999);
      assert.deepEqual(log, ["1 high", "1 high"]);
      await clock.advance(1);
      assert.equal(await second.result, "off");
      assert.deepEqual(log, ["1 high", "1 high", "1 low"]);
    });

    for (const state of ["on", "off"] as const) {
      it(`is over when the output is switched ${state}, and leaves it so`, async () => {
        const { pulse, outputs, clock, log } = device();
        const { result } = pulse(10);
        await clock.advance(5_000);
        await outputs.set(1, state);
        assert.equal(await result, state);
        await clock.advance(60_000);
        assert.deepEqual(log, ["1 high", state === "on" ? "1 high" : "1 low"]);
        assert.equal(clock.pending, 0);
      });
    }

    it("goes on when a later command fails", async () => {
      const { pulse, outputs, clock, log, fail } = device();
      const first = pulse(10);
      await clock.advance(5_000);
      fail((command) => (command === "1 high" ? OFFLINE : undefined));
      await assert.rejects(outputs.set(1, "on"), { code: "offline" });
      assert.equal(await pulse(10).result, "!offline");
      await clock.advance(5_000);
      assert.equal(await first.result, "off");
      assert.deepEqual(log, ["1 high", "1 high", "1 high", "1 low"]);
    });

    it("of one output leaves the others alone", async () => {
      const { pulse, outputs, clock, log } = device();
      const { result } = pulse(10, 301);
      await clock.advance(5_000);
      await outputs.set(1, "on");
      await clock.advance(5_000);
      assert.equal(await result, "off");
      assert.deepEqual(log, ["301 high", "1 high", "301 low"]);
    });
  });
});
