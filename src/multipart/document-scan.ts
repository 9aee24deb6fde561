/**
 * Where an XML or JSON document ends, found as its bytes come in; each byte is looked at once. Not parsers: they
 * find only the end, and whether a document was cut and another begins inside it.
 */
import { byteSet, isBlank, skipBlanks, startsWith } from "./bytes";

/** `end`: index after the document. `again`: index where another seems to begin, because this one was cut. */
export type DocumentBoundary = { readonly end: number } | { readonly again: number } | undefined;

export interface DocumentScan {
  /** `text`: the document from its first byte, as far as it is there; longer by each call. Undefined: not ended. */
  scan(text: Buffer): DocumentBoundary;
}

const PROLOG = Buffer.from("<?xml");
const ALERT = Buffer.from("EventNotificationAlert");
/** Longest element name looked at. */
const MAX_NAME_BYTES = 128;
const LT = 0x3c;
const GT = 0x3e;
/** After the first bracket of what is no element. */
const DECLARES = byteSet("?!");
const SLASH = 0x2f;
const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const BACKSLASH = 0x5c;

/**
 * XML: ends with the root's end tag. A second start tag of the root means the first document was cut.
 * An end tag in a comment or CDATA section is taken for the real one: no device is known to send one there.
 */
export class XmlScan implements DocumentScan {
  /** Offset up to which all bytes were scanned. */
  #scannedTo = 0;
  #root: Buffer | undefined;
  #inRootTag = true;
  /** Offset up to which no alert was found inside another root. */
  #alertSearchedTo = 0;

