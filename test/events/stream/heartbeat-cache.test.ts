import assert from "node:assert/strict";
import fc from "fast-check";
import { decode, type DecodeContext } from "../../../src/events/decode/decode";
import type { AlertSummary } from "../../../src/events/decode/heartbeat";
import { HeartbeatCache } from "../../../src/events/stream/heartbeat-cache";
import { context, part, xmlAlert } from "../../support/alerts";

const heartbeat = {
  eventType: "videoloss",
  eventState: "inactive",
  activePostCount: 0,
  eventDescription: "videoloss alarm",
};
const STAMP = "2026-03-01T12:00:10+01:00";
const FAMILIES: readonly [string, (dateTime: string) => string][] = [
  ["a camera's", (dateTime) => xmlAlert({ ...heartbeat, dateTime })],
  ["a recorder's without channel", (dateTime) => xmlAlert({ ...heartbeat, channelID: "", dateTime })],
  [
    "a doorbell's",
    (dateTime) => xmlAlert({ ...heartbeat, eventType: "other", eventDescription: "Heartbeat", dateTime }),
  ],
  ["a subscription's", (dateTime) => xmlAlert({ eventType: "heartBeat", eventState: "active", dateTime })],
  ["one in JSON", (dateTime) => JSON.stringify({ ...heartbeat, dateTime, channelID: 1 })],
];

/** Decodes the first as the pipeline does, and stores it. */
function cacheOf(body: string, known: DecodeContext = context()): HeartbeatCache {
  const cache = new HeartbeatCache();
  const [first] = decode(part(body), known);
  assert.ok(first?.heartbeat);
  cache.store(Buffer.from(body), first);
  return cache;
}

const summary = ({ type, active, channel, count, time }: AlertSummary): unknown => ({
  type,
  active,
  channel,
  count,
  time,
});

describe("a cached heartbeat", () => {
  for (const [title, body] of FAMILIES) {
    it(`${title} says what decoding it would say`, () => {
      const known = context();
      const cache = cacheOf(body("2026-03-01T12:00:00+01:00"), known);
      const [read] = decode(part(body(STAMP)), context());
      const recognized = cache.recognize(Buffer.from(body(STAMP)), known);
      assert.ok(recognized && read);
      assert.deepEqual(summary(recognized), summary(read));
      assert.equal(recognized.time, STAMP);
    });
  }

  it("has the device's offset, and the channels, as they are known by then", () => {
    let [minutes, plus] = [60, 0];
    const known = context({ minutesAt: () => minutes, channels: (sent) => sent + plus });
    const cache = cacheOf(xmlAlert({ ...heartbeat, dateTime: "2026-03-01T12:00:00" }), known);
    [minutes, plus] = [120, 4];
    const again = cache.recognize(Buffer.from(xmlAlert({ ...heartbeat, dateTime: "2026-03-01T12:00:10" })), known);
    assert.deepEqual([again?.time, again?.channel], ["2026-03-01T12:00:10+02:00", 5]);
  });

  const others: readonly [string, string][] = [
    ["another channel", xmlAlert({ ...heartbeat, channelID: 2, dateTime: STAMP })],
    ["an event", xmlAlert({ ...heartbeat, eventState: "active", dateTime: STAMP })],
    ["one element more", xmlAlert({ ...heartbeat, dateTime: STAMP }, "<more/>")],
    ["no stamp", xmlAlert({ ...heartbeat, dateTime: "" })],
    ["no date", xmlAlert({ ...heartbeat, dateTime: "0000-00-00T00:00:00" })],
    ["markup where the stamp was", xmlAlert({ ...heartbeat, dateTime: `${STAMP}</dateTime><dateTime>` })],
    ["nothing", ""],
  ];
  for (const [title, body] of others) {
    it(`is not ${title}`, () => {
      assert.equal(cacheOf(xmlAlert(heartbeat)).recognize(Buffer.from(body), context()), undefined);
    });
  }

  it("is decoded where its stamp stands twice: either may change", () => {
    const twice = (dateTime: string): string => xmlAlert({ ...heartbeat, detectionTime: STAMP, dateTime });
    assert.equal(cacheOf(twice(STAMP)).recognize(Buffer.from(twice(STAMP)), context()), undefined);
  });

  it("is decoded while a video loss is open, whose end it may be", () => {
    const known = context();
    const cache = cacheOf(xmlAlert(heartbeat), known);
    decode(part(xmlAlert({ ...heartbeat, channelID: 3, eventState: "active" })), known);
    assert.equal(cache.recognize(Buffer.from(xmlAlert(heartbeat)), known), undefined);
  });

  it("keeps the interval, by which the end of a video loss is told", () => {
    const known = context();
    const at = (seconds: number): string => `2026-03-01T12:00:${seconds}+01:00`;
    const cache = cacheOf(xmlAlert({ ...heartbeat, dateTime: at(10) }), known);
    for (const seconds of [20, 30])
      assert.ok(cache.recognize(Buffer.from(xmlAlert({ ...heartbeat, dateTime: at(seconds) })), known));
    decode(part(xmlAlert({ ...heartbeat, eventState: "active", dateTime: at(32) })), known);
    const read = (seconds: number): boolean | undefined =>
      decode(part(xmlAlert({ ...heartbeat, dateTime: at(seconds) })), known)[0]?.heartbeat;
    assert.deepEqual([read(40), read(44)], [true, false]);
  });

  it("is never taken for another alert: after any change it says what decoding it says, or is decoded", () => {
    const before = Buffer.from(xmlAlert(heartbeat));
    const change = fc.record({ at: fc.nat(before.length), cut: fc.nat(12), put: fc.string({ maxLength: 12 }) });
    fc.assert(
      fc.property(change, ({ at, cut, put }) => {
        const after = Buffer.concat([before.subarray(0, at), Buffer.from(put), before.subarray(at + cut)]);
        const recognized = cacheOf(before.toString()).recognize(after, context());
        if (!recognized) return;
        const [read, ...more] = decode(part(after), context());
        assert.deepEqual(more, []);
        assert.ok(read?.heartbeat);
        assert.deepEqual(summary(recognized), summary(read));
      }),
      { numRuns: 1_000 },
    );
  });
});
