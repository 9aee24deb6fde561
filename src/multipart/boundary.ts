/**
 * Delimiter lines of a multipart stream, recognised by shape as well as by token: old NVRs announce one token and
 * write another (koush/scrypted, hikvision-camera-api.ts), vendor samples write `<boundary>` with its brackets.
 */
import { byteSet, CR, isBlank, LF, startsWith } from "./bytes";

const DASH = 0x2d;
const ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const WORD = byteSet(ALPHANUMERIC);
/** RFC 2046 `bchars` without the space, and angle brackets. */
const TOKEN = byteSet(`${ALPHANUMERIC}-_'()+,./:=?<>`);
const HEADER_NAME = byteSet(`${ALPHANUMERIC}-`);
const COLON = 0x3a;
/** A longer line is no delimiter (RFC 2046 allows a token 70 characters). */
const MAX_LINE_BYTES = 128;
/** A longer name is no header. */
const MAX_NAME_BYTES = 64;
/** What devices write whatever they announce: most cameras and NVRs; access control and intercoms. */
const COMMON_DELIMITERS: readonly Buffer[] = [Buffer.from("--boundary"), Buffer.from("--MIME_boundary")];
/** Delimiters known at a time, the usual ones included. */
const MAX_KNOWN = 6;
/** How they all begin. Two bytes are found in a picture ten times as fast as a whole token. */
const DASHES = Buffer.from("--");

/** A delimiter line: where the next line begins, where the token ends, and whether it says "no more parts". */
export interface DelimiterLine {
  readonly next: number;
  readonly end: number;
  readonly closing: boolean;
}

/** The delimiters (`--` and token) that a stream may use: the usual, the announced, and those it was seen to use. */
export class Delimiters {
  #known = COMMON_DELIMITERS;
  #longest = longestLength(COMMON_DELIMITERS);

  /** `contentType`: of the response; it may announce a token. */
  constructor(contentType: string | undefined) {
    const match = /;\s*boundary\s*=\s*(?:"([^"]*)"|([^;\s]*))/i.exec(contentType ?? "");
    const token = match?.[1] ?? match?.[2] ?? "";
    if (token !== "" && token.length < MAX_LINE_BYTES - 4) this.learn(Buffer.from(`--${token}`));
  }

  /** Bytes of the longest. */
  get longest(): number {
    return this.#longest;
  }

  /** The oldest learnt ones are forgotten when there are too many. */
  learn(delimiter: Buffer): void {
    if (this.#known.some((known) => known.equals(delimiter))) return;
    const learnt = this.#known.slice(0, -COMMON_DELIMITERS.length).slice(0, MAX_KNOWN - COMMON_DELIMITERS.length - 1);
    this.#known = [delimiter, ...learnt, ...COMMON_DELIMITERS];
    this.#longest = longestLength(this.#known);
  }

  /** Index of the first one at or after `from`, or of what may become one with more bytes; -1 if there is none. */
  indexIn(bytes: Buffer, from: number): number {
    let at = bytes.indexOf(DASHES, from);
    while (at >= 0 && this.standsAt(bytes, at) === false) at = bytes.indexOf(DASHES, at + 1);
    return at;
  }

  /** Does one stand at `at`, in whatever surroundings? "more": not enough bytes to tell. */
  standsAt(bytes: Buffer, at: number): boolean | "more" {
    if (this.#known.some((known) => startsWith(bytes, at, known))) return true;
    const left = bytes.length - at;
    if (left >= this.#longest) return false;
    return this.#known.some((known) => left < known.length && known.indexOf(bytes.subarray(at)) === 0) ? "more" : false;
  }

  /** A line with one of them, and no other token that begins like it. */
  lineAt(bytes: Buffer, at: number): DelimiterLine | "more" | undefined {
    const line = delimiterLineAt(bytes, at);
    return line === undefined || line === "more" ? line : this.known(bytes, at, line);
  }

  /** The line at `at`, if it has one of them. */
  known(bytes: Buffer, at: number, line: DelimiterLine): DelimiterLine | undefined {
    const length = line.end - at;
    for (const known of this.#known) {
      const more = length - known.length;
      if ((more === 0 || (more === 2 && line.closing)) && startsWith(bytes, at, known)) {
        return more === 0 && line.closing ? { ...line, closing: false } : line;
      }
    }
    return undefined;
  }

  /** Such a line, and after it a header, an empty line, or the end of all parts: sure even in mid-line. */
  partAt(bytes: Buffer, at: number): boolean | "more" {
    const line = this.lineAt(bytes, at);
    if (line === undefined || line === "more") return line ?? false;
    const after = line.closing ? "empty" : lineAfter(bytes, line.next);
    return after === "more" ? "more" : after !== "other";
  }
}

function longestLength(delimiters: readonly Buffer[]): number {
  return Math.max(...delimiters.map(({ length }) => length));
}

/** Does a delimiter line, of any token, begin at `at`? "more": not enough bytes to tell. */
export function delimiterLineAt(bytes: Buffer, at: number): DelimiterLine | "more" | undefined {
  const limit = Math.min(bytes.length, at + MAX_LINE_BYTES);
  let end = at;
  let word = false;
  for (let index = at; index < limit; index++) {
    const byte = bytes[index] ?? 0;
    if (index < at + 2) {
      if (byte !== DASH) return undefined;
      end = index + 1;
    } else if (byte === LF) {
      if (!word) return undefined;
      return { next: index + 1, end, closing: bytes[end - 1] === DASH && bytes[end - 2] === DASH };
    } else if (!isBlank(byte)) {
      if (end !== index || TOKEN[byte] !== 1) return undefined; // prose, not a token
      word ||= WORD[byte] === 1;
      end = index + 1;
    }
  }
  return limit === bytes.length ? "more" : undefined;
}

/** What a line is that should be a part's first header; "more": too little of it to tell. */
export function lineAfter(bytes: Buffer, at: number): "header" | "empty" | "other" | "more" {
  const limit = Math.min(bytes.length, at + MAX_NAME_BYTES);
  for (let index = at; index < limit; index++) {
    const byte = bytes[index] ?? 0;
    if (byte === COLON) return index > at ? "header" : "other";
    if (byte === LF) return index === at || (index === at + 1 && bytes[at] === CR) ? "empty" : "other";
    if (HEADER_NAME[byte] !== 1 && byte !== CR) return "other";
  }
  return limit === bytes.length ? "more" : "other";
}
