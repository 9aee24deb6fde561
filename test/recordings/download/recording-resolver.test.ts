import assert from "node:assert/strict";
import { RecordingResolver } from "../../../src/recordings/download/recording-resolver";
import { codeOf } from "../../../src/lib/errors";
import type { Recording } from "../../../src/recordings/recording";
import { TimeFrame } from "../../../src/time/time-frame";
import { fixedZone } from "../../../src/time/zone";
import { FakeClock } from "../../support/fake-clock";

const START = Date.parse("2026-03-01T12:00:00Z");
const SECOND = 1_000;

describe("the recording of an event", () => {
  /** The device lists what `list` gives at a moment. */
  function finder(list: (secondsIn: number) => readonly Partial<Recording>[]) {
    const clock = new FakeClock(START);
    let asked = 0;
    const recordings = {
      search: () => {
        asked += 1;
        return Promise.resolve(list((clock.now() - START) / SECOND) as readonly Recording[]);
      },
      findByName: () => Promise.reject(new Error("not asked")),
    };
    const time = {
      frame: () => Promise.resolve(new TimeFrame(fixedZone(0), "utc", false)),
      now: () => Promise.resolve(clock.now()),
    };
    const life = new AbortController();
    const found = new RecordingResolver({ recordings, time, clock })
      .forClip(1, { startMs: START - 5 * SECOND, endMs: START + 10 * SECOND }, life.signal)
      .then(
        (all) => all.map(({ name }) => name),
        (error: unknown) => codeOf(error),
      );
    let outcome: unknown = "waiting";
    void found.then((result) => (outcome = result));
    return { clock, life, outcome: () => outcome, asked: () => asked };
  }
  const until = (seconds: number): string => new Date(START + seconds * SECOND).toISOString();

  it("is not asked for before its last second is over", async () => {
    const { clock, outcome, asked } = finder(() => [{ name: "a", end: until(30) }]);
    await clock.advance(9 * SECOND);
    assert.deepEqual([outcome(), asked()], ["waiting", 0]);
    await clock.advance(3 * SECOND);
    assert.deepEqual([outcome(), asked()], [["a"], 1]);
    assert.equal(clock.pending, 0);
  });

  it("is waited for until the device has closed it", async () => {
    const { clock, outcome } = finder((now) => [
      now < 1800 ? { name: "a", end: until(now), open: true } : { name: "a", end: until(1800) },
    ]);
    await clock.advance(1700 * SECOND);
    assert.equal(outcome(), "waiting");
    await clock.advance(120 * SECOND);
    assert.deepEqual(outcome(), ["a"]);
  });

  it("is waited for a minute where the device does not list it yet, then there is none", async () => {
    const { clock, outcome } = finder(() => []);
    await clock.advance(60 * SECOND);
    assert.equal(outcome(), "waiting");
    await clock.advance(30 * SECOND);
    assert.equal(outcome(), "notFound");
  });

  it("may end before the clip does, where the device stopped recording", async () => {
    const { clock, outcome } = finder(() => [{ name: "a", end: until(6) }]);
    await clock.advance(30 * SECOND);
    assert.equal(outcome(), "waiting");
    await clock.advance(60 * SECOND);
    assert.deepEqual(outcome(), ["a"]);
  });

  it("is not waited for any longer after an abort", async () => {
    const { clock, life, outcome } = finder(() => []);
    await clock.advance(20 * SECOND);
    life.abort();
    await clock.advance(0);
    assert.deepEqual([outcome(), clock.pending], ["aborted", 0]);
  });

  it("is given up after two hours", async () => {
    const { clock, outcome } = finder((now) => [{ name: "a", end: until(now), open: true }]);
    await clock.advance(7_300 * SECOND);
    assert.equal(outcome(), "timeout");
  });
});
