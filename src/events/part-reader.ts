/**
 * The bytes of `GET /ISAPI/Event/notification/alertStream` → parts, each handed on with its last byte. A document
 * ends where it says itself, a picture where its length says; delimiters put right what is broken. Reads no clock,
 * opens nothing, never throws. Every dialect and fault it knows is a named test in test/events.
 */
import {
  announcedDelimiter,
  delimiterLineAt,
  isBlank,
  knownDelimiterAt,
  LF,
  startsWith,
  withoutLineEnd,
} from "./boundary";
import { ByteQueue } from "./byte-queue";
import { DelimiterSearch } from "./delimiter-search";
import { alertStartsAt, JsonScan, XmlScan, type DocumentScan } from "./document-scan";
import { bodyKind, contentLength, HeaderBlock, NO_HEADERS, type PartHeaders } from "./part-headers";
import { isWholePicture, partBeginsAt, SizedBody } from "./sized-body";

export interface Part {
  /** Lower-case names, null prototype, repeated ones joined with ", ". Empty when the device sent none. */
  readonly headers: PartHeaders;
  /** A text part: its document, no white space around. Else the bytes as sent. Own memory, may be kept. */
  readonly body: Buffer;
}

export interface ReaderLimits {
  /** Header block of a part, bytes. Default 16 KiB. */
  readonly headerBytes: number;
  /** Body of a part, bytes. Default 16 MiB. A longer one is skipped. */
  readonly bodyBytes: number;
}

export interface ReaderCounts {
  /** Bytes written. */
  bytes: number;
  /** Parts handed on. */
  parts: number;
  /** Times the stream was not what its headers said, and the reader found its way again. */
  resyncs: number;
  /** Bytes that belonged to nothing. */
  skippedBytes: number;
  /** Bodies given up because the stream left them unfinished. */
  cut: number;
  /** Bodies and header blocks given up because of a limit. */
  oversized: number;
}

export interface ReaderOptions {
  /** Content-Type of the HTTP response. */
  readonly contentType?: string | undefined;
  /** Called within `write`, as soon as the last byte of a part is there. Must not throw. */
  readonly onPart: (part: Part) => void;
  readonly limits?: Partial<ReaderLimits>;
}

type State = "seek" | "headers" | "body" | "document" | "unsized" | "sized" | "ended";

const DASH = 0x2d;
const LT = 0x3c;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const QUOTE = 0x22;
const LINE_END = Buffer.from([LF]);
const LIMITS: ReaderLimits = { headerBytes: 16 << 10, bodyBytes: 16 << 20 };

export class PartReader {
  readonly counts: ReaderCounts = { bytes: 0, parts: 0, resyncs: 0, skippedBytes: 0, cut: 0, oversized: 0 };
  readonly #onPart: (part: Part) => void;
  readonly #limits: ReaderLimits;
  readonly #queue = new ByteQueue();
  #search: DelimiterSearch;
  #state: State = "seek";

  #block = new HeaderBlock();
  /** Delimiter in front of the headers being read. */
  #opened: Buffer | undefined;
  #headers = NO_HEADERS;
  /** Stream position where the part ends by its headers, -1 if they do not say. */
  #announcedEnd = -1;
  #scan: DocumentScan = new XmlScan();
  #sized: SizedBody | undefined;

  /** Seeking: nothing but white space since a part's headers, a document's end or the stream's start. */
  #fresh = true;
  /** Seeking: the next byte begins a line. */
  #lineStart = true;
  #astray = false;
  /** Up to this stream position, bytes have been read twice; up to `#doubted`, lengths are not believed. */
  #reread = 0;
  #doubted = 0;

  constructor(options: ReaderOptions) {
    this.#onPart = options.onPart;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#search = new DelimiterSearch(announcedDelimiter(options.contentType));
  }

