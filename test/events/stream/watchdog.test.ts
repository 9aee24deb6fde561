import assert from "node:assert/strict";
import { HeartbeatStatistics, Watchdog } from "../../../src/events/stream/watchdog";
import { FakeClock } from "../../support/fake-clock";

function watch(statistics = new HeartbeatStatistics(), alive = true) {
  const clock = new FakeClock();
  const seen = { dead: [] as number[], probes: 0, alive };
  const watchdog = new Watchdog(
    {
      clock,
      timeoutMs: 30_000,
      probe: () => {
        seen.probes += 1;
        return Promise.resolve(seen.alive);
      },
      onDead: (ms) => seen.dead.push(ms),
    },
    statistics,
  );
  const heartbeat = (): void => {
    watchdog.part();
    watchdog.heartbeat();
  };
  return { clock, seen, watchdog, heartbeat };
}

describe("the watchdog", () => {
  it("declares a stream with heartbeats dead after the timeout, without asking the device", async () => {
    const { clock, seen, heartbeat } = watch();
    heartbeat();
    await clock.advance(10_000);
    heartbeat();
    await clock.advance(29_999);
    assert.deepEqual(seen.dead, []);
    await clock.advance(1);
    assert.deepEqual([seen.dead, seen.probes], [[30_000], 0]);
  });

  it("takes any part as a sign that the stream is alive, not only heartbeats", async () => {
    const { clock, seen, watchdog, heartbeat } = watch();
    heartbeat();
    for (let i = 0; i < 10; i++) {
      await clock.advance(20_000);
      watchdog.part();
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

  it("learns that a recorder sends one heartbeat and no more: two reconnects, then it asks instead", async () => {
    const statistics = new HeartbeatStatistics();
    for (const deaths of [1, 1, 0]) {
      const { clock, seen, heartbeat, watchdog } = watch(statistics);
      heartbeat();
      await clock.advance(40_000);
      assert.equal(seen.dead.length, deaths);
      watchdog.stop();
      assert.equal(clock.pending, 0);
    }
  });

  it("gives a device with a heartbeat every 40 s two and a half intervals", async () => {
    const { clock, seen, watchdog, heartbeat } = watch();
    heartbeat();
    await clock.advance(25_000);
    watchdog.part();
    await clock.advance(15_000);
    heartbeat();
    await clock.advance(99_000);
    assert.deepEqual(seen.dead, []);
    await clock.advance(1_000);
    assert.equal(seen.dead.length, 1);
  });

  it("reports nothing after stop, also with a probe under way", async () => {
    const { clock, seen, watchdog } = watch(new HeartbeatStatistics(), false);
    await clock.advance(29_999);
    watchdog.stop();
    await clock.advance(100_000);
    assert.deepEqual([seen.dead, clock.pending], [[], 0]);
  });
});
