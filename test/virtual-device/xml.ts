/** The little XML a device needs: writing with escapes, reading single leaves, refusing what is not well formed. */

export const PROLOG = '<?xml version="1.0" encoding="UTF-8"?>\n';

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

export function escapeXml(value: string | number | boolean): string {
  return String(value).replace(/[&<>"']/g, (c) => ESCAPES[c] ?? c);
}

export function unescapeXml(text: string): string {
  return text
    .replace(/&(lt|gt|quot|apos);/g, (_, name: string) => ({ lt: "<", gt: ">", quot: '"', apos: "'" })[name] ?? "")
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&amp;/g, "&");
}

/** `<name>value</name>`, escaped. */
export function leaf(name: string, value: string | number | boolean): string {
  return `<${name}>${escapeXml(value)}</${name}>\n`;
}

/** `<name>inner</name>` around finished XML. */
export function element(name: string, inner: string, attributes = ""): string {
  return `<${name}${attributes && ` ${attributes}`}>\n${inner}</${name}>\n`;
}

/** The text of the first element of that name, whatever its prefix and attributes. */
export function readLeaf(document: string, name: string): string | undefined {
  const match = new RegExp(`<(?:[\\w.-]+:)?${name}(?:\\s[^>]*)?>([^<]*)</(?:[\\w.-]+:)?${name}>`).exec(document);
  return match ? unescapeXml((match[1] ?? "").trim()) : undefined;
}

/** The document's root, without prefix; undefined when it is not well formed. */
export function rootOf(document: string): string | undefined {
  const open: string[] = [];
  let root: string | undefined;
  let rest = document.replace(/^\uFEFF?\s*<\?xml[^?]*\?>/, "").replace(/<!--[\s\S]*?-->/g, "");
  if (/<!|&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i.test(rest)) return undefined;
  for (;;) {
    const tag = /<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/.exec(rest);
    const text = tag ? rest.slice(0, tag.index) : rest;
    if (text.includes("<") || (open.length === 0 && text.trim() !== "")) return undefined;
    if (!tag) return open.length === 0 ? root : undefined;
    rest = rest.slice(tag.index + tag[0].length);
    const [, closing, name = "", , empty] = tag;
    if (closing) {
      if (open.pop() !== name) return undefined;
    } else {
      if (open.length === 0 && root !== undefined) return undefined;
      root ??= name.replace(/^.*:/, "");
      if (!empty) open.push(name);
    }
  }
}
