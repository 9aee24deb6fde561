/** An MPEG program stream (ITU-T H.222.0) of one H.264 video, as recorders of the family write it: a pack for each frame. */
import { Bits } from "./bits";

/** Of all times in here: 90 kHz. */
export const TICKS_PER_SECOND = 90_000;

export interface Timing {
  /** When the frame begins to arrive, ticks. It is shown when the next one does. */
  readonly at: number;
  /** Ticks. */
  readonly lasts: number;
  /** At how many bytes a second a player may expect the stream: the largest frame arrives before it is shown. */
  readonly bytesPerSecond: number;
}

const VIDEO = 0xe0;
const H264 = 0x1b;
/** What a packet tells of its length has 16 bits, and three bytes of flags come first, maybe with a time. */
const PACKET_BYTES = 65_000;
/** For a player to keep, units of 1024 bytes. */
const BUFFER_UNITS = 256;

/** One frame. A `key` frame also repeats what the stream is, so that a player may begin with it. */
export function pack(frame: Buffer, key: boolean, { at, lasts, bytesPerSecond }: Timing): Buffer {
  const rate = Math.ceil(bytesPerSecond / 50);
  const parts = [packHeader(at, rate)];
  if (key) parts.push(systemHeader(rate), STREAM_MAP);
  for (let from = 0; from < frame.length; from += PACKET_BYTES)
    parts.push(
      packet(frame.subarray(from, from + PACKET_BYTES), from === 0 ? time(0b0010, at + lasts).bytes : NO_TIME),
    );
  return Buffer.concat(parts);
}

function packHeader(at: number, rate: number): Buffer {
  const clock = time(0b01, at, 2).put(0, 9).put(1, 1);
  return headed(0xba, clock.put(rate, 22).put(0b11, 2).put(0b11111_000, 8).bytes);
}

function systemHeader(rate: number): Buffer {
  // One video and no sound, at the clock of the stream; then how much of it a player has to keep.
  const limits = new Bits().put(1, 1).put(rate, 22).put(1, 1).put(0, 6).put(0b00, 2).put(0b111, 3).put(1, 5);
  return sized(0xbb, limits.put(0xff, 8).put(VIDEO, 8).put(0b11_1, 3).put(BUFFER_UNITS, 13).bytes);
}

/** Says that the video is H.264, which players else guess. */
const STREAM_MAP = programStreamMap();

function programStreamMap(): Buffer {
  const streams = Buffer.of(0xe0, 0xff, 0, 0, 0, 4, H264, VIDEO, 0, 0);
  const map = sized(0xbc, Buffer.concat([streams, Buffer.alloc(4)]));
  map.writeUInt32BE(crc32(map.subarray(0, -4)), map.length - 4);
  return map;
}

const NO_TIME = Buffer.alloc(0);

/** `shown`: the time to show what begins here. */
function packet(data: Buffer, shown: Buffer): Buffer {
  const flags = Buffer.of(0b10_000000, shown.length > 0 ? 0b10_000000 : 0, shown.length);
  return sized(VIDEO, Buffer.concat([flags, shown, data]));
}

/** 33 bits after a prefix, with markers between. */
function time(prefix: number, ticks: number, prefixBits = 4): Bits {
  const bits = new Bits().put(prefix, prefixBits);
  for (const [shift, count] of [
    [2 ** 30, 3],
    [2 ** 15, 15],
    [1, 15],
  ] as const)
    bits.put(Math.floor(ticks / shift) % 2 ** 15, count).put(1, 1);
  return bits;
}

function headed(id: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0, 0, 1, id), body]);
}

function sized(id: number, body: Buffer): Buffer {
  return headed(id, Buffer.concat([Buffer.of(body.length >> 8, body.length & 0xff), body]));
}

/** As MPEG has it: not mirrored, nothing turned over at the end. */
export function crc32(bytes: Buffer): number {
  let rest = 0xffffffff;
  for (const byte of bytes) {
    rest ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) rest = rest < 0 ? (rest << 1) ^ 0x04c11db7 : rest << 1;
  }
  return rest >>> 0;
}
