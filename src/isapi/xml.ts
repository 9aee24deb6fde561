/**
 * XML of devices: bytes → plain objects whose leaves are strings, helpers to read them, a template to write requests.
 * No numbers are guessed: a plate 0123E45 or a MAC 444700112233 stays the text that was sent. Knows nothing of HTTP.
 */
import type * as FastXml from "fast-xml-parser";
import { countOf } from "../lib/count-of";
import { decimalOf } from "../lib/decimal";
import { FatalError, RetryableError } from "../lib/errors";
import { say, type Sentence } from "../lib/sentence";
import type { Steps } from "../lib/slices";
import { table } from "../lib/table";
import { PlainReader, readPlainXml } from "./plain-xml";

/** One element: children by local name, attributes as `@_name`, own text as `#text`. A repeated child is an array. */
export type XmlNode = { readonly [name: string]: unknown };

export interface XmlDocument {
  /** Local name of the root element. */
  readonly root: string;
  /** The root's content: text alone, or a node. `""` when empty. */
  readonly value: XmlNode | string;
}

/** Default limit of one document in bytes (characters, when given text). */
export const MAX_XML_BYTES = 1 << 20;
const MAX_DEPTH = 64;
const UTF8 = "utf-8";
/** Tags, attributes, references and line ends of one document: an alert has hundreds, and many more would keep Node-RED busy. */
const MAX_TAGS = 20_000;
/** The list of triggers of a recorder with 256 cameras. */
export const MAX_LIST_TAGS = 200_000;
/** What stands for each of them. */
const COUNTED = ["<", "=", "&", "\r"] as const;
/** Characters of what is not of the plain kind: 32 KiB of it take up to 10 ms. No device is known to send so much. */
const MAX_ANY_XML = 32 << 10;
const MAX_BYTES_PER_CHARACTER = 4;
/** Bytes that are decoded at once, and tags that are read at once. */
const PIECE_BYTES = 256 << 10;
const STEP_TAGS = 256;

/**
 * Reads one XML document: namespaces dropped, every leaf a string, white space at both ends of a text trimmed.
 * A Buffer is decoded by its byte order mark, else its `encoding=`, else as UTF-8; bytes that do not fit become U+FFFD,
 * because an event with a name cut in mid-character is still an event. A bare `&`, and an entity that XML does not
 * define, stay as written. Junk before and after the root is ignored.
 * @throws {RetryableError} `protocol`: no root element, cut off, a DTD, larger than `maxBytes`, deeper than 64, more than `maxTags` tags, attributes or references.
 */
export function parseXml(bytes: Buffer | string, maxBytes = MAX_XML_BYTES, maxTags = MAX_TAGS): XmlDocument {
  return parseXmlAll(bytes, maxBytes, maxTags)[0];
}

/** Like {@link parseXml}, for input that may hold several documents one after the other; at least one. */
export function parseXmlAll(
  bytes: Buffer | string,
  maxBytes = MAX_XML_BYTES,
  maxTags = MAX_TAGS,
): readonly [XmlDocument, ...XmlDocument[]] {
  if (bytes.length > maxBytes) throw unreadable(say`it is larger than ${maxBytes} bytes`);
  const source = typeof bytes === "string" ? bytes : decodeXml(bytes);
  if (source.length > maxTags && COUNTED.some((sign) => countOf(sign, source, maxTags) > maxTags))
    throw tooMany(maxTags);
  return readPlainXml(source, withoutReferences) ?? parseOtherXml(source);
}

/** As {@link parseXml}, in steps: for answers, some of which are long. */
export function* parseXmlInSteps(bytes: Buffer, maxTags: number): Steps<XmlDocument> {
  const reader = new PlainReader(withoutReferences);
  const counts = COUNTED.map(() => 0);
  let left = bytes.length;
  for (const { text, size } of decodedPieces(bytes)) {
    for (const [index, sign] of COUNTED.entries()) {
      const count = (counts[index] ?? 0) + countOf(sign, text, maxTags);
      if (count > maxTags) throw tooMany(maxTags);
      counts[index] = count;
    }
    left -= size;
    reader.add(text, left === 0);
    do yield;
    while (reader.run(STEP_TAGS));
  }
  if (reader.documents) return reader.documents[0];
  if (bytes.length > MAX_BYTES_PER_CHARACTER * MAX_ANY_XML) throw unusual();
  return parseOtherXml(decodeXml(bytes))[0];
}

/** In pieces of some {@link PIECE_BYTES}; at least one, perhaps empty. `size`: in bytes. */
function* decodedPieces(bytes: Buffer): Generator<{ readonly text: string; readonly size: number }> {
  const encoding = xmlEncoding(bytes);
  const decoder = encoding === UTF8 ? undefined : decoderOf(encoding);
  let at = 0;
  do {
    const end = decoder ? Math.min(at + PIECE_BYTES, bytes.length) : characterEnd(bytes, at + PIECE_BYTES);
    const text = decoder
      ? decoder.decode(bytes.subarray(at, end), { stream: end < bytes.length })
      : bytes.toString("utf8", at === 0 && hasUtf8Mark(bytes) ? 3 : at, end);
    yield { text, size: end - at };
    at = end;
  } while (at < bytes.length);
}

