/** Byte constants and tests shared by all readers of the stream. */
export const LF = 0x0a;
export const CR = 0x0d;

/** Bytes as a set: `set[byte] === 1`. Far cheaper per byte than `Buffer.includes`. */
export function byteSet(characters: string): Uint8Array {
  const set = new Uint8Array(256);
  for (const byte of Buffer.from(characters, "latin1")) set[byte] = 1;
  return set;
}

export function startsWith(bytes: Buffer, at: number, prefix: Buffer): boolean {
  if (bytes.length - at < prefix.length) return false;
  for (let index = 0; index < prefix.length; index++) {
    if (bytes[at + index] !== prefix[index]) return false;
  }
  return true;
}

/** White space of headers, XML and JSON. */
export function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === CR || byte === LF;
}

/** White space a device may put between two things that belong together, bytes. More is not looked through. */
const MAX_BLANKS = 16;

/** Index of the first byte at or after `at` that is no white space, or that is too far behind. */
export function skipBlanks(bytes: Buffer, at: number): number {
  const limit = Math.min(bytes.length, at + MAX_BLANKS);
  let index = at;
  while (index < limit && isBlank(bytes[index] ?? 0)) index++;
  return index;
}

/** Where a body ends that stands before `end`: without its line end, one CRLF or LF. */
export function withoutLineEnd(bytes: Buffer, start: number, end: number): number {
  if (end <= start || bytes[end - 1] !== LF) return end;
  return end - 1 > start && bytes[end - 2] === CR ? end - 2 : end - 1;
}
