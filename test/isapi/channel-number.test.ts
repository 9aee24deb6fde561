import assert from "node:assert/strict";
import { channelNumber, streamId, streamNumber } from "../../src/isapi/channel-number";

describe("channel and stream", () => {
  for (const [given, channel] of [
    [1, 1],
    ["1", 1],
    [" 07 ", 7],
    [64, 64],
    [100, 100],
  ] as const) {
    it(`reads channel ${JSON.stringify(given)} as ${channel}`, () => assert.equal(channelNumber(given), channel));
  }

  for (const [given, hint] of [
    [101, /give channel 1 and stream 1 instead/],
    ["1602", /give channel 16 and stream 2 instead/],
    [0, /number from 1/],
    [-1, /number from 1/],
    [1.5, /number from 1/],
    ["front door", /"front door" is not a channel/],
    ["1e1", /is not a channel/],
    ["", /is not a channel/],
    [NaN, /is not a channel/],
    [{}, /What was given is not a channel/],
    [undefined, /What was given is not a channel/],
  ] as const) {
    it(`refuses channel ${JSON.stringify(given)} with a hint`, () =>
      assert.throws(() => channelNumber(given), { code: "badRequest", message: hint }));
  }

  for (const [given, stream] of [
    [undefined, 1],
    ["", 1],
    ["main", 1],
    ["Sub", 2],
    ["third", 3],
    [2, 2],
    ["3", 3],
  ] as const) {
    it(`reads stream ${JSON.stringify(given)} as ${stream}`, () => assert.equal(streamNumber(given), stream));
  }

  for (const given of [0, 4, "fourth", 1.5, {}]) {
    it(`refuses stream ${JSON.stringify(given)}`, () =>
      assert.throws(() => streamNumber(given), { code: "badRequest" }));
  }

  it("builds the id that devices use in paths", () => assert.equal(streamId(16, 2), 1602));
});