  scan(text: Buffer): DocumentBoundary {
    const cut = this.#root === undefined ? this.#findRoot(text) : undefined;
    if (cut !== undefined || this.#root === undefined) return cut;
    return (this.#inRootTag ? this.#endRootTag(text) : undefined) ?? this.#findEnd(text, this.#root);
  }

  /** Name of the first element, past declaration, comments and DOCTYPE. */
  #findRoot(text: Buffer): DocumentBoundary {
    for (let open; (open = text.indexOf(LT, this.#scannedTo)) >= 0; this.#scannedTo = open + 1) {
      this.#scannedTo = open;
      const end = nameEnd(text, open + 1);
      if (end === undefined) return undefined;
      if (end === open + 1) continue;
      if (open > 0 && DECLARES[text[1] ?? 0] !== 1) return { again: open };
      const isAlert = end === open + 1 + ALERT.length && startsWith(text, open + 1, ALERT);
      this.#root = isAlert ? ALERT : Buffer.from(text.subarray(open + 1, end));
      this.#scannedTo = end;
      return undefined;
    }
    this.#scannedTo = text.length;
    return undefined;
  }

  /** An empty root is the whole document; one with a tag inside its tag was cut. */
  #endRootTag(text: Buffer): DocumentBoundary {
    const close = text.indexOf(GT, this.#scannedTo);
    const again = text.indexOf(LT, this.#scannedTo);
    if (again >= 0 && (close < 0 || again < close)) return { again };
    if (close > 0 && text[close - 1] === SLASH) return { end: close + 1 };
    this.#inRootTag = close < 0;
    this.#scannedTo = close < 0 ? text.length : close + 1;
    this.#alertSearchedTo = this.#scannedTo;
    return undefined;
  }

  #findEnd(text: Buffer, root: Buffer): DocumentBoundary {
    while (!this.#inRootTag) {
      const hit = text.indexOf(root, this.#scannedTo);
      if (hit < 0) {
        this.#scannedTo = Math.max(this.#scannedTo, text.length - root.length + 1);
        return this.#findNestedAlert(text, root, text.length);
      }
      this.#scannedTo = hit;
      let after = hit + root.length;
      if (text[hit - 1] === SLASH && text[hit - 2] === LT) {
        after = skipBlanks(text, after);
        if (after === text.length) return undefined;
        if (text[after] === GT) return this.#findNestedAlert(text, root, hit) ?? { end: after + 1 };
      } else if (text[hit - 1] === LT) {
        if (after === text.length) return undefined;
        if (isNameEnd(text[after] ?? 0)) return { again: withProlog(text, hit - 1) };
      }
      this.#scannedTo = hit + 1;
    }
    return undefined;
  }

  /** An alert inside another root, before `limit`: a wrapper, or a root that never ends. The alert counts. */
  #findNestedAlert(text: Buffer, root: Buffer, limit: number): DocumentBoundary {
    if (startsWith(root, root.length - ALERT.length, ALERT)) return undefined;
    for (;;) {
      const hit = text.indexOf(ALERT, this.#alertSearchedTo);
      if (hit < 0 || hit > limit) {
        this.#alertSearchedTo = Math.max(this.#alertSearchedTo, Math.min(limit, text.length - ALERT.length + 1));
        return undefined;
      }
      const near = Math.max(0, hit - MAX_NAME_BYTES);
      const open = near + text.subarray(near, hit).lastIndexOf(LT);
      const start = open < near ? false : alertStartsAt(text, open);
      if (start === "more") return undefined;
      this.#alertSearchedTo = hit + 1;
      if (start) return { again: withProlog(text, open) };
    }
  }
}

/** JSON: ends when its first bracket closes. What cannot stand in one document shows that it was cut. */
export class JsonScan implements DocumentScan {
  #looked = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** The last byte that meant something, and where it stood. */
  #last = 0;
  #lastAt = 0;

  scan(text: Buffer): DocumentBoundary {
    for (let at = this.#looked; at < text.length; at++) {
      const byte = text[at] ?? 0;
      if (this.#inString) {
        if (!this.#endsString(byte)) continue;
        this.#inString = false;
      } else {
        if (isBlank(byte)) continue;
        const cut = this.#cutAt(text, at, byte);
        if (cut >= 0) return { again: cut };
        if (byte === QUOTE) this.#inString = true;
        else if (byte === OPEN_BRACE || byte === 0x5b) this.#depth++;
        else if ((byte === 0x7d || byte === 0x5d) && --this.#depth <= 0) return { end: at + 1 };
      }
      this.#last = byte;
      this.#lastAt = at;
    }
    this.#looked = text.length;
    return undefined;
  }

  #endsString(byte: number): boolean {
    const escaped = this.#escaped;
    this.#escaped = !escaped && byte === BACKSLASH;
    return !escaped && byte === QUOTE;
  }

  /** Where another document begins, if `byte` cannot follow in this one: the text was cut outside or inside a string. */
  #cutAt(text: Buffer, at: number, byte: number): number {
    if (byte === LT) return at;
    if (this.#last === QUOTE && MAY_FOLLOW_STRING[byte] !== 1) {
      let open = this.#lastAt - 1;
      while (open > 0 && isBlank(text[open] ?? 0)) open--;
      if (open > 0 && text[open] === OPEN_BRACE) return open;
    }
    return byte === OPEN_BRACE && this.#depth > 0 && MAY_PRECEDE_VALUE[this.#last] !== 1 ? at : -1;
  }
}

const MAY_PRECEDE_VALUE = byteSet(":,[");
const MAY_FOLLOW_STRING = byteSet(":,]}");

/** `<?xml`, or the start tag of an alert: begins a document even amid garbage. */
export function alertStartsAt(bytes: Buffer, at: number): boolean | "more" {
  if (bytes[at + 1] === PROLOG[1]) {
    if (startsWith(bytes, at, PROLOG)) return true;
    return bytes.length - at < PROLOG.length && startsWith(PROLOG, 0, bytes.subarray(at)) ? "more" : false;
  }
  const end = nameEnd(bytes, at + 1);
  if (end === undefined) return "more";
  const start = end - ALERT.length;
  return startsWith(bytes, start, ALERT) && (start === at + 1 || bytes[start - 1] === 0x3a);
}

/** Index after the name that begins at `at` (`at` itself if there is none); undefined: it may go on. */
function nameEnd(bytes: Buffer, at: number): number | undefined {
  const limit = Math.min(bytes.length, at + MAX_NAME_BYTES);
  for (let index = at; index < limit; index++) {
    const byte = bytes[index] ?? 0;
    if (isNameEnd(byte)) return index;
    if (!isNameByte(byte)) return at;
  }
  return limit === bytes.length ? undefined : at;
}

function isNameEnd(byte: number): boolean {
  return byte === GT || byte === SLASH || isBlank(byte);
}

function isNameByte(byte: number): boolean {
  const letter = byte | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (byte >= 0x2d && byte <= 0x3a) || byte === 0x5f || byte >= 0x80;
}

/** Start of the XML declaration right in front of an element, else the element's own. */
function withProlog(text: Buffer, element: number): number {
  const prolog = text.lastIndexOf(PROLOG, element);
  if (prolog < 0 || element - prolog > 256) return element;
  return /^<\?xml[^>]*\?>\s*$/.test(text.toString("latin1", prolog, element)) ? prolog : element;
}
