/**
 * The one editor of a device's own XML text: says where elements stand, changes them, and leaves every other byte as it is.
 * Devices refuse documents that were made anew from their parts (JoshADC/hikvision_isapi). A text of bytes ("latin1") will do.
 */
import { xml } from "./xml";

export interface ElementRange {
  /** Without prefix. */
  readonly name: string;
  /** With its colon; "" without one. */
  readonly prefix: string;
  /** As written behind the name, white space in front included. */
  readonly attributes: string;
  /** Of its "<". */
  readonly start: number;
  /** Behind its last ">". */
  readonly end: number;
  /** Of its content; undefined: it closes itself. */
  readonly inner: { readonly start: number; readonly end: number } | undefined;
  readonly children: readonly ElementRange[];
}

interface OpenElement extends Omit<ElementRange, "end" | "inner" | "children"> {
  readonly innerStart: number;
  readonly children: ElementRange[];
}

const MAX_DEPTH = 64;
const MAX_TAGS = 50_000;
/** A name ends where an attribute or the tag does: without that, a name that is none would be tried at every length. */
const TAG = /<(\/?)([^\s<>/!?"'=:]+:)?([^\s<>/!?"'=:]+)(?=[\s/>])((?:[^<>"']|"[^"<]*"|'[^'<]*')*)>/y;
/** What may hold "<" and is no element. */
const NON_ELEMENTS = [
  ["<!--", "-->"],
  ["<![CDATA[", "]]>"],
  ["<?", "?>"],
] as const;

/** The root element; undefined: the text is not well formed, or has more tags than any device writes. What stands behind the root is not looked at. */
export function rootElement(source: string): ElementRange | undefined {
  const open: OpenElement[] = [];
  let at = 0;
  for (let tags = 0; tags < MAX_TAGS; tags++) {
    at = source.indexOf("<", at);
    if (at === -1) return undefined;
    const skipped = isNonElement(source, at) ? NON_ELEMENTS.find(([from]) => source.startsWith(from, at)) : undefined;
    if (skipped) {
      const [from, to] = skipped;
      const end = source.indexOf(to, at + from.length);
      if (end === -1) return undefined;
      at = end + to.length;
      continue;
    }
    TAG.lastIndex = at;
    const tag = TAG.exec(source);
    if (!tag) return undefined;
    const [, closing, prefix = "", name = "", written = ""] = tag;
    const end = TAG.lastIndex;
    let closed: ElementRange | undefined;
    if (closing) {
      const mine = open.pop();
      if (mine?.name !== name || mine.prefix !== prefix) return undefined;
      const { attributes, start, innerStart, children } = mine;
      closed = { name, prefix, attributes, start, end, inner: { start: innerStart, end: at }, children };
    } else if (written.endsWith("/")) {
      closed = { name, prefix, attributes: written.slice(0, -1), start: at, end, inner: undefined, children: [] };
    } else {
      if (open.length >= MAX_DEPTH) return undefined;
      open.push({ name, prefix, attributes: written, start: at, innerStart: end, children: [] });
    }
    at = end;
    if (!closed) continue;
    const parent = open.at(-1);
    if (!parent) return closed;
    parent.children.push(closed);
  }
  return undefined;
}

/** Perhaps one of {@link NON_ELEMENTS}. */
function isNonElement(source: string, at: number): boolean {
  const sign = source[at + 1];
  return sign === "!" || sign === "?";
}

/** All elements of that name, at any depth, in their order. */
export function elementsNamed(element: ElementRange, name: string): readonly ElementRange[] {
  const below = element.children.flatMap((child) => elementsNamed(child, name));
  return element.name === name ? [element, ...below] : below;
}

/** The text of the first child of that name, white space at both ends taken off; undefined without one. Entities stay as written. */
export function leafTextOf(source: string, element: ElementRange, name: string): string | undefined {
  const leaf = element.children.find((child) => child.name === name);
  if (!leaf) return undefined;
  return leaf.inner ? source.slice(leaf.inner.start, leaf.inner.end).trim() : "";
}

/** Is there a leaf of that name? */
export function hasLeaf(source: string, name: string): boolean {
  return firstLeaf(source, name) !== undefined;
}

/** The text with another value in the first leaf of that name; the same text where there is none. */
export function withLeaf(source: string, name: string, value: string): string {
  const leaf = firstLeaf(source, name);
  if (!leaf) return source;
  const tag = leaf.prefix + leaf.name;
  const attributes = leaf.attributes.trimEnd();
  return replaceElement(source, leaf, `<${tag}${attributes}>${xml`${value}`}</${tag}>`);
}

/** The text with the first leaf of that name replaced by `replacement`. */
export function replaceLeaf(source: string, name: string, replacement: string): string {
  const leaf = firstLeaf(source, name);
  return leaf ? replaceElement(source, leaf, replacement) : source;
}

/** What stands in the element's place when its content is `written`; its tag stays byte for byte. */
export function elementWith(
  source: string,
  { inner, start, end, prefix, name, attributes }: ElementRange,
  written: string,
): string {
  if (inner) return source.slice(start, inner.start) + written + source.slice(inner.end, end);
  return `<${prefix}${name}${attributes.trimEnd()}>${written}</${prefix}${name}>`;
}

/** The text with other text in the element's place. */
export function replaceElement(source: string, { start, end }: ElementRange, replacement: string): string {
  return source.slice(0, start) + replacement + source.slice(end);
}

function firstLeaf(source: string, name: string): ElementRange | undefined {
  const root = rootElement(source);
  return root && elementsNamed(root, name).find(({ children }) => children.length === 0);
}
