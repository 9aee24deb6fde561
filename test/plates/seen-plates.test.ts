import assert from "node:assert/strict";
import { parseCaptureTime } from "../../src/plates/capture-time";
import { cursorAt, earlier, isCursor } from "../../src/plates/cursor";
import { SeenPlates } from "../../src/plates/seen-plates";
import type { Capture } from "../../src/plates/plate";

function capture(plate: string, moment = "2026-03-01T12:00:00", lane?: number): Capture {
  return { plate, capturedAt: parseCaptureTime(moment)!, lane };
}

/** As a context store gives it back. */
function restored(seenPlates: SeenPlates): SeenPlates {
  return SeenPlates.restore(JSON.parse(JSON.stringify(seenPlates.save())));
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

describe("seen plates", () => {
  it("has what was handled, by plate and time, also after a restart", () => {
    const seenPlates = new SeenPlates();
    seenPlates.startAt("202603011200000000");
    seenPlates.markDone(capture("KH 35-192", "2026-03-01T12:00:00+01:00", 2));
    for (const one of [seenPlates, restored(seenPlates)]) {
      assert.ok(one.has(capture("KH 35-192", "20260301T120002")));
      assert.ok(!one.has(capture("KH 35-192", "20260301T120003")));
      assert.ok(!one.has(capture("KH 35-193")));
      assert.equal(one.cursor, "202603011200000000");
    }
  });

  it("restores and keeps what version 0.1.0 stored, to the letter", () => {
    const stored = {
      cursor: "202611300115371632",
      seen: ["2026-11-30T01:15:37+01:00 1 0012345", "2026-11-30T01:15:37+01:00 - 12E34"],
    };
    const seenPlates = SeenPlates.restore(stored);
    assert.ok(seenPlates.has(capture("0012345", "2026-11-30T00:15:37Z", 1)));
    assert.deepEqual(seenPlates.save(), stored);
  });

  it("distinguishes unread plates by lane", () => {
    const seenPlates = new SeenPlates();
    seenPlates.markDone(capture("", undefined, 1));
    assert.ok(restored(seenPlates).has(capture("", undefined, 1)));
    assert.ok(!restored(seenPlates).has(capture("", undefined, 2)));
    assert.ok(restored(seenPlates).has(capture("")));
  });

  it("restores nothing from data that is not its own", () => {
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

  it("never goes back with the list, but up to two hours with the stream", () => {
    const seenPlates = new SeenPlates();
    seenPlates.followStream(capture("A"));
    assert.equal(seenPlates.cursor, undefined);
    seenPlates.startAt("202603011200000000");
    seenPlates.advance("202603011100000000");
    assert.equal(seenPlates.cursor, "202603011200000000");
    seenPlates.followStream(capture("A", "1970-01-01T00:00:17"));
    assert.equal(seenPlates.cursor, "202603011200000000");
    seenPlates.followStream(capture("A", "2026-03-01T11:05:00"));
    assert.equal(seenPlates.cursor, "202603011105000000");
  });

  it("saves no cursor past a pending plate, nor the plate itself", () => {
    const seenPlates = new SeenPlates();
    seenPlates.startAt("202603011100000000");
    const awaited = capture("A", "2026-03-01T12:00:00");
    seenPlates.markPending(awaited);
    seenPlates.markDone(capture("B", "2026-03-01T12:00:20"));
    seenPlates.followStream(capture("B", "2026-03-01T12:00:20"));
    assert.ok(seenPlates.has(capture("A")));
    const killed = restored(seenPlates);
    assert.equal(killed.cursor, "202603011200000000");
    assert.deepEqual([killed.has(capture("A")), killed.has(capture("B", "2026-03-01T12:00:20"))], [false, true]);
    seenPlates.markDone(awaited);
    assert.equal(restored(seenPlates).cursor, "202603011200200000");
    assert.ok(restored(seenPlates).has(capture("A")));
  });

  it("remembers a thousand plates, and reads back no further than the oldest", () => {
    const seenPlates = new SeenPlates();
    seenPlates.startAt("202603011300000000");
    const at = (second: number): string => new Date(Date.UTC(2026, 2, 1, 12, 0, second)).toISOString().slice(0, 19);
    for (let i = 0; i < 999; i++) seenPlates.markDone(capture(`P${i}`, at(i)));
    assert.equal(seenPlates.readFrom(seenPlates.cursor!, 3_900_000), "202603011155000000");
    for (let i = 999; i < 1_100; i++) seenPlates.markDone(capture(`P${i}`, at(i)));
    assert.ok(!seenPlates.has(capture("P99", at(99))) && seenPlates.has(capture("P100", at(100))));
    assert.equal(seenPlates.readFrom(seenPlates.cursor!, 3_900_000), "202603011201400000");
    assert.equal(seenPlates.readFrom(seenPlates.cursor!, 10_000), "202603011259500000");
    assert.equal(seenPlates.save().seen.length, 1_000);
  });
});
