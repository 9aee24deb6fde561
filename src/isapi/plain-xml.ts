/**
 * Reads the XML that devices really send: elements, attributes, text, references, CDATA; comments, instructions and junk around, one
 * document or several. Many times as fast as a parser that knows all of XML, in time that grows with the length alone, at once or piece
 * by piece. Whatever else there is, or is not well-formed, is left to that parser, and of what is read here the two give the same object
 * (test/isapi/plain-xml.test.ts).
 */

export type PlainValue = Record<string, unknown> | string;

export interface PlainDocument {
  /** Local name of the root element. */
  readonly root: string;
  readonly value: PlainValue;
}

/** Text between tags or quotes → what it means. Given no line end but as it stands in the document. */
export type Dereference = (text: string) => string;

/** Less than the 64 of {@link ./xml}, which refuses what is deeper. */
const MAX_DEPTH = 48;
const MAX_NAME_LENGTH = 100;
const MAX_KNOWN_NAMES = 1 << 12;
const ATTRIBUTE = "@_";
const TEXT = "#text";
/** Nothing in the way of a number is a name here: such keys would come first in an object. */
const NAME = String.raw`(?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*`;
const ATTRIBUTE_TAG = new RegExp(String.raw`\s{1,99}(${NAME})\s{0,99}=\s{0,99}(?:"([^"<>]*)"|'([^'<>]*)')`, "y");
const DTD = /<!DOCTYPE/i;

const LT = 0x3c;
const GT = 0x3e;
const SLASH = 0x2f;
const COLON = 0x3a;
const QUESTION = 0x3f;
const EXCLAMATION = 0x21;

export type PlainDocuments = readonly [PlainDocument, ...PlainDocument[]];

/** All at once. Undefined: not of the plain kind. */
export function readPlainXml(source: string, dereference: Dereference): PlainDocuments | undefined {
  const reader = new PlainReader(dereference);
  reader.add(source, true);
  reader.run(Infinity);
  return reader.documents;
}

/** An element whose end tag has not come yet. */
class OpenElement {
  node: Record<string, unknown> | undefined;
  /** What its text says so far. */
  text = "";
  /** Text as sent in front of a comment: it goes on behind. */
  pending = "";

  constructor(
    readonly parent: OpenElement | undefined,
    readonly depth: number,
    /** Without a prefix. */
    readonly name: string,
    /** As the end tag has to repeat it. */
    readonly qualified: string,
    readonly attributes: Record<string, string> | undefined,
  ) {}

  put(name: string, value: PlainValue): void {
    const node = (this.node ??= {});
    const before = node[name];
    if (before === undefined || !Object.hasOwn(node, name)) node[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else node[name] = [before, value];
  }

  get value(): PlainValue {
    const { text, attributes } = this;
    if (this.node === undefined && attributes === undefined) return text;
    const node = (this.node ??= {});
    if (text !== "") node[TEXT] = text;
    // As the parser does it: attributes come last.
    return attributes === undefined ? node : Object.assign(node, attributes);
  }
}

/** Reads what has been added, token by token: a token that is not whole is read again once there is more. */
export class PlainReader {
  readonly #dereference: Dereference;
  readonly #documents: PlainDocument[] = [];
  #source = "";
  #last = false;
  #hasReturns = false;
  #hasReferences = false;
  /** Index of the first token that has not been read. */
  #at = 0;
  #open: OpenElement | undefined;
  #hasEndTag = false;
  #finished = false;
  /** So much must be there before the token at which it stopped is tried again: that keeps the time linear. */
  #wanted = 0;
  /** Of the name, or behind the tag, read last. */
  #end = 0;

  constructor(dereference: Dereference) {
    this.#dereference = dereference;
  }

  /** The next piece of the text. `last`: the whole text is there now. */
  add(piece: string, last: boolean): void {
    this.#source = this.#at === 0 && this.#source === "" ? piece : this.#source.slice(this.#at) + piece;
    this.#at = 0;
    this.#last = last;
    this.#hasReturns ||= piece.includes("\r");
    this.#hasReferences ||= piece.includes("&");
  }

