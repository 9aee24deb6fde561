/**
 * Regions, lines and target rectangles of an alert, in 0…1 of the picture. Firmware sends 0…1000, 0…10000 or fractions;
 * the largest number of a notification tells which, for outlines and rectangles apart, because one camera mixes both.
 */
import { lowerCase } from "./field-names";
import { Fields, leafNumber, leafText } from "./fields";
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
  const polygon = pointsOf(outline.map(({ node }) => node));
  return { id, polygon: scaled(polygon, scaleOf(polygon)) };
}

/** A rectangle in 0…1; undefined when missing or all zero. */
export function readBox(rect: Fields): Box | undefined {
  const box = sentBox(rect);
  return box && scaledBox(box, scaleOf([box]));
}

function sentRegion(entry: Fields): SentRegion {
  const lists = entry.all("regioncoordinateslist");
  let points = entry.nodes("regioncoordinates");
  if (lists.length > 0) points = [...lists.flatMap((list) => list.nodes("regioncoordinates")), ...points];
  if (points.length === 0) points = lists.map(({ node }) => node);
  return {
    id: entry.word("regionid", "regionsid") ?? "",
    target: targetsIn(leafText(entry.value("detectiontarget", "targettype")))[0],
    sensitivity: entry.number("sensitivitylevel", "sensitivity"),
    polygon: pointsOf(points),
    box: firstBox(entry.all("targetrect", "rect")),
  };
}

function firstBox(rects: readonly Fields[]): Box | undefined {
  for (const rect of rects) {
    const box = sentBox(rect);
    if (box) return box;
  }
  return undefined;
}

/** An alert without a list has a region only by an id or a place; its target is that of the alert. */
function hasContent(region: SentRegion, listed: boolean): boolean {
  if (region.id !== "" || region.polygon.length > 0 || region.box) return true;
  return listed && (region.target !== undefined || region.sensitivity !== undefined);
}

function normalised(sent: readonly SentRegion[]): Region[] {
  let outlineScale = 1;
  let boxScale = 1;
  for (const { polygon, box } of sent) {
    outlineScale = Math.max(outlineScale, scaleOf(polygon));
    if (box) boxScale = Math.max(boxScale, scaleOf([box]));
  }
  return sent.map(({ id, target, sensitivity, polygon, box }) => {
    // In the documented order.
    const region = { id } as Region;
    if (target !== undefined) region.target = target;
    if (sensitivity !== undefined) region.sensitivity = sensitivity;
    region.polygon = scaled(polygon, outlineScale);
    if (box) region.box = scaledBox(box, boxScale);
    return region;
  });
}

/** Those that have both coordinates: `positionX` and `positionY`, or `X` and `Y`. */
function pointsOf(nodes: readonly Readonly<Record<string, unknown>>[]): Point[] {
  const points: Point[] = [];
  for (const node of nodes) {
    let x: number | undefined;
    let y: number | undefined;
    let otherX: number | undefined;
    let otherY: number | undefined;
    for (const name in node) {
      switch (lowerCase(name)) {
        case "positionx":
          x ??= leafNumber(node[name]);
          break;
        case "positiony":
          y ??= leafNumber(node[name]);
          break;
        case "x":
          otherX ??= leafNumber(node[name]);
          break;
        case "y":
          otherY ??= leafNumber(node[name]);
      }
    }
    x ??= otherX;
    y ??= otherY;
    if (x !== undefined && y !== undefined) points.push({ x, y });
  }
  return points;
}

function sentBox(rect: Fields): Box | undefined {
  const x = rect.number("x", "positionx") ?? 0;
  const y = rect.number("y", "positiony") ?? 0;
  const width = rect.number("width", "w") ?? 0;
  const height = rect.number("height", "h") ?? 0;
  return width > 0 || height > 0 ? { x, y, width, height } : undefined;
}

function scaled(polygon: readonly Point[], scale: number): Point[] {
  return polygon.map(({ x, y }) => ({ x: unit(x / scale), y: unit(y / scale) }));
}

function scaledBox({ x, y, width, height }: Box, scale: number): Box {
  return { x: unit(x / scale), y: unit(y / scale), width: unit(width / scale), height: unit(height / scale) };
}

/** What the largest of their numbers is sent in: 10 000ths, 1 000ths, or fractions. */
function scaleOf(all: readonly (Point & Partial<Box>)[]): number {
  let largest = 0;
  for (const { x, y, width = 0, height = 0 } of all) largest = Math.max(largest, x, y, width, height);
  if (largest > 1000) return 10_000;
  return largest > 1 ? 1000 : 1;
}

const unit = (value: number): number => Math.min(1, Math.max(0, value));
