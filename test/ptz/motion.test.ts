import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { codeOf, FatalError, RetryableError } from "../../src/lib/errors";
import { Motion, type SendOptions } from "../../src/ptz/motion";
import { say } from "../../src/lib/sentence";
import { FakeClock, settle } from "../support/fake-clock";

interface Sent extends SendOptions {
  readonly speed: number;
}

/** A motion whose device answers at once, unless `hold` or `fail` say otherwise. */
function setUp() {
  const clock = new FakeClock();
  const sent: Sent[] = [];
  const stops: Promise<unknown>[] = [];
  const life = new AbortController();
  const device = {
    fail: [] as (Error | undefined)[],
    hold: undefined as Promise<void> | undefined,
  };
  const motion = new Motion<number>({
    still: 0,
    clock,
    beforeClose: (word) => {
      word.catch(() => undefined);
      stops.push(word);
    },
    send: async (speed, options) => {
      sent.push({ speed, ...options });
      const { hold } = device;
      if (hold) await Promise.race([hold, aborted(options.signal)]);
      const error = device.fail.shift();
      if (error) throw error;
    },
  });
  const speeds = (): number[] => sent.map(({ speed }) => speed);
  return { clock, sent, speeds, stops, life, device, motion };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
}

function until(): { readonly promise: Promise<void>; readonly free: () => void } {
  let free = (): void => undefined;
  const promise = new Promise<void>((resolve) => (free = resolve));
  return { promise, free };
}

const offline = (): Error => new RetryableError("offline", say`The device cannot be reached.`);

