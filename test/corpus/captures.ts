/**
 * Finds alerts in files of any make: an alert alone, several, multipart captures with or without HTTP head, JSON that
 * holds alerts or texts of alerts. Shares no code with the decoder: it is the other opinion.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { jsonObjects } from "./json-objects";

/** One whole alert, its bytes as they stand in the file. */
export interface Payload {
  readonly kind: "xml" | "json";
  readonly bytes: Buffer;
}

export interface Capture {
  readonly file: string;
  readonly payloads: readonly Payload[];
  /** Alerts that begin and do not end. */
  readonly cutOff: readonly Buffer[];
  /** The file as it is, when it is a piece of a stream. */
  readonly stream: { readonly bytes: Buffer; readonly contentType: string } | undefined;
}

export interface NoAlert {
  readonly file: string;
  readonly reason: string;
  /** It speaks of an alert, but none was found: somebody should look. */
  readonly suspect: boolean;
}

const MAX_FILE_BYTES = 64 << 20;
/** No captures, whatever stands in them: an index, code, documentation. */
const OTHER_FILES = /\.(?:md|html?|js|mjs|ts|py|go|cs|java|php|sh|ya?ml|zip|gz|jpe?g|png|pdf)$/i;

/** Every file below a folder (or the one file), in the order of their names. */
export function findCaptures(folder: string): { captures: Capture[]; others: NoAlert[] } {
  const captures: Capture[] = [];
  const others: NoAlert[] = [];
  for (const file of filesIn(folder)) {
    const found = readCapture(file);
    if ("reason" in found) others.push(found);
    else captures.push(found);
  }
  return { captures, others };
}

function filesIn(folder: string): string[] {
  if (statSync(folder).isFile()) return [folder];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

const SPEAKS_OF_ALERT = /<(?:[\w.-]+:)?EventNotificationAlert(?:\s[^>]*[^/])?>|"eventState"\s*:\s*"(?:in)?active"/i;

export function readCapture(file: string): Capture | NoAlert {
  if (OTHER_FILES.test(file)) return { file, reason: "no capture, by its name", suspect: false };
  if (statSync(file).size > MAX_FILE_BYTES) return { file, reason: "larger than 64 MiB", suspect: true };
  const bytes = readFileSync(file);
  const text = bytes.toString("latin1");
  const { payloads, cutOff } = alertsIn(text);
  if (payloads.length + cutOff.length === 0)
    return { file, reason: whatElse(text), suspect: SPEAKS_OF_ALERT.test(text) };
  const isStream = /^--\S+[^\S\n]*\n(?:[\w-]+:.*\n)+/m.test(text);
  const boundary = /^content-type:\s*multipart\/.*$/im
    .exec(text)?.[0]
    .replace(/^content-type:\s*/i, "")
    .trim();
  return {
    file,
    payloads,
    cutOff,
    stream: isStream ? { bytes, contentType: boundary ?? "multipart/mixed; boundary=boundary" } : undefined,
  };
}

interface Alerts {
  readonly payloads: Payload[];
  readonly cutOff: Buffer[];
}

/** `text` holds one character per byte. */
function alertsIn(text: string): Alerts {
  const xml = xmlAlerts(text);
  return xml.payloads.length + xml.cutOff.length > 0 && !/^\s*[[{]/.test(text) ? xml : jsonAlerts(text);
}

function xmlAlerts(text: string): Alerts {
  const payloads: Payload[] = [];
  const cutOff: Buffer[] = [];
  const opens = [
    ...text.matchAll(/(?:<\?xml[^>]*\?>\s*)?<(?:[\w.-]+:)?EventNotificationAlert(?=[\s>])(?:[^>]*[^/>])?>/gi),
  ];
  opens.forEach((open, i) => {
    const until = opens[i + 1]?.index ?? text.length;
    const close = /<\/(?:[\w.-]+:)?EventNotificationAlert\s*>/i.exec(text.slice(open.index, until));
    if (close)
      payloads.push({
        kind: "xml",
        bytes: bytesOf(text.slice(open.index, open.index + close.index + close[0].length)),
      });
    else cutOff.push(bytesOf(text.slice(open.index, until)));
  });
  return { payloads, cutOff };
}

function jsonAlerts(text: string): Alerts {
  const payloads: Payload[] = [];
  const cutOff: Buffer[] = [];
  for (const object of jsonObjects(text)) {
    if (object.value !== undefined) collect(object.value, object.text, payloads);
    else if (/"eventType"|"ipAddress"/.test(object.text)) cutOff.push(bytesOf(object.text));
  }
  return { payloads, cutOff };
}

/** Alerts among the values, and in texts, of a JSON value. `source`: how the value itself was written. */
function collect(value: unknown, source: string | undefined, into: Payload[]): void {
  if (typeof value === "string") {
    if (/EventNotificationAlert|"eventType"/.test(value))
      into.push(...alertsIn(Buffer.from(value).toString("latin1")).payloads);
  } else if (Array.isArray(value)) {
    for (const item of value) collect(item, undefined, into);
  } else if (isObject(value)) {
    const wrapped = value["EventNotificationAlert"];
    if (isAlert(value) || (isObject(wrapped) && isAlert(wrapped))) {
      into.push({ kind: "json", bytes: source === undefined ? Buffer.from(JSON.stringify(value)) : bytesOf(source) });
    } else {
      for (const item of Object.values(value)) collect(item, undefined, into);
    }
  }
}

/** Something that happened; a trigger in a configuration has a type, too. */
function isAlert(value: Record<string, unknown>): boolean {
  return (
    typeof value["eventType"] === "string" &&
    ["eventState", "dateTime", "activePostCount"].some((name) => name in value)
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function whatElse(text: string): string {
  if (text.trim() === "") return "empty";
  if (/^\s*(?:<\?xml|<[A-Za-z])/.test(text)) {
    const root = /<(?:[\w.-]+:)?([A-Za-z]\w*)/.exec(text.replace(/<\?[^>]*\?>/, ""))?.[1];
    return `no alert: <${root ?? "?"}>`;
  }
  if (/^\s*[[{]/.test(text)) return "no alert: JSON of something else";
  return "no alert: text of something else";
}

function bytesOf(latin1: string): Buffer {
  return Buffer.from(latin1, "latin1");
}