  /** Undefined until all is read, and for what is not of the plain kind. */
  get documents(): PlainDocuments | undefined {
    const [first, ...others] = this.#documents;
    if (!this.#finished || first === undefined) return undefined;
    return others.length === 0 ? [first] : byRoot(first, others);
  }

  /** Reads at most so many tags. True: there are more, here. False: it needs another piece, is at the end, or got stuck. */
  run(most: number): boolean {
    const source = this.#source;
    if (this.#finished || (source.length < this.#wanted && !this.#last)) return false;
    for (let left = most; left > 0; left--) {
      const behind =
        this.#open === undefined ? this.#outside(source, this.#at) : this.#inside(source, this.#at, this.#open);
      if (behind < 0) {
        this.#wanted = 2 * (source.length - this.#at);
        return false;
      }
      this.#at = behind;
    }
    return true;
  }

  /** From behind a tag to behind the next, outside of all elements; -1: cannot. Text is junk here. */
  #outside(source: string, at: number): number {
    const tag = source.indexOf("<", at);
    if (tag < 0) {
      this.#finished = this.#last;
      return -1;
    }
    const code = source.charCodeAt(tag + 1);
    if (code !== QUESTION && code !== EXCLAMATION) return this.#startTag(source, tag + 1, undefined);
    const end = code === QUESTION ? instructionEnd(source, tag) : commentEnd(source, tag);
    if (end < 0) return -1;
    const content = source.slice(tag, end);
    // The parser takes a document for cut off when the last end tag in it, or the last tag, is not that of a root.
    if (content.includes("</") || (this.#documents.length > 0 && !this.#hasEndTag)) return -1;
    return DTD.test(content) ? -1 : end;
  }

  /** From behind a tag to behind the next, within an element; -1: cannot. */
  #inside(source: string, at: number, open: OpenElement): number {
    let tag = behindBlanks(source, at);
    if (source.charCodeAt(tag) !== LT) {
      tag = source.indexOf("<", tag);
      if (tag < 0) return -1;
    }
    const code = source.charCodeAt(tag + 1);
    if (code === EXCLAMATION || code === QUESTION) return this.#noElement(source, at, tag, open);
    if (code === SLASH) {
      const end = tagEnd(source, tag + 2, open.qualified);
      if (end < 0) return -1;
      this.#take(source, at, tag, open);
      this.#hasEndTag = true;
      this.#open = open.parent;
      this.#put(open.parent, open.name, open.value);
      return end;
    }
    const behind = this.#startTag(source, tag + 1, open);
    if (behind >= 0) this.#take(source, at, tag, open);
    return behind;
  }

  /** From behind the `<` of a start tag to behind its `>`, or that of its end tag where nothing but text is between. */
  #startTag(source: string, start: number, parent: OpenElement | undefined): number {
    const name = this.#name(source, start);
    if (name === undefined) return -1;
    const nameEnd = this.#end;
    let at = nameEnd;
    let attributes: Record<string, string> | undefined;
    let code = source.charCodeAt(at);
    if (code !== GT && code !== SLASH) {
      attributes = this.#attributes(source, at);
      at = this.#end;
      code = source.charCodeAt(at);
    }
    if (code === SLASH && source.charCodeAt(at + 1) === GT) {
      this.#put(parent, name, attributes ?? "");
      return at + 2;
    }
    const depth = parent === undefined ? 1 : parent.depth + 1;
    if (code !== GT || depth > MAX_DEPTH) return -1;
    const inner = at + 1;
    const from = behindBlanks(source, inner);
    at = from;
    if (source.charCodeAt(at) !== LT) at = source.indexOf("<", at);
    if (at >= 0 && source.charCodeAt(at + 1) === SLASH) {
      const end = sameTagEnd(source, at + 2, start, nameEnd);
      if (end < 0) return -1;
      const text = from === at ? "" : this.#text(source.slice(from, at));
      this.#hasEndTag = true;
      if (attributes === undefined) this.#put(parent, name, text);
      else this.#put(parent, name, text === "" ? attributes : { [TEXT]: text, ...attributes });
      return end;
    }
    const qualified = nameEnd - start === name.length ? name : source.slice(start, nameEnd);
    this.#open = new OpenElement(parent, depth, name, qualified, attributes);
    return inner;
  }

  #put(parent: OpenElement | undefined, name: string, value: PlainValue): void {
    if (parent === undefined) this.#documents.push({ root: name, value });
    else parent.put(name, value);
  }

  /** A comment, an instruction or a CDATA section at `tag`, behind text that begins at `at`. */
  #noElement(source: string, at: number, tag: number, open: OpenElement): number {
    const isCdata = source.startsWith("<![CDATA[", tag);
    let end = isCdata ? source.indexOf("]]>", tag) + 3 : commentEnd(source, tag);
    const isComment = !isCdata && end >= 0;
    if (!isCdata && !isComment) end = instructionEnd(source, tag);
    if (end < 3 || DTD.test(source.slice(tag, end))) return -1;
    if (isComment) {
      open.pending += withLineFeeds(source.slice(at, tag));
      return end;
    }
    this.#take(source, at, tag, open);
    if (isCdata) open.text += withLineFeeds(source.slice(tag + 9, end - 3));
    return end;
  }

