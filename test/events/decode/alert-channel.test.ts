import assert from "node:assert/strict";
import { decodedOne, xmlAlert } from "../../support/alerts";

describe("the channel of an alert", () => {
  const sent: [string, Record<string, string | number | undefined>, number | null][] = [
    ["a camera's channelID", { channelID: 1 }, 1],
    ["an old recorder's dynChannelID alone", { channelID: undefined, dynChannelID: 4 }, 4],
    ["both of a newer recorder", { dynChannelID: 13, channelID: 13 }, 13],
    ["an empty channelID beside dynChannelID", { channelID: "", dynChannelID: 7 }, 7],
    ["channelID 0 beside dynChannelID", { channelID: 0, dynChannelID: 7 }, 7],
    ["a leading zero", { channelID: "01" }, 1],
    ["0: the device itself", { channelID: 0 }, null],
    ["both empty: the device itself", { channelID: "", dynChannelID: "" }, null],
    ["none: the device itself, whatever portNo says", { channelID: undefined, portNo: 8123 }, null],
    ["no number", { channelID: "D7" }, null],
  ];
  for (const [title, fields, channel] of sent) {
    it(title, () => assert.equal(decodedOne(xmlAlert(fields)).channel, channel));
  }

  it("is translated by the recorder's map", () => {
    assert.equal(decodedOne(xmlAlert({ channelID: 34 }), { channels: (sent) => sent - 32 }).channel, 2);
  });

  it("gets the device's name for it where the alert has none", () => {
    const channelName = (channel: number): string | undefined => (channel === 1 ? "Gate" : undefined);
    assert.equal(decodedOne(xmlAlert({ channelName: "" }), { channelName }).channelName, "Gate");
    assert.equal(decodedOne(xmlAlert({ channelName: "Yard" }), { channelName }).channelName, "Yard");
    assert.equal(decodedOne(xmlAlert({ channelID: 2 }), { channelName }).channelName, undefined);
    assert.equal(decodedOne(xmlAlert({ channelID: 0 }), { channelName }).channelName, undefined);
  });
});
