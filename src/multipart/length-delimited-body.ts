/**
 * A body of announced length, pictures mostly. The length is believed, so that a picture may hold any bytes, until
 * the stream proves it too long: the picture is over (JPEG end mark) and a part begins, or a part begins whose own
 * length leads exactly to the next delimiter. A length too short is believed; the rest is for the reader to skip.
 */
import { bodyMemory, reuseMemory } from "./body-memory";
import { lineAfter, type Delimiters } from "./boundary";
import { isBlank, LF, skipBlanks, withoutLineEnd } from "./bytes";
import { contentLength, HeaderBlock } from "./part-headers";

/** Memory allocated at once, bytes; more is allocated as a longer body arrives. */
const INITIAL_BYTES = 1 << 20;
const MAX_HEADER_BYTES = 4096;
const MAX_PENDING = 8;
const DASH = 0x2d;

/** The body's bytes, unless it was cut, and the bytes read too far, unless the length was right. */
export interface BodyResult {
  readonly body?: Buffer;
  readonly rest?: Buffer;
}

export class LengthDelimitedBody {
  readonly #length: number;
  readonly #delimiters: Delimiters;
  #memory: Buffer;
  #filled = 0;
  #searched = 0;
  /** Delimiters inside that later bytes will settle. */
  readonly #pending: number[] = [];
  /** The first one that no bytes can settle, Infinity if there is none. */
  #uncertainAt = Infinity;

  constructor(length: number, delimiters: Delimiters) {
    this.#length = length;
    this.#delimiters = delimiters;
    this.#memory = bodyMemory(Math.min(length, INITIAL_BYTES));
  }

  get heldBytes(): number {
    return this.#memory.length;
  }

