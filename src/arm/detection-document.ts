/** What the document of a detection says: where its switch stands, and whether it looks at anything. Pure. */
import { say, type Sentence } from "../lib/sentence";
import { elementsNamed, leafTextOf, type ElementRange, rootElement } from "../isapi/xml-editor";

/** Of a line, a region, a part of a list: answered OK and ignored (getdoover/cameras), and never the detection's own. */
const PART = /(?:List|Region|Item|Layout)$/;
/** Those that see nothing without a line or a region. */
const WITH_REGIONS: ReadonlySet<string> = new Set(
  ["VMD", "linedetection", "fielddetection", "regionEntrance", "regionExiting", "loitering", "group"].concat([
    "rapidMove",
    "parking",
    "unattendedBaggage",
    "attendedBaggage",
  ]),
);

/**
 * The path of the switch below the root, as leaf-paths.ts reads it: the root's own `enabled`, else the first that belongs to no
 * line or region (`audioInput/enabled`). Undefined: there is none, or this is no document.
 */
export function switchLeaf(document: Buffer): string | undefined {
  const root = rootElement(document.toString("latin1"));
  if (!root) return undefined;
  return isSwitch(root.children) ? "enabled" : firstSwitch(root)?.join("/");
}

function isSwitch(children: readonly ElementRange[]): boolean {
  return children.find(({ name }) => name === "enabled")?.children.length === 0;
}

function firstSwitch({ children }: ElementRange): readonly string[] | undefined {
  const seen = new Map<string, number>();
  for (const child of children) {
    const index = (seen.get(child.name) ?? 0) + 1;
    seen.set(child.name, index);
    if (child.name === "enabled" && child.children.length === 0) return ["enabled"];
    const below = PART.test(child.name) ? undefined : firstSwitch(child);
    if (below) return [index === 1 ? child.name : `${child.name}[${index}]`, ...below];
  }
  return undefined;
}

/** Why the detection sees nothing although it is on; undefined: it may, or the document does not tell. */
export function seesNothing(document: Buffer, type: string): Sentence | undefined {
  const source = document.toString("latin1");
  const root = WITH_REGIONS.has(type) ? rootElement(source) : undefined;
  if (!root) return undefined;
  if (elementsNamed(root, "LineItemList").length > 0) return linesMissing(source, elementsNamed(root, "LineItem"));
  const grids = elementsNamed(root, "gridMap").map(({ inner }) => (inner ? source.slice(inner.start, inner.end) : ""));
  const lists = listsOfRegions(root);
  if (grids.length === 0 && lists.length === 0) return undefined;
  const regions = lists.flatMap(({ children }) => children);
  const marked = grids.some((grid) => /[1-9a-f]/i.test(grid)) || regions.some((region) => isDrawn(source, region));
  return marked ? undefined : say`It has no area: draw one on the device's web page.`;
}

function linesMissing(source: string, lines: readonly ElementRange[]): Sentence | undefined {
  if (!lines.some((line) => isDrawn(source, line))) return say`It has no line: draw one on the device's web page.`;
  const on = lines.filter((line) => leafTextOf(source, line, "enabled")?.toLowerCase() !== "false");
  return on.some((line) => isDrawn(source, line)) ? undefined : say`All its lines are switched off.`;
}

function listsOfRegions(element: ElementRange): readonly ElementRange[] {
  const below = element.children.flatMap(listsOfRegions);
  return element.name.endsWith("RegionList") ? [element, ...below] : below;
}

/** Has it two corners that differ? Devices write a region that nobody has drawn with none, or with all in one place. */
function isDrawn(source: string, region: ElementRange): boolean {
  const xs = elementsNamed(region, "positionX");
  const ys = elementsNamed(region, "positionY");
  const text = ({ start, end }: ElementRange): string => source.slice(start, end).replace(/\s+/g, "");
  return new Set(xs.map((x, index) => text(x) + (ys[index] ? text(ys[index]) : ""))).size > 1;
}
