import assert from "node:assert/strict";
import { isTimeWord, localText, momentOfWord } from "../../src/time/time-words";
import { parsePosixZone } from "../../src/time/posix-zone";
import { fixedZone } from "../../src/time/zone";

/** 00:30 on 2 May in the zone, still 1 May in UTC. */
const NOW = Date.parse("2026-05-01T22:30:00Z");
const ZONE = fixedZone(2 * 3_600_000);

describe("a time in words", () => {
  const words: Readonly<Record<string, string>> = {
    now: "2026-05-02T00:30:00+02:00",
    "-1h": "2026-05-01T23:30:00+02:00",
    "-90s": "2026-05-02T00:28:30+02:00",
    "-30m": "2026-05-02T00:00:00+02:00",
    "- 30 min": "2026-05-02T00:00:00+02:00",
    "-1.5h": "2026-05-01T23:00:00+02:00",
    "now-2d": "2026-04-30T00:30:00+02:00",
    "-1W": "2026-04-25T00:30:00+02:00",
    today: "2026-05-02T00:00:00+02:00",
    yesterday: "2026-05-01T00:00:00+02:00",
    "today 07:30": "2026-05-02T07:30:00+02:00",
    "Yesterday 7:30": "2026-05-01T07:30:00+02:00",
    " yesterday  23:59:59 ": "2026-05-01T23:59:59+02:00",
  };
  for (const [word, moment] of Object.entries(words)) {
    it(`"${word}" is a moment, of the zone's day`, () => {
      assert.equal(isTimeWord(word), true);
      assert.equal(localText(ZONE, momentOfWord(word, NOW, ZONE) ?? NaN), moment);
    });
  }

  for (const other of [
    "",
    "1h",
    "-1",
    "+1h",
    "-1y",
    "tomorrow",
    "today 24:00",
    "today 7",
    "2026-05-01 08:00",
    "now 07:30",
  ]) {
    it(`"${other}" is none`, () => {
      assert.equal(isTimeWord(other), false);
      assert.equal(momentOfWord(other, NOW, ZONE), undefined);
    });
  }

  it("keeps the day where the clock changes: a day of 25 hours begins at its midnight, an hour told twice has two sides", () => {
    const zone = parsePosixZone("CST-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00");
    assert.ok(zone);
    const evening = Date.parse("2026-10-25T20:00:00Z");
    assert.equal(localText(zone, momentOfWord("today", evening, zone) ?? NaN), "2026-10-25T00:00:00+02:00");
    const sides = (["earlier", "later"] as const).map(
      (side) => momentOfWord("today 02:30", evening, zone, side) ?? NaN,
    );
    assert.equal(sides[1]! - sides[0]!, 3_600_000);
  });
});
