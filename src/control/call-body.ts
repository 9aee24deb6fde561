/** What a flow gives as a body → what is sent: objects as JSON or XML, as the path wants it; text and bytes as they are. */
import { FatalError } from "../lib/errors";
import { say } from "../lib/sentence";
import { objectToXml } from "../isapi/xml-object";

export interface CallBody {
  readonly body?: string | Buffer;
  readonly contentType?: string;
}

/** Also the most that an answer may bring. */
export const MAX_BODY_BYTES = 100 * 1024 * 1024;
const XML = "application/xml; charset=UTF-8";
const JSON_TYPE = "application/json; charset=UTF-8";
const BYTES = "application/octet-stream";

/** Throws `badRequest` for what cannot be sent. */
export function callBody(given: unknown, json: boolean): CallBody {
  if (given === undefined || given === null || given === "") return {};
  const sent = written(given, json);
  if (sent.body !== undefined && sent.body.length > MAX_BODY_BYTES)
    throw new FatalError("badRequest", say`The body is larger than 100 MiB, which is the most that is sent.`);
  return sent;
}

function written(given: unknown, json: boolean): CallBody {
  if (Buffer.isBuffer(given)) return { body: given, contentType: typeOf(given.toString("latin1", 0, 64), BYTES) };
  if (typeof given === "string") return { body: given, contentType: typeOf(given, json ? JSON_TYPE : XML) };
  if (typeof given !== "object" || given === null)
    throw new FatalError(
      "badRequest",
      say`The body has to be an object, a text or a Buffer. Where the call needs none, choose an empty text as body.`,
    );
  if (!json) return { body: objectToXml(given), contentType: XML };
  try {
    return { body: JSON.stringify(given), contentType: JSON_TYPE };
  } catch {
    throw new FatalError(
      "badRequest",
      say`The body cannot be written as JSON: it holds itself, or a number too large.`,
    );
  }
}

/** By its first character, which devices look at, too. */
function typeOf(start: string, otherwise: string): string {
  const first = /^(?:\uFEFF|\xEF\xBB\xBF)?\s*(.)/.exec(start.slice(0, 64))?.[1];
  if (first === "<") return XML;
  return first === "{" || first === "[" ? JSON_TYPE : otherwise;
}
