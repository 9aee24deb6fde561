import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { systemClock } from "../../src/lib/clock";
import { AbortedError } from "../../src/lib/errors";
import { withLimit, withSignals } from "../../src/lib/signals";
import { FakeClock } from "../support/fake-clock";
import { collectGarbage } from "../support/garbage";

const late = new Error("late");
/** Ends with the signal only. */
const pending = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end);
  });
const listeners = ({ signal }: AbortController): number => getEventListeners(signal, "abort").length;

describe("a task with several signals", () => {
  for (const which of [0, 1])
    it(`ends with number ${which}, for its reason, and leaves nothing on either`, async () => {
      const controllers = [new AbortController(), new AbortController()];
      const task = withSignals(
        controllers.map(({ signal }) => signal),
        pending,
      );
      assert.deepEqual(controllers.map(listeners), [1, 1]);
      const reason = new AbortedError();
      controllers[which]!.abort(reason);
      await assert.rejects(task, reason);
      assert.deepEqual(controllers.map(listeners), [0, 0]);
    });

  it("is told at once of one that has aborted before", async () => {
    const reason = new AbortedError();
    const task = withSignals([new AbortController().signal, AbortSignal.abort(reason)], pending);
    await assert.rejects(task, reason);
  });

  it("leaves nothing on a signal that lives on, whether it gives something or throws", async () => {
    const life = new AbortController();
    assert.equal(await withSignals([life.signal], () => Promise.resolve(1)), 1);
    await assert.rejects(
      withSignals([life.signal], () => Promise.reject(late)),
      late,
    );
    assert.equal(listeners(life), 0);
  });
});

describe("a task with a time limit", () => {
  it("ends with the error of the limit, at the limit", async () => {
    const clock = new FakeClock();
    const task = withLimit({ clock, ms: 500, late: () => late }, pending);
    const rejected = assert.rejects(task, late);
    await clock.advance(499);
    assert.equal(clock.pending, 1);
    await clock.advance(1);
    await rejected;
  });

  it("ends with its caller's reason before that, and has no timer any more", async () => {
    const clock = new FakeClock();
    const caller = new AbortController();
    const task = withLimit({ clock, ms: 500, signal: caller.signal, late: () => late }, pending);
    const reason = new AbortedError();
    caller.abort(reason);
    await assert.rejects(task, reason);
    assert.deepEqual([clock.pending, listeners(caller)], [0, 0]);
  });

  it("gives what it made, or its own error, and has no timer any more", async () => {
    const clock = new FakeClock();
    const own = new Error("own");
    assert.equal(await withLimit({ clock, ms: 500, late: () => late }, () => Promise.resolve(1)), 1);
    await assert.rejects(
      withLimit({ clock, ms: 500, late: () => late }, () => Promise.reject(own)),
      own,
    );
    assert.equal(clock.pending, 0);
  });

  it("ends at the limit also when garbage was collected before", async () => {
    const caller = new AbortController();
    const task = withLimit({ clock: systemClock, ms: 100, signal: caller.signal, late: () => late }, pending);
    const collecting = setInterval(collectGarbage, 30);
    await assert.rejects(task, late).finally(() => clearInterval(collecting));
  });
});
