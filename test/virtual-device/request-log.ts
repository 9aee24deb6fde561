/** What a device was asked, for tests to count. Holds no credentials. */
import type { IncomingMessage } from "node:http";
import type { Refusal } from "./digest-check";

export interface RecordedRequest {
  readonly method: string;
  /** With query, as on the request line. */
  readonly path: string;
  /** 0 as long as there is no answer. */
  status: number;
  /** It carried an Authorization header. */
  readonly credentials: boolean;
  readonly scheme?: "digest" | "basic";
  /** The credentials were accepted. */
  authorized: boolean;
  /** Why they were not. */
  refusal?: Refusal;
  readonly contentType?: string;
  readonly bodyBytes: number;
  /** Text bodies up to 16 KiB, what passwords hold left out. */
  readonly body?: string;
  /** Monotonic, ms. */
  readonly at: number;
}

const KEPT = 10_000;
const TEXT_BYTES = 16_384;

export class RequestLog {
  readonly entries: RecordedRequest[] = [];

  add(entry: RecordedRequest): void {
    this.entries.push(entry);
    if (this.entries.length > KEPT) this.entries.splice(0, KEPT / 10);
  }
}

/** The record of a request that has just come in. */
export function recordRequest(request: IncomingMessage, body: Buffer, at: number): RecordedRequest {
  const { authorization } = request.headers;
  const contentType = request.headers["content-type"];
  const scheme = /^(digest|basic)\b/i.exec(authorization ?? "")?.[1]?.toLowerCase() as "digest" | "basic" | undefined;
  const text = loggableBody(body, contentType ?? "");
  return {
    method: request.method ?? "",
    path: request.url ?? "",
    status: 0,
    credentials: authorization !== undefined,
    ...(scheme && { scheme }),
    authorized: false,
    ...(contentType !== undefined && { contentType }),
    bodyBytes: body.length,
    ...(text !== undefined && { body: text }),
    at,
  };
}

function loggableBody(body: Buffer, contentType: string): string | undefined {
  if (body.length === 0 || body.length > TEXT_BYTES || /octet|image|audio|multipart/.test(contentType))
    return undefined;
  return body
    .toString("utf8")
    .replace(/(<(\w*password\w*)[^>]*>)[^<]*/gi, "$1***")
    .replace(/("\w*password\w*"\s*:\s*)"[^"]*"/gi, '$1"***"');
}
