import assert from "node:assert/strict";
import { decodedOne, xmlAlert } from "../../support/alerts";

function thermal(unit: string, ruleTemperature: number | string, currTemperature: number | string) {
  const TMPA = { thermometryUnit: unit, ruleTemperature, currTemperature, ruleType: "highest temp is higher than" };
  return decodedOne(
    JSON.stringify({
      dateTime: "2026-08-14T15:02:26+01:00",
      channelID: 2,
      eventType: "TMPA",
      eventState: "active",
      DetectionRegionList: { DetectionRegionEntry: { regionID: 2, TMPA } },
    }),
  ).thermal;
}

describe("a temperature", () => {
  const rule = "highest temp is higher than";
  it("comes as measured, with the limit of its rule", () => {
    assert.deepEqual(thermal("celsius", 9, 57.6), { temperature: 57.6, threshold: 9, unit: "celsius", rule });
  });
  for (const [unit, limit, measured] of [
    ["fahrenheit", 48.2, 135.68],
    ["kelvin", 282.15, 330.75],
    ["Celsius", "9", "57.6"],
  ] as const)
    it(`is converted to °C from ${unit}`, () =>
      assert.deepEqual(thermal(unit, limit, measured), { temperature: 57.6, threshold: 9, unit: "celsius", rule }));

  it("is none where nothing was measured", () => {
    assert.equal(thermal("celsius", "", ""), undefined);
    assert.equal(decodedOne(xmlAlert({ eventType: "TMPA" })).thermal, undefined);
  });
});
