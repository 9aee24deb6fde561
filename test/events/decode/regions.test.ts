import assert from "node:assert/strict";
import { decodedOne, xmlAlert } from "../../support/alerts";

function points(...coordinates: [number | string, number | string][]): string {
  const list = coordinates.map(
    ([x, y]) => `<RegionCoordinates><positionX>${x}</positionX><positionY>${y}</positionY></RegionCoordinates>`,
  );
  return `<RegionCoordinatesList>${list.join("\n")}</RegionCoordinatesList>`;
}

function rect(x: number | string, y: number | string, width: number | string, height: number | string): string {
  return `<TargetRect><X>${x}</X><Y>${y}</Y><width>${width}</width><height>${height}</height></TargetRect>`;
}

function entry(inner: string): string {
  return `<DetectionRegionEntry>${inner}</DetectionRegionEntry>`;
}

function regionsOf(inner: string): unknown {
  return decodedOne(xmlAlert({ eventType: "fielddetection" }, inner)).regions;
}

const listed = (...entries: string[]): string => `<DetectionRegionList>${entries.join("\n")}</DetectionRegionList>`;

describe("regions", () => {
  it("reads a camera's region: outline in 0…1000, rectangle in fractions, top left origin", () => {
    const sent = entry(
      `<regionID>3</regionID><sensitivityLevel>50</sensitivityLevel>${points([572, 100], [999, 998], [0, 210])}` +
        `<detectionTarget>human</detectionTarget>${rect("0.6", "0.215278", "0.135937", "0.505556")}`,
    );
    assert.deepEqual(regionsOf(listed(sent)), [
      {
        id: "3",
        target: "human",
        sensitivity: 50,
        polygon: [
          { x: 0.572, y: 0.1 },
          { x: 0.999, y: 0.998 },
          { x: 0, y: 0.21 },
        ],
        box: { x: 0.6, y: 0.215278, width: 0.135937, height: 0.505556 },
      },
    ]);
  });

  it("keeps a line as two points", () => {
    const [line] = regionsOf(listed(entry(`<regionID>1</regionID>${points([876, 487], [403, 152])}`))) as [object];
    assert.deepEqual(line, {
      id: "1",
      polygon: [
        { x: 0.876, y: 0.487 },
        { x: 0.403, y: 0.152 },
      ],
    });
  });

  it("takes one scale for all outlines of a notification: a small region beside a large one", () => {
    const sent = listed(
      entry(`<regionID>1</regionID>${points([100, 100], [500, 900])}`),
      entry(`<regionID>2</regionID>${points([100, 100], [9000, 5000])}`),
    );
    assert.deepEqual(regionsOf(sent), [
      {
        id: "1",
        polygon: [
          { x: 0.01, y: 0.01 },
          { x: 0.05, y: 0.09 },
        ],
      },
      {
        id: "2",
        polygon: [
          { x: 0.01, y: 0.01 },
          { x: 0.9, y: 0.5 },
        ],
      },
    ]);
  });

  it("leaves fractions as they are", () => {
    assert.deepEqual(regionsOf(listed(entry(`<regionID>1</regionID>${points(["0.25", "1"], ["0", "0.5"])}`))), [
      {
        id: "1",
        polygon: [
          { x: 0.25, y: 1 },
          { x: 0, y: 0.5 },
        ],
      },
    ]);
  });

  it("scales a rectangle in 0…1000 by itself", () => {
    assert.deepEqual(
      regionsOf(listed(entry(`<regionID>1</regionID>${points([10, 10], [20, 20])}${rect(500, 250, 100, 200)}`))),
      [
        {
          id: "1",
          polygon: [
            { x: 0.01, y: 0.01 },
            { x: 0.02, y: 0.02 },
          ],
          box: { x: 0.5, y: 0.25, width: 0.1, height: 0.2 },
        },
      ],
    );
  });

  it("never leaves the picture", () => {
    assert.deepEqual(regionsOf(listed(entry(`<regionID>1</regionID>${points([-5, 1000], [20000, 3])}`))), [
      {
        id: "1",
        polygon: [
          { x: 0, y: 0.1 },
          { x: 1, y: 0.0003 },
        ],
      },
    ]);
  });

  it("keeps what a recorder left: an id, no outline, no rectangle of zeros", () => {
    const sent = `<regionID>0</regionID><RegionCoordinatesList>\n</RegionCoordinatesList>${rect("0.000000", "0.000000", "0.000000", "0.000000")}`;
    assert.deepEqual(regionsOf(listed(entry(sent))), [{ id: "0", polygon: [] }]);
  });

  it("leaves out a region that says nothing", () => {
    assert.deepEqual(regionsOf(listed(entry("<regionID></regionID><RegionCoordinatesList/>"))), []);
    assert.deepEqual(regionsOf("<DetectionRegionList/>"), []);
  });

  it("finds entries without their list, and under the list's other name", () => {
    assert.deepEqual(regionsOf(entry("<regionID>4</regionID>")), [{ id: "4", polygon: [] }]);
    assert.deepEqual(regionsOf(listed("<DetectionRegion><regionID>5</regionID></DetectionRegion>")), [
      { id: "5", polygon: [] },
    ]);
  });

  it("takes a region id that stands alone, as in the guide", () => {
    assert.deepEqual(regionsOf("<regionID>2</regionID><detectionTarget>vehicle</detectionTarget>"), [
      { id: "2", target: "vehicle", polygon: [] },
    ]);
  });

  it("keeps the letters of an id", () => {
    assert.deepEqual(regionsOf(listed(entry("<regionID>parking-row-A</regionID>"))), [
      { id: "parking-row-A", polygon: [] },
    ]);
  });

  it("reads the same from JSON, with numbers, and points as a bare array", () => {
    const json = {
      eventType: "regionEntrance",
      eventState: "active",
      DetectionRegionList: {
        DetectionRegionEntry: [
          {
            regionID: 2,
            RegionCoordinatesList: [
              { positionX: 31, positionY: 160 },
              { positionX: 484, positionY: 546 },
            ],
            detectionTarget: "vehicle",
            TargetRect: { x: 0.1, y: 0.2, width: 0.3, height: 0.4 },
          },
        ],
      },
    };
    assert.deepEqual(decodedOne(JSON.stringify(json)).regions, [
      {
        id: "2",
        target: "vehicle",
        polygon: [
          { x: 0.031, y: 0.16 },
          { x: 0.484, y: 0.546 },
        ],
        box: { x: 0.1, y: 0.2, width: 0.3, height: 0.4 },
      },
    ]);
  });
});

