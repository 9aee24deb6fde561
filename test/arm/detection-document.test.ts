import assert from "node:assert/strict";
import { seesNothing, switchLeaf } from "../../src/arm/detection-document";
import { DeviceDocument } from "../../src/control/device-document";
import { rootElement } from "../../src/isapi/xml-editor";
import { documents, hasFixtures, whyNoFixtures } from "../support/fixtures";

const doc = (inner: string): Buffer => Buffer.from(`<?xml version="1.0"?>\n<D version="2.0">\n${inner}\n</D>\n`);

describe("the switch in the document of a detection", () => {
  it("is the root's own, wherever it stands, else the first that is of no line or region", () => {
    assert.equal(switchLeaf(doc("<id>1</id><enabled>true</enabled>")), "enabled");
    assert.equal(switchLeaf(doc("<a><enabled>false</enabled></a><enabled>true</enabled>")), "enabled");
    assert.equal(
      switchLeaf(doc("<audioInput><enabled>true</enabled></audioInput><sudden><enabled>true</enabled></sudden>")),
      "audioInput/enabled",
    );
    assert.equal(switchLeaf(doc("<a><b/></a><a><c><enabled>1</enabled></c></a>")), "a[2]/c/enabled");
    assert.equal(
      switchLeaf(doc("<XRegionList><XRegion><enabled>true</enabled></XRegion></XRegionList>")),
      undefined,
      "a region's is answered OK and ignored",
    );
    assert.equal(switchLeaf(Buffer.from("no document")), undefined);
  });

  it(`is found in every recorded one, and its change changes no other byte${whyNoFixtures}`, function () {
    if (!hasFixtures) this.skip();
    const detections = documents().filter(({ bytes }) => {
      const root = rootElement(bytes.toString("latin1"));
      return /^(?:\w+Detection|Region(?:Entrance|Exiting)|FaceDetect|PIRAlarm|TamperDetection|VideoLoss|IOInputPort)$/.test(
        root?.name ?? "",
      );
    });
    assert.ok(detections.length > 20, String(detections.length));
    for (const { file, bytes } of detections) {
      const leaf = switchLeaf(bytes);
      assert.equal(leaf, "enabled", file);
      const document = new DeviceDocument(bytes);
      const on = document.text(leaf) === "true";
      const changed = document.with(new Map([[leaf, !on]])).bytes.toString("latin1");
      const source = bytes.toString("latin1");
      const at = source.search(/<enabled[^>]*>/);
      assert.equal(changed.slice(0, at), source.slice(0, at), file);
      assert.equal(changed, source.replace(/(<enabled[^>]*>)[^<]*/, `$1${!on}`), file);
    }
  });
});

describe("what a detection looks at", () => {
  const line = (on: boolean, x = 900): string =>
    `<LineItem><id>1</id><enabled>${on}</enabled><CoordinatesList><Coordinates><positionX>0</positionX><positionY>1000</positionY></Coordinates>` +
    `<Coordinates><positionX>${x}</positionX><positionY>1000</positionY></Coordinates></CoordinatesList></LineItem>`;

  it("is nothing without a line that is drawn and on", () => {
    const lines = (inner: string): string =>
      String(seesNothing(doc(`<LineItemList>${inner}</LineItemList>`), "linedetection"));
    assert.equal(lines(line(true)), "undefined");
    assert.equal(lines(line(false) + line(true)), "undefined");
    assert.match(lines(line(false)), /^All its lines are switched off/);
    assert.match(lines(line(true, 0)), /^It has no line/, "as an NVR writes one that nobody has drawn (DS-7732NI-M4)");
    assert.match(lines(""), /^It has no line/);
  });

  it("is nothing without a region; which regions are enabled does not count", () => {
    const at = (x: number): string =>
      `<RegionCoordinates><positionX>${x}</positionX><positionY>5</positionY></RegionCoordinates>`;
    const region = (corners: string): string =>
      `<FieldDetectionRegion><id>1</id><enabled>false</enabled>${corners}</FieldDetectionRegion>`;
    const told = (inner: string): string =>
      String(seesNothing(doc(`<FieldDetectionRegionList>${inner}</FieldDetectionRegionList>`), "fielddetection"));
    assert.equal(told(region(`<RegionCoordinatesList>${at(1)}${at(9)}</RegionCoordinatesList>`)), "undefined");
    for (const corners of [
      "",
      "<RegionCoordinatesList/>",
      `<RegionCoordinatesList>${at(0)}${at(0)}</RegionCoordinatesList>`,
    ])
      assert.match(told(region(corners)), /^It has no area/);
    assert.match(told(""), /^It has no area/);
  });

  it("is nothing where no cell of the grid is marked and no region is drawn", () => {
    const told = (inner: string): string =>
      String(seesNothing(doc(`<MotionDetectionLayout><layout>${inner}</layout></MotionDetectionLayout>`), "VMD"));
    assert.match(told(`<gridMap>${"0".repeat(108)}</gridMap>`), /^It has no area/);
    assert.match(told("<gridMap/>"), /^It has no area/);
    assert.equal(told("<gridMap>0000f8</gridMap>"), "undefined");
    assert.equal(told(""), "undefined", "a document without any is no reason (DS-KV8113)");
  });

  it("is not asked of detections of the whole picture", () => {
    assert.equal(seesNothing(doc("<TamperDetectionRegionList/>"), "tamperdetection"), undefined);
  });
});