/** At most `end`: not amid a character of UTF-8. */
function characterEnd(bytes: Buffer, end: number): number {
  if (end >= bytes.length) return bytes.length;
  for (let lead = end; lead > end - MAX_BYTES_PER_CHARACTER; lead--)
    if (((bytes[lead] ?? 0) & 0xc0) !== 0x80) return lead;
  return end;
}

/** What the reader of plain XML leaves. */
function parseOtherXml(source: string): readonly [XmlDocument, ...XmlDocument[]] {
  if (source.length > MAX_ANY_XML) throw unusual();
  return parseAnyXml(source);
}

/** All that XML is, and what is not quite XML. */
export function parseAnyXml(source: string): readonly [XmlDocument, ...XmlDocument[]] {
  // fast-xml-parser would expand an entity that a DTD declares; no device needs one.
  if (/<!DOCTYPE/i.test(source)) throw unreadable(say`it brings a DTD`);
  let parsed: unknown;
  try {
    parsed = anyXml().parse(source);
  } catch {
    throw unreadable(say`it is malformed`);
  }
  const documents: XmlDocument[] = [];
  for (const [root, value] of Object.entries(isNode(parsed) ? parsed : {})) {
    if (root === "#text") continue;
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      documents.push({ root, value: isNode(one) ? one : String(one) });
    }
  }
  const [first, ...others] = documents;
  if (!first) throw unreadable(say`it holds no XML element`);
  const closed = lastClosed(source);
  if (!documents.some(({ root }) => root === closed)) throw unreadable(say`it is cut off`);
  return [first, ...others];
}

/** What stands at the path, as parsed: text, node, or array where an element is repeated. Through arrays: the first. */
export function child(node: unknown, ...path: string[]): unknown {
  let at = node;
  for (const name of path) {
    const one = firstOf(at);
    if (!isNode(one) || !Object.hasOwn(one, name)) return undefined;
    at = one[name];
  }
  return at;
}

/** Text at the path (or of the node itself); undefined when missing or empty. Numbers and booleans of JSON as text. */
export function text(node: unknown, ...path: string[]): string | undefined {
  let leaf = firstOf(child(node, ...path));
  if (isNode(leaf)) leaf = leaf["#text"];
  if (typeof leaf === "number" || typeof leaf === "boolean") return String(leaf);
  return typeof leaf === "string" && leaf !== "" ? leaf : undefined;
}

/** Decimal number at the path; undefined when missing, empty, longer than 32 characters or anything else (`0x1F`, `12 mm`). Never NaN. */
export function number(node: unknown, ...path: string[]): number | undefined {
  const digits = text(node, ...path);
  return digits === undefined ? undefined : decimalOf(digits);
}

/** `true`/`1` or `false`/`0` in any letter case at the path; undefined for anything else. */
export function boolean(node: unknown, ...path: string[]): boolean | undefined {
  const word = text(node, ...path)
    ?.trim()
    .toLowerCase();
  if (word === "true" || word === "1") return true;
  return word === "false" || word === "0" ? false : undefined;
}

/**
 * All elements at the path, whether the device sent none, one or many, and of every repeated parent.
 * A bare text becomes `{ "#text": … }`, so that {@link text} reads each; empty elements are left out.
 */
export function list(node: unknown, ...path: string[]): readonly XmlNode[] {
  let nodes: readonly unknown[] = Array.isArray(node) ? node : [node];
  for (const name of path) {
    // Not flatMap: that takes 40 ms for 55 000 plates.
    const found = nodes.map((one) => child(one, name));
    const [first] = found;
    nodes = found.length === 1 && Array.isArray(first) ? first : found.flat();
  }
  const listed: XmlNode[] = [];
  for (const one of nodes) {
    if (isNode(one)) listed.push(one);
    else if (one !== "" && one !== null && one !== undefined) listed.push({ "#text": one });
  }
  return listed;
}

/** XML that {@link xml} puts in as it is. Make it by `raw`. */
export interface RawXml {
  readonly raw: string;
}

/** Marks finished XML, e.g. a joined list of {@link xml} fragments, so that it is not escaped a second time. */
export function raw(fragment: string): RawXml {
  return { raw: fragment };
}

/**
 * Tagged template for request bodies: escapes every value, for element text and quoted attributes alike.
 * @throws {FatalError} `badRequest` when a value holds a character that XML cannot carry, or is not a finite number.
 */
export function xml(strings: TemplateStringsArray, ...values: readonly (string | number | boolean | RawXml)[]): string {
  return strings.reduce((whole, part, i) => whole + escape(values[i - 1] ?? "") + part);
}

