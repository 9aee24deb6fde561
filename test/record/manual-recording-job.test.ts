import assert from "node:assert/strict";
import { AbortedError, RetryableError } from "../../src/lib/errors";
import { Isapi } from "../../src/isapi/isapi";
import { Recorder, type StartResult, type OnDevice } from "../../src/record/recorder";
import type { Stopped } from "../../src/record/recording-job";
import { say } from "../../src/lib/sentence";
import { FakeHttp, OK, status, type Answer } from "../isapi/fake-http";
import { FakeClock, settle } from "../support/fake-clock";
import { SinkLog } from "./sink-log";

const OFFLINE = new RetryableError("offline", say`No way there.`);
const TARGET: OnDevice = { where: "device", channel: 3 };
const BASE = "/ISAPI/ContentMgmt/record/control/manual";

/** A device that accepts one HTTP method; `fault` may answer instead. */
function rig(accepted = "PUT") {
  const clock = new FakeClock();
  const chance = { random: () => 1, token: () => "00" };
  const log = new SinkLog();
  const controller = new AbortController();
  const beforeClose: Promise<unknown>[] = [];
  const state: { fault?: ((line: string, signal?: AbortSignal) => Answer | undefined) | undefined } = {};
  const http = new FakeHttp(({ method, path, body, signal }) => {
    assert.equal(body, undefined);
    const fault = state.fault?.(path, signal);
    return fault ?? (method === accepted ? OK : status(403, 4, "methodNotAllowed"));
  });
  const recorder = new Recorder({
    isapi: new Isapi(http, { clock, chance }),
    streamUrls: { live: () => Promise.reject(new Error("not asked for")) },
    minutesAt: () => 0,
    clock,
    chance,
    beforeClose: (task) => void beforeClose.push(task.catch(() => undefined)),
  });
  return {
    ...{ clock, log, controller, beforeClose, recorder, state },
    start: (seconds?: number): Promise<StartResult> =>
      recorder.startOnDevice(TARGET, {
        durationMs: seconds === undefined ? undefined : seconds * 1000,
        sink: log,
        signal: controller.signal,
      }),
    stop: (): Promise<Stopped> => recorder.stop(TARGET, controller.signal),
    /** "PUT start 301" … since the last time. */
    sent: (): string[] =>
      http.requests
        .splice(0)
        .map(({ method, path }) => `${method} ${path.replace(`${BASE}/`, "").replace("/tracks/", " ")}`),
  };
}

describe("manual recording", () => {
  it("is started and stopped, with one request each", async () => {
    const { start, stop, sent, clock, log } = rig();
    const { started } = await start();
    assert.deepEqual(started, { where: "device", channel: 3 });
    await clock.advance(90_000);
    assert.deepEqual(await stop(), { where: "device", channel: 3, duration: 90, reason: "stopped" });
    assert.deepEqual(sent(), ["PUT start 301", "PUT stop 301"]);
    assert.deepEqual([log.events, clock.pending], [[], 0]);
  });

  it("uses POST for a device that refuses PUT, and remembers that", async () => {
    const { start, stop, sent } = rig("POST");
    await start();
    await stop();
    assert.deepEqual(sent(), ["PUT start 301", "POST start 301", "POST stop 301"]);
  });

  it("ends by itself after its duration", async () => {
    const { start, sent, clock, log } = rig();
    await start(10);
    await clock.advance(9_999);
    assert.deepEqual(sent(), ["PUT start 301"]);
    await clock.advance(1);
    assert.deepEqual(sent(), ["PUT stop 301"]);
    assert.deepEqual(log.events, [["stopped", { where: "device", channel: 3, duration: 10, reason: "duration" }]]);
    assert.equal(clock.pending, 0);
  });

  it("is extended to the new end when it is started again", async () => {
    const { start, sent, clock, log } = rig();
    await start(10);
    await clock.advance(8_000);
    const { started, job } = await start(10);
    assert.deepEqual([started.reason, job], ["extended", undefined]);
    await clock.advance(9_999);
    assert.deepEqual([sent(), log.events], [["PUT start 301"], []]);
    await clock.advance(1);
    assert.equal(log.events.length, 1);
  });

  it("reports once that its stop failed, and repeats it until it succeeds", async () => {
    const { start, sent, clock, log, state } = rig();
    await start(10);
    state.fault = () => OFFLINE;
    await clock.advance(10_000);
    await clock.advance(6_000);
    assert.deepEqual(log.events, [["failed", OFFLINE]]);
    state.fault = undefined;
    sent();
    await clock.advance(4_000);
    assert.deepEqual(sent(), ["PUT stop 301"]);
    assert.equal(log.events[1]?.[0], "stopped");
    assert.equal(clock.pending, 0);
  });

  it("may be stopped by a message while its own stop fails", async () => {
    const { start, stop, clock, log, state } = rig();
    await start(1);
    state.fault = () => OFFLINE;
    await clock.advance(1_000);
    await assert.rejects(stop(), { code: "offline" });
    state.fault = undefined;
    assert.equal((await stop()).reason, "stopped");
    await clock.advance(120_000);
    assert.deepEqual([log.events.length, clock.pending], [1, 0]);
  });

  it("is stopped when its node is removed", async () => {
    const { start, sent, clock } = rig();
    const { job } = await start(600);
    sent();
    const closed = job?.close();
    await settle();
    assert.deepEqual(sent(), ["PUT stop 301"]);
    await closed;
    await job?.close();
    assert.deepEqual([sent(), clock.pending], [[], 0]);
  });

  it("is stopped when the device is closed", async () => {
    const { start, sent, recorder, clock } = rig();
    await start(600);
    await recorder.close();
    assert.deepEqual([sent(), clock.pending], [["PUT start 301", "PUT stop 301"], 0]);
  });

  for (const [what, answer] of [
    ["it is uncertain whether it started", new RetryableError("timeout", say`Too late.`)],
    ["the answer cannot be read", new RetryableError("protocol", say`What?`)],
  ] as const) {
    it(`is stopped when ${what}`, async () => {
      const { start, sent, state } = rig();
      state.fault = (path) => (path.includes("start") ? answer : undefined);
      await assert.rejects(start(), { code: answer.code });
      assert.deepEqual(sent(), ["PUT start 301", "PUT stop 301"]);
    });
  }

  it("is stopped before the device closes when it is aborted while it starts", async () => {
    const { start, sent, controller, beforeClose, state } = rig();
    state.fault = (path, signal) =>
      path.includes("start")
        ? new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new AbortedError())))
        : undefined;
    const starting = start();
    await settle();
    assert.equal(beforeClose.length, 1);
    controller.abort();
    await assert.rejects(starting, { code: "aborted" });
    await Promise.all(beforeClose);
    assert.deepEqual(sent().at(-1), "PUT stop 301");
  });

  it("needs no stop when the device refuses it, which it explains", async () => {
    const { start, sent, state } = rig();
    state.fault = () => status(403, 4, "notSupport");
    await assert.rejects(start(), { code: "notSupported", message: /manual recording of channel 3/ });
    assert.deepEqual(sent(), ["PUT start 301", "POST start 301"]);
    await assert.rejects(start(), { code: "notSupported" });
    assert.deepEqual(sent(), ["PUT start 301"]);
  });

  it("is stopped on the device also when no job is known", async () => {
    const { stop, sent } = rig();
    assert.deepEqual(await stop(), { where: "device", channel: 3, reason: "nothing" });
    assert.deepEqual(sent(), ["PUT stop 301"]);
  });
});
