import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { codeOf, FatalError, RetryableError } from "../../src/lib/errors";
import { Motion, type SendOptions } from "../../src/ptz/motion";
import { say } from "../../src/lib/sentence";
import { FakeClock, settle } from "../support/fake-clock";

interface Sent extends SendOptions {
  readonly speed: number;
}

/** A drive whose device answers at once, unless `hold` or `fail` say otherwise. */
function setUp() {
  const clock = new FakeClock();
  const sent: Sent[] = [];
  const words: Promise<unknown>[] = [];
  const life = new AbortController();
  const device = {
    fail: [] as (Error | undefined)[],
    hold: undefined as Promise<void> | undefined,
  };
  const drive = new Motion<number>({
    still: 0,
    clock,
    beforeClose: (word) => {
      word.catch(() => undefined);
      words.push(word);
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
  return { clock, sent, speeds, words, life, device, drive };
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

describe("Drive", () => {
  it("goes until it is stopped, and answers when the device has accepted", async () => {
    const { drive, speeds, life, clock } = setUp();
    assert.equal(await drive.start(50, { signal: life.signal }), true);
    await clock.advance(60_000);
    assert.deepEqual(speeds(), [50]);
    assert.equal(drive.isRunning, true);
    await drive.stop();
    assert.deepEqual(speeds(), [50, 0]);
    assert.equal(drive.isRunning, false);
  });

  it("stops after its time, and answers only then", async () => {
    const { drive, sent, speeds, life, clock } = setUp();
    const done = drive.start(50, { ms: 2_000, signal: life.signal });
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
    const { drive, speeds, life, clock } = setUp();
    const first = drive.start(50, { ms: 1_000, signal: life.signal });
    await clock.advance(500);
    const second = drive.start(-20, { ms: 1_000, signal: life.signal });
    assert.equal(await first, false);
    await clock.advance(999);
    assert.deepEqual(speeds(), [50, -20]);
    await clock.advance(1);
    assert.equal(await second, true);
    assert.deepEqual(speeds(), [50, -20, 0]);
  });

  it("never sends a move that was overtaken while it waited: only the latest counts", async () => {
    const { drive, speeds, life, device } = setUp();
    const { promise, free } = until();
    device.hold = promise;
    const first = drive.start(10, { signal: life.signal });
    await settle();
    const others = [20, 30].map((speed) => drive.start(speed, { signal: life.signal }));
    await settle();
    free();
    assert.deepEqual(await Promise.all([first, ...others]), [false, false, true]);
    assert.deepEqual(speeds(), [10, 30]);
  });

  it("ends a timed move by a stop, once", async () => {
    const { drive, speeds, life, clock } = setUp();
    const move = drive.start(50, { ms: 5_000, signal: life.signal });
    await clock.advance(1_000);
    await drive.stop();
    assert.equal(await move, false);
    await clock.advance(10_000);
    assert.deepEqual(speeds(), [50, 0]);
  });

  it("sends one stop for several that are asked for at the same time", async () => {
    const { drive, speeds, life } = setUp();
    await drive.start(50, { signal: life.signal });
    await Promise.all([drive.stop(), drive.stop(), drive.stop()]);
    assert.deepEqual(speeds(), [50, 0]);
    await drive.stop();
    assert.deepEqual(speeds(), [50, 0, 0]);
  });

  it("tries anew when a stop is asked for after one that failed for good", async () => {
    const { drive, speeds, life, device } = setUp();
    await drive.start(50, { signal: life.signal });
    device.fail = [new FatalError("unauthorized", say`The password was changed.`)];
    await assert.rejects(drive.stop(), (error) => codeOf(error) === "unauthorized");
    assert.equal(drive.isRunning, true);
    await drive.stop();
    assert.deepEqual(speeds(), [50, 0, 0]);
  });

  describe("when the flow ends", () => {
    it("stops a timed move", async () => {
      const { drive, speeds, life, clock, words } = setUp();
      const move = drive.start(50, { ms: 5_000, signal: life.signal });
      await clock.advance(100);
      life.abort();
      assert.ok(words.length > 0, "the stop must be among the last words at once");
      await assert.rejects(move, (error) => codeOf(error) === "aborted");
      await Promise.all(words);
      assert.deepEqual(speeds(), [50, 0]);
      assert.equal(clock.pending, 0);
    });

    it("stops a move without end, also long after it was accepted", async () => {
      const { drive, speeds, life, clock, words } = setUp();
      await drive.start(50, { signal: life.signal });
      await clock.advance(3_600_000);
      life.abort();
      await Promise.all(words);
      assert.deepEqual(speeds(), [50, 0]);
    });

    it("leaves alone what another node has started since", async () => {
      const { drive, speeds, life, words } = setUp();
      await drive.start(50, { signal: life.signal });
      await drive.start(20, { signal: new AbortController().signal });
      life.abort();
      await settle();
      assert.deepEqual(speeds(), [50, 20]);
      assert.equal(words.length, 0);
      assert.equal(getEventListeners(life.signal, "abort").length, 0);
    });

    it("cuts a start off that hangs, and stops all the same, within the second it has", async () => {
      const { drive, speeds, life, clock, words, device } = setUp();
      device.hold = until().promise;
      const move = drive.start(50, { signal: life.signal });
      move.catch(() => undefined);
      await settle();
      life.abort();
      device.hold = undefined;
      await clock.advance(300);
      await Promise.all(words);
      await assert.rejects(move, (error) => codeOf(error) === "aborted");
      assert.deepEqual(speeds(), [50, 0]);
    });

    it("does not start at all when it was over before", async () => {
      const { drive, speeds, life } = setUp();
      life.abort();
      await assert.rejects(drive.start(50, { signal: life.signal }));
      assert.deepEqual(speeds(), []);
    });
  });

  describe("when something fails", () => {
    it("stops what may have started: nobody knows whether a request without an answer arrived", async () => {
      const { drive, speeds, life, device, words } = setUp();
      device.fail = [offline()];
      await assert.rejects(drive.start(50, { signal: life.signal }), (error) => codeOf(error) === "offline");
      await Promise.all(words);
      assert.deepEqual(speeds(), [50, 0]);
    });

    it("has nothing to stop when the device has refused", async () => {
      const { drive, speeds, life, device } = setUp();
      device.fail = [new FatalError("notSupported", say`It has no motors.`)];
      await assert.rejects(drive.start(50, { signal: life.signal }), (error) => codeOf(error) === "notSupported");
      assert.deepEqual(speeds(), [50]);
      assert.equal(drive.isRunning, false);
    });

    it("tries the stop again, for half a minute, then says that the camera may still move", async () => {
      const { drive, speeds, life, device, clock } = setUp();
      await drive.start(50, { signal: life.signal });
      device.fail = Array.from({ length: 20 }, offline);
      const stop = drive.stop();
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
      const { drive, speeds, life, device, clock } = setUp();
      const move = drive.start(50, { ms: 1_000, signal: life.signal });
      device.fail = [undefined, offline()];
      await clock.advance(1_000);
      await clock.advance(1_000);
      assert.equal(await move, true);
      assert.deepEqual(speeds(), [50, 0, 0]);
    });

    it("gives up a stop when something new moves the camera", async () => {
      const { drive, speeds, life, device, clock } = setUp();
      await drive.start(50, { signal: life.signal });
      device.fail = [offline()];
      const stop = drive.stop();
      await settle();
      await drive.start(30, { signal: life.signal });
      await clock.advance(60_000);
      await stop;
      assert.deepEqual(speeds(), [50, 0, 30]);
    });

    it("ends its tries when it is closed", async () => {
      const { drive, life, device, clock } = setUp();
      await drive.start(50, { signal: life.signal });
      device.fail = Array.from({ length: 20 }, offline);
      const stop = drive.stop();
      await settle();
      drive.close();
      await stop;
      assert.equal(clock.pending, 0);
    });
  });

  describe("instead", () => {
    it("ends the going without a stop: a preset is not stopped by the time of the move before", async () => {
      const { drive, speeds, life, clock } = setUp();
      const move = drive.start(50, { ms: 1_000, signal: life.signal });
      await clock.advance(500);
      assert.equal(await drive.supersede(() => Promise.resolve("there"), life.signal), "there");
      assert.equal(await move, false);
      await clock.advance(60_000);
      assert.deepEqual(speeds(), [50]);
    });

    it("changes nothing when it fails: the move still ends in its time", async () => {
      const { drive, speeds, life, clock } = setUp();
      const move = drive.start(50, { ms: 1_000, signal: life.signal });
      await clock.advance(500);
      const preset = drive.supersede(() => Promise.reject(new FatalError("notFound", say`None.`)), life.signal);
      await assert.rejects(preset);
      await clock.advance(500);
      assert.equal(await move, true);
      assert.deepEqual(speeds(), [50, 0]);
    });

    it("is not undone by a time that ran out while it was under way", async () => {
      const { drive, speeds, life, clock } = setUp();
      const move = drive.start(50, { ms: 1_000, signal: life.signal });
      await clock.advance(900);
      const { promise, free } = until();
      const preset = drive.supersede(() => promise, life.signal);
      await clock.advance(5_000);
      free();
      await preset;
      assert.equal(await move, false);
      assert.deepEqual(speeds(), [50]);
    });

    it("does not end a move that was asked for after it", async () => {
      const { drive, life, speeds } = setUp();
      const { promise, free } = until();
      const preset = drive.supersede(() => promise, life.signal);
      const move = drive.start(20, { signal: life.signal });
      free();
      await preset;
      assert.equal(await move, true);
      assert.equal(drive.isRunning, true);
      assert.deepEqual(speeds(), [20]);
    });
  });
});
