import assert from "node:assert/strict";
import { copyEvent, copyNotification } from "../../src/events/notification";
import type { DeviceEvent } from "../../src/events/types";
import { say } from "../../src/lib/sentence";
import { decodedOne, payloadFacts, xmlAlert } from "../support/alerts";

const RECEIVED = Date.UTC(2026, 2, 1, 11, 0, 1, 5);
const region =
  "<DetectionRegionList><DetectionRegionEntry><regionID>1</regionID><detectionTarget>human</detectionTarget>" +
  "</DetectionRegionEntry></DetectionRegionList>";

describe("a copy", () => {
  it("of an event can be changed, bytes included, without the original noticing", () => {
    const data = Buffer.from("jpeg");
    const event: DeviceEvent = {
      notification: decodedOne(xmlAlert({}, region)),
      receivedAt: RECEIVED,
      pictures: [
        { name: "a", contentType: "image/jpeg", data },
        { name: "b", contentType: "", data: null, error: { code: "timeout", message: say`late` } },
      ],
    };
    const before = JSON.stringify(event);
    const copy = copyEvent(event);
    assert.deepEqual(copy, event);
    assert.ok(Buffer.isBuffer(copy.pictures[0]?.data));
    copy.pictures[0].data.fill(0);
    copy.pictures.pop();
    copy.notification.regions[0]!.id = "changed";
    copy.notification.targets.push("changed");
    copy.notification.raw["eventType"] = "changed";
    assert.equal(JSON.stringify(event), before);
  });

  it("of hostile names does not change what an object is", () => {
    const sent = '{"eventType":"VMD","eventState":"active","__proto__":{"polluted":1},"constructor":{"x":1}}';
    const copy = copyNotification(decodedOne(sent));
    assert.equal((copy.raw as { polluted?: number }).polluted, undefined);
    assert.deepEqual(copy.raw["constructor"], { x: 1 });
  });
});

describe("what goes into a message", () => {
  it("is the alert's facts in the documented order, and nothing else", () => {
    const sent = xmlAlert({ eventType: "IO", channelName: "Gate" }, `<inputIOPortID>1</inputIOPortID>${region}`);
    assert.deepEqual(Object.keys(payloadFacts(decodedOne(sent), RECEIVED)), [
      "type",
      "label",
      "channel",
      "channelName",
      "time",
      "receivedAt",
      "count",
      "description",
      "targets",
      "regions",
      "inputPort",
      "raw",
    ]);
  });

  it("has the time of arrival where the device sent none", () => {
    const { time, receivedAt } = payloadFacts(decodedOne(xmlAlert({ dateTime: "" })), RECEIVED);
    assert.equal(receivedAt, "2026-03-01T11:00:01.005Z");
    assert.equal(time, receivedAt);
  });
});