  /** Reads the next bytes of the stream. The chunk may be reused afterwards. */
  write(chunk: Buffer): void {
    if (this.#state === "ended") return;
    this.counts.bytes += chunk.length;
    this.#queue.push(chunk);
    this.#readAll();
  }

  /** The stream is over: hands on what is complete, forgets the rest. */
  end(): void {
    if (this.#state === "ended") return;
    this.#doubted = Infinity;
    while (this.#sized !== undefined) {
      this.#endSized(this.#sized.finish());
      this.#readAll();
    }
    this.#queue.push(LINE_END); // ends a delimiter line that stands last
    this.#readAll();
    const { bytes, at } = this.#queue;
    const last = withoutLineEnd(bytes, at, bytes.length);
    const whole = this.#state === "unsized" && isWholePicture(bytes, last, at);
    if (!whole && (this.#state === "unsized" || this.#state === "document")) this.counts.cut++;
    this.#state = "ended";
    this.#queue.at = bytes.length;
    if (whole) this.#deliver(Buffer.from(bytes.subarray(at, last)));
    this.#queue.settle();
  }

  #readAll(): void {
    try {
      while (this.#queue.unread > 0 && this.#step());
    } finally {
      this.#queue.settle();
    }
  }

  /** Reads one thing; false: more bytes are needed. Hands on a part last, when its own state is in order. */
  #step(): boolean {
    switch (this.#state) {
      case "seek":
        return this.#seek();
      case "headers":
        return this.#readHeaderLine();
      case "body":
        return this.#openBody();
      case "document":
        return this.#readDocument();
      case "unsized":
        return this.#readUnsized();
      case "sized":
        return this.#readSized();
      case "ended":
        return false;
    }
  }

  /** Between parts: the next delimiter or, where devices forget it, the next document. */
  #seek(): boolean {
    const { bytes, at: from } = this.#queue;
    let skipped = 0;
    let at = from;
    let lineStart = this.#lineStart;
    let begun: boolean | "more" = false;
    for (; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (at > from) lineStart = bytes[at - 1] === LF;
      if (isBlank(byte) || isPadding(byte)) continue;
      begun = this.#beginsAt(bytes, at, byte, lineStart);
      if (begun !== false) break;
      this.#fresh = false;
      skipped++;
    }
    this.#lineStart = at < bytes.length ? lineStart : bytes[at - 1] === LF;
    this.counts.skippedBytes += skipped;
    if (skipped > 0 && !this.#astray) this.counts.resyncs++;
    this.#astray = begun !== true && (this.#astray || skipped > 0);
    if (begun !== true) this.#queue.at = at;
    return begun === true;
  }

  #beginsAt(bytes: Buffer, at: number, byte: number, lineStart: boolean): boolean | "more" {
    switch (byte) {
      case DASH:
        return this.#delimiterBegins(bytes, at, lineStart);
      case LT: {
        const begins = this.#fresh ? elementStartsAt(bytes, at) : alertStartsAt(bytes, at);
        return begins === true ? this.#beginDocument(at, new XmlScan()) : begins;
      }
      case OPEN_BRACE: {
        const begins = this.#fresh || (lineStart && memberFollows(bytes, at));
        return begins === true ? this.#beginDocument(at, new JsonScan()) : begins;
      }
      case OPEN_BRACKET: {
        const json = this.#fresh && /json/i.test(this.#headers["content-type"] ?? "");
        return json && this.#beginDocument(at, new JsonScan());
      }
      default:
        return false;
    }
  }

  #delimiterBegins(bytes: Buffer, at: number, lineStart: boolean): boolean | "more" {
    const known = lineStart || knownDelimiterAt(bytes, at, this.#search.delimiter);
    if (known !== true) return known;
    const line = delimiterLineAt(bytes, at);
    if (line === undefined || line === "more") return line ?? false;
    if (this.#queue.position(at) < this.#announcedEnd) this.counts.resyncs++;
    this.#queue.at = line.next;
    this.#headers = NO_HEADERS;
    this.#announcedEnd = -1;
    this.#fresh = true;
    this.#lineStart = true;
    if (line.closing) return true;
    this.#state = "headers";
    this.#block = new HeaderBlock();
    const current = startsWith(bytes, at, this.#search.delimiter);
    this.#opened = current ? undefined : Buffer.from(bytes.subarray(at, line.end));
    return true;
  }

  #beginDocument(at: number, scan: DocumentScan): true {
    this.#queue.at = at;
    this.#state = "document";
    this.#scan = scan;
    return true;
  }

  #readHeaderLine(): boolean {
    const { bytes, at } = this.#queue;
    const first = bytes[at];
    if (first === LT || first === OPEN_BRACE) return this.#endHeaders();
    const end = bytes.indexOf(LF, at);
    this.#block.size += end < 0 ? 0 : end + 1 - at;
    if (this.#block.size + (end < 0 ? this.#queue.unread : 0) > this.#limits.headerBytes) {
      this.counts.oversized++;
      this.#loseTrack();
      return true;
    }
    if (end < 0) return false;
    const line = bytes.toString("utf8", at, end).trimEnd();
    if (line.startsWith("--") && delimiterLineAt(bytes, at) !== undefined) {
      this.#state = "seek";
      return true;
    }
    this.#queue.at = end + 1;
    if (line === "") return this.#endHeaders();
    this.#block.add(line);
    return true;
  }

  #endHeaders(): true {
    const { headers } = this.#block;
    const length = contentLength(headers);
    this.#headers = headers;
    this.#announcedEnd = length === undefined ? -1 : this.#queue.position(this.#queue.at) + length;
    if (this.#opened !== undefined && (length !== undefined || "content-type" in headers)) {
      this.#search = new DelimiterSearch(this.#opened);
    }
    this.#state = "body";
    return true;
  }

  /** What the body is: by its type, and where that does not say it or lies, by its first bytes. */
  #openBody(): boolean {
    const { bytes, at, unread } = this.#queue;
    const jpeg = bytes[at] === 0xff;
    if (jpeg && unread < 2) return false;
    let kind = bodyKind(this.#headers);
    if (jpeg && bytes[at + 1] === 0xd8) kind = "binary";
    if (kind === "unknown" && this.#announcedEnd >= 0 && !beginsDocument(bytes[at] ?? 0)) kind = "binary";
    if (kind !== "binary") {
      this.#state = "seek";
      this.#fresh = true;
      this.#lineStart = true;
      return true;
    }
    const start = this.#queue.position(at);
    const length = this.#announcedEnd - start;
    if (this.#announcedEnd < 0 || length > this.#limits.bodyBytes || start < this.#doubted) {
      this.#state = "unsized";
    } else {
      this.#state = "sized";
      this.#sized = new SizedBody(length, this.#search.delimiter);
    }
    return true;
  }

  #readDocument(): boolean {
    const queue = this.#queue;
    let hit = this.#search.next(queue, queue.at);
    for (;;) {
      const text = queue.bytes.subarray(queue.at, hit < 0 ? queue.bytes.length : hit);
      const found = this.#scan.scan(text);
      if (found !== undefined && "end" in found) return this.#endDocument(text.subarray(0, found.end));
      if (found !== undefined) return this.#restartDocument(queue.at + found.again);
      const part = hit < 0 ? "more" : partBeginsAt(queue.bytes, hit);
      if (part === true) return this.#cutDocument(text);
      if (part === "more") return this.#isOversized(hit);
      hit = this.#search.next(queue, hit + 1);
    }
  }

  #endDocument(text: Buffer): true {
    this.#queue.at += text.length;
    this.#state = "seek";
    this.#fresh = true;
    this.#lineStart = true;
    if (this.#announcedEnd >= 0 && this.#queue.position(this.#queue.at) > this.#announcedEnd) {
      this.counts.resyncs++;
      this.#announcedEnd = -1;
    }
    this.#deliver(Buffer.from(text));
    return true;
  }

