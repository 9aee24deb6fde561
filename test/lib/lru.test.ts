import assert from "node:assert/strict";
import { Lru } from "../../src/lib/lru";

describe("a bounded map", () => {
  it("forgets what was used longest ago, reading included", () => {
    const lru = new Lru<string, number>(2);
    lru.set("a", 1);
    lru.set("b", 2);
    assert.equal(lru.get("a"), 1);
    lru.set("c", 3);
    assert.deepEqual([lru.get("a"), lru.get("b"), lru.get("c")], [1, undefined, 3]);
  });

  it("keeps the order of use where the last one is used again, or set again after it was deleted", () => {
    const lru = new Lru<string, number>(2);
    lru.set("a", 1);
    lru.set("b", 2);
    assert.equal(lru.get("b"), 2);
    lru.set("b", 3);
    lru.delete("b");
    lru.set("b", 4);
    assert.equal(lru.get("a"), 1);
    lru.set("c", 5);
    assert.deepEqual([lru.get("a"), lru.get("b"), lru.get("c")], [1, undefined, 5]);
  });

  it("makes room for nothing when a known key gets another value, and gives up what is deleted", () => {
    const lru = new Lru<string, number>(2);
    lru.set("a", 1);
    lru.set("b", 2);
    lru.set("a", 3);
    assert.deepEqual([lru.get("b"), lru.get("a")], [2, 3]);
    lru.delete("a");
    assert.equal(lru.get("a"), undefined);
  });
});
