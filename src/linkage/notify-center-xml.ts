/**
 * The entry "Notify Surveillance Center" in a trigger's own XML: adds and removes it without changing any other byte.
 * Texts are bytes read as latin1. Shapes: dumps of nine devices (maciej-or/hikvision_next); cameras write a recurrence, recorders none.
 */
import { CENTER } from "../isapi/event-triggers";
import { FatalError } from "../lib/errors";
import { say } from "../lib/sentence";
import { leafTextOf, rootElement, elementsNamed, type ElementRange } from "../isapi/xml-editor";

/** The elements of an entry, in the device's order. */
export type EntryShape = readonly (readonly [name: string, value: string])[];

export interface Addition {
  /** The whole text with the entry in it. */
  readonly after: string;
  /** What was added, with the white space around it. */
  readonly added: string;
}

const LIST = "EventTriggerNotificationList";
const ENTRY = "EventTriggerNotification";
const METHOD = "notificationMethod";
const RECURRENCE = "notificationRecurrence";
/** What an entry needs; other elements would be about another channel or output. */
const SHAPE = ["id", METHOD, RECURRENCE];
/** What names a trigger. */
const BARE = ["id", "eventType", "inputIOPortID", "videoInputChannelID"];

export function hasCenter(document: string): boolean {
  return entriesOf(document).some((entry) => isCenter(document, entry));
}

/** How this device writes the entry, by one that it has. Undefined: it is not in this text. */
export function shapeIn(document: string): EntryShape | undefined {
  const entry = entriesOf(document).find((one) => isCenter(document, one));
  if (!entry) return undefined;
  const names = entry.children.map(({ name }) => name).filter((name) => SHAPE.includes(name));
  return names.map((name) => [name, leafTextOf(document, entry, name) ?? ""]);
}

/** Undefined: it is there already. `shape`: of another trigger; without one the other entries of this trigger show it. */
export function withCenter(document: string, shape?: EntryShape): Addition | undefined {
  const list = listOf(document);
  const entries = entriesIn(list);
  if (entries.some((entry) => isCenter(document, entry))) return undefined;
  const taken = new Set(entries.map((entry) => leafTextOf(document, entry, "id")));
  const leaves = (shape ?? usualShape(document, entries)).map(
    ([name, value]) => [name, name === "id" ? freeId(value, taken) : value] as const,
  );
  const last = entries.at(-1);
  return last ? insertAfter(document, last, leaves) : insertFirst(document, list, leaves);
}

/** The text without the entry, and without the white space in front of it. */
export function withoutCenter(document: string): string {
  return entriesOf(document)
    .filter((entry) => isCenter(document, entry))
    .reverse()
    .reduce(
      (text, entry) => text.slice(0, entry.start - spaceBefore(text, entry).length) + text.slice(entry.end),
      document,
    );
}

/**
 * A whole trigger with nothing but what a device needs to take entries away: some firmware says OK to the complete document and
 * ignores that an entry is missing (getdoover/cameras, DS-2CD2387G3 V5.8). The other entries stay as the device wrote them.
 */
export function bareWithoutCenter(trigger: string): string {
  const root = rootOf(trigger);
  const leaves = BARE.flatMap((name) => {
    const value = leafTextOf(trigger, root, name);
    return value === undefined ? [] : [`<${name}>${value}</${name}>`];
  });
  const entries = entriesOf(trigger)
    .filter((entry) => !isCenter(trigger, entry))
    .map(({ start, end }) => trigger.slice(start, end));
  return `<${root.name}>${leaves.join("")}<${LIST}>${entries.join("")}</${LIST}></${root.name}>`;
}

/** The content without white space, order and attributes of the list; `others`: without this entry. */
export function fingerprint(document: string, entries: "all" | "others"): string {
  listOf(document);
  const textOf = (range: ElementRange): string => {
    if (range.children.length > 0 || range.name === LIST) return `<${range.name}>${textOfAll(range)}</>`;
    return `<${range.name}>${range.inner ? document.slice(range.inner.start, range.inner.end).trim() : ""}</>`;
  };
  const textOfAll = ({ name, children }: ElementRange): string => {
    const texts = children
      .filter((child) => entries === "all" || name !== LIST || !isCenter(document, child))
      .map(textOf);
    return (name === LIST ? texts.sort() : texts).join("");
  };
  return textOf(rootOf(document));
}

