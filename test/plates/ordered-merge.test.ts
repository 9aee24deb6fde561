import assert from "node:assert/strict";
import { OrderedMerge } from "../../src/plates/ordered-merge";
import { settle } from "../support/fake-clock";

describe("an ordered merge", () => {
  function setUp(): { merge: OrderedMerge<number>; emitted: number[]; emit: (item: number) => Promise<void> } {
    const emitted: number[] = [];
    const emit = async (item: number): Promise<void> => {
      await Promise.resolve();
      emitted.push(item);
    };
    return { merge: new OrderedMerge<number>((a, b) => a < b), emitted, emit };
  }

  it("waits for all readers, then emits their batches in order", async () => {
    const { merge, emitted, emit } = setUp();
    let finish: (items: number[]) => void = () => undefined;
    const slow = new Promise<number[]>((resolve) => (finish = resolve));
    const all = [merge.add(() => Promise.resolve([1, 4, 5]), emit), merge.add(() => slow, emit)];
    await settle();
    assert.deepEqual(emitted, []);
    finish([2, 3, 6]);
    await Promise.all(all);
    assert.deepEqual(emitted, [1, 2, 3, 4, 5, 6]);
  });

  it("leaves out a reader that fails, and the rest of a batch whose emit fails", async () => {
    const { merge, emitted, emit } = setUp();
    const failing = async (item: number): Promise<void> => (item === 3 ? Promise.reject(new Error("no")) : emit(item));
    const results = await Promise.allSettled([
      merge.add(() => Promise.reject(new Error("away")), emit),
      merge.add(() => Promise.resolve([1, 3, 5]), failing),
      merge.add(() => Promise.resolve([2, 4]), emit),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["rejected", "rejected", "fulfilled"],
    );
    assert.deepEqual(emitted, [1, 2, 4]);
  });

  it("emits a batch added meanwhile after the present ones", async () => {
    const { merge, emitted, emit } = setUp();
    let later: Promise<void> | undefined;
    await merge.add(
      () => Promise.resolve([5, 6]),
      async (item) => {
        later ??= merge.add(() => Promise.resolve([1]), emit);
        await settle();
        emitted.push(item);
      },
    );
    await later;
    assert.deepEqual(emitted, [5, 6, 1]);
  });
});
