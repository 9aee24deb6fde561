import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import sinon from "sinon";
import { systemClock } from "../../src/lib/clock";
import { AbortedError } from "../../src/lib/errors";

const DAY_MS = 86_400_000;

describe("the system's clock", () => {
  let timers: sinon.SinonFakeTimers;
  beforeEach(() => {
    timers = sinon.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => timers.restore());

  for (const days of [30, 100]) {
    it(`fires once after ${days} days, which no single timer of Node.js can wait for`, () => {
      let fired = 0;
      systemClock.after(days * DAY_MS, () => fired++);
      timers.tick(days * DAY_MS - 1);
      assert.equal(fired, 0);
      timers.tick(1);
      assert.equal(fired, 1);
      timers.tick(200 * DAY_MS);
      assert.equal(fired, 1);
    });
  }

  it("starts a long wait anew, and lets it be cancelled at any time", () => {
    let fired = 0;
    const timer = systemClock.after(30 * DAY_MS, () => fired++);
    timers.tick(29 * DAY_MS);
    timer.restart();
    timers.tick(29 * DAY_MS);
    assert.equal(fired, 0);
    timers.tick(DAY_MS);
    assert.equal(fired, 1);
    timer.restart();
    timers.tick(10 * DAY_MS);
    timer.cancel();
    timer.restart();
    timers.tick(100 * DAY_MS);
    assert.equal(fired, 1);
  });

  it("asks Node.js for no timer that overflows, whatever the time", () => {
    const asked: unknown[] = [];
    const { setTimeout: real } = globalThis;
    globalThis.setTimeout = ((run: () => void, ms: number) => (asked.push(ms), real(run, ms))) as never;
    try {
      for (const ms of [Infinity, NaN, -1, 0, 1e308, 2 ** 31]) systemClock.after(ms, () => undefined).cancel();
    } finally {
      globalThis.setTimeout = real;
    }
    assert.ok(
      asked.every((ms) => typeof ms === "number" && ms <= 2 ** 31 - 1),
      String(asked),
    );
  });

  it("waits until the first of several signals, and leaves nothing on any", async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const left = (): number[] => [first, second].map(({ signal }) => getEventListeners(signal, "abort").length);
    const ended = systemClock.wait(DAY_MS, first.signal, undefined, second.signal);
    assert.deepEqual(left(), [1, 1]);
    second.abort();
    await assert.rejects(ended, AbortedError);
    assert.deepEqual(left(), [0, 0]);
    const waited = systemClock.wait(DAY_MS, first.signal);
    timers.tick(DAY_MS);
    await waited;
    assert.deepEqual(left(), [0, 0]);
    await assert.rejects(systemClock.wait(DAY_MS, first.signal, second.signal), AbortedError);
    assert.deepEqual(left(), [0, 0]);
  });
});