  /** Adds the text up to a tag. */
  #take(source: string, at: number, tag: number, open: OpenElement): void {
    if (open.pending !== "") {
      open.text += this.#text(open.pending + withLineFeeds(source.slice(at, tag)));
      open.pending = "";
    } else if (tag > at) {
      const from = behindBlanks(source, at);
      if (tag > from) open.text += this.#text(source.slice(from, tag));
    }
  }

  /** What a stretch of text says. */
  #text(sent: string): string {
    let text = sent.trim();
    if (this.#hasReturns) text = withLineFeeds(text);
    return this.#hasReferences && text.includes("&") ? this.#dereference(text) : text;
  }

  /** The name that begins here, without its prefix; undefined: none that is plain. */
  #name(source: string, start: number): string | undefined {
    let at = start;
    let local = start;
    let hash = 0;
    let code = source.charCodeAt(at);
    if (!isNameStart(code)) return undefined;
    for (; isNameCharacter(code); code = source.charCodeAt(++at)) {
      if (code !== COLON) {
        hash = (hash * 31 + code) | 0;
        continue;
      }
      if (local !== start || !isNameStart(source.charCodeAt(at + 1))) return undefined;
      local = at + 1;
      hash = 0;
    }
    if (at - start > MAX_NAME_LENGTH) return undefined;
    this.#end = at;
    const known = KNOWN_NAMES[hash & (MAX_KNOWN_NAMES - 1)];
    return known?.length === at - local && isAt(source, local, known) ? known : newName(source.slice(local, at), hash);
  }

  /** As far as they are plain; undefined: there are none but declarations of namespaces. */
  #attributes(source: string, start: number): Record<string, string> | undefined {
    let attributes: Record<string, string> | undefined;
    let at = start;
    for (;;) {
      ATTRIBUTE_TAG.lastIndex = at;
      const found = ATTRIBUTE_TAG.exec(source);
      if (!found) break;
      at = ATTRIBUTE_TAG.lastIndex;
      const [, sent = "", doubly, singly = ""] = found;
      const colon = sent.indexOf(":");
      if (sent === "xmlns" || sent.startsWith("xmlns:")) continue;
      attributes ??= {};
      attributes[ATTRIBUTE + (colon < 0 ? sent : sent.slice(colon + 1))] = this.#text(doubly ?? singly);
    }
    this.#end = behindBlanks(source, at);
    return attributes;
  }
}

/** In the order of the parser: those with the same root together. */
function byRoot(first: PlainDocument, others: readonly PlainDocument[]): PlainDocuments {
  const groups = new Map([[first.root, [] as PlainDocument[]]]);
  for (const document of others) {
    const group = groups.get(document.root);
    if (group) group.push(document);
    else groups.set(document.root, [document]);
  }
  return [first, ...[...groups.values()].flat()];
}

/** What every object has, and what the parser refuses or renames. */
const RESERVED: ReadonlySet<string> = new Set([...Object.getOwnPropertyNames(Object.prototype), "prototype"]);

/** Names met before, by their hash: the same few come again and again, and to make each a key anew takes most of the time. */
const KNOWN_NAMES: (string | undefined)[] = Array.from({ length: MAX_KNOWN_NAMES });

function newName(name: string, hash: number): string | undefined {
  if (RESERVED.has(name)) return undefined;
  // A key is a string of its own, not a part of the document.
  const [key] = Object.keys({ [name]: 0 });
  KNOWN_NAMES[hash & (MAX_KNOWN_NAMES - 1)] = key;
  return key;
}

/** Behind the end tag whose name begins at `at`; -1: another, or none. */
function tagEnd(source: string, at: number, name: string): number {
  return isAt(source, at, name) ? closed(source, at + name.length) : -1;
}

/** As {@link tagEnd}, with the name that stands from `start` to `end`. */
function sameTagEnd(source: string, at: number, start: number, end: number): number {
  let other = at;
  for (let i = start; i < end; i++) if (source.charCodeAt(i) !== source.charCodeAt(other++)) return -1;
  return closed(source, other);
}

function closed(source: string, at: number): number {
  const end = behindBlanks(source, at);
  return source.charCodeAt(end) === GT ? end + 1 : -1;
}

/** Behind the comment at `tag`; -1: none, or not all of it. */
function commentEnd(source: string, tag: number): number {
  if (!source.startsWith("<!--", tag)) return -1;
  const end = source.indexOf("-->", tag + 4);
  return end < 0 ? -1 : end + 3;
}

/** Behind the processing instruction at `tag`; -1: none, or not all of it. What is quoted does not end it. */
function instructionEnd(source: string, tag: number): number {
  if (source.charCodeAt(tag + 1) !== QUESTION || !isNameStart(source.charCodeAt(tag + 2))) return -1;
  for (let at = tag + 3; at < source.length; at++) {
    const code = source.charCodeAt(at);
    if (code === QUESTION && source.charCodeAt(at + 1) === GT) return at + 2;
    if (code !== 0x22 && code !== 0x27) continue;
    at = source.indexOf(code === 0x22 ? '"' : "'", at + 1);
    if (at < 0) return -1;
  }
  return -1;
}

function withLineFeeds(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}

function isAt(source: string, at: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) if (source.charCodeAt(at + i) !== word.charCodeAt(i)) return false;
  return true;
}

/** The most blanks that are skipped one by one: in text the rest is trimmed, in a tag there are no more. */
const MAX_BLANKS = 1_000;

function behindBlanks(source: string, from: number): number {
  let at = from;
  while (isBlank(source.charCodeAt(at)) && at - from < MAX_BLANKS) at++;
  return at;
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
