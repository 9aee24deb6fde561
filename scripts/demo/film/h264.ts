/**
 * H.264 (ITU-T H.264, Constrained Baseline) with as little coding as possible: pictures whose samples are written as they are,
 * and pictures that are the same as the one before. Each kind has a constant size, whatever is seen. Byte stream format (annex B).
 */
import { Bits } from "./bits";
import { MACROBLOCK_BYTES, SIDE } from "./macroblocks";

export interface Format {
  /** Pixels, multiples of 16. */
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
}

/** Names of the units, with how much the next pictures need them. */
const SEQUENCE = 0x67;
const PICTURE = 0x68;
const KEY_SLICE = 0x65;
const SLICE = 0x41;
const DELIMITER = 0x09;

const BASELINE = 66;
/** Level 3: up to 720 × 576. */
const LEVEL = 30;
const BT601 = 6;
/** mb_type of uncoded samples in a slice of type I. */
const I_PCM = 25;
/** Its 9 bits, and zeros up to the next byte, where the macroblock before has ended with one. */
const NEXT_MACROBLOCK = new Bits().golomb(I_PCM).bytes;
/** frame_num counts in so many bits. */
const NUMBER_BITS = 4;

/** What a decoder must know before the first picture. */
export function parameterSets({ width, height, framesPerSecond }: Format): Buffer {
  const sequence = new Bits()
    .put(BASELINE, 8)
    .put(0b11000000, 8)
    .put(LEVEL, 8)
    // Its number; bits of frame_num above 4; pictures are shown in the order they come; one is kept for the next.
    .golomb(0, NUMBER_BITS - 4, 2, 1)
    .put(0, 1)
    .golomb(width / SIDE - 1, height / SIDE - 1)
    // No fields, 8x8 inference, no cropping; what follows says how to show it.
    .put(0b1101, 4)
    // Square pixels by default; colours: any format, limited range.
    .put(0b001, 3)
    .put(0b101_0_1, 5);
  for (let count = 0; count < 3; count++) sequence.put(BT601, 8);
  // A frame is two ticks, each as long as any other.
  sequence
    .put(0b01, 2)
    .put(1, 32)
    .put(2 * framesPerSecond, 32);
  // No buffer models; no picture waits to be shown, so that a decoder need not hold any back.
  sequence.put(0b1_00_0_1_1, 6).golomb(0, 0, 10, 10, 0, 1).put(1, 1);
  // CAVLC, one slice group, no weights; slices say how edges are smoothed.
  const picture = new Bits().golomb(0, 0).put(0b00, 2).golomb(0, 0, 0).put(0b000, 3).golomb(0, 0, 0).put(0b100_1, 4);
  return Buffer.concat([unit(SEQUENCE, sequence.bytes), unit(PICTURE, picture.bytes)]);
}

/** A picture that needs no other. `samples`: all its macroblocks, none of their bytes below 16. */
export function keyPicture(samples: Buffer): Buffer {
  // From the first macroblock on, all of type I; the numbers of frame and key picture; no marks for later.
  const slice = new Bits().golomb(0, 7, 0).put(0, NUMBER_BITS).golomb(0).put(0b00, 2);
  endHead(slice);
  const first = slice.golomb(I_PCM).bytes;
  const parts = [unit(DELIMITER, Buffer.of(0x10)), START, Buffer.of(KEY_SLICE), first];
  for (let at = 0; at < samples.length; at += MACROBLOCK_BYTES) {
    if (at > 0) parts.push(NEXT_MACROBLOCK);
    parts.push(samples.subarray(at, at + MACROBLOCK_BYTES));
  }
  return Buffer.concat([...parts, Buffer.of(0x80)]);
}

/** The picture before once more. `number`: pictures since the last key picture, 1…15. */
export function samePicture({ width, height }: Format, number: number): Buffer {
  // As in a key picture, but of type P, and it refers to the picture before.
  const slice = new Bits().golomb(0, 5, 0).put(number, NUMBER_BITS).put(0b000, 3);
  endHead(slice);
  // So many macroblocks are skipped: all.
  slice.golomb((width / SIDE) * (height / SIDE)).put(1, 1);
  return Buffer.concat([unit(DELIMITER, Buffer.of(0x30)), unit(SLICE, slice.bytes)]);
}

/** The end of a slice's head: quantizer as in the parameter sets, edges are not smoothed. */
function endHead(slice: Bits): void {
  slice.golomb(0, 1);
}

const START = Buffer.of(0, 0, 0, 1);

/** With a 3 wherever the bytes would look like a start code. */
function unit(name: number, payload: Buffer): Buffer {
  const bytes = [name];
  for (const byte of payload) {
    if (byte <= 3 && bytes.at(-1) === 0 && bytes.at(-2) === 0) bytes.push(3);
    bytes.push(byte);
  }
  return Buffer.concat([START, Buffer.from(bytes)]);
}
