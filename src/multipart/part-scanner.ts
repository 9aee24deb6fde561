/**
 * Between parts: the next delimiter or, where devices forget it, the next document. Intercoms glue `HTTP/1.1 …` to
 * it (toxuin/alarmserver, tcpEventReader.go) or leave a header line in front (mezz64/pyHik#77): all that is skipped.
 */
import { delimiterLineAt, type DelimiterLine, type Delimiters } from "./boundary";
import { isBlank, LF } from "./bytes";
import { alertStartsAt, JsonScan, XmlScan, type DocumentScan } from "./document-scan";

/**
 * What may begin here. "fresh": after headers, a delimiter or a document, white space aside: any of them; "line":
 * a delimiter of any token, an object; "anywhere", amid garbage: a known delimiter, `<?xml`, an alert.
 */
export type ScanPosition = "fresh" | "line" | "anywhere";

export interface ScanResult {
  /** Where it begins, or where to scan again with more bytes. */
  readonly at: number;
  /** Bytes passed over, white space not counted. */
  readonly skipped: number;
  readonly found: DelimiterLine | DocumentScan | undefined;
}

const DASH = 0x2d;
const LT = 0x3c;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const QUOTE = 0x22;

export class PartScanner {
  position: ScanPosition = "fresh";

  /** `type`: the part's content type, if there is one: a list is a document only where JSON was announced. */
  scan(bytes: Buffer, from: number, delimiters: Delimiters, type: string | undefined): ScanResult {
    let skipped = 0;
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (isBlank(byte) || isPadding(byte)) {
        if (this.position !== "fresh") this.position = byte === LF ? "line" : "anywhere";
        continue;
      }
      const begins = this.#beginsAt(bytes, at, byte, delimiters, type);
      if (begins === "more") return { at, skipped, found: undefined };
      if (begins !== undefined) return { at, skipped, found: begins };
      this.position = "anywhere";
      skipped++;
    }
    return { at: bytes.length, skipped, found: undefined };
  }

  #beginsAt(bytes: Buffer, at: number, byte: number, delimiters: Delimiters, type: string | undefined) {
    switch (byte) {
      case DASH: {
        const may = this.position === "anywhere" ? delimiters.standsAt(bytes, at) : true;
        if (may !== true) return may || undefined;
        const line = delimiterLineAt(bytes, at);
        return line === undefined || line === "more" ? line : (delimiters.known(bytes, at, line) ?? line);
      }
      case LT: {
        const may = this.position === "fresh" ? elementStartsAt(bytes, at) : alertStartsAt(bytes, at);
        return may === true ? new XmlScan() : may || undefined;
      }
      case OPEN_BRACE: {
        const may = this.position === "fresh" || (this.position === "line" && memberFollows(bytes, at));
        return may === true ? new JsonScan() : may || undefined;
      }
      case OPEN_BRACKET:
        return this.position === "fresh" && /json/i.test(type ?? "") ? new JsonScan() : undefined;
      default:
        return undefined;
    }
  }
}

/** NUL, or a byte of a UTF-8 byte order mark. */
function isPadding(byte: number): boolean {
  return byte === 0 || byte === 0xef || byte === 0xbb || byte === 0xbf;
}

/** An element, a declaration or a comment. */
function elementStartsAt(bytes: Buffer, at: number): boolean | "more" {
  const next = bytes[at + 1];
  return next === undefined ? "more" : /[A-Za-z_?!]/.test(String.fromCharCode(next));
}

/** `{` and the quote of a first member name. */
function memberFollows(bytes: Buffer, at: number): boolean | "more" {
  for (let index = at + 1; index < at + 32; index++) {
    const byte = bytes[index];
    if (byte === undefined) return "more";
    if (!isBlank(byte)) return byte === QUOTE;
  }
  return false;
}
