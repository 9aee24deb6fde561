/**
 * The bytes of `GET /ISAPI/Event/notification/alertStream` → parts, each handed on with its last byte. A document
 * ends where it says itself, a picture where its length says; delimiters put right what is broken. Reads no clock,
 * opens nothing, never throws. Every dialect and fault it knows is a named test in test/multipart.
 */
import { delimiterLineAt, Delimiters, type DelimiterLine } from "./boundary";
import { ByteQueue } from "./byte-queue";
import { LF, withoutLineEnd } from "./bytes";
import { DelimiterSearch } from "./delimiter-search";
import type { DocumentScan } from "./document-scan";
import { contentLength, HeaderBlock, isBinary, KnownBlocks, NO_HEADERS, type PartHeaders } from "./part-headers";
import { PartScanner, type ScanPosition } from "./part-scanner";
import { isWholePicture, LengthDelimitedBody, type BodyResult } from "./length-delimited-body";

export interface Part {
  /** Lower-case names, null prototype, repeated ones joined with ", ". Empty when the device sent none. */
  readonly headers: PartHeaders;
  /**
   * A text part: its document. A JPEG: from its start mark to its end mark. No white space around, whatever the length
   * counts. Else the bytes as sent. Own memory, may be kept, unless {@link ReaderOptions.onPart} answers otherwise.
   */
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
  /** Times the stream was not what it announced, and the reader resynchronised. */
  resyncs: number;
  /** Bytes that belonged to no part. */
  skippedBytes: number;
  /** Bodies given up because the stream left them unfinished. */
  cut: number;
  /** Bodies and header blocks given up because of a limit. */
  oversized: number;
}

export interface ReaderOptions {
  /** Content-Type of the HTTP response; it may announce the boundary. */
  readonly contentType?: string | undefined;
  /**
   * Called within `write`, as soon as the last byte of a part is there. Must not throw. `"free"`: nobody keeps the body, its memory may
   * be used for the next one.
   */
  readonly onPart: (part: Part) => unknown;
  readonly limits?: Partial<ReaderLimits>;
}

/** What comes next: something between parts, a header line, a body of unknown kind, or more of a body. */
type State =
  | { readonly reads: "anything" | "headers" | "body" | "unsized" | "nothing" }
  | { readonly reads: "document"; readonly scan: DocumentScan }
  | { readonly reads: "sized"; readonly body: LengthDelimitedBody };

const ANYTHING: State = { reads: "anything" };
const HEADERS: State = { reads: "headers" };
const BODY: State = { reads: "body" };
const UNSIZED: State = { reads: "unsized" };
const NOTHING: State = { reads: "nothing" };

const LT = 0x3c;
const OPEN_BRACE = 0x7b;
const LINE_END = Buffer.from([LF]);
const LIMITS: ReaderLimits = { headerBytes: 16 << 10, bodyBytes: 16 << 20 };

export class PartReader {
  readonly counts: ReaderCounts = { bytes: 0, parts: 0, resyncs: 0, skippedBytes: 0, cut: 0, oversized: 0 };
  readonly #onPart: ReaderOptions["onPart"];
  readonly #limits: ReaderLimits;
  readonly #queue = new ByteQueue();
  readonly #scanner = new PartScanner();
  readonly #delimiters: Delimiters;
  readonly #search: DelimiterSearch;
  #state = ANYTHING;
  /** Skipping bytes that belong to no part. */
  #offTrack = false;

  readonly #knownBlocks = new KnownBlocks();
  #block = new HeaderBlock();
  /** Stream position where the headers being read begin. */
  #headersFrom = 0;
  /** Delimiter in front of the headers being read, if it is not known yet. */
  #newDelimiter: Buffer | undefined;
  #headers = NO_HEADERS;
  /** Stream position where the part ends by its headers, -1 if they do not say. */
  #announcedEnd = -1;
  /** Up to this stream position bytes were read twice; up to `#distrustedTo` lengths are no longer trusted. */
  #rereadTo = 0;
  #distrustedTo = 0;

  constructor(options: ReaderOptions) {
    this.#onPart = options.onPart;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#delimiters = new Delimiters(options.contentType);
    this.#search = new DelimiterSearch(this.#queue, this.#delimiters);
  }

  /** Memory held for an unfinished part, bytes: at most a body and a chunk, nothing between parts. */
  get heldBytes(): number {
    return this.#queue.heldBytes + (this.#state.reads === "sized" ? this.#state.body.heldBytes : 0);
  }

  /** Is it amid the bytes of a picture? */
  get isInPicture(): boolean {
    return this.#state.reads === "sized" || this.#state.reads === "unsized";
  }

