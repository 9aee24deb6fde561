import assert from "node:assert/strict";
import fc from "fast-check";
import { decode, type DecodeContext } from "../../../src/events/decode/decode";
import type { Sign } from "../../../src/events/decode/heartbeat";
import { HeartbeatCache } from "../../../src/events/stream/heartbeat-cache";
import { context, part, xmlAlert } from "../../support/alerts";

const beat = {
  eventType: "videoloss",
  eventState: "inactive",
  activePostCount: 0,
  eventDescription: "videoloss alarm",
};
const STAMP = "2026-03-01T12:00:10+01:00";
const FAMILIES: readonly [string, (dateTime: string) => string][] = [
  ["a camera's", (dateTime) => xmlAlert({ ...beat, dateTime })],
  ["a recorder's without channel", (dateTime) => xmlAlert({ ...beat, channelID: "", dateTime })],
  ["a doorbell's", (dateTime) => xmlAlert({ ...beat, eventType: "other", eventDescription: "Heartbeat", dateTime })],
  ["a subscription's", (dateTime) => xmlAlert({ eventType: "heartBeat", eventState: "active", dateTime })],
  ["one in JSON", (dateTime) => JSON.stringify({ ...beat, dateTime, channelID: 1 })],
];

/** Reads the first as the stream does, and remembers it. */
function remembering(body: string, known: DecodeContext = context()): HeartbeatCache {
  const memory = new HeartbeatCache();
  const [first] = decode(part(body), known);
  assert.ok(first?.heartbeat);
  memory.remember(Buffer.from(body), first);
  return memory;
}

const gist = ({ type, active, channel, count, time }: Sign): unknown => ({ type, active, channel, count, time });

describe("a heartbeat known again", () => {
  for (const [title, body] of FAMILIES) {
    it(`${title} says what reading it would say`, () => {
      const known = context();
      const memory = remembering(body("2026-03-01T12:00:00+01:00"), known);
      const [read] = decode(part(body(STAMP)), context());
      const recognized = memory.recognize(Buffer.from(body(STAMP)), known);
      assert.ok(recognized && read);
      assert.deepEqual(gist(recognized), gist(read));
      assert.equal(recognized.time, STAMP);
    });
  }

  it("has the device's zone, and the channels, as they are known by then", () => {
    let [zone, plus] = [60, 0];
    const known = context({ zone: () => zone, channels: (sent) => sent + plus });
    const memory = remembering(xmlAlert({ ...beat, dateTime: "2026-03-01T12:00:00" }), known);
    [zone, plus] = [120, 4];
    const again = memory.recognize(Buffer.from(xmlAlert({ ...beat, dateTime: "2026-03-01T12:00:10" })), known);
    assert.deepEqual([again?.time, again?.channel], ["2026-03-01T12:00:10+02:00", 5]);
  });

  const others: readonly [string, string][] = [
    ["another channel", xmlAlert({ ...beat, channelID: 2, dateTime: STAMP })],
    ["an event", xmlAlert({ ...beat, eventState: "active", dateTime: STAMP })],
    ["one element more", xmlAlert({ ...beat, dateTime: STAMP }, "<more/>")],
    ["no stamp", xmlAlert({ ...beat, dateTime: "" })],
    ["no date", xmlAlert({ ...beat, dateTime: "0000-00-00T00:00:00" })],
    ["markup where the stamp was", xmlAlert({ ...beat, dateTime: `${STAMP}</dateTime><dateTime>` })],
    ["nothing", ""],
  ];
  for (const [title, body] of others) {
    it(`is not ${title}`, () => {
      assert.equal(remembering(xmlAlert(beat)).recognize(Buffer.from(body), context()), undefined);
    });
  }

  it("is read where its stamp stands twice: nobody knows which one will change", () => {
    const twice = (dateTime: string): string => xmlAlert({ ...beat, detectionTime: STAMP, dateTime });
    assert.equal(remembering(twice(STAMP)).recognize(Buffer.from(twice(STAMP)), context()), undefined);
  });

  it("is read while a video loss is open, whose end it may be", () => {
    const known = context();
    const memory = remembering(xmlAlert(beat), known);
    decode(part(xmlAlert({ ...beat, channelID: 3, eventState: "active" })), known);
    assert.equal(memory.recognize(Buffer.from(xmlAlert(beat)), known), undefined);
  });

  it("keeps the beat, by which the end of a video loss is told", () => {
    const known = context();
    const at = (seconds: number): string => `2026-03-01T12:00:${seconds}+01:00`;
    const memory = remembering(xmlAlert({ ...beat, dateTime: at(10) }), known);
    for (const seconds of [20, 30])
      assert.ok(memory.recognize(Buffer.from(xmlAlert({ ...beat, dateTime: at(seconds) })), known));
    decode(part(xmlAlert({ ...beat, eventState: "active", dateTime: at(32) })), known);
    const read = (seconds: number): boolean | undefined =>
      decode(part(xmlAlert({ ...beat, dateTime: at(seconds) })), known)[0]?.heartbeat;
    assert.deepEqual([read(40), read(44)], [true, false]);
  });

  it("is never taken for what it is not: any change says the same when read, or is read", () => {
    const before = Buffer.from(xmlAlert(beat));
    const change = fc.record({ at: fc.nat(before.length), cut: fc.nat(12), put: fc.string({ maxLength: 12 }) });
    fc.assert(
      fc.property(change, ({ at, cut, put }) => {
        const after = Buffer.concat([before.subarray(0, at), Buffer.from(put), before.subarray(at + cut)]);
        const recognized = remembering(before.toString()).recognize(after, context());
        if (!recognized) return;
        const [read, ...more] = decode(part(after), context());
        assert.deepEqual(more, []);
        assert.ok(read?.heartbeat);
        assert.deepEqual(gist(recognized), gist(read));
      }),
      { numRuns: 2_000 },
    );
  });
});
