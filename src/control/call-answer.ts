/** A device's answer → what a flow gets. By the first character, since devices answer JSON questions in XML and name types as they like. */
import { RetryableError } from "../lib/errors";
import { parseJson } from "../lib/json";
import { say } from "../lib/sentence";
import type { HttpHeaders, HttpReply } from "../http/device-http";
import { decodeXml } from "../isapi/xml";
import { xmlToObject } from "../isapi/xml-object";

export type Returns = "auto" | "text" | "buffer";

/** Larger ones stay bytes: reading them would hold up everything else. */
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
/** They belong to the login or to a session. */
const PRIVATE: ReadonlySet<string> = new Set([
  "authentication-info",
  "proxy-authenticate",
  "proxy-authentication-info",
  "set-cookie",
  "www-authenticate",
]);

/** Throws `protocol` for a document that its own header calls XML or JSON, and that cannot be read. */
export function answerContent({ body, headers }: HttpReply, returns: Returns): unknown {
  if (returns === "buffer") return body;
  if (returns === "text") return decodeXml(body).replace(/^\uFEFF/, "");
  const first = /^(?:\xEF\xBB\xBF|\xFF\xFE|\xFE\xFF)?[\s\0]*([<{[])/.exec(body.toString("latin1", 0, 256))?.[1];
  if (first === undefined || body.length > MAX_DOCUMENT_BYTES) return body;
  try {
    return first === "<" ? xmlToObject(body) : parseJson(body.toString("utf8").replace(/^\uFEFF/, ""));
  } catch (error) {
    if (!/xml|json/i.test(String(headers["content-type"]))) return body;
    if (first === "<") throw error;
    throw new RetryableError(
      "protocol",
      say`The device answered with JSON that cannot be read. Choose "text" to see it; if this goes on, update its firmware.`,
    );
  }
}

/** Without what only the login needs. */
export function publicHeaders(headers: HttpHeaders): HttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !PRIVATE.has(name.toLowerCase())));
}
