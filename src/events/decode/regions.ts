/**
 * Regions, lines and target rectangles of an alert, in 0…1 of the picture. Firmware sends 0…1000, 0…10000 or fractions;
 * the largest number of a notification tells which, for outlines and rectangles apart, because one camera mixes both.
 */
import { Fields, leafText } from "./fields";
import { targetsIn } from "./targets";

export interface Point {
  x: number;
  y: number;
}

export interface Box extends Point {
  width: number;
  height: number;
}

/** A rule's region and, where the device says it, the target that was in it. All numbers 0…1, origin top left, y down. */
export interface Region {
  id: string;
  target?: string;
  /** As set in the device, usually 0…100. */
  sensitivity?: number;
  /** Two points: a line. None: the device did not say where. */
  polygon: Point[];
  /** The target's place. */
  box?: Box;
}

interface SentRegion {
  readonly id: string;
  readonly target: string | undefined;
  readonly sensitivity: number | undefined;
  readonly polygon: readonly Point[];
  readonly box: Box | undefined;
}

/**
 * Regions in the order sent; what a recorder has stripped of everything is left out.
 * @param nodes the regions that the walk through the alert found; none: the alert itself may have a target's place.
 */
export function readRegions(alert: Fields, nodes: readonly Readonly<Record<string, unknown>>[]): Region[] {
  if (nodes.length === 0 && !mayHaveRegion(alert)) return [];
  const entries = nodes.map((node) => (node === alert.node ? alert : new Fields(node)));
  const sent = (entries.length > 0 ? entries : [alert]).map(sentRegion);
  return normalised(sent.filter((region) => hasContent(region, entries.length > 0)));
}

/** Without one of these an alert that lists no regions has none. */
function mayHaveRegion(alert: Fields): boolean {
  return (
    alert.value("regionid", "regionsid", "regioncoordinateslist", "regioncoordinates", "targetrect", "rect") !==
    undefined
  );
}

/** One region of a rule that names it beside its outline (people density: `regionID`, `Region`). */
export function regionOf(id: string, outline: readonly Fields[]): Region {
  const polygon = outline.flatMap(point);
  return { id, polygon: scaled(polygon, polygon.flatMap(xy)) };
}

/** A rectangle in 0…1; undefined when missing or all zero. */
export function readBox(rect: Fields): Box | undefined {
  const box = sentBox(rect);
  return box && scaledBox(box, scaleOf(sizes(box)));
}

function sentRegion(entry: Fields): SentRegion {
  const lists = entry.all("regioncoordinateslist");
  const points = [...lists.flatMap((list) => list.all("regioncoordinates")), ...entry.all("regioncoordinates")];
  return {
    id: entry.word("regionid", "regionsid") ?? "",
    target: targetsIn(leafText(entry.value("detectiontarget", "targettype")))[0],
    sensitivity: entry.number("sensitivitylevel", "sensitivity"),
    polygon: (points.length > 0 ? points : lists).flatMap(point),
    box: entry
      .all("targetrect", "rect")
      .map(sentBox)
      .find((box) => box !== undefined),
  };
}

/** An alert without a list has a region only by an id or a place; its target is that of the alert. */
function hasContent(region: SentRegion, listed: boolean): boolean {
  if (region.id !== "" || region.polygon.length > 0 || region.box) return true;
  return listed && (region.target !== undefined || region.sensitivity !== undefined);
}

function normalised(regions: readonly SentRegion[]): Region[] {
  const outlines = regions.flatMap(({ polygon }) => polygon.flatMap(xy));
  const boxScale = scaleOf(regions.flatMap(({ box }) => (box ? sizes(box) : [])));
  return regions.map(({ id, target, sensitivity, polygon, box }) => ({
    id,
    ...(target !== undefined && { target }),
    ...(sensitivity !== undefined && { sensitivity }),
    polygon: scaled(polygon, outlines),
    ...(box && { box: scaledBox(box, boxScale) }),
  }));
}

function point(coordinates: Fields): Point[] {
  const x = coordinates.number("positionx", "x");
  const y = coordinates.number("positiony", "y");
  return x === undefined || y === undefined ? [] : [{ x, y }];
}

function sentBox(rect: Fields): Box | undefined {
  const x = rect.number("x", "positionx") ?? 0;
  const y = rect.number("y", "positiony") ?? 0;
  const width = rect.number("width", "w") ?? 0;
  const height = rect.number("height", "h") ?? 0;
  return width > 0 || height > 0 ? { x, y, width, height } : undefined;
}

function scaled(polygon: readonly Point[], all: readonly number[]): Point[] {
  const scale = scaleOf(all);
  return polygon.map(({ x, y }) => ({ x: unit(x / scale), y: unit(y / scale) }));
}

function scaledBox({ x, y, width, height }: Box, scale: number): Box {
  return { x: unit(x / scale), y: unit(y / scale), width: unit(width / scale), height: unit(height / scale) };
}

function scaleOf(values: readonly number[]): number {
  let largest = 0;
  for (const value of values) if (value > largest) largest = value;
  if (largest > 1000) return 10_000;
  return largest > 1 ? 1000 : 1;
}

const xy = ({ x, y }: Point): number[] => [x, y];
const sizes = ({ x, y, width, height }: Box): number[] => [x, y, width, height];
const unit = (value: number): number => Math.min(1, Math.max(0, value));
