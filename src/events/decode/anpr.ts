/**
 * License plates (`ANPR`). A plate is text, to the letter: 0012345, 12E34 and 0x1F occur. The misspelt names
 * (`vehileModel`) are the devices' own (DS-TCG405-E, DeepinView V5.8).
 */
import type { Fields } from "./fields";
import { readBox, type Box } from "./regions";

export interface Vehicle {
  /** A word: the guide's types 0–8 translated, everything else as sent. */
  type?: string;
  color?: string;
  /** Text as sent; most devices send the number of a table that no public source gives. */
  brand?: string;
  subBrand?: string;
  model?: string;
  /** km/h, as measured by the device. */
  speed?: number;
  /** What was sent about the vehicle, untouched. */
  raw: Record<string, unknown>;
}

export interface PlateReading {
  /** To the letter; `""` when unread. */
  plate: string;
  unread?: true;
  /** 0…100. */
  confidence: number | null;
  /** 0…100, one per character. */
  characterConfidence?: number[];
  country?: string;
  region?: string;
  direction?: "approach" | "away" | "unknown";
  lane?: number;
  plateType?: string;
  plateColor?: string;
  list: "allow" | "block" | "other" | null;
  vehicle: Vehicle;
  /** Where the plate is in the picture, 0…1, origin top left. */
  rect?: Box;
}

/** The plates of an alert, usually one; none when it is about something else. */
export function readPlates(alert: Fields): { detail: PlateReading }[] {
  return alert.all("anpr").map((anpr) => ({ detail: readPlate(anpr) }));
}

/** One plate, of an alert or of an entry in a plate list (`vehicleDetect/plates`). */
export function readPlate(anpr: Fields): PlateReading {
  const sent = anpr.text("licenseplate", "platenumber", "originallicenseplate") ?? "";
  const unread = UNREAD.has(sent.trim().toLowerCase());
  const characterConfidence = percentages(anpr.text("platecharbelieve"));
  const country = anpr.word("country");
  const region = anpr.word("region", "province", "area");
  const direction = anpr.word("direction");
  const lane = anpr.number("line", "laneno", "lane");
  const plateType = anpr.word("platetype");
  const plateColor = anpr.word("platecolor");
  const rect = plateRect(anpr);
  return {
    plate: unread ? "" : sent,
    ...(unread && { unread }),
    confidence: anpr.number("confidencelevel", "confidence") ?? null,
    ...(characterConfidence.length > 0 && { characterConfidence }),
    ...(country !== undefined && { country }),
    ...(region !== undefined && { region }),
    ...(direction !== undefined && { direction: directionOf(direction) }),
    ...(lane !== undefined && { lane }),
    ...(plateType !== undefined && { plateType }),
    ...(plateColor !== undefined && { plateColor }),
    list: listOf(anpr.word("vehiclelistname", "listtype", "platelist", "matchingresult")),
    vehicle: readVehicle(anpr),
    ...(rect && { rect }),
  };
}

/** What devices send for a plate they could not read; the last is Chinese for "no plate". */
const UNREAD: ReadonlySet<string> = new Set(["", "unknown", "noplate", "no plate", "无车牌"]);

/** The guide's byVehicleType. */
const VEHICLE_TYPES: readonly string[] = [
  "unknown",
  "bus",
  "truck",
  "car",
  "microbus",
  "van",
  "pedestrian",
  "bicycle",
  "tricycle",
];

function readVehicle(anpr: Fields): Vehicle {
  const info = anpr.in("vehicleinfo");
  const type = anpr.word("vehicletype") ?? info.word("vehicletype");
  const color = info.word("color") ?? anpr.word("vehiclecolor");
  const brand = coded(info, "vehiclelogorecog", "vehiclelogo");
  const subBrand = coded(info, "vehilesublogorecog", "vehiclesublogorecog");
  const model = coded(info, "vehilemodel", "vehiclemodel");
  const speed = info.number("speed") ?? anpr.number("speed");
  const sentType = anpr.value("vehicletype");
  return {
    ...(type !== undefined && { type: VEHICLE_TYPES[/^\d$/.test(type) ? Number(type) : -1] ?? type }),
    ...(color !== undefined && { color }),
    ...(brand !== undefined && { brand }),
    ...(subBrand !== undefined && { subBrand }),
    ...(model !== undefined && { model }),
    ...(speed !== undefined && speed > 0 && { speed }),
    raw: { ...(sentType !== undefined && { vehicleType: sentType }), ...(!info.isEmpty && { vehicleInfo: info.node }) },
  };
}

/** A number of the device's own table; 0 stands for "not recognized". */
function coded(info: Fields, ...names: string[]): string | undefined {
  const code = info.word(...names);
  return code === "0" ? undefined : code;
}

function directionOf(sent: string): "approach" | "away" | "unknown" {
  switch (sent.toLowerCase()) {
    case "forward":
    case "approach":
      return "approach";
    case "reverse":
    case "away":
      return "away";
    default:
      return "unknown";
  }
}

/** On the wire whiteList and blackList, in newer texts allow and block; also `otherList`, `temporary`. */
function listOf(sent: string | undefined): PlateReading["list"] {
  if (sent === undefined) return null;
  if (/white|allow/i.test(sent)) return "allow";
  return /black|block/i.test(sent) ? "block" : "other";
}

function percentages(sent: string | undefined): number[] {
  const words = sent?.split(",").map((word) => word.trim()) ?? [];
  return words.flatMap((word) => (/^\d+(\.\d+)?$/.test(word) ? Number(word) : []));
}

/** In the whole scene where the device says so; a cut-out of the vehicle has a rectangle of its own. */
function plateRect(anpr: Fields): Box | undefined {
  const pictures = anpr.in("pictureinfolist").all("pictureinfo");
  const scenesFirst = [...pictures].sort((a, b) => Number(isScene(b)) - Number(isScene(a)));
  return [anpr, ...scenesFirst].map((holder) => readBox(holder.in("platerect"))).find((box) => box !== undefined);
}

function isScene(picture: Fields): boolean {
  return /detection|scene|background/i.test(picture.text("type", "filename") ?? "");
}
