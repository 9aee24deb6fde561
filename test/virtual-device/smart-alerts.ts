/** Alerts with something to say: regions and targets, density, counting, number plates. */
import { alertParts, jsonAlertParts, type Alert, type AlertFields } from "./alert-xml";
import { eventPlatePictures, eventScene } from "./event-picture";
import { element, leaf } from "./xml";

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Coordinates are 0..1 of the picture here; on the wire 0..1000 or 0..10000. */
export interface Region {
  readonly id?: number | string;
  readonly sensitivity?: number;
  readonly polygon?: readonly (readonly [x: number, y: number])[];
  readonly target?: string;
  readonly box?: Box;
}

export interface SmartFields extends AlertFields {
  readonly regions?: readonly Region[];
  /** What 1 is on the wire; default 1000. */
  readonly coordinateScale?: number;
  /** The same for TargetRect; default 1: fractions. */
  readonly boxScale?: number;
  /** As NVRs relay it: region 0, no coordinates, an empty rectangle. */
  readonly stripped?: boolean;
  /** Sends a picture of the scene as well. */
  readonly withPictures?: boolean;
}

const YARD: Region = {
  id: 1,
  sensitivity: 50,
  polygon: [
    [0.2, 0.3],
    [0.8, 0.3],
    [0.9, 0.9],
    [0.1, 0.9],
  ],
  target: "human",
  box: { x: 0.42, y: 0.35, width: 0.12, height: 0.4 },
};

/** Somebody in a forbidden area. */
export const intrusion = (fields: SmartFields = {}): Alert => smart("fielddetection", "fieldDetectionImage", fields);
/** A line was crossed; its polygon has two points. */
export const lineCrossing = (fields: SmartFields = {}): Alert => smart("linedetection", "lineCrossImage", fields);
export const regionEntrance = (fields: SmartFields = {}): Alert =>
  smart("regionEntrance", "regionEntranceImage", fields);
export const regionExiting = (fields: SmartFields = {}): Alert => smart("regionExiting", "regionExitingImage", fields);

/** Any type that comes with regions. An inactive one carries none, as cameras do it. */
export function smart(type: string, pictureName: string, fields: SmartFields = {}): Alert {
  const regions = fields.regions ?? (fields.state === "inactive" ? [] : [YARD]);
  const list = fields.stripped
    ? element("DetectionRegionList", STRIPPED)
    : regions.length > 0
      ? element("DetectionRegionList", regions.map((region) => regionXml(region, fields)).join(""))
      : "";
  return (source) => {
    const stamp = fields.dateTime ?? source.time.stamp();
    const target = regions[0]?.target;
    const scene = { channel: fields.channel ?? 1, stamp, ...(target !== undefined && { target }) };
    const pictures = fields.withPictures ? [eventScene(source, pictureName, scene)] : fields.pictures;
    return alertParts(source, type, { ...fields, ...(pictures && { pictures }) }, `${type} alarm`, list);
  };
}

const STRIPPED = element(
  "DetectionRegionEntry",
  leaf("regionID", 0) +
    "<RegionCoordinatesList>\n</RegionCoordinatesList>\n" +
    element("TargetRect", ["X", "Y", "width", "height"].map((name) => leaf(name, "0.000000")).join("")),
);

function regionXml(region: Region, { coordinateScale = 1000, boxScale = 1 }: SmartFields): string {
  const points = (region.polygon ?? [])
    .map(([x, y]) =>
      element(
        "RegionCoordinates",
        leaf("positionX", Math.round(x * coordinateScale)) + leaf("positionY", Math.round(y * coordinateScale)),
      ),
    )
    .join("");
  return element(
    "DetectionRegionEntry",
    leaf("regionID", region.id ?? 1) +
      (region.sensitivity === undefined ? "" : leaf("sensitivityLevel", region.sensitivity)) +
      (region.polygon ? element("RegionCoordinatesList", points) : "") +
      (region.target === undefined ? "" : leaf("detectionTarget", region.target)) +
      (region.box ? element("TargetRect", boxXml(region.box, boxScale)) : ""),
  );
}

