import assert from "node:assert/strict";
import { EventFilter, type FilterSettings } from "../../src/events/filter";
import { decodedOne, xmlAlert } from "../support/alerts";

function entry(id: string, target = ""): string {
  return `<DetectionRegionEntry><regionID>${id}</regionID><detectionTarget>${target}</detectionTarget></DetectionRegionEntry>`;
}

const motion = decodedOne(xmlAlert({ channelID: 3 }, "<targetType>human,vehicle</targetType>"));
const intrusion = decodedOne(
  xmlAlert(
    { eventType: "fielddetection", channelID: 1 },
    `<DetectionRegionList>${entry("2", "human")}${entry("4")}</DetectionRegionList>`,
  ),
);
const disk = decodedOne(xmlAlert({ eventType: "diskfull", channelID: 0 }));

describe("a filter", () => {
  const cases: [FilterSettings, boolean, boolean, boolean][] = [
    // settings, motion on 3, intrusion on 1 in 2 and 4, disk full
    [{}, true, true, true],
    [{ events: [], channels: [], targets: [], regions: [] }, true, true, true],
    [{ events: ["VMD"] }, true, false, false],
    [{ events: ["vmd", "FieldDetection"] }, true, true, false],
    [{ events: ["fieldddetection"] }, false, true, false],
    [{ channels: [3] }, true, false, false],
    [{ channels: ["3", " 1"] }, true, true, false],
    [{ channels: ["device"] }, false, false, true],
    [{ targets: ["human"] }, true, true, false],
    [{ targets: ["Person"] }, true, true, false],
    [{ targets: ["vehicle"] }, true, false, false],
    [{ targets: ["animal"] }, false, false, false],
    [{ regions: ["4"] }, false, true, false],
    [{ regions: [2] }, false, true, false],
    [{ regions: ["1"] }, false, false, false],
    [{ events: ["VMD"], channels: [1] }, false, false, false],
    [{ targets: ["human"], regions: ["4"] }, false, true, false],
  ];
  for (const [settings, ...expected] of cases) {
    it(JSON.stringify(settings), () => {
      const filter = new EventFilter(settings);
      assert.deepEqual(
        [motion, intrusion, disk].map((n) => filter.accepts(n)),
        expected,
      );
    });
  }

  it("lets an unknown type through under its own name, in any letter case", () => {
    const unknown = decodedOne(xmlAlert({ eventType: "quantumDetection" }));
    assert.equal(new EventFilter({ events: ["QuantumDetection"] }).accepts(unknown), true);
    assert.equal(new EventFilter({ events: ["VMD"] }).accepts(unknown), false);
  });
});
