/**
 * A body of announced length, pictures mostly. The length is believed, so that a picture may hold any bytes, until
 * the stream proves it too long: the picture is over (JPEG end mark) and a part begins, or a part begins whose own
 * length leads exactly to the next delimiter. A length too short is believed; the rest is for the reader to skip.
 */
import { delimiterLineAt, isBlank, lineAfter, LF, startsWith, withoutLineEnd } from "./boundary";
import { contentLength, HeaderBlock } from "./part-headers";

/** Memory taken at once, bytes; longer bodies earn it by arriving. */
const FIRST_ROOM = 1 << 20;
const LONGEST_HEAD = 4096;

/** What became of the body: its bytes, unless it was cut, and what was read too much, unless the length was right. */
export interface Verdict {
  readonly body?: Buffer;
  readonly rest?: Buffer;
}

export class SizedBody {
  readonly #length: number;
  readonly #delimiter: Buffer;
  #memory: Buffer;
  #filled = 0;
  #searched = 0;
  /** Where a part may begin inside, undecided; -1 if nowhere. */
  #doubt = -1;

  constructor(length: number, delimiter: Buffer) {
    this.#length = length;
    this.#delimiter = delimiter;
    this.#memory = Buffer.allocUnsafe(Math.min(length, FIRST_ROOM));
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

  /** Undefined while more bytes have to tell. `following`, from `at` on: what came after the body. */
  verdict(following: Buffer, at: number): Verdict | undefined {
    const bytes = this.#memory.subarray(0, this.#filled);
    const inner = this.#partInside(bytes);
    if (inner !== undefined) return inner;
    if (this.#filled < this.#length) return undefined;
    return this.#doubt < 0 ? this.#atTail(bytes, following, at) : this.#inDoubt(bytes, following, at);
  }

  /** The stream is over: what can be saved of a body that is not complete. */
  finish(): Verdict {
    const bytes = this.#memory.subarray(0, this.#filled);
    if (this.#filled === this.#length) return { body: bytes };
    return this.#doubt < 0 ? {} : cutAt(bytes, this.#doubt);
  }

  /** Looks at the delimiters that have come in since the last call. */
  #partInside(bytes: Buffer): Verdict | undefined {
    let at = this.#doubt < 0 ? bytes.indexOf(this.#delimiter, this.#searched) : this.#doubt;
    this.#doubt = -1;
    for (; at >= 0; at = bytes.indexOf(this.#delimiter, at + 1)) {
      const over = isOver(bytes, withoutLineEnd(bytes, 0, at));
      const part = over ? partBeginsAt(bytes, at) : partStandsAt(bytes, at, this.#delimiter);
      if (part === true) return cutAt(bytes, at);
      if (part === "more") {
        this.#doubt = at;
        return undefined;
      }
    }
    this.#searched = Math.max(0, this.#filled - this.#delimiter.length + 1);
    return undefined;
  }

  /** All there; a part seemed to begin inside. Right length if the picture ends, or a delimiter follows, here. */
  #inDoubt(bytes: Buffer, following: Buffer, at: number): Verdict | undefined {
    if (isWholePicture(bytes, withoutLineEnd(bytes, 0, bytes.length))) return { body: bytes };
    let next = at;
    while (next < following.length && isBlank(following[next] ?? 0)) next++;
    if (startsWith(following, next, this.#delimiter)) return { body: bytes };
    if (isPrefix(following.subarray(next), this.#delimiter)) return undefined;
    return cutAt(bytes, this.#doubt);
  }

  /** All there; a length a few bytes too long has eaten the first bytes of the next delimiter. */
  #atTail(bytes: Buffer, following: Buffer, at: number): Verdict | undefined {
    for (let eaten = Math.min(this.#delimiter.length - 1, bytes.length); eaten > 0; eaten--) {
      const start = bytes.length - eaten;
      if (!startsWith(this.#delimiter, 0, bytes.subarray(start))) continue;
      const end = withoutLineEnd(bytes, 0, start);
      if (end === start && !isOver(bytes, end)) continue;
      const wanted = this.#delimiter.subarray(eaten);
      if (startsWith(following, at, wanted))
        return { body: Buffer.from(bytes.subarray(0, end)), rest: bytes.subarray(start) };
      if (isPrefix(following.subarray(at), wanted)) return undefined;
    }
    return { body: bytes };
  }
}

/** Another part begins at `at`: what stands before is the body if it is over there. */
function cutAt(bytes: Buffer, at: number): Verdict {
  const end = withoutLineEnd(bytes, 0, at);
  const rest = bytes.subarray(at);
  return isOver(bytes, end) ? { body: Buffer.from(bytes.subarray(0, end)), rest } : { rest };
}

/** Nothing at all, or a picture with its end mark. */
function isOver(bytes: Buffer, end: number): boolean {
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

/** A delimiter line at `at`, and after it a header, an empty line, or the end of all parts. */
export function partBeginsAt(bytes: Buffer, at: number): boolean | "more" {
  const line = delimiterLineAt(bytes, at);
  if (line === undefined || line === "more") return line ?? false;
  if (line.closing) return true;
  const after = lineAfter(bytes, line.next);
  return after === "more" ? "more" : after !== "other";
}

/** A part at `at` whose own length leads exactly to the next delimiter: no accident. */
function partStandsAt(bytes: Buffer, at: number, delimiter: Buffer): boolean | "more" {
  const line = delimiterLineAt(bytes, at);
  if (line === "more") return "more";
  if (line === undefined || line.closing || lineAfter(bytes, line.next) === "other") return false;
  const block = new HeaderBlock();
  let next = line.next;
  for (;;) {
    const end = bytes.indexOf(LF, next);
    if (end < 0 || end - line.next > LONGEST_HEAD) return bytes.length - line.next > LONGEST_HEAD ? false : "more";
    const text = bytes.toString("latin1", next, end).trimEnd();
    next = end + 1;
    if (text === "") break;
    block.add(text);
  }
  next += contentLength(block.headers) ?? Infinity;
  while (next < bytes.length && isBlank(bytes[next] ?? 0)) next++;
  if (startsWith(bytes, next, delimiter)) return true;
  return bytes.length - next < delimiter.length ? "more" : false;
}

/** `bytes` may still become `whole`. */
function isPrefix(bytes: Buffer, whole: Buffer): boolean {
  return bytes.length < whole.length && startsWith(whole, 0, bytes);
}
