import assert from "node:assert/strict";
import { OrderedMerge } from "../../src/plates/ordered-merge";
import { settle } from "../support/fake-clock";

describe("a convoy", () => {
  function setUp(): { convoy: OrderedMerge<number>; gone: number[]; deal: (item: number) => Promise<void> } {
    const gone: number[] = [];
    const deal = async (item: number): Promise<void> => {
      await Promise.resolve();
      gone.push(item);
    };
    return { convoy: new OrderedMerge<number>((a, b) => a < b), gone, deal };
  }

  it("waits for all who are reading, then lets what they have go in order", async () => {
    const { convoy, gone, deal } = setUp();
    let arrive: (items: number[]) => void = () => undefined;
    const slow = new Promise<number[]>((resolve) => (arrive = resolve));
    const all = [convoy.join(() => Promise.resolve([1, 4, 5]), deal), convoy.join(() => slow, deal)];
    await settle();
    assert.deepEqual(gone, []);
    arrive([2, 3, 6]);
    await Promise.all(all);
    assert.deepEqual(gone, [1, 2, 3, 4, 5, 6]);
  });

  it("goes without one who fails to read, and without the rest of one whose dealing fails", async () => {
    const { convoy, gone, deal } = setUp();
    const failing = async (item: number): Promise<void> => (item === 3 ? Promise.reject(new Error("no")) : deal(item));
    const results = await Promise.allSettled([
      convoy.join(() => Promise.reject(new Error("away")), deal),
      convoy.join(() => Promise.resolve([1, 3, 5]), failing),
      convoy.join(() => Promise.resolve([2, 4]), deal),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["rejected", "rejected", "fulfilled"],
    );
    assert.deepEqual(gone, [1, 2, 4]);
  });

  it("takes who comes while it moves along next", async () => {
    const { convoy, gone, deal } = setUp();
    let later: Promise<void> | undefined;
    await convoy.join(
      () => Promise.resolve([5, 6]),
      async (item) => {
        later ??= convoy.join(() => Promise.resolve([1]), deal);
        await settle();
        gone.push(item);
      },
    );
    await later;
    assert.deepEqual(gone, [5, 6, 1]);
  });
});