describe("targets", () => {
  const sent: [string, string, string[]][] = [
    ["targetType of motion", "<targetType>human</targetType>", ["human"]],
    ["both with a comma", "<targetType>human,vehicle</targetType>", ["human", "vehicle"]],
    ["capitals and spaces", "<targetType> Human, VEHICLE </targetType>", ["human", "vehicle"]],
    ["detectionTarget of a region", listed(entry("<detectionTarget>vehicle</detectionTarget>")), ["vehicle"]],
    [
      "those of all regions, each once",
      listed(
        entry("<regionID>1</regionID><detectionTarget>human</detectionTarget>"),
        entry("<regionID>2</regionID><detectionTarget>vehicle</detectionTarget>"),
        entry("<regionID>3</regionID><detectionTarget>human</detectionTarget>"),
      ),
      ["human", "vehicle"],
    ],
    ["detectionTarget of the alert", "<detectionTarget>person</detectionTarget>", ["human"]],
    ["a TargetInfo", "<TargetInfo><targetType>car</targetType></TargetInfo>", ["vehicle"]],
    ["a named target", "<detectionTarget><name>animal</name></detectionTarget>", ["animal"]],
    ["an unknown one, in lower case", "<targetType>Drone</targetType>", ["drone"]],
    ["nothing", "<targetType/>", []],
    ["unknown", "<targetType>unknown</targetType>", []],
    ["a two-wheeler", "<targetType>nonMotor</targetType>", ["nonMotorVehicle"]],
  ];
  for (const [title, inner, targets] of sent) {
    it(title, () => assert.deepEqual(decodedOne(xmlAlert({}, inner)).targets, targets));
  }

  it("are what a capture shows", () => {
    const json = {
      eventType: "mixedTargetDetection",
      dateTime: "2026-03-01T12:00+08:00",
      CaptureResult: [
        { targetID: 1, Human: { Rect: { x: 0, y: 0, width: 1, height: 1 } } },
        { targetID: 2, Vehicle: {} },
      ],
    };
    assert.deepEqual(decodedOne(JSON.stringify(json)).targets, ["human", "vehicle"]);
  });
});
