/**
 * XML ↔ plain objects for flows: one root key, attributes as `@name`, own text as `#text`, repeats as arrays, a leaf without
 * attributes is its text, trimmed. Names and prefixes stay, no number is guessed. Reading, writing and reading again gives the same.
 */
import { FatalError } from "../lib/errors";
import { say } from "../lib/sentence";
import { decodeXml, unreadable, withoutReferences, xml } from "./xml";
import { type ElementRange, rootElement } from "./xml-editor";

/** What one element holds: its text, or attributes, text and children by name. */
export type XmlContent = string | { readonly [name: string]: XmlContent | readonly XmlContent[] };
/** A document: its root's name and content. */
export type XmlObject = { readonly [root: string]: XmlContent };

const MAX_DEPTH = 64;
/** Characters of a document that is written. */
const MAX_WRITTEN = 4 * 1024 * 1024;
const NAME = /^[\p{L}_][\p{L}\p{N}_.·-]*(?::[\p{L}_][\p{L}\p{N}_.·-]*)?$/u;
const ATTRIBUTE = /(?<=^|[\s"'])([^\s=<>"'/]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))/g;
/** What stands between elements and is no text, and text that is taken as it is. */
const MARKUP = /<!--[\s\S]*?(?:-->|$)|<\?[\s\S]*?(?:\?>|$)|<!\[CDATA\[([\s\S]*?)(?:\]\]>|$)|[^<]+/g;

/** Throws RetryableError `protocol` for what is no well-formed document, has a DTD, or is nested deeper than 64. */
export function xmlToObject(document: Buffer | string): XmlObject {
  const source = typeof document === "string" ? document : decodeXml(document);
  const root = rootElement(source);
  if (!root) throw unreadable(say`it is malformed`);
  return Object.fromEntries([[qualified(root), contentOf(source, root)]]);
}

/** Without an XML declaration, which some firmware refuses. Throws `badRequest` for what no document can hold. */
export function objectToXml(object: unknown): string {
  const entries = isObject(object) ? Object.entries(object).filter(([, content]) => content !== undefined) : [];
  const [root] = entries;
  if (!root || entries.length > 1 || Array.isArray(root[1]))
    throw new FatalError(
      "badRequest",
      say`An object for the device needs exactly one key, the name of the XML root, for example { "DeviceInfo": { … } }.`,
    );
  const writer = new Writer();
  writer.element(root[0], root[1], 1);
  return writer.text;
}

function contentOf(source: string, element: ElementRange): XmlContent {
  const attributes = [...element.attributes.matchAll(ATTRIBUTE)].map(
    ([, name = "", double, single, bare]) => [`@${name}`, attributeText(double ?? single ?? bare ?? "")] as const,
  );
  const text = ownText(source, element);
  if (attributes.length === 0 && element.children.length === 0) return text;
  const children = new Map<string, XmlContent[]>();
  for (const child of element.children) {
    const name = qualified(child);
    const same = children.get(name);
    const content = contentOf(source, child);
    if (same) same.push(content);
    else children.set(name, [content]);
  }
  return Object.fromEntries<XmlContent | readonly XmlContent[]>([
    ...attributes,
    ...(text === "" ? [] : [["#text", text] as const]),
    ...[...children].map(
      ([name, [first = "", ...others]]) => [name, others.length ? [first, ...others] : first] as const,
    ),
  ]);
}

/** The text between the children, put together. */
function ownText(source: string, { inner, children }: ElementRange): string {
  if (!inner) return "";
  let text = "";
  let from = inner.start;
  for (const { start, end } of children) {
    text += plainText(source.slice(from, start));
    from = end;
  }
  return (text + plainText(source.slice(from, inner.end))).trim();
}

function plainText(written: string): string {
  const lines = written.replace(/\r\n?/g, "\n");
  if (!lines.includes("<")) return withoutReferences(lines);
  return [...lines.matchAll(MARKUP)]
    .map(([whole, literal]) => literal ?? (whole.startsWith("<") ? "" : withoutReferences(whole)))
    .join("");
}

function attributeText(written: string): string {
  return withoutReferences(written.replace(/\r\n|[\r\n\t]/g, " "));
}

function qualified({ prefix, name }: ElementRange): string {
  return prefix + name;
}

class Writer {
  text = "";

  element(name: string, content: unknown, depth: number): void {
    if (!NAME.test(name)) throw new FatalError("badRequest", say`"${shown(name)}" is no name of an XML element.`);
    if (depth > MAX_DEPTH)
      throw new FatalError("badRequest", say`The object for the device is nested too deep, or holds itself.`);
    if (!isObject(content)) {
      const text = scalar(name, content);
      this.#write(text === "" ? `<${name}/>` : `<${name}>${text}</${name}>`);
      return;
    }
    const entries = Object.entries(content).filter(([, value]) => value !== undefined);
    const text = scalar(name, content["#text"] ?? "");
    const children = entries.filter(([key]) => !key.startsWith("@") && key !== "#text");
    this.#write(`<${name}`);
    for (const [key, value] of entries) if (key.startsWith("@")) this.#attribute(key.slice(1), value);
    if (text === "" && children.length === 0) {
      this.#write("/>");
      return;
    }
    this.#write(`>${text}`);
    for (const [key, value] of children)
      for (const one of Array.isArray(value) ? (value as readonly unknown[]) : [value])
        this.element(key, one, depth + 1);
    this.#write(`</${name}>`);
  }

  #attribute(name: string, value: unknown): void {
    if (!NAME.test(name)) throw new FatalError("badRequest", say`"${shown(name)}" is no name of an XML attribute.`);
    // A parser would turn them into spaces.
    const text = scalar(name, value).replace(/[\n\t]/g, (c) => `&#${c.charCodeAt(0)};`);
    this.#write(` ${name}="${text}"`);
  }

  #write(text: string): void {
    this.text += text;
    if (this.text.length > MAX_WRITTEN)
      throw new FatalError("badRequest", say`The object for the device is larger than any document it takes.`);
  }
}

/** Text, number or boolean, escaped; null is an empty element. */
function scalar(name: string, value: unknown): string {
  if (value === null) return "";
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return xml`${value}`;
  throw new FatalError(
    "badRequest",
    say`"${shown(name)}" in the object for the device is neither text, number, true or false, nor an object or list of these.`,
  );
}

function shown(name: string): string {
  return name.slice(0, 60);
}

/** Objects of function nodes come from another realm, with a prototype of their own. */
function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return Object.prototype.toString.call(value) === "[object Object]";
}
