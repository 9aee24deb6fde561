/** Headers of one part, read line by line, and what they say about its body. Nothing in them can throw. */

import { isBlank, startsWith } from "./bytes";

export type PartHeaders = Readonly<Record<string, string>>;

export const NO_HEADERS: PartHeaders = Object.freeze(noHeaders());

/** Collects header lines. Lines without a colon are ignored, repeated names joined with ", " as HTTP does. */
export class HeaderBlock {
  readonly #headers = noHeaders();
  #last: string | undefined;
  /** Bytes seen so far. */
  size = 0;

  get headers(): PartHeaders {
    return this.#headers;
  }

  /** `line` without its line end. */
  add(line: string): void {
    if (line.startsWith(" ") || line.startsWith("\t")) {
      if (this.#last !== undefined) this.#headers[this.#last] = `${this.#headers[this.#last] ?? ""} ${line.trim()}`;
      return;
    }
    const colon = line.indexOf(":");
    if (colon < 1) return;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = this.#headers[name];
    this.#headers[name] = before === undefined ? value : `${before}, ${value}`;
    this.#last = name;
  }
}

interface KnownBlock {
  /** With the empty line that ended it. */
  readonly bytes: Buffer;
  readonly headers: PartHeaders;
}

/** Those of its alerts and of its pictures, or of its heartbeats. */
const MOST_KNOWN = 2;
const MAX_KNOWN_BYTES = 1 << 10;

/** The last header blocks of a stream: a device that sends the same bytes says the same, and they are not read again. */
export class KnownBlocks {
  #known: readonly KnownBlock[] = [];

  /** The one that stands at `at`, whole. */
  at(bytes: Buffer, at: number): KnownBlock | undefined {
    for (const known of this.#known) if (startsWith(bytes, at, known.bytes)) return known;
    return undefined;
  }

  /** @param bytes of a block that was read, with its empty line; copied */
  store(bytes: Buffer, headers: PartHeaders): void {
    if (bytes.length > MAX_KNOWN_BYTES) return;
    this.#known = [{ bytes: Buffer.from(bytes), headers }, ...this.#known.slice(0, MOST_KNOWN - 1)];
  }
}

const LENGTH = /^\d{1,15}$/;

/** Announced length in bytes; undefined when missing, zero, contradictory or no number. */
export function contentLength(headers: PartHeaders): number | undefined {
  const sent = headers["content-length"];
  if (sent === undefined) return undefined;
  if (LENGTH.test(sent)) return Number(sent) || undefined;
  const [value = "", ...repeated] = sent.split(", ");
  return LENGTH.test(value) && repeated.every((other) => other === value) ? Number(value) || undefined : undefined;
}

/** Not XML or JSON, which end where they say themselves: by its type, and where that is missing or lies, its first byte. */
export function isBinary(headers: PartHeaders, first: number): boolean {
  const type = headers["content-type"]?.toLowerCase() ?? "";
  if (/^(?:image|audio|video)\/|octet-stream/.test(type)) return true;
  if (first >= 0xfe) return true; // a JPEG, or a mark of UTF-16
  if (/xml|json|^text\/|^multipart\//.test(type)) return false;
  return contentLength(headers) !== undefined && !mayBeginDocument(first);
}

/** The first byte of a document, or of white space or a byte order mark in front of it. */
function mayBeginDocument(byte: number): boolean {
  return byte === 0x3c || byte === 0x7b || byte === 0x5b || byte === 0xef || isBlank(byte);
}

function noHeaders(): Record<string, string> {
  return Object.create(null) as Record<string, string>;
}
