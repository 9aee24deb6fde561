import assert from "node:assert/strict";
import { UnfinishedPushes } from "../../src/push/unfinished-pushes";

describe("unfinished pushes", () => {
  it("are at most 16 of one device, and do not count against another", () => {
    const pushes = new UnfinishedPushes();
    const taken = Array.from({ length: 16 }, () => pushes.begin("a"));
    assert.ok(taken.every((push) => push !== undefined));
    assert.equal(pushes.begin("a"), undefined);
    assert.ok(pushes.begin("b"));
    taken[0]?.end();
    taken[0]?.end();
    assert.ok(pushes.begin("a"));
    assert.equal(pushes.begin("a"), undefined);
  });

  it("are at most 256 of all devices", () => {
    const pushes = new UnfinishedPushes();
    for (let index = 0; index < 256; index++) assert.ok(pushes.begin(`d${index}`));
    assert.equal(pushes.begin("one more"), undefined);
  });

  it("hold at most 128 MiB together, and give them back", () => {
    const pushes = new UnfinishedPushes();
    const [a, b] = [pushes.begin("a"), pushes.begin("b")];
    assert.ok(a && b);
    assert.equal(a.add(100 << 20), true);
    assert.equal(b.add(30 << 20), false);
    a.end();
    assert.equal(b.add(30 << 20), true);
    assert.equal(a.add(1), false);
  });
});