  /** Nobody has kept what it gave out: its memory may hold another body. */
  reuse(): void {
    reuseMemory(this.#memory);
  }

  /** Where the first part that may begin inside would begin, Infinity if nowhere. */
  get #suspectAt(): number {
    return Math.min(this.#uncertainAt, this.#pending[0] ?? Infinity);
  }

  /** Takes what belongs to the body from `bytes`, from `at` on; returns how many bytes that were. */
  fill(bytes: Buffer, at: number): number {
    const count = Math.min(this.#length - this.#filled, bytes.length - at);
    if (this.#filled + count > this.#memory.length) {
      const room = Math.min(this.#length, Math.max(this.#memory.length * 2, this.#filled + count));
      const memory = Buffer.allocUnsafe(room);
      this.#memory.copy(memory, 0, 0, this.#filled);
      this.#memory = memory;
    }
    bytes.copy(this.#memory, this.#filled, at, at + count);
    this.#filled += count;
    return count;
  }

  /** Undefined while more bytes are needed. `following`, from `at` on: what came after the body. */
  result(following: Buffer, at: number): BodyResult | undefined {
    const bytes = this.#memory.subarray(0, this.#filled);
    const inner = this.#partInside(bytes);
    if (inner !== undefined) return inner;
    if (this.#filled < this.#length) return undefined;
    return this.#suspectAt < Infinity
      ? this.#resolveSuspect(bytes, following, at)
      : this.#checkTail(bytes, following, at);
  }

  /** The stream is over: what can be saved of a body that is not complete. */
  finish(): BodyResult {
    const bytes = this.#memory.subarray(0, this.#filled);
    if (this.#filled === this.#length) return whole(bytes);
    return this.#suspectAt < Infinity ? cutAt(bytes, this.#suspectAt) : {};
  }

  /** Classifies the delimiters that have come in, and again those that needed more bytes. */
  #partInside(bytes: Buffer): BodyResult | undefined {
    const pending = this.#pending.splice(0);
    for (;;) {
      const at = pending.shift() ?? this.#delimiters.indexIn(bytes, this.#searched);
      if (at < 0 || this.#delimiters.standsAt(bytes, at) === "more") {
        this.#searched = Math.max(this.#searched, at < 0 ? bytes.length - 1 : at);
        return undefined;
      }
      const kind = this.#classify(bytes, at);
      if (kind === "over") return cutAt(bytes, at);
      if (kind === "part") return cutAt(bytes, Math.min(at, this.#suspectAt));
      if (kind === "later" && this.#pending.length < MAX_PENDING) this.#pending.push(at);
      if (kind === "uncertain") this.#uncertainAt = Math.min(this.#uncertainAt, at);
      this.#searched = Math.max(this.#searched, at + 1);
    }
  }

  /**
   * What a delimiter inside is. "over": the picture ends before it, and a part begins; "part": one begins whose own
   * length leads to the next delimiter; "later": needs more bytes; "uncertain": no bytes can settle it.
   */
  #classify(bytes: Buffer, at: number): "over" | "part" | "later" | "uncertain" | "no" {
    const over = isComplete(bytes, withoutLineEnd(bytes, 0, at));
    const part = over ? this.#delimiters.partAt(bytes, at) : partStandsAt(bytes, at, this.#delimiters);
    if (part === "more") return "later";
    if (part === "unsized") return "uncertain";
    return part ? (over ? "over" : "part") : "no";
  }

  /** All there; a part seemed to begin inside. Right length if the picture ends, or a delimiter follows, here. */
  #resolveSuspect(bytes: Buffer, following: Buffer, at: number): BodyResult | undefined {
    if (isWholePicture(bytes, withoutLineEnd(bytes, 0, bytes.length))) return whole(bytes);
    const follows = this.#delimiters.standsAt(following, skipBlanks(following, at));
    if (follows === "more") return undefined;
    return follows ? whole(bytes) : cutAt(bytes, this.#suspectAt);
  }

  /** All there; a length a few bytes too long has eaten the first bytes of the next delimiter. */
  #checkTail(bytes: Buffer, following: Buffer, at: number): BodyResult | undefined {
    const { longest } = this.#delimiters;
    for (let start = Math.max(0, bytes.length - longest + 1); start < bytes.length; start++) {
      if (bytes[start] !== DASH || !(bytes[start - 1] === LF || isComplete(bytes, start))) continue;
      if (this.#delimiters.standsAt(bytes, start) !== "more") continue;
      const tail = Buffer.concat([bytes.subarray(start), following.subarray(at, at + longest)]);
      const stands = this.#delimiters.standsAt(tail, 0);
      if (stands === "more") return undefined;
      if (stands) {
        const end = withoutLineEnd(bytes, 0, start);
        return { body: Buffer.from(bytes.subarray(0, end)), rest: bytes.subarray(start) };
      }
    }
    return whole(bytes);
  }
}

/** The length was right. A line end counted in it is no part of a picture. */
function whole(bytes: Buffer): BodyResult {
  for (let end = bytes.length; end >= bytes.length - 2; end--) {
    if (isWholePicture(bytes, end)) return { body: bytes.subarray(0, end) };
    if (!isBlank(bytes[end - 1] ?? 0)) break;
  }
  return { body: bytes };
}

/** Another part begins at `at`: what stands before is the body if it is over there. */
function cutAt(bytes: Buffer, at: number): BodyResult {
  const end = withoutLineEnd(bytes, 0, at);
  const rest = bytes.subarray(at);
  return isComplete(bytes, end) ? { body: Buffer.from(bytes.subarray(0, end)), rest } : { rest };
}

/** Nothing at all, or a picture with its end mark. */
function isComplete(bytes: Buffer, end: number): boolean {
  return end === 0 || isWholePicture(bytes, end);
}

/** From a JPEG start mark to an end mark right before `end`. */
export function isWholePicture(bytes: Buffer, end: number, start = 0): boolean {
  return (
    end - start >= 4 &&
    bytes[start] === 0xff &&
    bytes[start + 1] === 0xd8 &&
    bytes[end - 2] === 0xff &&
    bytes[end - 1] === 0xd9
  );
}

/** A part at `at` whose own length leads exactly to the next delimiter: no accident. "unsized": it has none. */
function partStandsAt(bytes: Buffer, at: number, delimiters: Delimiters): boolean | "more" | "unsized" {
  const line = delimiters.lineAt(bytes, at);
  if (line === "more") return "more";
  if (line === undefined || line.closing || lineAfter(bytes, line.next) === "other") return false;
  const block = new HeaderBlock();
  let next = line.next;
  for (;;) {
    const end = bytes.indexOf(LF, next);
    if ((end < 0 ? bytes.length : end) - line.next > MAX_HEADER_BYTES) return false;
    if (end < 0) return "more";
    const text = bytes.toString("latin1", next, end).trimEnd();
    next = end + 1;
    if (text === "") break;
    block.add(text);
  }
  const length = contentLength(block.headers);
  if (length === undefined) return "unsized";
  return delimiters.standsAt(bytes, skipBlanks(bytes, next + length));
}
