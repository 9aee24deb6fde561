import assert from "node:assert/strict";
import { DETAIL_NAMES, DETAILS, detailIdentity, hasReport } from "../../../src/events/decode/details";
import { copyNotification } from "../../../src/events/notification";
import { decoded, decodedOne, payloadFacts, xmlAlert } from "../../support/alerts";
import { filesBelow, readText } from "../../support/project";

describe("details of an event", () => {
  it("stand in the payload in the order of the table, between what all alerts have and the alert itself", () => {
    const details = Object.fromEntries([...DETAIL_NAMES].reverse().map((name) => [name, DETAILS[name].sample]));
    const alert = decodedOne(xmlAlert({}, "<recordingChannels>1</recordingChannels>"));
    const notification = { replayed: true as const, ...details, ...alert };
    const names = Object.keys(payloadFacts(notification, 0));
    assert.deepEqual(names.slice(names.indexOf("recordingChannels")), [
      "recordingChannels",
      ...DETAIL_NAMES,
      "replayed",
      "raw",
    ]);
  });

  for (const name of DETAIL_NAMES) {
    const alert = { ...decodedOne(xmlAlert({})), [name]: DETAILS[name].sample };

    it(`copies ${name} deeply`, () => {
      const copy = copyNotification(alert);
      assert.deepEqual(copy[name], alert[name]);
      assert.notEqual(copy[name], alert[name]);
    });

    it(`${DETAILS[name].reports ? "reports" : "does not report"} with ${name}`, () => {
      assert.equal(hasReport(alert), DETAILS[name].reports);
    });

    it(`tells ${name} in the help of every language, with all its fields`, () => {
      const helps = filesBelow("locales").filter((file) => file.endsWith("/event-in.html"));
      assert.ok(helps.length >= 3);
      for (const help of helps) {
        const item = readText(`locales/${help}`)
          .split("\n")
          .find((line) => line.startsWith(`: ${name} (`));
        assert.ok(item !== undefined, `${help} lacks ${name}`);
        if (name === "anpr") continue; // refers to the help of plate in, which lists them
        const { sample } = DETAILS[name];
        for (const field of Object.keys(Array.isArray(sample) ? (sample[0] ?? {}) : sample))
          assert.ok(item.includes(field), `${help}: ${field}`);
      }
    });
  }

  it("tell apart what was counted or read in the same moment", () => {
    assert.notEqual(detailIdentity({ density: { people: 1 } }), detailIdentity({ density: { people: 2 } }));
    const [one, two] = decoded(
      xmlAlert({}, "<ANPR><licensePlate>A1</licensePlate></ANPR><ANPR><licensePlate>B2</licensePlate></ANPR>"),
    );
    assert.ok(one && two);
    assert.notEqual(detailIdentity(one), detailIdentity(two));
  });

  it("that are messages of their own share no regions, either", () => {
    const target = (personCnt: number): object => ({ TargetInfo: { personCnt } });
    const [one, two] = decoded(
      JSON.stringify({
        eventType: "personDensityDetection",
        eventState: "active",
        DetectionRegionList: { DetectionRegionEntry: [{ regionID: 1 }] },
        personDensityResult: { Target: [target(1), target(2)] },
      }),
    );
    assert.ok(one && two);
    assert.deepEqual(one.regions, two.regions);
    assert.notEqual(one.regions, two.regions);
  });
});
