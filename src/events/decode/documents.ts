/**
 * Parses the alerts in the bytes of a part. Goes by the bytes, not by the Content-Type, which firmware gets wrong:
 * XML or JSON, wrapped or not, several in one part, with junk before and after. Everything else is no alert.
 */
import { parseXmlAll } from "../../isapi/xml";
import { parseJson } from "../../lib/json";
import { Fields, isNode } from "./fields";
import type { Part } from "../../multipart/part-reader";
import { isPicture } from "../pictures/picture-part";

const MAX_JSON_BYTES = 4 << 20;
/** Above this, what is no valid JSON is not repaired. */
const MAX_REPAIRED_BYTES = 256 << 10;
const MAX_DEPTH = 64;
/** Alerts in one part, and texts in it that may be one: no device is known to send more than a few. */
const MAX_ALERTS = 64;
/** Objects, lists, their members and strings in a part; a real alert has hundreds. */
const MAX_ITEMS = 10_000;

/** The alerts of a part, in the order sent; none for pictures, answers (`ResponseStatus`, `SubscribeEventResponse`), cut off or unreadable text. */
export function readAlerts(part: Part): Fields[] {
  const { body } = part;
  if (isPicture(part)) return [];
  const start = firstBracket(body);
  if (start === -1) return [];
  const alerts = body[start] === LESS ? xmlAlerts(part, start) : jsonAlerts(body.toString("utf8", start));
  return alerts.length > MAX_ALERTS ? alerts.slice(0, MAX_ALERTS) : alerts;
}

const LESS = 0x3c;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
/** How much junk may stand in front. */
const MAX_JUNK = 4096;

/** Where the document begins: the first `<`, `{` or `[`; -1 in binary data. */
function firstBracket(body: Buffer): number {
  const end = Math.min(body.length, MAX_JUNK);
  for (let i = 0; i < end; i++) {
    const byte = body[i];
    if (byte === LESS || byte === OPEN_BRACE || byte === OPEN_BRACKET) return i;
  }
  return -1;
}

function xmlAlerts(part: Part, start: number): Fields[] {
  // The parser sees a byte order mark, or an encoding= in the prolog, but not a charset in the header.
  const charset = /charset="?([\w-]+)/i.exec(part.headers["content-type"] ?? "")?.[1];
  const needsDecoding =
    charset !== undefined && !/^utf-?8$/i.test(charset) && !/^<\?xml[^>]*encoding/i.test(head(part.body, start));
  const source = needsDecoding
    ? decodeAs(charset, part.body.subarray(start))
    : part.body.subarray(hasByteOrderMark(part.body) ? 0 : start);
  return alertsOfXml(source) ?? alertsOfXml(completeAlerts(source)) ?? [];
}

function head(body: Buffer, start: number): string {
  return body.toString("latin1", start, start + 200);
}

function hasByteOrderMark(body: Buffer): boolean {
  return (body[0] === 0xff && body[1] === 0xfe) || (body[0] === 0xfe && body[1] === 0xff);
}

function decodeAs(charset: string, bytes: Buffer): string {
  try {
    return new TextDecoder(/^gb/i.test(charset) ? "gb18030" : charset).decode(bytes);
  } catch {
    return bytes.toString("utf8");
  }
}

/** Up to the last alert that is complete: what follows it was cut off. */
function completeAlerts(source: Buffer | string): string {
  const text = source.toString();
  let end = 0;
  for (const closing of text.matchAll(/<\/(?:[\w.-]+:)?EventNotificationAlert\s*>/gi))
    end = closing.index + closing[0].length;
  return text.slice(0, end);
}

/** Undefined: unreadable. */
function alertsOfXml(source: Buffer | string): Fields[] | undefined {
  try {
    const documents = parseXmlAll(source);
    const [{ root, value }] = documents;
    if (documents.length === 1) return alertsIn(value, root);
    return documents.flatMap((document) => alertsIn(document.value, document.root));
  } catch {
    return undefined;
  }
}

function jsonAlerts(text: string): Fields[] {
  if (text.length > MAX_JSON_BYTES) return [];
  return jsonValues(text)
    .map(parseAlert)
    .flatMap((value) => alertsIn(value));
}

function parseAlert(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    if (text.length > MAX_REPAIRED_BYTES) return undefined;
    try {
      // Raw line breaks and tabs inside a string; outside of strings they are white space anyhow.
      // eslint-disable-next-line no-control-regex
      return parseJson(text.replace(/[\u0000-\u001f]/g, " "));
    } catch {
      return undefined;
    }
  }
}

/** The top-level objects and lists of a text, with junk around them or not; none where there is more than any device sends. */
function jsonValues(text: string): string[] {
  const values: string[] = [];
  let depth = 0;
  let start = 0;
  let items = 0;
  for (let i = 0; i < text.length && values.length < MAX_ALERTS; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE && depth > 0) {
      i = endOfString(text, i);
      items++;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (depth++ === 0) start = i;
      if (depth > MAX_DEPTH) return [];
      items++;
    } else if (code === COMMA) items++;
    else if ((code === CLOSE_BRACE || code === CLOSE_BRACKET) && depth > 0 && --depth === 0)
      values.push(text.slice(start, i + 1));
    if (items > MAX_ITEMS) return [];
  }
  return values;
}

function endOfString(text: string, open: number): number {
  for (let quote = text.indexOf('"', open + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let before = quote;
    while (text[before - 1] === "\\") before--;
    if ((quote - before) % 2 === 0) return quote;
  }
  return text.length;
}

/** The alert itself, those in a list, or the one in an `EventNotificationAlert` wrapper. */
function alertsIn(value: unknown, name = ""): Fields[] {
  if (Array.isArray(value)) return value.slice(0, MAX_ALERTS).flatMap((item) => alertsIn(item, name));
  if (!isNode(value)) return [];
  const fields = new Fields(value);
  const wrapped = fields.value("eventnotificationalert");
  if (wrapped !== undefined) return alertsIn(wrapped, "EventNotificationAlert");
  if (name.toLowerCase() === "eventnotificationalert") return [fields];
  // An `EventTrigger` of the configuration has a type, too, but never happened.
  const happened = fields.value("eventstate", "datetime", "activepostcount") !== undefined;
  return fields.value("eventtype") !== undefined && happened ? [fields] : [];
}