function escape(value: string | number | boolean | RawXml): string {
  if (typeof value === "object") return value.raw;
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new FatalError("badRequest", say`A value for the device is not a number. Check what the flow passes in.`);
  }
  const plain = String(value);
  // With the u flag this also finds half a surrogate pair.
  if (/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(plain)) {
    throw new FatalError(
      "badRequest",
      say`A text for the device contains a control character. Remove it and try again.`,
    );
  }
  return plain.replace(/[&<>"'\r]/g, (c) => ESCAPES[c] ?? c);
}

const ESCAPES = table<string>({
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  "\r": "&#13;", // a parser would turn a bare one into a line feed
});

/**
 * The five entities of XML and numeric references, each replaced once, so the text can only get shorter. Replaces the
 * library's decoder, whose tables are rebuilt for every document (74 → 44 µs for an alert of 1.2 KB).
 */
const entityDecoder = {
  decode: withoutReferences,
  reset: ignore,
  setXmlVersion: ignore,
  addInputEntities: ignore,
  setExternalEntities: ignore,
};
const REFERENCE = /&(?:amp|lt|gt|quot|apos|#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6}));/g;
const NAMED = table<string>({
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
});

function ignore(): void {
  // nothing to keep between documents
}

/** A text as it was meant: each reference replaced once, what XML does not define as written. */
export function withoutReferences(value: string): string {
  return value.includes("&") ? value.replace(REFERENCE, dereference) : value;
}

function dereference(reference: string, decimal: string | undefined, hex: string | undefined): string {
  const named = NAMED[reference];
  if (named !== undefined) return named;
  const code = decimal === undefined ? parseInt(hex ?? "", 16) : parseInt(decimal, 10);
  const valid = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return valid ? String.fromCodePoint(code) : reference;
}

let parser: FastXml.XMLParser | undefined;

/** Loaded with the first document that is not of the plain kind: most devices send none. */
function anyXml(): FastXml.XMLParser {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { XMLParser } = require("fast-xml-parser") as typeof FastXml;
  return (parser ??= new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "@_",
    parseTagValue: false,
    parseAttributeValue: false,
    removeNSPrefix: true,
    ignoreDeclaration: true,
    ignorePiTags: true,
    trimValues: true,
    maxNestedTags: MAX_DEPTH,
    jPath: false,
    entityDecoder,
  }));
}

/** The text of a document: by its byte order mark, else by its `encoding=`, else UTF-8. */
export function decodeXml(bytes: Buffer): string {
  return decodeAs(xmlEncoding(bytes), hasUtf8Mark(bytes) ? bytes.subarray(3) : bytes);
}

function hasUtf8Mark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** The encoding of a document's bytes; "utf-8" where it does not say. */
export function xmlEncoding(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  if (hasUtf8Mark(bytes)) return UTF8;
  const declared = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(bytes.toString("latin1", 0, 200))?.[1];
  // Legible this far, so it is not the UTF-16 that some declare.
  return declared === undefined || /^utf/i.test(declared) ? UTF8 : declared;
}

/** Text in an encoding that {@link xmlEncoding} has named. */
export function decodeAs(encoding: string, bytes: Buffer): string {
  const decoder = encoding === UTF8 ? undefined : decoderOf(encoding);
  return decoder ? decoder.decode(bytes) : bytes.toString("utf8");
}

/** Undefined: a label nobody knows. */
function decoderOf(encoding: string): TextDecoder | undefined {
  try {
    // Per the Encoding Standard gb2312 means gbk, which misses the four-byte characters of gb18030, its superset.
    return new TextDecoder(/^gb/i.test(encoding) ? "gb18030" : encoding);
  } catch {
    return undefined;
  }
}

/** Local name that the last end tag closes, or the only, self-closing tag: the root's, unless the document is cut off. */
function lastClosed(source: string): string | undefined {
  const end = source.lastIndexOf("</");
  if (end !== -1) return /^<\/(?:[^\s:<>]+:)?([^\s:<>]+)/.exec(source.slice(end, end + 300))?.[1];
  return /^<(?:[^\s:<>/]+:)?([^\s:<>/]+)(?:\s[^<>]*)?\/>/.exec(source.slice(source.lastIndexOf("<")))?.[1];
}

function firstOf(node: unknown): unknown {
  return Array.isArray(node) ? (node as unknown[])[0] : node;
}

function isNode(value: unknown): value is XmlNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function tooMany(maxTags: number): RetryableError {
  return unreadable(say`it holds more than ${maxTags} elements`);
}

function unusual(): RetryableError {
  return unreadable(
    say`it is malformed, or of a kind that no device is known to send, and larger than ${MAX_ANY_XML >> 10} KiB`,
  );
}

/** An answer that is no XML, and why. */
export function unreadable(why: Sentence): RetryableError {
  return new RetryableError(
    "protocol",
    say`The device sent XML that cannot be read: ${why}. If this goes on, restart the device or update its firmware.`,
  );
}
