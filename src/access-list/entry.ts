/** Plates as a flow gives them and as a camera holds them. All times are the camera's own wall clock: it writes no zone, and takes none. */
import { FatalError } from "../lib/errors";
import { say, type Sentence } from "../lib/sentence";
import { formatWall, parseTimestamp } from "../time/timestamp";
import { toWall, type Zone } from "../time/zone";

export type ListName = "allow" | "block";

/** What is written of a plate. Texts; the times "2026-03-01T12:00:00". */
export interface PlateData {
  readonly plate: string;
  readonly from?: string;
  /** Undefined: without end. */
  readonly until?: string;
  readonly name?: string;
  readonly card?: string;
}

/** A plate as the camera holds it. */
export interface PlateEntry extends PlateData {
  readonly list: ListName;
  /** As parsed, strings untouched. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** As {@link PlateEntry}, of any list, with what it takes to change it. */
export interface StoredPlate extends PlateData {
  readonly list: ListName | "other";
  readonly raw: Readonly<Record<string, unknown>>;
  /** The camera's own; often the plate again. */
  readonly id: string | undefined;
}

/** More in one message are a mistake of the flow; cameras hold up to some ten thousand. */
export const MOST_PLATES = 50_000;
const MOST_CHARACTERS = { plate: 32, name: 128, card: 64 } as const;
/** "No end" is written as a date; 2099-12-31 by the camera's own web page, 5000-12-01 by others. */
const ENDLESS_YEAR = 2099;
const DATE_LENGTH = "2026-03-01".length;
const DAY_MS = 86_400_000;

/** Two spellings of one plate: cameras write none of the spaces that people do. */
export function keyOf(plate: string): string {
  return plate.replace(/\s+/g, "");
}

/**
 * The plates of a message: a text, `{ plate, from?, until?, name?, card? }`, or a list of them; of one plate that is named twice the
 * last. Vehicles whose plate was not read are left out. Throws `badRequest`, naming the entry.
 */
export function platesOf(given: unknown, zone: Zone): readonly PlateData[] {
  if (given === undefined || given === null || given === "" || (typeof given === "object" && Buffer.isBuffer(given)))
    throw noPlates();
  const all: readonly unknown[] = Array.isArray(given) ? (given as unknown[]) : [given];
  if (all.length > MOST_PLATES)
    throw new FatalError("badRequest", say`More than ${MOST_PLATES} plates in one message: split them up.`);
  const byKey = new Map<string, PlateData>();
  for (const [index, one] of all.entries()) {
    if (isNode(one) && one["unread"] === true) continue;
    const data = plateOf(one, zone, index + 1);
    byKey.set(data.plate, data);
  }
  return [...byKey.values()];
}

function plateOf(given: unknown, zone: Zone, place: number): PlateData {
  const node = isNode(given) ? given : { plate: given };
  const wrong = (why: Sentence): FatalError =>
    new FatalError("badRequest", say`Plate number ${place} of the message cannot be used: ${why}`);
  const plate = keyOf(textOf(node["plate"], "plate", wrong) ?? "");
  if (plate === "") throw wrong(say`a plate is a text, such as "AB123CD".`);
  const from = timeOf(node["from"], "from", zone, wrong);
  const until = timeOf(node["until"], "until", zone, wrong);
  if (from !== undefined && until !== undefined && until < from) throw wrong(say`"until" is before "from".`);
  const name = textOf(node["name"], "name", wrong);
  const card = textOf(node["card"], "card", wrong);
  return {
    plate,
    ...(from !== undefined && { from }),
    ...(until !== undefined && !isEndless(until) && { until }),
    ...(name !== undefined && { name }),
    ...(card !== undefined && { card }),
  };
}

function textOf(
  given: unknown,
  name: keyof typeof MOST_CHARACTERS,
  wrong: (why: Sentence) => FatalError,
): string | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given !== "string") throw wrong(say`"${name}" has to be a text: 0012345 is another plate than 12345.`);
  const text = given.trim();
  const most = MOST_CHARACTERS[name];
  if (text.length > most) throw wrong(say`"${name}" has more than ${most} characters.`);
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(text)) throw wrong(say`"${name}" contains a control character.`);
  return text;
}