function boxXml(box: Box, scale: number): string {
  return (
    leaf("X", Number((box.x * scale).toFixed(6))) +
    leaf("Y", Number((box.y * scale).toFixed(6))) +
    leaf("width", Number((box.width * scale).toFixed(6))) +
    leaf("height", Number((box.height * scale).toFixed(6)))
  );
}

export interface DensityReading {
  readonly source?: "trigger" | "timing" | "PDC" | "PQA" | "DSA";
  readonly level?: number;
  readonly people?: number;
  /** framesPeopleCounting_number. */
  readonly frames?: number;
  readonly regionId?: number;
  readonly regionName?: string;
}

export interface DensityFields extends AlertFields {
  readonly readings?: readonly DensityReading[];
  /** "guide": PERSON_DENSITY_DETECTION with the result in a list, as the vendor's guide prints it. */
  readonly spelling?: "camera" | "guide";
}

/** People density, JSON. Several readings are several targets in one notification. */
export function density(fields: DensityFields = {}): Alert {
  const guide = fields.spelling === "guide";
  const readings = fields.readings ?? [
    { source: "trigger", level: 2, people: 5, frames: 5, regionId: 1, regionName: "Area 1" },
  ];
  const result = {
    Target: readings.map((reading) => ({
      recognitionType: "human",
      TargetInfo: {
        recognition: "personDensityDetection",
        dataSource: reading.source ?? "timing",
        ...(reading.level !== undefined && { densityLevel: reading.level }),
        ...(reading.people !== undefined && { personCnt: reading.people }),
        ...(reading.frames !== undefined && { framesPeopleCounting_number: reading.frames }),
        ...(reading.regionName !== undefined && { regionName: reading.regionName }),
        ...(reading.regionId !== undefined && { regionID: reading.regionId }),
      },
    })),
    ...(fields.pictures && { contentID: fields.pictures[0]?.name }),
  };
  const type = guide ? "PERSON_DENSITY_DETECTION" : "personDensityDetection";
  const inner = { personDensityResult: guide ? [result] : result };
  return (source) => jsonAlertParts(source, type, fields, "Person Density Detection", inner);
}

