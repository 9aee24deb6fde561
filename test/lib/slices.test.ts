import assert from "node:assert/strict";
import fc from "fast-check";
import { setImmediate as nextRound } from "node:timers/promises";
import { codeOf } from "../../src/lib/errors";
import { flatMapInSteps, inSlices, sortInSteps, type Steps } from "../../src/lib/slices";

function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

function* steps(count: number, ms: number, onStep: () => void = () => undefined): Steps<string> {
  for (let step = 0; step < count; step++) {
    spin(ms);
    onStep();
    yield;
  }
  return "done";
}

describe("work in slices", () => {
  it("does what is short at once", async () => {
    let rounds = 0;
    const round = setImmediate(() => rounds++);
    assert.equal(await inSlices(steps(3, 0)), "done");
    clearImmediate(round);
    assert.equal(rounds, 0);
  });

  it("lets the event loop go on between slices", async () => {
    let rounds = 0;
    const count = (): void => {
      rounds++;
      round = setImmediate(count);
    };
    let round = setImmediate(count);
    assert.equal(await inSlices(steps(50, 1)), "done");
    clearImmediate(round);
    assert.ok(rounds >= 10, `${rounds} rounds`);
  });

  it("gives one of several works a slice in each round", async () => {
    let inRound = 0;
    let most = 0;
    const next = (): void => {
      most = Math.max(most, inRound);
      inRound = 0;
      round = setImmediate(next);
    };
    let round = setImmediate(next);
    const works = Array.from({ length: 5 }, () => inSlices(steps(40, 1, () => inRound++)));
    await nextRound();
    most = 0;
    assert.deepEqual(await Promise.all(works), Array(5).fill("done"));
    clearImmediate(round);
    assert.ok(most <= 2 * 4, `${most} steps in a round`);
  });

  it("ends early when it is stopped, and rejects with what a step throws", async () => {
    const stop = new AbortController();
    let done = 0;
    const stopped = inSlices(
      steps(1_000, 1, () => done++),
      stop.signal,
    );
    setImmediate(() => stop.abort());
    await assert.rejects(stopped, (error) => codeOf(error) === "aborted");
    assert.ok(done < 100, `${done} steps`);
    // eslint-disable-next-line require-yield
    function* fails(): Steps<never> {
      throw new RangeError("x");
    }
    await assert.rejects(inSlices(fails()), RangeError);
  });

  it("maps as flatMap does", async () => {
    const numbers = Array.from({ length: 1_000 }, (_, i) => i);
    const map = (i: number): number[] => (i % 3 === 0 ? [] : [i, -i]);
    assert.deepEqual(await inSlices(flatMapInSteps(numbers, map)), numbers.flatMap(map));
    assert.deepEqual(await inSlices(flatMapInSteps([], map)), []);
  });

  it("sorts as a stable sort does", async () => {
    const items = fc.array(fc.tuple(fc.nat(20), fc.nat()), { maxLength: 700, size: "max" });
    const compare = ([a]: [number, number], [b]: [number, number]): number => a - b;
    await fc.assert(
      fc.asyncProperty(items, async (all) => {
        assert.deepEqual(await inSlices(sortInSteps(all, compare)), all.toSorted(compare));
      }),
    );
  });
});