/** A moment, or a wall time of the camera. A date alone means all of that day. */
function timeOf(
  given: unknown,
  name: "from" | "until",
  zone: Zone,
  wrong: (why: Sentence) => FatalError,
): string | undefined {
  if (given === undefined || given === null || given === "") return undefined;
  const wallMs = wallOf(given, name, zone);
  if (wallMs === undefined || Number.isNaN(wallMs) || Math.abs(wallMs) > Date.UTC(9999, 11, 31))
    throw wrong(say`"${name}" is no time: give "2026-03-01", "2026-03-01T12:00:00", or a Date.`);
  return formatWall(wallMs);
}

function wallOf(given: unknown, name: "from" | "until", zone: Zone): number | undefined {
  if (given instanceof Date) return toWall(zone, given.getTime());
  if (typeof given === "number") return toWall(zone, given);
  const stamp = typeof given === "string" && given.length <= 64 ? parseTimestamp(given) : undefined;
  if (!stamp) return undefined;
  if (stamp.local === undefined) return name === "until" ? stamp.wallMs + DAY_MS - 1_000 : stamp.wallMs;
  if (stamp.zone === undefined) return stamp.wallMs;
  return toWall(zone, stamp.wallMs - (stamp.zone === "Z" ? 0 : stamp.zone));
}

/** A time of the camera: with its offset or without, it is its own wall clock. A date alone stays one. Undefined: none, or no limit. */
export function storedTime(text: string | undefined, which: "from" | "until"): string | undefined {
  const stamp = text === undefined || text.length > 64 ? undefined : parseTimestamp(text);
  if (!stamp) return undefined;
  const wall = formatWall(stamp.wallMs);
  if (which === "until" && isEndless(wall)) return undefined;
  return stamp.local === undefined ? wall.slice(0, DATE_LENGTH) : wall;
}

/** Also what VCL cameras hold for it: their clock ends in 2038. */
function isEndless(wall: string): boolean {
  return Number(wall.slice(0, 4)) >= ENDLESS_YEAR || wall === "2037-12-31T23:59:59";
}

/** Does the camera hold it as it is wanted? What is not said of a plate (its start, name, card) may be as it is; no end means no end. */
export function isAs(stored: StoredPlate, wanted: PlateData, list: ListName): boolean {
  return (
    stored.list === list &&
    (wanted.from === undefined || isSameTime(stored.from, wanted.from)) &&
    isSameTime(stored.until, wanted.until) &&
    (wanted.card === undefined || (stored.card ?? "") === wanted.card) &&
    // Cameras that do not tell names cannot be compared.
    (wanted.name === undefined || stored.name === undefined || stored.name === wanted.name)
  );
}

/** Cameras that hold days cannot be compared by the hour. */
function isSameTime(stored: string | undefined, wanted: string | undefined): boolean {
  if (stored === undefined || wanted === undefined) return stored === wanted;
  return stored.length === DATE_LENGTH ? wanted.startsWith(stored) : stored === wanted;
}

/** What is written where a plate is changed: what is not said stays. */
export function merged(stored: StoredPlate, wanted: PlateData): PlateData {
  const { from, name, card } = stored;
  return {
    ...(from !== undefined && { from: from.length === DATE_LENGTH ? `${from}T00:00:00` : from }),
    ...(name !== undefined && { name }),
    ...(card !== undefined && { card }),
    ...wanted,
    plate: stored.plate,
  };
}

function noPlates(): FatalError {
  return new FatalError(
    "badRequest",
    say`The message brings no plates: set msg.plates or msg.payload to a text such as "AB123CD", to an object with plate, from,
      until, name and card, or to a list of them.`,
  );
}

function isNode(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
