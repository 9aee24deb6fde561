/**
 * Delimiter lines of a multipart stream, recognised by shape as well as by token: old NVRs announce one token and
 * write another (koush/scrypted, hikvision-camera-api.ts), vendor samples write `<boundary>` with its brackets.
 */
export const LF = 0x0a;
export const CR = 0x0d;
const DASH = 0x2d;
/** A longer line is no delimiter (RFC 2046 allows a token 70 characters). */
const LONGEST_LINE = 256;

/** Tokens devices write whatever they announce: most cameras and NVRs; access control and intercoms. */
const USUAL = [Buffer.from("--boundary"), Buffer.from("--MIME_boundary")] as const;

/** Delimiter a response announces (`--` + token), or the usual one when it announces none. */
export function announcedDelimiter(contentType: string | undefined): Buffer {
  const match = /;\s*boundary\s*=\s*(?:"([^"]*)"|([^;\s]*))/i.exec(contentType ?? "");
  const token = match?.[1] ?? match?.[2] ?? "";
  return token === "" ? USUAL[0] : Buffer.from(`--${token}`);
}

/** A delimiter line: where the next line begins, where the token ends, and whether it says "no more parts". */
export interface DelimiterLine {
  readonly next: number;
  readonly end: number;
  readonly closing: boolean;
}

/** Does a delimiter line, of any token, begin at `at`? "more": not enough bytes to tell. */
export function delimiterLineAt(bytes: Buffer, at: number): DelimiterLine | "more" | undefined {
  const limit = Math.min(bytes.length, at + LONGEST_LINE);
  let end = at;
  let word = false;
  for (let index = at; index < limit; index++) {
    const byte = bytes[index] ?? 0;
    if (byte === LF) {
      if (!word) return undefined;
      return { next: index + 1, end, closing: bytes[end - 1] === DASH && bytes[end - 2] === DASH };
    }
    if (index < at + 2) {
      if (byte !== DASH) return undefined;
      continue;
    }
    if (isBlank(byte)) continue;
    if (end !== index && index > at + 2) return undefined; // a blank inside: prose, not a token
    if (!isTokenByte(byte)) return undefined;
    word ||= isAlphanumeric(byte);
    end = index + 1;
  }
  return limit === bytes.length ? "more" : undefined;
}

/** Does one of the known delimiters stand at `at`, even in mid-line? "more": not enough bytes to tell. */
export function knownDelimiterAt(bytes: Buffer, at: number, current: Buffer): boolean | "more" {
  let short = false;
  for (const known of [current, ...USUAL]) {
    if (startsWith(bytes, at, known)) return true;
    short ||= bytes.length - at < known.length && startsWith(known, 0, bytes.subarray(at));
  }
  return short ? "more" : false;
}

/** What follows a delimiter line: a part's first header, an empty line, neither, or too little to tell. */
export function lineAfter(bytes: Buffer, at: number): "header" | "empty" | "other" | "more" {
  const limit = Math.min(bytes.length, at + 64);
  for (let index = at; index < limit; index++) {
    const byte = bytes[index] ?? 0;
    if (byte === 0x3a) return index > at ? "header" : "other";
    if (byte === LF) return index === at || (index === at + 1 && bytes[at] === CR) ? "empty" : "other";
    if (!isAlphanumeric(byte) && byte !== DASH && byte !== CR) return "other";
  }
  return limit === bytes.length ? "more" : "other";
}

/** Index of the last byte of a body that ends before `end`, without its line end: one CRLF or LF. */
export function withoutLineEnd(bytes: Buffer, start: number, end: number): number {
  if (end <= start || bytes[end - 1] !== LF) return end;
  return end - 1 > start && bytes[end - 2] === CR ? end - 2 : end - 1;
}

export function startsWith(bytes: Buffer, at: number, prefix: Buffer): boolean {
  if (bytes.length - at < prefix.length) return false;
  for (let index = 0; index < prefix.length; index++) {
    if (bytes[at + index] !== prefix[index]) return false;
  }
  return true;
}

export function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === CR || byte === LF;
}

function isAlphanumeric(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x30 && byte <= 0x39);
}

/** RFC 2046 `bchars` without the space, and angle brackets. */
function isTokenByte(byte: number): boolean {
  return isAlphanumeric(byte) || TOKEN_MARKS.includes(byte);
}

const TOKEN_MARKS = Buffer.from("-_'()+,./:=?<>");
