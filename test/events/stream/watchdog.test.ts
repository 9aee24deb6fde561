import assert from "node:assert/strict";
import { HeartbeatStatistics, Watchdog } from "../../../src/events/stream/watchdog";
import { FakeClock } from "../../support/fake-clock";

function watch(habit = new HeartbeatStatistics(), alive = true) {
  const clock = new FakeClock();
  const seen = { dead: [] as number[], probes: 0, alive };
  const liveness = new Watchdog(
    {
      clock,
      timeoutMs: 30_000,
      probe: () => {
        seen.probes += 1;
        return Promise.resolve(seen.alive);
      },
      onDead: (ms) => seen.dead.push(ms),
    },
    habit,
  );
  const beat = (): void => {
    liveness.bytes();
    liveness.heartbeat();
  };
  return { clock, seen, liveness, beat };
}

describe("liveness", () => {
  it("declares a stream with heartbeats dead after the timeout, without asking the device", async () => {
    const { clock, seen, beat } = watch();
    beat();
    await clock.advance(10_000);
    beat();
    await clock.advance(29_999);
    assert.deepEqual(seen.dead, []);
    await clock.advance(1);
    assert.deepEqual([seen.dead, seen.probes], [[30_000], 0]);
  });

  it("lets any byte count as life, not only heartbeats", async () => {
    const { clock, seen, liveness, beat } = watch();
    beat();
    for (let i = 0; i < 10; i++) {
      await clock.advance(20_000);
      liveness.bytes();
    }
    assert.deepEqual(seen.dead, []);
  });

  it("asks a device that never sent a heartbeat, and keeps the stream while it answers", async () => {
    const { clock, seen } = watch();
    await clock.advance(95_000);
    assert.deepEqual([seen.dead, seen.probes], [[], 3]);
    seen.alive = false;
    await clock.advance(30_000);
    assert.equal(seen.dead.length, 1);
  });

  it("learns that a recorder beats once and then falls silent: two reconnects, then it asks instead", async () => {
    const habit = new HeartbeatStatistics();
    for (const deaths of [1, 1, 0]) {
      const { clock, seen, beat, liveness } = watch(habit);
      beat();
      await clock.advance(40_000);
      assert.equal(seen.dead.length, deaths);
      liveness.stop();
      assert.equal(clock.pending, 0);
    }
  });

  it("gives a device that beats every 40 s two and a half beats", async () => {
    const { clock, seen, liveness, beat } = watch();
    beat();
    await clock.advance(25_000);
    liveness.bytes();
    await clock.advance(15_000);
    beat();
    await clock.advance(99_000);
    assert.deepEqual(seen.dead, []);
    await clock.advance(1_000);
    assert.equal(seen.dead.length, 1);
  });

  it("is silent after stop, also with a probe under way", async () => {
    const { clock, seen, liveness } = watch(new HeartbeatStatistics(), false);
    await clock.advance(29_999);
    liveness.stop();
    await clock.advance(100_000);
    assert.deepEqual([seen.dead, clock.pending], [[], 0]);
  });
});
