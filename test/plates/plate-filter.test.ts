import assert from "node:assert/strict";
import type { PlateReading } from "../../src/events/decode/anpr";
import { PlateFilter, type PlateFilterSettings } from "../../src/plates/plate-filter";
import { reading } from "./fake-list";

const ALL: PlateFilterSettings = { minConfidence: 0, lists: [], dropRepeats: 0 };

function accepts(filter: PlateFilter, read: PlateReading, second = 0, channel = 1): boolean {
  const capturedAt = { wallMs: second * 1000, offsetMs: undefined };
  return filter.accepts(channel, read, { plate: read.plate, capturedAt, lane: undefined });
}

describe("a plate filter", () => {
  const unread = { plate: "", unread: true } as const;
  const cases: [string, Partial<PlateFilterSettings>, Partial<PlateReading>, boolean][] = [
    ["lets everything through by default", {}, unread, true],
    ["drops what is less sure", { minConfidence: 80 }, { confidence: 79.9 }, false],
    ["keeps what is just as sure", { minConfidence: 80 }, { confidence: 80 }, true],
    ["keeps a listed plate, of which no confidence is known", { minConfidence: 80 }, { confidence: null }, true],
    ["drops an unread plate when it is to be sure", { minConfidence: 1 }, { ...unread, confidence: null }, false],
    ["keeps what is on a chosen list", { lists: ["allow", "block"] }, { list: "block" }, true],
    ["drops what is on another", { lists: ["allow"] }, { list: "other" }, false],
    ["drops what is on no known list", { lists: ["other"] }, { list: null }, false],
  ];
  for (const [name, settings, read, expected] of cases)
    it(name, () => assert.equal(accepts(new PlateFilter({ ...ALL, ...settings }), reading("A1", read)), expected));

  it("drops a plate that was let through within so many seconds, before or after, on the same channel", () => {
    const filter = new PlateFilter({ ...ALL, dropRepeats: 10 });
    const taken = ([second, plate, channel]: readonly [number, string, number?]): boolean =>
      accepts(filter, reading(plate), second, channel);
    assert.deepEqual(
      (
        [
          [100, "A"],
          [109, "A"],
          [91, "A"],
          [105, "B"],
          [105, "A", 2],
          [110, "A"],
          [119, "A"],
          [80, "A"],
        ] as const
      ).map(taken),
      [true, false, false, true, true, true, false, true],
    );
  });

  it("never takes two unread plates for the same", () => {
    const filter = new PlateFilter({ ...ALL, dropRepeats: 10 });
    assert.deepEqual(
      [1, 2].map((second) => accepts(filter, reading("", { unread: true }), second)),
      [true, true],
    );
  });

  it("does not count a plate that was dropped for another reason", () => {
    const filter = new PlateFilter({ ...ALL, dropRepeats: 10, minConfidence: 50 });
    assert.ok(!accepts(filter, reading("A", { confidence: 40 }), 1));
    assert.ok(accepts(filter, reading("A", { confidence: 60 }), 2));
  });
});
