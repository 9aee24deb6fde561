import assert from "node:assert/strict";
import { VideoLosses } from "../../src/events/decode/heartbeat";
import { EventPipeline, type EventPipelineOptions } from "../../src/events/pipeline";
import type { DeviceEvent } from "../../src/events/types";
import type { Part } from "../../src/multipart/part-reader";
import { part, xmlAlert } from "../support/alerts";
import { FakeClock } from "../support/fake-clock";

const jpeg = (text: string): Buffer => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(text)]);
const image = (text: string, name = "Picture"): Part =>
  part(jpeg(text), {
    "content-type": "image/jpeg",
    "content-disposition": `form-data; name="${name}"; filename="${name}.jpg"`,
  });
const access = (more: object = {}, own: object = {}): Part =>
  part(
    JSON.stringify({
      dateTime: "2026-03-01T12:00:00+01:00",
      eventType: "AccessControllerEvent",
      eventState: "active",
      ...more,
      AccessControllerEvent: { majorEventType: 5, subEventType: 75, serialNo: 1, ...own },
    }),
    { "content-disposition": 'form-data; name="AccessControllerEvent"' },
  );
const alert = (eventType: string, inner = ""): Part => part(xmlAlert({ eventType }, inner));
const named = (...ids: string[]): string =>
  `<ANPR><licensePlate>A1</licensePlate><pictureInfoList>${ids.map((id) => `<pictureInfo><pId>${id}</pId></pictureInfo>`).join("")}</pictureInfoList></ANPR>`;
const counted = (count: number): string => `<detectionPicturesNumber>${count}</detectionPicturesNumber>`;
const HEARTBEAT = part(xmlAlert({ eventType: "videoloss", eventState: "inactive", activePostCount: 0 }));

function pipe(options: Partial<EventPipelineOptions> = {}) {
  const clock = new FakeClock();
  const events: DeviceEvent[] = [];
  const announced: string[] = [];
  const pipeline = new EventPipeline({
    sink: {
      state: () => undefined,
      notification: ({ type }) => announced.push(type),
      event: (event) => events.push(event),
      wantsPictures: () => true,
    },
    context: { videoLosses: new VideoLosses() },
    clock,
    ...options,
  });
  pipeline.connected();
  const said = (): string[] =>
    events.map(({ notification: { type }, pictures }) =>
      [type, ...pictures.map(({ data, error }) => error?.code ?? data?.toString("latin1", 4))].join(" "),
    );
  return { clock, events, announced, pipeline, said };
}

describe("a picture of a stream", () => {
  it("is kept by nobody only where no node wants any, and no event waits for one", () => {
    let wanted = true;
    const sink = {
      state: () => undefined,
      notification: () => undefined,
      event: () => undefined,
      wantsPictures: () => wanted,
    };
    const { pipeline } = pipe({ sink });
    const picture = image("a");
    assert.equal(pipeline.isUnwantedPicture(picture), false);
    pipeline.part(alert("VMD", counted(2)));
    wanted = false;
    assert.equal(pipeline.isUnwantedPicture(picture), false, "its event came while they were wanted");
    pipeline.part(alert("VMD"));
    assert.equal(pipeline.isUnwantedPicture(picture), true);
    assert.equal(pipeline.isUnwantedPicture(alert("VMD")), false, "an alert may be kept");
  });
});

describe("a pushed body", () => {
  const bodies: [string, Part[], string[]][] = [
    ["an image in front of its event", [image("a"), access()], ["AccessControllerEvent a"]],
    ["an image behind its event", [access(), image("a")], ["AccessControllerEvent a"]],
    ["two images around their event", [image("a"), access(), image("b")], ["AccessControllerEvent a b"]],
    [
      "an image in front of an event that announces it",
      [image("a"), access({}, { picturesNumber: 1 })],
      ["AccessControllerEvent a"],
    ],
    ["two events, each behind its image", [image("a"), alert("VMD"), image("b"), alert("PIR")], ["VMD a", "PIR b"]],
    [
      "two events, each in front of its image",
      [alert("VMD"), image("a"), alert("PIR"), image("b")],
      ["VMD a", "PIR b"],
    ],
    [
      "two events that announce one each, then both images",
      [alert("VMD", counted(1)), alert("PIR", counted(1)), image("a"), image("b")],
      ["VMD a", "PIR b"],
    ],
    [
      "images by the names announced, in any order",
      [image("b", "id-b"), alert("ANPR", named("id-a")), alert("VMD"), image("a", "id-a"), alert("PIR", named("id-b"))],
      ["ANPR a", "VMD", "PIR b"],
    ],
    [
      "an image that no name fits, for the one that is announced",
      [alert("ANPR", named("id-a", "id-b")), image("b", "id-b"), image("x", "other")],
      ["ANPR x b"],
    ],
    ["a heartbeat between, which gets no image", [alert("VMD"), HEARTBEAT, image("a")], ["VMD a"]],
    ["more images than announced", [alert("VMD", counted(1)), image("a"), image("b")], ["VMD a b"]],
    ["fewer images than announced", [alert("VMD", counted(2)), image("a")], ["VMD a notFound"]],
  ];
  for (const [what, parts, expected] of bodies)
    it(`is complete: ${what}`, () => {
      const { pipeline, said, clock } = pipe();
      pipeline.body(parts);
      assert.deepEqual(said(), expected);
      assert.equal(clock.pending, 0);
    });

  it("of images alone is no event", () => {
    const { pipeline, said } = pipe();
    assert.equal(pipeline.body([image("a")]), 0);
    assert.deepEqual(said(), []);
  });

  it("that is history takes its image with it: no other event gets it", () => {
    const { pipeline, said, announced } = pipe();
    pipeline.body([access({}, { currentEvent: false }), image("old"), alert("VMD")]);
    assert.deepEqual(announced, ["VMD"]);
    assert.deepEqual(said(), ["VMD"]);
  });

  it("is told before its pictures, once", () => {
    const { pipeline, announced } = pipe();
    pipeline.body([image("a"), access()]);
    assert.deepEqual(announced, ["AccessControllerEvent"]);
  });
});

describe("a stream", () => {
  it("does not give the picture of history to the event before", () => {
    const { pipeline, said } = pipe();
    for (const one of [alert("VMD", counted(2)), image("a"), access({}, { currentEvent: false }), image("old")])
      pipeline.part(one);
    pipeline.flush();
    assert.deepEqual(said(), ["VMD a notFound"]);
  });

  it("has the confidences of a device that sends fractions in percent, until it sends a value above 1", () => {
    const { pipeline, events } = pipe();
    const plate = (confidence: string, letters: string): Part =>
      alert(
        "ANPR",
        `<ANPR><licensePlate>${letters}</licensePlate><confidenceLevel>${confidence}</confidenceLevel><plateCharBelieve>0.5,1</plateCharBelieve></ANPR>`,
      );
    for (const [index, sent] of ["0", "0.92", "0.07", "1", "97", "0.92"].entries())
      pipeline.part(plate(sent, `P${index}`));
    assert.deepEqual(
      events.map(({ notification: { anpr } }) => [
        anpr?.confidence,
        anpr?.confidenceScale,
        anpr?.characterConfidence?.[0],
      ]),
      [
        [0, undefined, 0.5],
        [92, 100, 50],
        [7, 100, 50],
        [100, 100, 50],
        [97, undefined, 0.5],
        [0.92, undefined, 0.5],
      ],
    );
  });
});
