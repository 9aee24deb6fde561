/**
 * The rows of a whole VCL list, which may have many megabytes: read a piece at a time, with other work in between, since one stretch
 * would hold Node-RED up.
 */
import { setImmediate } from "node:timers/promises";
import { say } from "../lib/sentence";
import { decodeAs, MAX_XML_BYTES, parseXml, unreadable, xmlEncoding, type XmlNode } from "../isapi/xml";

/** Parsed in one stretch: a few milliseconds. */
const PIECE_BYTES = 64 * 1024;
/** The wrapping and the beginning of the first row are in it. */
const HEAD_BYTES = 64 * 1024;
/** Of the end, where the wrapping is closed. */
const TAIL_BYTES = 4 * 1024;
const TAG = /<(\/?)([A-Za-z_][\w.:-]{0,100})(?:\s[^<>]{0,1000})?(\/?)>/g;
const KEY = /^(?:[\w.-]{1,40}:)?plateNum$/;
const DEEPEST = 4;

/** Each element that holds a `plateNum`, whatever it is called and wrapped in. Throws `protocol` where it is cut off or no XML. */
export async function vclRows(body: Buffer, signal: AbortSignal): Promise<readonly XmlNode[]> {
  const encoding = xmlEncoding(body);
  const place = encoding.startsWith("utf-16") ? undefined : firstRow(body.toString("latin1", 0, HEAD_BYTES));
  if (!place) {
    if (body.length > MAX_XML_BYTES) throw unreadable(say`it is larger than ${MAX_XML_BYTES} bytes`);
    return entriesIn(parseXml(body).value);
  }
  const { row, root } = place;
  const tail = body.toString("latin1", Math.max(0, body.length - TAIL_BYTES));
  if (!tail.includes(`</${root}`)) throw unreadable(say`it is cut off`);
  const rows: XmlNode[] = [];
  for (const piece of pieces(body, row)) {
    const text = piece.map((bytes) => decodeAs(encoding, bytes)).join("");
    rows.push(...entriesIn(parseXml(`<rows>${text}</rows>`, 2 * MAX_XML_BYTES).value));
    await setImmediate();
    signal.throwIfAborted();
  }
  return rows;
}

/** The element around the first plate, and that around all. Undefined: there is none, or nothing is around it. */
function firstRow(head: string): { readonly row: string; readonly root: string } | undefined {
  const open: string[] = [];
  for (const [, closes, name = "", empty] of head.matchAll(TAG)) {
    const [root, ...inner] = open;
    const row = inner.at(-1);
    // One that nothing is around may stand in a comment.
    if (KEY.test(name) && root !== undefined && row !== undefined) return { row, root };
    if (closes) open.pop();
    else if (!empty) open.push(name);
  }
  return undefined;
}

/** The rows, some of them at a time; a row is a piece of its own where it is large. Throws where one has no end. */
function* pieces(body: Buffer, row: string): Generator<readonly Buffer[]> {
  const [begin, end] = [`<${row}`, `</${row}>`];
  let piece: Buffer[] = [];
  let bytes = 0;
  for (let at = body.indexOf(begin); at !== -1; at = body.indexOf(begin, at)) {
    const close = body.indexOf(end, at);
    if (close === -1 || close - at > PIECE_BYTES) throw unreadable(say`it is cut off`);
    piece.push(body.subarray(at, close + end.length));
    bytes += close + end.length - at;
    at = close + end.length;
    if (bytes < PIECE_BYTES) continue;
    yield piece;
    piece = [];
    bytes = 0;
  }
  if (piece.length > 0) yield piece;
}

/** Elements with a `plateNum`, and what is within none. */
export function entriesIn(value: unknown, depth = 0): readonly XmlNode[] {
  if (typeof value !== "object" || value === null || depth > DEEPEST) return [];
  if (Array.isArray(value)) return value.flatMap((one: unknown) => entriesIn(one, depth));
  const node = value as XmlNode;
  if (Object.hasOwn(node, "plateNum")) return [node];
  return Object.values(node).flatMap((one) => entriesIn(one, depth + 1));
}