  /** Another document begins inside: this one was cut, or wraps it. */
  #restartDocument(at: number): true {
    this.counts.cut++;
    this.counts.resyncs++;
    this.#queue.at = at;
    this.#scan = this.#queue.bytes[at] === LT ? new XmlScan() : new JsonScan();
    return true;
  }

  /** A part begins before the document has ended. As long as announced, it is what the device meant; else cut. */
  #cutDocument(text: Buffer): true {
    this.#queue.at += text.length;
    this.#state = "seek";
    this.#lineStart = true;
    const over = this.#queue.position(this.#queue.at) - this.#announcedEnd;
    if (this.#announcedEnd >= 0 && over >= 0 && over <= 2) {
      this.#deliver(Buffer.from(text.subarray(0, withoutLineEnd(text, 0, text.length))));
    } else {
      this.counts.cut++;
      this.counts.resyncs++;
    }
    return true;
  }

  /** A binary body without a length that can be believed: ends at the next delimiter. */
  #readUnsized(): boolean {
    const queue = this.#queue;
    const { bytes, at } = queue;
    for (let hit = this.#search.next(queue, at); hit >= 0; hit = this.#search.next(queue, hit + 1)) {
      const alone = hit === at || bytes[hit - 1] === LF;
      const line = alone ? delimiterLineAt(bytes, hit) : partBeginsAt(bytes, hit);
      if (line === "more") return this.#isOversized(hit);
      if (line === undefined || line === false) continue;
      queue.at = hit;
      this.#afterBinary();
      this.#deliver(Buffer.from(bytes.subarray(at, withoutLineEnd(bytes, at, hit))));
      return true;
    }
    return this.#isOversized(-1);
  }

  #readSized(): boolean {
    const queue = this.#queue;
    const body = this.#sized;
    if (body === undefined) return false;
    queue.at += body.fill(queue.bytes, queue.at);
    const verdict = body.verdict(queue.bytes, queue.at);
    if (verdict === undefined) return false;
    this.#endSized(verdict);
    return true;
  }

  #endSized({ body, rest }: { body?: Buffer; rest?: Buffer }): void {
    this.#sized = undefined;
    this.#afterBinary();
    if (rest !== undefined) this.#readAgain(rest);
    if (body === undefined) this.counts.cut++;
    else this.#deliver(body);
  }

  /** Bytes read too far are read again, once by length; after that by delimiters alone, so that it ends. */
  #readAgain(rest: Buffer): void {
    const queue = this.#queue;
    const end = queue.position(queue.at);
    if (end - rest.length < this.#reread) this.#doubted = Math.max(this.#doubted, end);
    this.#reread = end;
    this.counts.resyncs++;
    this.#announcedEnd = -1;
    queue.putBack(rest);
  }

  #afterBinary(): void {
    this.#state = "seek";
    this.#fresh = false;
    this.#lineStart = true;
  }

  /** Gives up an unfinished body over the limit, all but a delimiter at `hit` or half arrived. False: go on. */
  #isOversized(hit: number): boolean {
    const queue = this.#queue;
    if (queue.unread <= this.#limits.bodyBytes) return false;
    const next = hit < 0 ? queue.bytes.length - this.#search.delimiter.length : hit;
    this.counts.oversized++;
    this.counts.skippedBytes += next - queue.at;
    queue.at = next;
    this.#loseTrack();
    return true;
  }

  #loseTrack(): void {
    this.#state = "seek";
    this.#headers = NO_HEADERS;
    this.#announcedEnd = -1;
    this.#fresh = false;
    this.#lineStart = false;
  }

  #deliver(body: Buffer): void {
    this.counts.parts++;
    this.#onPart({ headers: this.#headers, body });
  }
}

function beginsDocument(byte: number): boolean {
  return byte === LT || byte === OPEN_BRACE || byte === OPEN_BRACKET || isBlank(byte) || isPadding(byte);
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
