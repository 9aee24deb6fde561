import assert from "node:assert/strict";
import { decode } from "../../../src/events/decode/decode";
import { VideoLosses } from "../../../src/events/decode/heartbeat";
import { decodedOne, part, xmlAlert } from "../../support/alerts";

const beat = {
  eventType: "videoloss",
  eventState: "inactive",
  activePostCount: 0,
  eventDescription: "videoloss alarm",
};

describe("a heartbeat", () => {
  const beats: [string, string][] = [
    ["a camera's", xmlAlert(beat)],
    ["one with count 1", xmlAlert({ ...beat, activePostCount: 1 })],
    ["one without a count", xmlAlert({ ...beat, activePostCount: undefined })],
    ["one with an empty count", xmlAlert({ ...beat, activePostCount: "" })],
    ["a recorder's without channel", xmlAlert({ ...beat, channelID: "", dynChannelID: "" })],
    ["a recorder's with channel 0", xmlAlert({ ...beat, channelID: 0 })],
    [
      "one of the old namespace",
      xmlAlert(beat, "", '<EventNotificationAlert version="1.0" xmlns="urn:psialliance-org">'),
    ],
    [
      "a doorbell's",
      xmlAlert({ eventType: "other", eventState: "inactive", eventDescription: "Heartbeat", channelID: undefined }),
    ],
    [
      "a subscription's, which is active",
      xmlAlert({ eventType: "heartBeat", eventState: "active", activePostCount: 0 }),
    ],
    ["one spelt heartbeat", xmlAlert({ eventType: "heartbeat", eventState: "inactive" })],
    [
      "one in JSON",
      JSON.stringify({ eventType: "videoloss", eventState: "inactive", activePostCount: 0, channelID: 1 }),
    ],
  ];
  for (const [title, body] of beats) it(title, () => assert.equal(decodedOne(body).heartbeat, true));

  const events: [string, string][] = [
    ["a video loss", xmlAlert({ ...beat, eventState: "active", activePostCount: 1 })],
    ["a video loss with count 0", xmlAlert({ ...beat, eventState: "active" })],
    ["the end of motion with count 0", xmlAlert({ eventState: "inactive", activePostCount: 0 })],
    ["another other", xmlAlert({ eventType: "other", eventDescription: "Doorbell pressed" })],
  ];
  for (const [title, body] of events) it(`is not ${title}`, () => assert.equal(decodedOne(body).heartbeat, false));
});

describe("the end of a video loss", () => {
  let losses: VideoLosses;
  let seconds: number;
  beforeEach(() => {
    losses = new VideoLosses();
    seconds = 0;
  });
  const isBeat = (fields: Record<string, string | number> = {}): boolean | undefined => {
    const dateTime = new Date(Date.UTC(2026, 2, 1) + seconds * 1000).toISOString();
    return decode(part(xmlAlert({ ...beat, dateTime, ...fields })), { videoLosses: losses })[0]?.heartbeat;
  };
  const loss = (channelID: number): boolean | undefined =>
    isBeat({ channelID, eventState: "active", activePostCount: 1 });

  it("is not taken for a heartbeat, even with count 0", () => {
    loss(3);
    assert.equal(isBeat({ channelID: 3 }), false);
    assert.equal(isBeat({ channelID: 3 }), true, "the next one is a heartbeat again");
  });

  it("is not a heartbeat of another channel", () => {
    loss(3);
    assert.equal(isBeat({ channelID: 1 }), true);
    assert.equal(isBeat({ channelID: 0 }), true);
    assert.equal(isBeat({ channelID: 3, activePostCount: 5 }), false);
  });

  it("comes out of the beat where heartbeats look alike", () => {
    for (; seconds < 30; seconds += 10) assert.equal(isBeat(), true);
    loss(1);
    assert.equal(isBeat(), true, "in time with the others: the camera is still lost");
    seconds += 4;
    assert.equal(isBeat(), false);
    seconds += 6;
    assert.equal(isBeat(), true, "and they go on");
  });

  it("is believed where no beat is known yet, or the device sends no stamps", () => {
    isBeat();
    loss(1);
    seconds += 10;
    assert.equal(isBeat(), false);
    for (let i = 0; i < 3; i++) assert.equal(isBeat({ dateTime: "" }), true);
    loss(1);
    assert.equal(isBeat({ dateTime: "" }), false);
  });

  it("is told by a count that no heartbeat has", () => {
    for (; seconds < 30; seconds += 10) isBeat();
    loss(1);
    assert.equal(isBeat({ activePostCount: 7 }), false);
  });

  it("belongs to its own channel when several are lost", () => {
    loss(1);
    loss(2);
    assert.equal(isBeat({ channelID: 2 }), false);
    assert.equal(isBeat({ channelID: 2 }), true);
    assert.equal(isBeat({ channelID: 1 }), false);
  });
});
