/**
 * The body of one push → parts: multipart through Dicer, or one raw XML or JSON document; and the facts of a plate that some
 * firmware puts in the query string. Dicer does not signal a truncated body or its end: see `multipart`.
 */
import type * as Busboy from "dicer";
import { RetryableError } from "../lib/errors";
import type { Part } from "../multipart/part-reader";
import { say } from "../lib/sentence";

export interface Push {
  /** As sent. */
  readonly contentType: string;
  /** Of the request: `channelID`, `licensePlate` … */
  readonly query: URLSearchParams;
  readonly body: Buffer;
}

const MOST_PARTS = 32;
/** Before anything is read: parts that nobody needs would keep Node-RED busy. */
const MOST_DELIMITERS = 1_000;
const MOST_HEADER_BYTES = 16 * 1024;

/** The parts of a push, in order. Rejects with `protocol` when the body was cut or cannot be read. */
export async function readPush({ contentType, query, body }: Push): Promise<Part[]> {
  const boundary = boundaryOf(contentType);
  const parts = boundary === undefined ? [{ headers: headersOf(contentType), body }] : await multipart(boundary, body);
  const plate = plateFacts(query);
  return plate && !parts.some(isText) ? [plate, ...parts] : parts;
}

/** Without the dashes that stand before it in the body; some firmware announces it with them. */
function boundaryOf(contentType: string): string | undefined {
  if (!/^\s*multipart\//i.test(contentType)) return undefined;
  const [, quoted, bare] = /boundary\s*=\s*(?:"([^"]*)"|([^;\s]+))/i.exec(contentType) ?? [];
  return quoted ?? bare ?? "boundary";
}

/**
 * Done is `finish` and every part's `end`, in whatever order; an `error` anywhere means that the body was cut, also when
 * its parts end as if nothing had happened.
 */
function multipart(boundary: string, body: Buffer): Promise<Part[]> {
  const written = body.includes(`--${boundary}`) ? boundary : boundary.replace(/^--/, "");
  return new Promise((resolve, reject) => {
    const parts: Part[] = [];
    let open = 1; // the body itself
    const end = (): void => {
      open -= 1;
      if (open > 0) return;
      if (parts.length === 0) cut();
      else resolve(parts);
    };
    const cut = (): void =>
      reject(
        new RetryableError("protocol", say`The device's push was cut off or is no multipart body. It was dropped.`),
      );
    if (delimitersIn(body, `--${written}`) > MOST_DELIMITERS) {
      cut();
      return;
    }
    // Loaded with the first push: few devices send any.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { Dicer } = require("dicer") as typeof Busboy;
    const dicer = new Dicer({ boundary: written, maxHeaderSize: MOST_HEADER_BYTES } as { boundary: string });
    dicer.on("error", cut);
    dicer.on("finish", end);
    dicer.on("part", (stream) => {
      open += 1;
      const headers = Object.create(null) as Record<string, string>;
      const chunks: Buffer[] = [];
      stream.on("header", (found: object) => {
        for (const [name, values] of Object.entries(found) as [string, string[]][]) headers[name] = values.join(", ");
      });
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", cut);
      stream.on("end", () => {
        if (parts.length < MOST_PARTS) parts.push({ headers, body: Buffer.concat(chunks) });
        end();
      });
    });
    dicer.end(body);
  });
}

/** Counts to one more than {@link MOST_DELIMITERS}. */
function delimitersIn(body: Buffer, delimiter: string): number {
  let found = 0;
  for (let at = body.indexOf(delimiter); at !== -1 && found <= MOST_DELIMITERS; found++)
    at = body.indexOf(delimiter, at + delimiter.length);
  return found;
}

function headersOf(contentType: string): Record<string, string> {
  return Object.assign(Object.create(null) as Record<string, string>, { "content-type": contentType });
}

function isText({ headers, body }: Part): boolean {
  return /xml|json/i.test(headers["content-type"] ?? "") || /^\s*[<{]/.test(body.toString("latin1", 0, 64));
}

/** An alert made of the query, in the shape that devices use in a body. Undefined: no plate in it. */
function plateFacts(query: URLSearchParams): Part | undefined {
  const facts = new Map([...query].map(([name, value]) => [name.toLowerCase(), value]));
  const plate = facts.get("licenseplate");
  if (plate === undefined) return undefined;
  const fact = (name: string): Record<string, string> => {
    const value = facts.get(name.toLowerCase());
    return value === undefined ? {} : { [name]: value };
  };
  const lane = facts.get("lane");
  const alert = {
    ...fact("macAddress"),
    ...fact("channelID"),
    ...fact("dateTime"),
    eventType: facts.get("eventtype") ?? "ANPR",
    eventState: "active",
    ANPR: {
      licensePlate: plate,
      ...fact("country"),
      ...fact("direction"),
      ...fact("confidenceLevel"),
      ...(lane !== undefined && { line: lane }),
    },
  };
  return { headers: headersOf("application/json"), body: Buffer.from(JSON.stringify(alert)) };
}
