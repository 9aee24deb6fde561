/** The bytes of an RTSP connection, cut into messages and frames of video (RFC 2326: 4 and 10.12). Knows no method and no status. */
import { RetryableError } from "../lib/errors";
import { say } from "../lib/sentence";

export interface Message {
  /** "DESCRIBE rtsp://… RTSP/1.0", or "RTSP/1.0 200 OK". */
  readonly start: string;
  readonly headers: readonly Header[];
  readonly body: Buffer;
}

export type Header = readonly [name: string, value: string];

export interface MessageSink {
  message(message: Message): void;
  /** One or more whole frames. */
  frames(bytes: Buffer): void;
}

const FRAME = 0x24;
const FRAME_HEAD = 4;
const HEAD_END = "\r\n\r\n";
const MAX_HEAD = 32 * 1024;
const MAX_BODY = 1 << 20;

/** Whatever comes in pieces; `write` throws `protocol` for what is no RTSP. */
export class MessageReader {
  readonly #sink: MessageSink;
  #rest: Buffer = Buffer.alloc(0);

  constructor(sink: MessageSink) {
    this.#sink = sink;
  }

  write(chunk: Buffer): void {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const used = data[0] === FRAME ? this.#frames(data) : this.#message(data);
      if (used === 0) break;
      data = data.subarray(used);
    }
    // A copy: what is left of a large chunk must not hold all of it.
    this.#rest = Buffer.from(data);
  }

  /** All whole frames at the beginning, as one. */
  #frames(data: Buffer): number {
    let end = 0;
    while (data[end] === FRAME && data.length >= end + FRAME_HEAD) {
      const next = end + FRAME_HEAD + data.readUInt16BE(end + 2);
      if (next > data.length) break;
      end = next;
    }
    if (end > 0) this.#sink.frames(data.subarray(0, end));
    return end;
  }

  #message(data: Buffer): number {
    // Some devices end a body with a line break of its own.
    const begin = /^[\r\n]*/.exec(data.toString("latin1", 0, 16))?.[0].length ?? 0;
    if (begin > 0) return begin;
    if (data.length > 0 && !/^[A-Z_]/.test(data.toString("latin1", 0, 1))) throw invalid();
    const headEnd = data.indexOf(HEAD_END);
    if (headEnd < 0 || headEnd > MAX_HEAD) {
      if (data.length > MAX_HEAD) throw invalid();
      return 0;
    }
    const [start = "", ...lines] = data.toString("latin1", 0, headEnd).split("\r\n");
    const headers = lines.flatMap((line): readonly Header[] => {
      const colon = line.indexOf(":");
      return colon > 0 ? [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]] : [];
    });
    const length = Number(headerOf({ headers }, "content-length") ?? 0);
    if (!Number.isSafeInteger(length) || length < 0 || length > MAX_BODY) throw invalid();
    const bodyStart = headEnd + HEAD_END.length;
    if (data.length < bodyStart + length) return 0;
    this.#sink.message({ start, headers, body: Buffer.from(data.subarray(bodyStart, bodyStart + length)) });
    return bodyStart + length;
  }
}

/** Its length stands in the headers as it is. */
export function messageBytes({ start, headers, body }: Message): Buffer {
  const lines = headers
    .filter(([name]) => name.toLowerCase() !== "content-length")
    .map(([name, value]) => `${name}: ${value}`);
  if (body.length > 0) lines.push(`Content-Length: ${body.length}`);
  return Buffer.concat([Buffer.from([start, ...lines, "", ""].join("\r\n"), "latin1"), body]);
}

/** The first of that name, in lower case. */
export function headerOf({ headers }: Pick<Message, "headers">, name: string): string | undefined {
  return headers.find(([one]) => one.toLowerCase() === name)?.[1];
}

function invalid(): RetryableError {
  return new RetryableError("protocol", say`What the device sends on its video port is no RTSP. Check that port.`);
}
