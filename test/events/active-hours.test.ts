import assert from "node:assert/strict";
import { activeHours, isWithin, type ActiveHours } from "../../src/events/active-hours";
import { fixedZone } from "../../src/time/zone";

const UTC = fixedZone(0);
const hours = (from: string, to: string, days: readonly number[] = []): ActiveHours => ({
  from,
  to,
  days,
  zone: "device",
});

/** 2 March 2026 is a Monday. */
const at = (day: number, time: string): number => Date.parse(`2026-03-0${1 + day}T${time}:00Z`);

describe("active hours", () => {
  const within: readonly (readonly [
    title: string,
    hours: ActiveHours,
    day: number,
    time: string,
    expected: boolean,
  ])[] = [
    ["begin with their first minute", hours("08:00", "17:00"), 1, "08:00", true],
    ["not before it", hours("08:00", "17:00"), 1, "07:59", false],
    ["end before their last", hours("08:00", "17:00"), 1, "17:00", false],
    ["reach across midnight: the evening", hours("22:00", "06:00"), 1, "23:00", true],
    ["reach across midnight: the morning", hours("22:00", "06:00"), 2, "05:59", true],
    ["across midnight, not the day", hours("22:00", "06:00"), 1, "12:00", false],
    ["on Friday evening for Friday", hours("22:00", "06:00", [5]), 5, "22:30", true],
    ["on Saturday morning for Friday", hours("22:00", "06:00", [5]), 6, "03:00", true],
    ["on Friday morning not for Friday", hours("22:00", "06:00", [5]), 5, "03:00", false],
    ["on Monday morning for Sunday", hours("22:00", "06:00", [7]), 1, "03:00", true],
    ["not on other days", hours("08:00", "17:00", [1, 2]), 3, "12:00", false],
    ["from and to alike are the whole day from then on", hours("06:00", "06:00", [1]), 2, "05:59", true],
    ["and end with it", hours("06:00", "06:00", [1]), 2, "06:00", false],
    ["until 24:00 are until midnight", hours("18:00", "24:00", [1]), 1, "23:59", true],
    ["until 00:00 are until midnight", hours("18:00", "00:00", [1]), 2, "00:00", false],
  ];
  for (const [title, given, day, time, expected] of within)
    it(title, () => assert.equal(isWithin(given, at(day, time), UTC), expected));

  it("are those of the zone", () => {
    const berlin = fixedZone(3_600_000);
    assert.equal(isWithin(hours("22:00", "23:00"), at(1, "21:30"), berlin), true);
    assert.equal(isWithin(hours("22:00", "23:00"), at(1, "22:30"), berlin), false);
    assert.equal(isWithin(hours("00:00", "01:00", [2]), at(1, "23:30"), berlin), true, "already Tuesday there");
  });

  it("are read as a form or a person wrote them", () => {
    assert.deepEqual(activeHours({ from: "22:00", to: "06:00", days: ["1", 7, 8, "x"], zone: "local" }), {
      from: "22:00",
      to: "06:00",
      days: [1, 7],
      zone: "local",
    });
    assert.deepEqual(activeHours({ from: "7:30", to: "8:00" }), { from: "7:30", to: "8:00", days: [], zone: "device" });
    for (const none of [
      undefined,
      null,
      "22:00",
      {},
      { from: "22:00" },
      { from: "25:00", to: "06:00" },
      { from: "24:30", to: "1:00" },
    ])
      assert.equal(activeHours(none), undefined);
  });
});
