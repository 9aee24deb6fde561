import assert from "node:assert/strict";
import { bodyMemory, reuseMemory } from "../../src/multipart/body-memory";

describe("the memory of pictures", () => {
  it("is used again for one of half its size at least, so that a small picture that is kept does not keep much", () => {
    const large = Buffer.alloc(600_000);
    reuseMemory(large);
    assert.ok(bodyMemory(40_000).length <= 80_000);
    assert.ok(bodyMemory(700_000) !== large);
    assert.ok(bodyMemory(400_000) === large);
    assert.ok(bodyMemory(400_000) !== large, "once");
  });
});
