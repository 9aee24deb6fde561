import assert from "node:assert/strict";
import { AbortedError } from "../../src/lib/errors";
import { Cached } from "../../src/lib/cached";
import { FakeClock } from "../support/fake-clock";

describe("a remembered reading", () => {
  function counting(failures = 0) {
    const clock = new FakeClock();
    let reads = 0;
    const value = new Cached(
      async () => {
        const nth = ++reads;
        await clock.wait(100);
        if (nth <= failures) throw new Error(`failure ${nth}`);
        return nth;
      },
      clock,
      1000,
    );
    return { clock, value, reads: () => reads };
  }

  it("is made once for all who ask at the same moment, and kept for its time", async () => {
    const { clock, value, reads } = counting();
    const both = Promise.all([value.get(), value.get()]);
    await clock.advance(100);
    assert.deepEqual(await both, [1, 1]);
    await clock.advance(999);
    assert.equal(await value.get(), 1);
    assert.equal(reads(), 1);
  });

  it("is made anew when its time is over, or when told to forget", async () => {
    const { clock, value, reads } = counting();
    for (const step of ["first", "expired", "forgotten"]) {
      const next = value.get();
      await clock.advance(100);
      await next;
      if (step === "first") await clock.advance(1000);
      else value.forget();
    }
    assert.equal(reads(), 3);
  });

  it("does not keep a failure", async () => {
    const { clock, value } = counting(1);
    const first = assert.rejects(value.get(), /failure 1/);
    await clock.advance(100);
    await first;
    const second = value.get();
    await clock.advance(100);
    assert.equal(await second, 2);
  });

  it("ends only the waiting of the caller who gives up", async () => {
    const { clock, value } = counting();
    const caller = new AbortController();
    const aborted = assert.rejects(value.get(caller.signal), AbortedError);
    const patient = value.get(new AbortController().signal);
    caller.abort();
    await aborted;
    await clock.advance(100);
    assert.equal(await patient, 1);
    await assert.rejects(value.get(caller.signal), AbortedError);
  });

  it("fails for nobody but those who asked, when all have given up", async () => {
    const { clock, value } = counting(1);
    const caller = new AbortController();
    const gone = assert.rejects(value.get(caller.signal), AbortedError);
    caller.abort();
    await gone;
    await clock.advance(100); // an unhandled rejection would end the test run
  });
});
