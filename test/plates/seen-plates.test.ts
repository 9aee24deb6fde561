import assert from "node:assert/strict";
import { parseCaptured } from "../../src/plates/capture-time";
import { cursorAt, earlier, isCursor } from "../../src/plates/cursor";
import { SeenPlates } from "../../src/plates/seen-plates";
import type { Sight } from "../../src/plates/plate";

function sight(plate: string, moment = "2026-03-01T12:00:00", lane?: number): Sight {
  return { plate, captured: parseCaptured(moment)!, lane };
}

/** As a context store gives it back. */
function restored(ledger: SeenPlates): SeenPlates {
  return SeenPlates.restore(JSON.parse(JSON.stringify(ledger.save())));
}

describe("a cursor", () => {
  it("is text: longer than a number can hold, and of any length", () => {
    assert.ok(isCursor("2020042416162789540087321"));
    for (const none of [202004241616278800, "license-plate", "20201324161627", "", undefined, "12"])
      assert.ok(!isCursor(none));
  });

  it("moves over midnight and year, and stays as long", () => {
    assert.equal(earlier("202601010000040000", 5_000), "202512312359590000");
    assert.equal(earlier("2020042416162789540087321", 10_000), "2020042416161700000000000");
    assert.equal(cursorAt(Date.UTC(2026, 2, 1, 12, 0, 0, 45)), "202603011200000450");
  });
});

describe("a ledger", () => {
  it("knows what it has dealt with, by plate and moment, also after a restart", () => {
    const ledger = new SeenPlates();
    ledger.startAt("202603011200000000");
    ledger.settle(sight("KH 35-192", "2026-03-01T12:00:00+01:00", 2));
    for (const one of [ledger, restored(ledger)]) {
      assert.ok(one.knows(sight("KH 35-192", "20260301T120002")));
      assert.ok(!one.knows(sight("KH 35-192", "20260301T120003")));
      assert.ok(!one.knows(sight("KH 35-193")));
      assert.equal(one.cursor, "202603011200000000");
    }
  });

  it("tells unread plates apart by their lane", () => {
    const ledger = new SeenPlates();
    ledger.settle(sight("", undefined, 1));
    assert.ok(restored(ledger).knows(sight("", undefined, 1)));
    assert.ok(!restored(ledger).knows(sight("", undefined, 2)));
    assert.ok(restored(ledger).knows(sight("")));
  });

  it("restores nothing from what is none of its own", () => {
    for (const junk of [
      undefined,
      null,
      7,
      "x",
      { cursor: 5, seen: "no" },
      { cursor: "abc", seen: [null, "", "a b", {}] },
    ])
      assert.deepEqual(SeenPlates.restore(junk).save(), { seen: [] });
  });

  it("never goes back in the list, but follows the stream there, up to two hours", () => {
    const ledger = new SeenPlates();
    ledger.follow(sight("A"));
    assert.equal(ledger.cursor, undefined);
    ledger.startAt("202603011200000000");
    ledger.advance("202603011100000000");
    assert.equal(ledger.cursor, "202603011200000000");
    ledger.follow(sight("A", "1970-01-01T00:00:17"));
    assert.equal(ledger.cursor, "202603011200000000");
    ledger.follow(sight("A", "2026-03-01T11:05:00"));
    assert.equal(ledger.cursor, "202603011105000000");
  });

  it("saves no cursor behind a plate whose pictures are still awaited, nor the plate itself", () => {
    const ledger = new SeenPlates();
    ledger.startAt("202603011100000000");
    const awaited = sight("A", "2026-03-01T12:00:00");
    ledger.await(awaited);
    ledger.settle(sight("B", "2026-03-01T12:00:20"));
    ledger.follow(sight("B", "2026-03-01T12:00:20"));
    assert.ok(ledger.knows(sight("A")));
    const killed = restored(ledger);
    assert.equal(killed.cursor, "202603011200000000");
    assert.deepEqual([killed.knows(sight("A")), killed.knows(sight("B", "2026-03-01T12:00:20"))], [false, true]);
    ledger.settle(awaited);
    assert.equal(restored(ledger).cursor, "202603011200200000");
    assert.ok(restored(ledger).knows(sight("A")));
  });

  it("remembers a thousand plates, and is read back no further than that", () => {
    const ledger = new SeenPlates();
    ledger.startAt("202603011300000000");
    const at = (second: number): string => new Date(Date.UTC(2026, 2, 1, 12, 0, second)).toISOString().slice(0, 19);
    for (let i = 0; i < 999; i++) ledger.settle(sight(`P${i}`, at(i)));
    assert.equal(ledger.from(ledger.cursor!, 3_900_000), "202603011155000000");
    for (let i = 999; i < 1_100; i++) ledger.settle(sight(`P${i}`, at(i)));
    assert.ok(!ledger.knows(sight("P99", at(99))) && ledger.knows(sight("P100", at(100))));
    assert.equal(ledger.from(ledger.cursor!, 3_900_000), "202603011201400000");
    assert.equal(ledger.from(ledger.cursor!, 10_000), "202603011259500000");
    assert.equal(ledger.save().seen.length, 1_000);
  });
});
