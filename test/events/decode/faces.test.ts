import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { decodedOne, xmlAlert } from "../../support/alerts";
import { hasFixtures } from "../../support/fixtures";

const alert = (eventType: string, more: object) =>
  decodedOne(
    JSON.stringify({
      ...{ channelID: 1, dateTime: "2026-08-19T23:34:19+08:00", activePostCount: 1, eventState: "active" },
      ...{ eventType, eventDescription: eventType, ...more },
    }),
  );
const faceRect = { height: 0.194, width: 0.087, x: 0.575, y: 0.4 };
const box = { x: 0.575, y: 0.4, width: 0.087, height: 0.194 };

describe("faces", () => {
  it("that were captured say where they are and how good they are to be seen", () => {
    const face = { faceId: 1960, faceRect, contentID: "faceImage", pId: "1", stayDuration: 25000, faceScore: 50 };
    const targetAttrs = { deviceName: "IP CAMERA", contentID: "backgroundImage", pId: "2" };
    const seen = alert("faceCapture", { faceCapture: [{ targetAttrs, faces: [face], uid: "3" }] });
    assert.deepEqual(seen.faces, [{ score: 50, box }]);
    assert.equal(seen.reports, true);
  });

  it("have what is said of them, bare or as a value; what firmware fills in is absent", () => {
    const faces = [
      { age: { value: 32 }, gender: { value: "Male" }, glass: { value: "sunglasses" }, mask: { value: "no" } },
      { age: 0, gender: "female", glass: "unknown", mask: "yes" },
      { age: "unknown" },
    ];
    assert.deepEqual(alert("faceCapture", { faceCapture: { faces } }).faces, [
      { age: 32, gender: "male", glasses: "sunglasses", mask: false },
      { gender: "female", mask: true },
    ]);
  });

  it("that were compared have the name of the most similar, in percent", () => {
    const candidate = (name: string, similarity: number) => ({ similarity, reserve_field: { name } });
    const identify = [{ candidate: [candidate("Two", 0.61)] }, { candidate: [candidate("One", 0.924)] }];
    const seen = alert("alarmResult", { alarmResult: [{ faces: [{ faceRect, identify }] }] });
    assert.deepEqual(seen.faces, [{ name: "One", similarity: 92.4, box }]);
  });

  it("in front of a terminal say where they are", () => {
    const event = { majorEventType: 5, subEventType: 75, FaceRect: faceRect };
    assert.deepEqual(alert("AccessControllerEvent", { AccessControllerEvent: event }).faces, [{ box }]);
  });

  it("are absent where the device tells of none", () => {
    for (const nothing of [{}, { faceCapture: "" }, { faceCapture: [] }, { faceCapture: [{ faces: [{}, null, 7] }] }])
      assert.equal(alert("faceCapture", nothing).faces, undefined);
  });

  it("are those of a DS-K1T342MWX in its history", function () {
    if (!hasFixtures) this.skip();
    const folder = path.join(__dirname, "../../../../shared/fixtures/access/santanapedro");
    const stream = readFileSync(path.join(folder, "alertStream_K1T342MWX_history.multipart"), "utf8");
    const body = /\{[^]*?"FaceRect"[^]*?\n\}/.exec(
      stream.slice(stream.lastIndexOf("--MIME_boundary", stream.indexOf('"FaceRect"'))),
    );
    assert.deepEqual(decodedOne(body?.[0] ?? "").faces, [{ box: { x: 0.5, y: 0.049, width: 0.111, height: 0.196 } }]);
  });
});

describe("objects of mixed target detection", () => {
  it("are what was captured, each with its place", () => {
    const Rect = { height: 0.4, width: 0.1, x: 0.2, y: 0.3 };
    const CaptureResult = [{ targetID: 1, Human: { Rect, contentID1: "humanImage", pId1: "1" } }, { Vehicle: {} }];
    const seen = alert("mixedTargetDetection", { CaptureResult });
    assert.deepEqual(seen.objects, [
      { target: "human", box: { x: 0.2, y: 0.3, width: 0.1, height: 0.4 } },
      { target: "vehicle" },
    ]);
    assert.deepEqual(seen.targets, ["human", "vehicle"]);
    assert.equal(alert("mixedTargetDetection", { CaptureResult: [{}] }).objects, undefined);
  });
});

describe("radar", () => {
  const target = (more: object = {}) => ({
    ...{ targetID: 25, isTargetDisappear: false, targetType: "people", Coordinate: { angle: 101.49, distance: 24.59 } },
    ...{ speed: -0.2, signalStrength: "strong", TrackedInfoList: [], trackedByIPC: false, ...more },
  });

  it("says what comes from where, and how fast", () => {
    const seen = alert("MultiRadarTargetEvent", { MultiRadarTargetEventList: [target()] });
    assert.deepEqual(seen.radar, { target: "human", angle: 101.49, distance: 24.59, speed: -0.2 });
  });

  it("tells of the first target that is still there", () => {
    const gone = target({ isTargetDisappear: true, speed: 9 });
    const seen = alert("MultiRadarTargetEvent", { MultiRadarTargetEventList: [gone, target({ speed: 1 })] });
    assert.equal(seen.radar?.speed, 1);
    assert.equal(alert("MultiRadarTargetEvent", { MultiRadarTargetEventList: [] }).radar, undefined);
  });
});

describe("a sound", () => {
  it("has the kind that the device names", () => {
    const inner = "<AudioExceptionDetection><alarmType>audioSteepRise</alarmType></AudioExceptionDetection>";
    assert.deepEqual(decodedOne(xmlAlert({ eventType: "audioexception" }, inner)).sound, { kind: "audioSteepRise" });
    assert.equal(decodedOne(xmlAlert({ eventType: "audioexception" })).sound, undefined);
  });
});