describe("a motion", () => {
  it("lets no more than 50 commands wait for a device that hangs; a stop is never one too many", async () => {
    const { motion, life, device, speeds, clock } = setUp();
    const { promise, free } = until();
    device.hold = promise;
    const goTo = (): Promise<unknown> =>
      motion
        .supersede(async () => {
          await promise;
        }, life.signal)
        .then(() => "done", codeOf);
    const all = Array.from({ length: 1_000 }, goTo);
    assert.deepEqual(new Set(await Promise.all(all.slice(51))), new Set(["busy"]));
    const stops = Array.from({ length: 200 }, () => motion.stop());
    await clock.advance(400);
    free();
    await Promise.all([...stops, ...all]);
    assert.deepEqual(speeds(), [0]);
    assert.equal(await goTo(), "done");
  });

  it("ends in time behind 50 commands, and also where a second start is one too many", async () => {
    const { motion, life, device, speeds, clock } = setUp();
    const running = motion.start(50, { ms: 1_000, signal: life.signal });
    await settle();
    const { promise, free } = until();
    device.hold = promise;
    const waiting = Array.from({ length: 51 }, () => motion.supersede(() => promise, new AbortController().signal));
    await assert.rejects(motion.start(20, { signal: life.signal }), { code: "busy" });
    await clock.advance(1_000);
    device.hold = undefined;
    free();
    await Promise.all(waiting);
    assert.deepEqual([await running, speeds()], [false, [50]]);
    const again = motion.start(30, { ms: 500, signal: life.signal });
    await clock.advance(500);
    assert.deepEqual([await again, speeds()], [true, [50, 30, 0]]);
  });

  it("runs until it is stopped, and resolves when the device has accepted", async () => {
    const { motion, speeds, life, clock } = setUp();
    assert.equal(await motion.start(50, { signal: life.signal }), true);
    await clock.advance(60_000);
    assert.deepEqual(speeds(), [50]);
    assert.equal(motion.isRunning, true);
    await motion.stop();
    assert.deepEqual(speeds(), [50, 0]);
    assert.equal(motion.isRunning, false);
  });

  it("stops after its time, and resolves only then", async () => {
    const { motion, sent, speeds, life, clock } = setUp();
    const done = motion.start(50, { ms: 2_000, signal: life.signal });
    await clock.advance(1_999);
    assert.deepEqual(speeds(), [50]);
    await clock.advance(1);
    assert.equal(await done, true);
    assert.deepEqual(speeds(), [50, 0]);
    assert.deepEqual(
      sent.map(({ urgent }) => urgent),
      [false, true],
    );
    assert.equal(clock.pending, 0);
  });

  it("lets a later move take over: the earlier one's time does not stop it", async () => {
    const { motion, speeds, life, clock } = setUp();
    const first = motion.start(50, { ms: 1_000, signal: life.signal });
    await clock.advance(500);
    const second = motion.start(-20, { ms: 1_000, signal: life.signal });
    assert.equal(await first, false);
    await clock.advance(999);
    assert.deepEqual(speeds(), [50, -20]);
    await clock.advance(1);
    assert.equal(await second, true);
    assert.deepEqual(speeds(), [50, -20, 0]);
  });

  it("never sends a move that was replaced while it waited", async () => {
    const { motion, speeds, life, device } = setUp();
    const { promise, free } = until();
    device.hold = promise;
    const first = motion.start(10, { signal: life.signal });
    await settle();
    const others = [20, 30].map((speed) => motion.start(speed, { signal: life.signal }));
    await settle();
    free();
    assert.deepEqual(await Promise.all([first, ...others]), [false, false, true]);
    assert.deepEqual(speeds(), [10, 30]);
  });

  it("ends a timed move by a stop, once", async () => {
    const { motion, speeds, life, clock } = setUp();
    const move = motion.start(50, { ms: 5_000, signal: life.signal });
    await clock.advance(1_000);
    await motion.stop();
    assert.equal(await move, false);
    await clock.advance(10_000);
    assert.deepEqual(speeds(), [50, 0]);
  });

  it("sends one stop for several that are asked for at the same time", async () => {
    const { motion, speeds, life } = setUp();
    await motion.start(50, { signal: life.signal });
    await Promise.all([motion.stop(), motion.stop(), motion.stop()]);
    assert.deepEqual(speeds(), [50, 0]);
    await motion.stop();
    assert.deepEqual(speeds(), [50, 0, 0]);
  });

  it("tries anew when a stop is asked for after one that failed for good", async () => {
    const { motion, speeds, life, device } = setUp();
    await motion.start(50, { signal: life.signal });
    device.fail = [new FatalError("unauthorized", say`The password was changed.`)];
    await assert.rejects(motion.stop(), (error) => codeOf(error) === "unauthorized");
    assert.equal(motion.isRunning, true);
    await motion.stop();
    assert.deepEqual(speeds(), [50, 0, 0]);
  });

  describe("when the flow ends", () => {
    it("stops a timed move", async () => {
      const { motion, speeds, life, clock, stops } = setUp();
      const move = motion.start(50, { ms: 5_000, signal: life.signal });
      await clock.advance(100);
      life.abort();
      assert.ok(stops.length > 0, "the stop must be among the stops at once");
      await assert.rejects(move, (error) => codeOf(error) === "aborted");
      await Promise.all(stops);
      assert.deepEqual(speeds(), [50, 0]);
      assert.equal(clock.pending, 0);
    });

    it("stops an endless move, also long after it was accepted", async () => {
      const { motion, speeds, life, clock, stops } = setUp();
      await motion.start(50, { signal: life.signal });
      await clock.advance(3_600_000);
      life.abort();
      await Promise.all(stops);
      assert.deepEqual(speeds(), [50, 0]);
    });

    it("leaves alone what another node has started since", async () => {
      const { motion, speeds, life, stops } = setUp();
      await motion.start(50, { signal: life.signal });
      await motion.start(20, { signal: new AbortController().signal });
      life.abort();
      await settle();
      assert.deepEqual(speeds(), [50, 20]);
      assert.equal(stops.length, 0);
      assert.equal(getEventListeners(life.signal, "abort").length, 0);
    });

    it("aborts a start that hangs, and still stops within a second", async () => {
      const { motion, speeds, life, clock, stops, device } = setUp();
      device.hold = until().promise;
      const move = motion.start(50, { signal: life.signal });
      move.catch(() => undefined);
      await settle();
      life.abort();
      device.hold = undefined;
      await clock.advance(300);
      await Promise.all(stops);
      await assert.rejects(move, (error) => codeOf(error) === "aborted");
      assert.deepEqual(speeds(), [50, 0]);
    });

    it("does not start at all when it was over before", async () => {
      const { motion, speeds, life } = setUp();
      life.abort();
      await assert.rejects(motion.start(50, { signal: life.signal }));
      assert.deepEqual(speeds(), []);
    });
  });

  describe("when something fails", () => {
    it("stops what may have started: a request without an answer may have arrived", async () => {
      const { motion, speeds, life, device, stops } = setUp();
      device.fail = [offline()];
      await assert.rejects(motion.start(50, { signal: life.signal }), (error) => codeOf(error) === "offline");
      await Promise.all(stops);
      assert.deepEqual(speeds(), [50, 0]);
    });

    it("has nothing to stop when the device has refused", async () => {
      const { motion, speeds, life, device } = setUp();
      device.fail = [new FatalError("notSupported", say`It has no motors.`)];
      await assert.rejects(motion.start(50, { signal: life.signal }), (error) => codeOf(error) === "notSupported");
      assert.deepEqual(speeds(), [50]);
      assert.equal(motion.isRunning, false);
    });

    it("tries the stop again, for half a minute, then says that the camera may still move", async () => {
      const { motion, speeds, life, device, clock } = setUp();
      await motion.start(50, { signal: life.signal });
      device.fail = Array.from({ length: 20 }, offline);
      const stop = motion.stop();
      stop.catch(() => undefined);
      await clock.advance(20_000);
      const tried = speeds().length - 1;
      assert.ok(tried >= 5 && tried < 7, `${tried} tries`);
      await clock.advance(20_000);
      await assert.rejects(stop, (error) => {
        assert.match(String(error), /may still be moving\. The device cannot be reached/);
        return codeOf(error) === "offline";
      });
      assert.equal(clock.pending, 0);
    });

    it("gets the stop through at the second try", async () => {
      const { motion, speeds, life, device, clock } = setUp();
      const move = motion.start(50, { ms: 1_000, signal: life.signal });
      device.fail = [undefined, offline()];
      await clock.advance(1_000);
      await clock.advance(1_000);
      assert.equal(await move, true);
      assert.deepEqual(speeds(), [50, 0, 0]);
    });

    it("gives up a stop when something new moves the camera", async () => {
      const { motion, speeds, life, device, clock } = setUp();
      await motion.start(50, { signal: life.signal });
      device.fail = [offline()];
      const stop = motion.stop();
      await settle();
      await motion.start(30, { signal: life.signal });
      await clock.advance(60_000);
      await stop;
      assert.deepEqual(speeds(), [50, 0, 30]);
    });

    it("ends its tries when it is closed", async () => {
      const { motion, life, device, clock } = setUp();
      await motion.start(50, { signal: life.signal });
      device.fail = Array.from({ length: 20 }, offline);
      const stop = motion.stop();
      await settle();
      motion.close();
      await stop;
      assert.equal(clock.pending, 0);
    });
  });

  describe("superseded by another command", () => {
    it("ends without a stop: a preset is not stopped by the duration of the move before", async () => {
      const { motion, speeds, life, clock } = setUp();
      const move = motion.start(50, { ms: 1_000, signal: life.signal });
      await clock.advance(500);
      assert.equal(await motion.supersede(() => Promise.resolve("there"), life.signal), "there");
      assert.equal(await move, false);
      await clock.advance(60_000);
      assert.deepEqual(speeds(), [50]);
    });

    it("still ends after its time when that command fails", async () => {
      const { motion, speeds, life, clock } = setUp();
      const move = motion.start(50, { ms: 1_000, signal: life.signal });
      await clock.advance(500);
      const preset = motion.supersede(() => Promise.reject(new FatalError("notFound", say`None.`)), life.signal);
      await assert.rejects(preset);
      await clock.advance(500);
      assert.equal(await move, true);
      assert.deepEqual(speeds(), [50, 0]);
    });

    it("sends no stop when its time ends while that command is under way", async () => {
      const { motion, speeds, life, clock } = setUp();
      const move = motion.start(50, { ms: 1_000, signal: life.signal });
      await clock.advance(900);
      const { promise, free } = until();
      const preset = motion.supersede(() => promise, life.signal);
      await clock.advance(5_000);
      free();
      await preset;
      assert.equal(await move, false);
      assert.deepEqual(speeds(), [50]);
    });

    it("does not end a move that was started later", async () => {
      const { motion, life, speeds } = setUp();
      const { promise, free } = until();
      const preset = motion.supersede(() => promise, life.signal);
      const move = motion.start(20, { signal: life.signal });
      free();
      await preset;
      assert.equal(await move, true);
      assert.equal(motion.isRunning, true);
      assert.deepEqual(speeds(), [20]);
    });
  });
});
