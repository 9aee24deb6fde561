/**
 * Where the elements of an XML text stand, for edits that leave every other byte as it is. Reads only; what a document means is
 * xml.ts's. A text of bytes ("latin1") will do: tags look the same in every encoding that devices use.
 */

export interface Span {
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
  readonly children: readonly Span[];
}

interface OpenSpan extends Omit<Span, "end" | "inner" | "children"> {
  readonly innerStart: number;
  readonly children: Span[];
}

const MAX_DEPTH = 64;
const TAG = /<(\/?)([^\s<>/!?"'=:]+:)?([^\s<>/!?"'=:]+)((?:[^<>"']|"[^"<]*"|'[^'<]*')*)>/y;
/** What may hold "<" and is no element. */
const ASIDES = [
  ["<!--", "-->"],
  ["<![CDATA[", "]]>"],
  ["<?", "?>"],
] as const;

/** The root element; undefined: the text is not well formed. What stands behind the root is not looked at. */
export function spanOf(source: string): Span | undefined {
  const open: OpenSpan[] = [];
  let at = 0;
  for (;;) {
    at = source.indexOf("<", at);
    if (at === -1) return undefined;
    const aside = ASIDES.find(([from]) => source.startsWith(from, at));
    if (aside) {
      const [from, to] = aside;
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
    let closed: Span | undefined;
    if (closing) {
      const mine = open.pop();
      if (mine?.name !== name || mine.prefix !== prefix) return undefined;
      const { innerStart, ...head } = mine;
      closed = { ...head, end, inner: { start: innerStart, end: at } };
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
}

/** All elements of that name, at any depth, in their order. */
export function spansNamed(span: Span, name: string): readonly Span[] {
  const below = span.children.flatMap((child) => spansNamed(child, name));
  return span.name === name ? [span, ...below] : below;
}

/** The text of the first child of that name, white space at both ends taken off; undefined without one. Entities stay as written. */
export function leafText(source: string, span: Span, name: string): string | undefined {
  const leaf = span.children.find((child) => child.name === name);
  if (!leaf) return undefined;
  return leaf.inner ? source.slice(leaf.inner.start, leaf.inner.end).trim() : "";
}
