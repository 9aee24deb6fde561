/**
 * Reads the XML that devices really send: one root, elements, attributes, text, references. Several times as fast as a parser that
 * knows all of XML, in time that grows with the length alone. Whatever else there is, or is not well-formed, is left to that parser,
 * and of what is read here the two give the same object (test/isapi/plain-xml.test.ts).
 */

export interface PlainDocument {
  /** Local name of the root element. */
  readonly root: string;
  readonly value: Record<string, unknown> | string;
}

/** Text between tags or quotes → what it means. Given no line end but as it stands in the document. */
export type Dereference = (text: string) => string;

/** Less than the 64 of {@link ./xml}, which refuses what is deeper. */
const MAX_DEPTH = 48;
const MAX_NAME_LENGTH = 100;
const ATTRIBUTE = "@_";
const TEXT = "#text";
/** Nothing in the way of a number is a name here: such keys would come first in an object. */
const NAME = String.raw`(?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*`;
const PROLOG = /\s*(?:<\?xml(?:\s+(?:version|encoding|standalone)="[\w.:-]*")*\s*\?>)?\s*/y;
const ATTRIBUTE_TAG = new RegExp(String.raw`\s+(${NAME})\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')`, "y");

const LT = 0x3c;
const GT = 0x3e;
const SLASH = 0x2f;
const COLON = 0x3a;

/** Undefined: not of the plain kind. */
export function readPlainXml(source: string, dereference: Dereference): PlainDocument | undefined {
  PROLOG.lastIndex = 0;
  PROLOG.test(source);
  const reader = new PlainReader(source, PROLOG.lastIndex, dereference);
  return reader.document();
}

class PlainReader {
  readonly #source: string;
  readonly #dereference: Dereference;
  readonly #hasReturns: boolean;
  readonly #hasReferences: boolean;
  /** Index of the next character to be read. */
  #at: number;
  #depth = 0;
  /** Of the element read last: its own name without a prefix. */
  #name = "";

  constructor(source: string, at: number, dereference: Dereference) {
    this.#source = source;
    this.#at = at;
    this.#dereference = dereference;
    this.#hasReturns = source.includes("\r");
    this.#hasReferences = source.includes("&");
  }

  document(): PlainDocument | undefined {
    if (this.#source.charCodeAt(this.#at) !== LT) return undefined;
    this.#at++;
    const value = this.#element();
    if (value === undefined) return undefined;
    const root = this.#name;
    for (let at = this.#at; at < this.#source.length; at++) if (!isBlank(this.#source.charCodeAt(at))) return undefined;
    return { root, value };
  }

  /** From behind its `<` to behind its end tag. */
  #element(): Record<string, unknown> | string | undefined {
    const source = this.#source;
    const start = this.#at;
    let end = start;
    let colon = -1;
    let code = source.charCodeAt(end);
    if (!isNameStart(code)) return undefined;
    for (; isNameCharacter(code); code = source.charCodeAt(++end)) {
      if (code !== COLON) continue;
      if (colon >= 0 || !isNameStart(source.charCodeAt(end + 1))) return undefined;
      colon = end;
    }
    if (end - start > MAX_NAME_LENGTH) return undefined;
    const name = source.slice(colon < 0 ? start : colon + 1, end);
    if (RESERVED.has(name)) return undefined;
    this.#at = end;
    const attributes = code === GT ? undefined : this.#attributes();
    code = source.charCodeAt(this.#at);
    let value: Record<string, unknown> | string | undefined;
    if (code === SLASH && source.charCodeAt(this.#at + 1) === GT) {
      this.#at += 2;
      value = attributes ?? "";
    } else if (code === GT) {
      this.#at++;
      value = this.#content(start, end, attributes);
    }
    this.#name = name;
    return value;
  }

  /** Behind a start tag: to behind the end tag, whose name is that at `start`. */
  #content(
    start: number,
    end: number,
    attributes: Record<string, string> | undefined,
  ): Record<string, unknown> | string | undefined {
    const source = this.#source;
    let node: Record<string, unknown> | undefined;
    let text = "";
    if (++this.#depth > MAX_DEPTH) return undefined;
    for (;;) {
      let open = this.#at;
      while (isBlank(source.charCodeAt(open))) open++;
      if (source.charCodeAt(open) !== LT) {
        const from = open;
        open = source.indexOf("<", from);
        if (open < 0) return undefined;
        text += this.#text(source.slice(from, open));
      }
      if (source.charCodeAt(open + 1) === SLASH) {
        let close = open + 2 + end - start;
        if (!hasSame(source, start, open + 2, end - start)) return undefined;
        while (isBlank(source.charCodeAt(close))) close++;
        if (source.charCodeAt(close) !== GT) return undefined;
        this.#at = close + 1;
        this.#depth--;
        if (node === undefined && attributes === undefined) return text;
        node ??= {};
        if (text !== "") node[TEXT] = text;
        // As the parser does it: attributes come last.
        if (attributes !== undefined) Object.assign(node, attributes);
        return node;
      }
      this.#at = open + 1;
      const value = this.#element();
      if (value === undefined) return undefined;
      const name = this.#name;
      node ??= {};
      const before = node[name];
      if (before === undefined || !Object.hasOwn(node, name)) node[name] = value;
      else if (Array.isArray(before)) before.push(value);
      else node[name] = [before, value];
    }
  }

  /** What a stretch of text says. */
  #text(sent: string): string {
    let text = sent.trim();
    if (this.#hasReturns && text.includes("\r")) text = text.replace(/\r\n?/g, "\n");
    return this.#hasReferences && text.includes("&") ? this.#dereference(text) : text;
  }

  /** As far as they are plain; undefined: there are none but declarations of namespaces. */
  #attributes(): Record<string, string> | undefined {
    const source = this.#source;
    let attributes: Record<string, string> | undefined;
    for (;;) {
      ATTRIBUTE_TAG.lastIndex = this.#at;
      const found = ATTRIBUTE_TAG.exec(source);
      if (!found) break;
      this.#at = ATTRIBUTE_TAG.lastIndex;
      const [, sent = "", doubly, singly = ""] = found;
      const colon = sent.indexOf(":");
      if (sent === "xmlns" || sent.startsWith("xmlns:")) continue;
      attributes ??= {};
      attributes[ATTRIBUTE + (colon < 0 ? sent : sent.slice(colon + 1))] = this.#text(doubly ?? singly);
    }
    while (isBlank(source.charCodeAt(this.#at))) this.#at++;
    return attributes;
  }
}

/** What every object has, and what the parser refuses or renames. */
const RESERVED: ReadonlySet<string> = new Set([...Object.getOwnPropertyNames(Object.prototype), "prototype"]);

function hasSame(source: string, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (source.charCodeAt(a + i) !== source.charCodeAt(b + i)) return false;
  return true;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function isNameStart(code: number): boolean {
  return (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a && code < 0x80 ? true : code === 0x5f;
}

function isNameCharacter(code: number): boolean {
  return code < 0x80 && NAME_CHARACTERS[code] === 1;
}

const NAME_CHARACTERS = new Uint8Array(0x80);
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.:") {
  NAME_CHARACTERS[character.charCodeAt(0)] = 1;
}