  /** Reads the next bytes of the stream. The chunk is not kept. */
  write(chunk: Buffer): void {
    if (this.#state === NOTHING) return;
    this.counts.bytes += chunk.length;
    this.#queue.push(chunk);
    this.#read();
  }

  /** The stream is over: hands on what is complete, forgets the rest. */
  end(): void {
    if (this.#state === NOTHING) return;
    this.#distrustedTo = Infinity;
    if (this.#state.reads === "sized") {
      this.#endSized(this.#state.body, this.#state.body.finish());
      this.#read();
    }
    if (this.#queue.bytes.at(-1) !== LF) this.#queue.push(LINE_END); // for a delimiter that stands last
    this.#read();
    const { bytes, at } = this.#queue;
    const last = withoutLineEnd(bytes, at, bytes.length);
    const { reads } = this.#state;
    const whole = reads === "unsized" && isWholePicture(bytes, last, at);
    if (!whole && (reads === "unsized" || reads === "document")) this.counts.cut++;
    const body = whole ? Buffer.from(bytes.subarray(at, last)) : undefined;
    this.#state = NOTHING;
    this.#queue.at = bytes.length;
    this.#queue.settle();
    if (body !== undefined) this.#deliver(body);
  }

  #read(): void {
    try {
      while (this.#queue.unread > 0 && this.#step());
    } finally {
      this.#queue.settle();
    }
  }

  /** Reads one thing; false: more bytes are needed. A part is handed on last, when all is ready for the next. */
  #step(): boolean {
    const state = this.#state;
    switch (state.reads) {
      case "anything":
        return this.#scanForPart();
      case "headers":
        return this.#readHeaderLine();
      case "body":
        return this.#openBody();
      case "document":
        return this.#readDocument(state.scan);
      case "unsized":
        return this.#readUnsized();
      case "sized":
        return this.#readSized(state.body);
      case "nothing":
        return false;
    }
  }

  #scanForPart(): boolean {
    const queue = this.#queue;
    const type = this.#headers["content-type"];
    const { at, skipped, found } = this.#scanner.scan(queue.bytes, queue.at, this.#delimiters, type);
    this.counts.skippedBytes += skipped;
    if (skipped > 0 && !this.#offTrack) this.counts.resyncs++;
    this.#offTrack = found === undefined && (this.#offTrack || skipped > 0);
    queue.at = at;
    if (found === undefined) return false;
    if ("scan" in found) this.#state = { reads: "document", scan: found };
    else this.#openPart(found);
    return true;
  }

  #openPart(line: DelimiterLine): void {
    const { bytes, at } = this.#queue;
    if (this.#queue.position(at) < this.#announcedEnd) this.counts.resyncs++;
    const known = this.#delimiters.known(bytes, at, line) !== undefined;
    this.#newDelimiter = known ? undefined : Buffer.from(bytes.subarray(at, line.end));
    this.#headers = NO_HEADERS;
    this.#announcedEnd = -1;
    this.#queue.at = line.next;
    this.#scanFrom("fresh");
    if (line.closing) return;
    const repeated = this.#knownBlocks.at(bytes, line.next);
    if (repeated) {
      this.#queue.at += repeated.bytes.length;
      this.#endHeaders(repeated.headers);
      return;
    }
    this.#block = new HeaderBlock();
    this.#headersFrom = this.#queue.position(line.next);
    this.#state = HEADERS;
  }

  #readHeaderLine(): boolean {
    const { bytes, at, unread } = this.#queue;
    const first = bytes[at];
    if (first === LT || first === OPEN_BRACE) return this.#endHeaders(this.#block.headers);
    const end = bytes.indexOf(LF, at);
    const length = end < 0 ? unread : end + 1 - at;
    if (this.#block.size + length > this.#limits.headerBytes) {
      this.counts.oversized++;
      return this.#resync();
    }
    if (end < 0) return false;
    const line = bytes.toString("utf8", at, end).trimEnd();
    if (line.startsWith("--") && delimiterLineAt(bytes, at) !== undefined) return this.#scanFrom("fresh");
    this.#queue.at = end + 1;
    if (line === "") {
      const { headers } = this.#block;
      const from = this.#queue.index(this.#headersFrom);
      if (from >= 0) this.#knownBlocks.store(bytes.subarray(from, end + 1), headers);
      return this.#endHeaders(headers);
    }
    this.#block.size += length;
    this.#block.add(line);
    return true;
  }

  #endHeaders(headers: PartHeaders): true {
    const length = contentLength(headers);
    this.#headers = headers;
    this.#announcedEnd = length === undefined ? -1 : this.#queue.position(this.#queue.at) + length;
    if (this.#newDelimiter !== undefined && (length !== undefined || "content-type" in headers)) {
      this.#delimiters.learn(this.#newDelimiter);
      this.#search.restart();
    }
    this.#state = BODY;
    return true;
  }