/** Adds the first entry: indented by the list's own indentation. */
function insertFirst(document: string, list: ElementRange, leaves: EntryShape): Addition {
  const outer = spaceBefore(document, list);
  const depth = depthOf(rootOf(document), list);
  const unit = depth === 0 ? "" : indentOf(outer).slice(0, Math.floor(indentOf(outer).length / depth));
  const gap = outer === "" ? "" : outer + unit;
  const entry = gap + element(list.prefix, "", leaves, gap === "" ? "" : gap + unit, gap);
  if (list.inner) {
    const { start, end } = list.inner;
    const added = start === end ? entry + outer : entry;
    return { added, after: document.slice(0, start) + added + document.slice(start) };
  }
  const name = `${list.prefix}${LIST}`;
  const added = entry + outer;
  const whole = `<${name}${list.attributes.trimEnd()}>${added}</${name}>`;
  return { added, after: document.slice(0, list.start) + whole + document.slice(list.end) };
}

/** Adds an entry after another, formatted like it. */
function insertAfter(document: string, last: ElementRange, leaves: EntryShape): Addition {
  const first = last.children.at(0);
  const end = last.children.at(-1);
  const inside = first ? spaceBefore(document, first) : "";
  const closing = end && last.inner ? (/^[ \t\r\n]*/.exec(document.slice(end.end, last.inner.end))?.[0] ?? "") : "";
  // Other attributes may use a namespace that is not declared here.
  const attributes = /^(?:\s+(?:version|xmlns(?::[\w.-]+)?)\s*=\s*(?:"[^"]*"|'[^']*'))*$/.test(last.attributes)
    ? last.attributes
    : "";
  const added = spaceBefore(document, last) + element(last.prefix, attributes, leaves, inside, closing);
  return { added, after: document.slice(0, last.end) + added + document.slice(last.end) };
}

function element(prefix: string, attributes: string, leaves: EntryShape, inside: string, closing: string): string {
  const inner = leaves.map(([name, value]) => `${inside}<${prefix}${name}>${value}</${prefix}${name}>`).join("");
  return `<${prefix}${ENTRY}${attributes}>${inner}${closing}</${prefix}${ENTRY}>`;
}

function usualShape(document: string, entries: readonly ElementRange[]): EntryShape {
  const recurs = entries.length === 0 || entries.some((entry) => leafTextOf(document, entry, RECURRENCE) !== undefined);
  return [["id", CENTER], [METHOD, CENTER], ...(recurs ? [[RECURRENCE, "beginning"] as const] : [])];
}

/** Some devices number their entries. */
function freeId(wanted: string, taken: ReadonlySet<string | undefined>): string {
  if (!taken.has(wanted)) return wanted;
  for (let number = 1; ; number++) if (!taken.has(String(number))) return String(number);
}

function isCenter(document: string, entry: ElementRange): boolean {
  return leafTextOf(document, entry, METHOD) === CENTER;
}

function entriesOf(document: string): readonly ElementRange[] {
  return entriesIn(listOf(document));
}

function entriesIn(list: ElementRange): readonly ElementRange[] {
  return list.children.filter(({ name }) => name === ENTRY);
}

function listOf(document: string): ElementRange {
  const [list, ...others] = elementsNamed(rootOf(document), LIST);
  if (!list || others.length > 0) throw unreadable();
  return list;
}

function rootOf(document: string): ElementRange {
  const root = rootElement(document);
  if (!root) throw unreadable();
  return root;
}

function depthOf(root: ElementRange, wanted: ElementRange): number {
  const depthFrom = (range: ElementRange): number | undefined => {
    if (range.start === wanted.start) return 0;
    const below = range.children.map(depthFrom).find((depth) => depth !== undefined);
    return below === undefined ? undefined : below + 1;
  };
  return depthFrom(root) ?? 0;
}

function spaceBefore(document: string, { start }: ElementRange): string {
  const earliest = Math.max(0, start - 200);
  let from = start;
  while (from > earliest && " \t\r\n".includes(document.charAt(from - 1))) from -= 1;
  return document.slice(from, start);
}

/** What follows the last line break. */
function indentOf(space: string): string {
  return space.slice(Math.max(space.lastIndexOf("\r"), space.lastIndexOf("\n")) + 1);
}

function unreadable(): FatalError {
  return new FatalError(
    "notSupported",
    say`The device's list of what an event sets off cannot be read, so nothing is changed in it. Tick "Notify Surveillance Center" on its web page.`,
  );
}
