import assert from "node:assert/strict";
import { CallTracker } from "../../src/call/call-tracker";
import type { CallChange } from "../../src/call/call-words";
import { FakeClock } from "../support/fake-clock";

function tracked() {
  const clock = new FakeClock();
  const changes: CallChange[] = [];
  const tracker = new CallTracker({ clock, emit: (change) => void changes.push(change) });
  /** What was told since the last call: "ringing", "ended (synthetic)". */
  const news = (): string[] =>
    changes.splice(0).map(({ state, synthetic }) => (synthetic ? `${state} (synthetic)` : state));
  return { clock, tracker, changes, news };
}

describe("the states of a call", () => {
  it("are ringing, answered, ended; each is told once, however often it is read", () => {
    const { tracker, news } = tracked();
    for (const status of ["idle", "ring", "ring", "onCall", "onCall", "idle", "idle"] as const) tracker.read(status);
    assert.deepEqual(news(), ["ringing", "answered", "ended"]);
  });

  it("are ringing and missed where nobody answers", () => {
    const { tracker, news } = tracked();
    tracker.read("ring");
    tracker.read("idle");
    assert.deepEqual(news(), ["ringing", "missed"]);
  });

  it("are ringing and ended where a flow has rejected it", () => {
    const { tracker, news } = tracked();
    tracker.read("ring");
    tracker.read("idle", undefined, true);
    assert.deepEqual(news(), ["ringing", "ended"]);
  });

  it("say since when, and who rings, also at the end", async () => {
    const { clock, tracker, changes } = tracked();
    tracker.read("ring", { type: "doorStation" });
    await clock.advance(5_000);
    tracker.read("idle");
    const start = Date.parse("2026-03-01T12:00:00Z");
    assert.deepEqual(changes, [
      { state: "ringing", since: start, caller: { type: "doorStation" } },
      { state: "missed", since: start + 5_000, caller: { type: "doorStation" } },
    ]);
    assert.notEqual(changes[0]!.caller, changes[1]!.caller, "two messages never share an object");
  });

  it("do not begin with a call that never rang: the station calls elsewhere, or somebody looks at its picture", () => {
    const { tracker, news } = tracked();
    tracker.read("onCall");
    tracker.read("idle");
    assert.deepEqual(news(), []);
  });

  it("end after 60 s where a station stays at ring, which is not told again until it was something else", async () => {
    const { clock, tracker, news } = tracked();
    tracker.read("ring");
    await clock.advance(59_999);
    assert.deepEqual(news(), ["ringing"]);
    await clock.advance(1);
    assert.deepEqual(news(), ["ended (synthetic)"]);
    tracker.read("ring");
    assert.deepEqual(news(), []);
    tracker.read("idle");
    tracker.read("ring");
    assert.deepEqual(news(), ["ringing"]);
  });

  it("begin anew where it rings again during a call", () => {
    const { tracker, news } = tracked();
    tracker.read("ring");
    tracker.read("onCall");
    tracker.read("ring");
    assert.deepEqual(news(), ["ringing", "answered", "ended", "ringing"]);
  });

  it("of a bell that reports no end: one ring for all who press within a minute of each other", async () => {
    const { clock, tracker, news } = tracked();
    tracker.sign({ says: "ring" });
    await clock.advance(30_000);
    tracker.sign({ says: "ring" });
    await clock.advance(59_000);
    assert.deepEqual(news(), ["ringing"]);
    await clock.advance(1_000);
    assert.deepEqual(news(), ["ended (synthetic)"]);
    tracker.sign({ says: "ring" });
    assert.deepEqual(news(), ["ringing"]);
  });

  it("leave no timer behind, and nothing is told after close", async () => {
    const { clock, tracker, news } = tracked();
    tracker.read("ring");
    tracker.close();
    assert.equal(clock.pending, 0);
    await clock.advance(120_000);
    assert.deepEqual(news(), ["ringing"]);
  });
});