export interface AccessFields extends AlertFields {
  /** The class and the code: [5, 37] is a doorbell. */
  readonly code: readonly [major: number, minor: number];
  /** Beside them: name, employeeNoString, doorNo, serialNo … */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Access control, JSON: news, unless `more` says otherwise. */
export function access({ code: [majorEventType, subEventType], more, ...fields }: AccessFields): Alert {
  return (source) => {
    const event = {
      deviceName: source.profile.name,
      majorEventType,
      subEventType,
      currentVerifyMode: "invalid",
      currentEvent: true,
      ...more,
    };
    const inner = { AccessControllerEvent: event };
    return jsonAlertParts(source, "AccessControllerEvent", fields, "Access Controller Event", inner);
  };
}

/** A call between stations, JSON, as the vendor's text has it: "request", "answer", "hangUp", "bellTimeout" … */
export function voiceTalk(
  cmdType: string,
  src: object = { unitType: "outdoor", buildingNumber: 1, roomNumber: 3 },
): Alert {
  const VoiceTalkEvent = { deviceName: "Entrance", talkType: 0, cmdType, src, serialNo: 1, currentEvent: true };
  return (source) => jsonAlertParts(source, "voiceTalkEvent", {}, "Voice Talk Interactive Event", { VoiceTalkEvent });
}

export interface CountingFields extends AlertFields {
  readonly enter: number;
  readonly exit: number;
  readonly pass?: number;
  readonly method?: "realTime" | "timeRange";
}

/** People counting as XML in the PSIA namespace. */
export function peopleCounting(fields: CountingFields): Alert {
  const method = fields.method ?? "realTime";
  return (source) => {
    const time = fields.dateTime ?? source.time.stamp();
    const span =
      method === "realTime"
        ? element("RealTime", leaf("time", time))
        : element("TimeRange", leaf("startTime", time) + leaf("endTime", time));
    const counts =
      leaf("statisticalMethods", method) +
      span +
      leaf("enter", fields.enter) +
      leaf("exit", fields.exit) +
      (fields.pass === undefined ? "" : leaf("pass", fields.pass)) +
      leaf("regionsID", 1);
    const psia = { version: "1.0", xmlns: "urn:psialliance-org", ...fields };
    return alertParts(source, "PeopleCounting", psia, "peopleCounting alarm", element("peopleCounting", counts));
  };
}

export interface AnprFields extends AlertFields {
  /** As read, to the letter; "unknown" when unread. */
  readonly plate: string;
  readonly confidence?: number;
  /** Number code or text. */
  readonly country?: string;
  readonly direction?: "forward" | "reverse" | "unknown";
  readonly lane?: number;
  readonly vehicleType?: string;
  readonly vehicleColor?: string;
  readonly list?: "whiteList" | "blackList" | "otherList";
  readonly uuid?: string;
  /** false: V5.4, which sends no vehicleInfo. */
  readonly vehicleInfo?: boolean;
  /** Sends pictures of plate, vehicle and scene as well. */
  readonly withPictures?: boolean;
}

/** A number plate. Misspelt names are the device's. */
export function anpr(fields: AnprFields): Alert {
  return (source) => {
    const stamp = fields.dateTime ?? source.time.stamp();
    const pictures = fields.withPictures
      ? eventPlatePictures(source, {
          channel: fields.channel ?? 1,
          stamp,
          plate: fields.plate,
          vehicleColor: fields.vehicleColor ?? "blue",
        })
      : (fields.pictures ?? []);
    const inner =
      element(
        "ANPR",
        anprXml(
          fields,
          pictures.map((picture) => picture.name),
          stamp,
        ),
      ) +
      leaf("UUID", fields.uuid ?? `${stamp}-${fields.plate}`) +
      leaf("picNum", pictures.length);
    return alertParts(source, "ANPR", { ...fields, pictures, announced: 0 }, "ANPR", inner);
  };
}

function anprXml(fields: AnprFields, pictureNames: readonly string[], stamp: string): string {
  const confidence = fields.confidence ?? 97;
  const vehicle =
    leaf("index", 1) +
    leaf("vehicleType", fields.vehicleType ?? "vehicle") +
    leaf("colorDepth", 0) +
    leaf("color", fields.vehicleColor ?? "blue") +
    leaf("length", 0) +
    leaf("vehicleLogoRecog", 0) +
    leaf("vehileSubLogoRecog", 0) +
    leaf("vehileModel", 0);
  const files = pictureNames.map((name) =>
    element(
      "pictureInfo",
      leaf("fileName", name) +
        leaf("type", name.replace(/\.jpg$/, "")) +
        leaf("dataType", 0) +
        leaf("absTime", stamp.replace(/\D/g, "").slice(0, 14)) +
        element("plateRect", leaf("X", 438) + leaf("Y", 612) + leaf("width", 96) + leaf("height", 38)),
    ),
  );
  return (
    leaf("country", fields.country ?? "7") +
    leaf("licensePlate", fields.plate) +
    leaf("line", fields.lane ?? 1) +
    leaf("direction", fields.direction ?? "forward") +
    leaf("confidenceLevel", confidence) +
    leaf("plateType", "unknown") +
    leaf("plateColor", "white") +
    leaf("licenseBright", 79) +
    leaf("plateCharBelieve", Array.from(fields.plate, () => Math.round(confidence)).join(",")) +
    leaf("vehicleType", fields.vehicleType ?? "vehicle") +
    (fields.vehicleInfo === false ? "" : element("vehicleInfo", vehicle)) +
    (files.length > 0 ? element("pictureInfoList", files.join("")) : "") +
    leaf("originalLicensePlate", fields.plate) +
    leaf("vehicleListName", fields.list ?? "otherList")
  );
}