  #openBody(): true {
    const { bytes, at } = this.#queue;
    if (!isBinary(this.#headers, bytes[at] ?? 0)) return this.#scanFrom("fresh");
    const length = this.#announcedEnd < 0 ? Infinity : this.#announcedEnd - this.#queue.position(at);
    const believed = length <= this.#limits.bodyBytes && this.#queue.position(at) >= this.#distrustedTo;
    this.#state = believed ? { reads: "sized", body: new LengthDelimitedBody(length, this.#delimiters) } : UNSIZED;
    return true;
  }

  #readDocument(scan: DocumentScan): boolean {
    const queue = this.#queue;
    let hit = this.#search.next(queue.at);
    for (;;) {
      const text = queue.bytes.subarray(queue.at, hit < 0 ? queue.bytes.length : hit);
      const found = scan.scan(text);
      if (found !== undefined && "end" in found) return this.#endDocument(text.subarray(0, found.end));
      if (found !== undefined) return this.#dropDocument(queue.at + found.again);
      const part = hit < 0 ? "more" : this.#delimiters.partAt(queue.bytes, hit);
      if (part === true) return this.#cutDocument(text);
      if (part === "more") return this.#dropOversized(hit);
      hit = this.#search.next(hit + 1);
    }
  }

  #endDocument(text: Buffer): true {
    const queue = this.#queue;
    queue.at += text.length;
    this.#scanFrom("fresh");
    if (this.#announcedEnd >= 0 && queue.position(queue.at) > this.#announcedEnd) {
      this.counts.resyncs++;
      this.#announcedEnd = -1;
    }
    return this.#deliverCopy(text);
  }

  /** Another document begins at `at`, inside this one: it was cut, or wraps the other. */
  #dropDocument(at: number): true {
    this.counts.cut++;
    this.counts.resyncs++;
    this.#queue.at = at;
    return this.#scanFrom("fresh");
  }

  /** A part begins before the document has ended. Just as long as announced, it is what the device meant; else cut. */
  #cutDocument(text: Buffer): true {
    const queue = this.#queue;
    queue.at += text.length;
    this.#scanFrom("line");
    const over = queue.position(queue.at) - this.#announcedEnd;
    if (this.#announcedEnd >= 0 && over >= 0 && over <= 2) {
      return this.#deliverCopy(text.subarray(0, withoutLineEnd(text, 0, text.length)));
    }
    this.counts.cut++;
    this.counts.resyncs++;
    return true;
  }

  /** A binary body without a length that can be believed: ends at the next delimiter. */
  #readUnsized(): boolean {
    const queue = this.#queue;
    const { bytes, at } = queue;
    for (let hit = this.#search.next(at); hit >= 0; hit = this.#search.next(hit + 1)) {
      const alone = hit === at || bytes[hit - 1] === LF;
      const line = alone ? this.#delimiters.lineAt(bytes, hit) : this.#delimiters.partAt(bytes, hit);
      if (line === "more") return this.#dropOversized(hit);
      if (line === undefined || line === false) continue;
      queue.at = hit;
      this.#scanFrom("line");
      return this.#deliverCopy(bytes.subarray(at, withoutLineEnd(bytes, at, hit)));
    }
    return this.#dropOversized(-1);
  }

  #readSized(body: LengthDelimitedBody): boolean {
    const queue = this.#queue;
    queue.at += body.fill(queue.bytes, queue.at);
    const result = body.result(queue.bytes, queue.at);
    if (result !== undefined) this.#endSized(body, result);
    return result !== undefined;
  }

  #endSized(memory: LengthDelimitedBody, { body, rest }: BodyResult): void {
    this.#scanFrom("line");
    if (rest !== undefined) this.#readAgain(rest);
    if (body === undefined) this.counts.cut++;
    else if (this.#deliver(body) === "free" && rest === undefined) memory.reuse();
  }

  /** Bytes taken for a body are read again: once by lengths, then by delimiters alone, so that it comes to an end. */
  #readAgain(rest: Buffer): void {
    const queue = this.#queue;
    const end = queue.position(queue.at);
    if (end - rest.length < this.#rereadTo) this.#distrustedTo = Math.max(this.#distrustedTo, end);
    this.#rereadTo = end;
    this.counts.resyncs++;
    this.#announcedEnd = -1;
    queue.putBack(rest);
  }

  /** Drops an unfinished body over the limit, except a delimiter at `hit` or half there. False: go on waiting. */
  #dropOversized(hit: number): boolean {
    const queue = this.#queue;
    if (queue.unread <= this.#limits.bodyBytes) return false;
    const next = hit < 0 ? Math.max(queue.at + 1, queue.bytes.length - this.#delimiters.longest) : hit;
    this.counts.oversized++;
    this.counts.skippedBytes += next - queue.at;
    queue.at = next;
    return this.#resync();
  }

  #resync(): true {
    this.#headers = NO_HEADERS;
    this.#announcedEnd = -1;
    return this.#scanFrom("anywhere");
  }

  #scanFrom(place: ScanPosition): true {
    this.#state = ANYTHING;
    this.#scanner.position = place;
    return true;
  }

  /** Hands on bytes of the queue, unless they are too many. */
  #deliverCopy(bytes: Buffer): true {
    if (bytes.length > this.#limits.bodyBytes) this.counts.oversized++;
    else this.#deliver(Buffer.from(bytes));
    return true;
  }

  #deliver(body: Buffer): unknown {
    this.counts.parts++;
    return this.#onPart({ headers: this.#headers, body });
  }
}
