import assert from "node:assert/strict";
import { decode } from "../../../src/events/decode/decode";
import { VideoLosses } from "../../../src/events/decode/heartbeat";
import { decodedOne, part, xmlAlert } from "../../support/alerts";

const heartbeat = {
  eventType: "videoloss",
  eventState: "inactive",
  activePostCount: 0,
  eventDescription: "videoloss alarm",
};

describe("a heartbeat", () => {
  const heartbeats: [string, string][] = [
    ["a camera's", xmlAlert(heartbeat)],
    ["one with count 1", xmlAlert({ ...heartbeat, activePostCount: 1 })],
    ["one without a count", xmlAlert({ ...heartbeat, activePostCount: undefined })],
    ["one with an empty count", xmlAlert({ ...heartbeat, activePostCount: "" })],
    ["a recorder's without channel", xmlAlert({ ...heartbeat, channelID: "", dynChannelID: "" })],
    ["a recorder's with channel 0", xmlAlert({ ...heartbeat, channelID: 0 })],
    [
      "one of the old namespace",
      xmlAlert(heartbeat, "", '<EventNotificationAlert version="1.0" xmlns="urn:psialliance-org">'),
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
  for (const [title, body] of heartbeats) it(title, () => assert.equal(decodedOne(body).heartbeat, true));

  const events: [string, string][] = [
    ["a video loss", xmlAlert({ ...heartbeat, eventState: "active", activePostCount: 1 })],
    ["a video loss with count 0", xmlAlert({ ...heartbeat, eventState: "active" })],
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
  const isHeartbeat = (fields: Record<string, string | number> = {}): boolean | undefined => {
    const dateTime = new Date(Date.UTC(2026, 2, 1) + seconds * 1000).toISOString();
    return decode(part(xmlAlert({ ...heartbeat, dateTime, ...fields })), { videoLosses: losses })[0]?.heartbeat;
  };
  const loss = (channelID: number): boolean | undefined =>
    isHeartbeat({ channelID, eventState: "active", activePostCount: 1 });

  it("is not taken for a heartbeat, even with count 0", () => {
    loss(3);
    assert.equal(isHeartbeat({ channelID: 3 }), false);
    assert.equal(isHeartbeat({ channelID: 3 }), true, "the next one is a heartbeat again");
  });

  it("is not a heartbeat of another channel", () => {
    loss(3);
    assert.equal(isHeartbeat({ channelID: 1 }), true);
    assert.equal(isHeartbeat({ channelID: 0 }), true);
    assert.equal(isHeartbeat({ channelID: 3, activePostCount: 5 }), false);
  });

  it("comes too early for a heartbeat where heartbeats look alike", () => {
    for (; seconds < 30; seconds += 10) assert.equal(isHeartbeat(), true);
    loss(1);
    assert.equal(isHeartbeat(), true, "in time with the others: the camera is still lost");
    seconds += 4;
    assert.equal(isHeartbeat(), false);
    seconds += 6;
    assert.equal(isHeartbeat(), true, "and they go on");
  });

  it("is believed where no interval is known yet, or the device sends no stamps", () => {
    isHeartbeat();
    loss(1);
    seconds += 10;
    assert.equal(isHeartbeat(), false);
    for (let i = 0; i < 3; i++) assert.equal(isHeartbeat({ dateTime: "" }), true);
    loss(1);
    assert.equal(isHeartbeat({ dateTime: "" }), false);
  });

  it("has a count that no heartbeat has", () => {
    for (; seconds < 30; seconds += 10) isHeartbeat();
    loss(1);
    assert.equal(isHeartbeat({ activePostCount: 7 }), false);
  });

  it("belongs to its own channel when several are lost", () => {
    loss(1);
    loss(2);
    assert.equal(isHeartbeat({ channelID: 2 }), false);
    assert.equal(isHeartbeat({ channelID: 2 }), true);
    assert.equal(isHeartbeat({ channelID: 1 }), false);
  });
});
