/**
 * License plates (`ANPR`). A plate is text, to the letter: 0012345, 12E34 and 0x1F occur. The misspelt names
 * (`vehileModel`) are the devices' own (DS-TCG405-E, DeepinView V5.8).
 */
import { Fields, MAX_LIST_LENGTH } from "./fields";
import { decimalOf } from "../../lib/decimal";
import { countryOf } from "./plate-countries";
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
  /** The device sends fractions of 1; they were multiplied by 100. */
  confidenceScale?: 100;
  /** 0…100, one per character. */
  characterConfidence?: number[];
  /** ISO 3166-1 alpha-3 where the device sends the number of a known table, else as it was sent. */
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

/** Longer text is no plate; of what claims to be one, this much is kept. */
const MAX_PLATE_LENGTH = 100;

/** The plates of an alert, usually one; none when it is about something else. */
export function readPlates(alert: Fields): { detail: PlateReading }[] {
  const anpr = alert.all("anpr");
  if (anpr.length > 0) return anpr.map((one) => ({ detail: readPlate(one) }));
  const matches = alert.all("vehiclematchresult");
  return matches.length > 0 ? matches.flatMap(matchedPlate) : [];
}

/** `VehicleMatchResult{PlateInfo{plate}, listType}`: a plate of the device's own lists. None without a plate's text. */
function matchedPlate(match: Fields): { detail: PlateReading }[] {
  const nested = match.in("plateinfo", "vehicleinfo");
  const reading = readPlate(new Fields({ ...match.node, ...nested.node }));
  return reading.plate === "" ? [] : [{ detail: reading }];
}

/** One plate, of an alert or of an entry in a plate list (`vehicleDetect/plates`). */
export function readPlate(anpr: Fields): PlateReading {
  const sent = plateText(anpr);
  const unread = UNREAD.has(sent.trim().toLowerCase());
  const characterConfidence = percentages(anpr.text("platecharbelieve"));
  const country = countryOf(anpr.known("country"));
  const region = anpr.known("region", "province", "area");
  const direction = anpr.word("direction");
  const lane = positive(anpr.number("line", "laneno", "lane"));
  const plateType = anpr.known("platetype");
  const plateColor = anpr.known("platecolor");
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
    list: listOf(anpr.known("vehiclelistname", "listtype", "platelist", "matchingresult")),
    vehicle: readVehicle(anpr),
    ...(rect && { rect }),
  };
}

function plateText(anpr: Fields): string {
  const sent = anpr.text("licenseplate", "platenumber", "plate", "licenseplatenumber", "originallicenseplate") ?? "";
  return sent.slice(0, MAX_PLATE_LENGTH);
}

/** Lanes and speeds count from 1: 0 says that there is none. */
function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

/** What devices send for a plate they could not read; the last is Chinese for "no plate". */
const UNREAD: ReadonlySet<string> = new Set([
  ...["", "unknown", "noplate", "no plate", "no-plate", "no_plate", "unlicensed", "unrecognized", "unrecognised"],
  ...["-", "(null)", "n/a", "无车牌", "无牌车", "未识别"],
]);

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
  const type = anpr.known("vehicletype") ?? info.known("vehicletype");
  const color = info.known("color") ?? anpr.known("vehiclecolor");
  const brand = info.known("vehiclelogorecog", "vehiclelogo");
  const subBrand = info.known("vehilesublogorecog", "vehiclesublogorecog");
  const model = info.known("vehilemodel", "vehiclemodel");
  const speed = positive(info.number("speed")) ?? positive(anpr.number("speed"));
  const sentType = anpr.value("vehicletype");
  return {
    ...(type !== undefined && { type: VEHICLE_TYPES[/^\d$/.test(type) ? Number(type) : -1] ?? type }),
    ...(color !== undefined && { color }),
    ...(brand !== undefined && { brand }),
    ...(subBrand !== undefined && { subBrand }),
    ...(model !== undefined && { model }),
    ...(speed !== undefined && { speed }),
    raw: { ...(sentType !== undefined && { vehicleType: sentType }), ...(!info.isEmpty && { vehicleInfo: info.node }) },
  };
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
  if (sent === undefined || sent.length > MAX_LIST_LENGTH) return [];
  return sent.split(",").flatMap((word) => {
    const value = decimalOf(word);
    return value === undefined || value < 0 ? [] : value;
  });
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
