/** Bytes as devices send them, and a reader that notes what it hands on. */
import assert from "node:assert/strict";
import { PartReader, type Part, type ReaderOptions } from "../../src/multipart/part-reader";

export type Piece = string | Buffer;

export const MIXED = "multipart/mixed; boundary=boundary";
export const XML = `application/xml; charset="UTF-8"`;
export const JSON_TYPE = `application/json; charset="UTF-8"`;

/** An alert of one line end per element, as cameras send it, without the last one. */
export function alert(type: string, lineEnd = "\r\n"): string {
  return [
    `<EventNotificationAlert version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">`,
    `<channelID>1</channelID>`,
    `<dateTime>2026-03-01T12:00:00+01:00</dateTime>`,
    `<eventType>${type}</eventType>`,
    `<eventState>active</eventState>`,
    `</EventNotificationAlert>`,
  ].join(lineEnd);
}

export function json(type: string): string {
  return JSON.stringify({ eventType: type, eventState: "active", Target: [{ id: 1, note: 'a "}" \\' }] }, null, "\t");
}

/** Start mark, bytes, end mark. */
export function jpeg(inside: Piece): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), bytes(inside), Buffer.from([0xff, 0xd9])]);
}

/** Latin-1 text stands for its bytes. */
export function bytes(...pieces: readonly Piece[]): Buffer {
  return Buffer.concat(pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece, "latin1") : piece)));
}

/** A part as most cameras write it: CRLF counted in the length, the next delimiter right behind it. */
export function part(body: Piece, type = XML, length?: number | string): Buffer {
  const whole = bytes(body, "\r\n");
  return bytes(`--boundary\r\nContent-Type: ${type}\r\nContent-Length: ${length ?? whole.length}\r\n\r\n`, whole);
}

/** The same part without the line that says its length. */
export function unsized(body: Piece, type = XML): Buffer {
  return bytes(`--boundary\r\nContent-Type: ${type}\r\n\r\n`, body, "\r\n");
}

export interface Recording {
  readonly reader: PartReader;
  readonly parts: Part[];
  /** Bodies as Latin-1 text. */
  readonly bodies: string[];
}

export function recorder(options: Partial<ReaderOptions> = {}): Recording {
  const parts: Part[] = [];
  const bodies: string[] = [];
  const reader = new PartReader({
    contentType: MIXED,
    ...options,
    onPart: (part) => {
      parts.push(part);
      bodies.push(part.body.toString("latin1"));
    },
  });
  return { reader, parts, bodies };
}

/** Writes in pieces of `size` bytes, from one memory that is overwritten after each, as a socket's is. */
export function writeIn(reader: PartReader, stream: Buffer, size: number): void {
  const memory = Buffer.alloc(Math.min(size, stream.length));
  for (let at = 0; at < stream.length; at += size) {
    const count = stream.copy(memory, 0, at, at + size);
    reader.write(memory.subarray(0, count));
    memory.fill(0x2d);
  }
}

/** The event that must be found after whatever came before. */
export const NEXT = alert("regionEntrance");

/** A part whose length is `length`, whatever its body, and with nothing behind it. */
export function sized(body: Piece, length: number | string, type = XML): Buffer {
  return bytes(`--boundary\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`, body);
}

/** What a device sends, what must be handed on, and the good event that must be found after it. */
export interface Case {
  readonly title: string;
  readonly stream: readonly Piece[];
  readonly bodies: readonly Piece[];
  readonly contentType?: string;
  /** The event that follows; a usual part when left out. */
  readonly next?: Piece;
}

/** The test of a case: nothing lost, nothing doubled, however the bytes are cut into writes. */
export function promise({ title, stream, bodies, contentType = MIXED, next = part(NEXT) }: Case): void {
  it(title, () => {
    const all = bytes(...stream, next);
    const wanted = [...bodies.map((body) => bytes(body).toString("latin1")), NEXT];
    for (const size of [all.length, 1, 2, 7, 64]) {
      const recording = recorder({ contentType });
      writeIn(recording.reader, all, size);
      assert.deepEqual(recording.bodies, wanted, `in writes of ${size} bytes`);
      assert.equal(recording.reader.counts.parts, wanted.length);
      recording.reader.end();
      assert.equal(recording.parts.length, wanted.length, "the end adds nothing");
    }
  });
}
