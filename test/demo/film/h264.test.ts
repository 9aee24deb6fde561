import assert from "node:assert/strict";
import { keyPicture, parameterSets, samePicture } from "../../../scripts/demo/film/h264";
import { MACROBLOCK_BYTES } from "../../../scripts/demo/film/macroblocks";

const FORMAT = { width: 64, height: 48, framesPerSecond: 12 };
const SAMPLES = 12 * MACROBLOCK_BYTES;
const START = Buffer.of(0, 0, 0, 1);

/** The units between start codes. */
function units(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  assert.equal(bytes.indexOf(START), 0);
  for (let at = 0, next = 0; next >= 0; at = next) {
    next = bytes.indexOf(START, at + START.length);
    found.push(bytes.subarray(at + START.length, next < 0 ? undefined : next));
  }
  return found;
}

/** Bytes that mean something else to a decoder, wherever they stand in a unit. */
const confusing = (unit: Buffer): boolean => [0, 1, 2].some((last) => unit.includes(Buffer.of(0, 0, last)));

/** Samples that differ as much as they may, the same for the same seed. */
function noise(seed: number): Buffer {
  let state = seed;
  const samples = Array.from({ length: SAMPLES }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 16 + (state >>> 24) * (224 / 255);
  });
  return Buffer.from(samples);
}

describe("demo: H.264", () => {
  const pictures = [Buffer.alloc(SAMPLES, 16), Buffer.alloc(SAMPLES, 240), noise(1), noise(2)];

  it("makes key pictures of one size, whatever is seen, with the samples as they are", () => {
    for (const samples of pictures) {
      const [delimiter, slice, ...rest] = units(keyPicture(samples));
      assert.deepEqual([delimiter, rest], [Buffer.of(9, 0x10), []]);
      assert.equal(slice?.[0], 0x65);
      const first = slice.length - 1 - SAMPLES - 11 * 2;
      assert.deepEqual(slice.subarray(first, first + MACROBLOCK_BYTES), samples.subarray(0, MACROBLOCK_BYTES));
      assert.deepEqual(slice.subarray(-1 - MACROBLOCK_BYTES, -1), samples.subarray(-MACROBLOCK_BYTES));
    }
    assert.equal(new Set(pictures.map((samples) => keyPicture(samples).length)).size, 1);
  });

  it("repeats a picture in some twenty bytes, always as many", () => {
    const repetitions = Array.from({ length: 15 }, (_, index) => samePicture(FORMAT, index + 1));
    for (const repetition of repetitions) {
      const [delimiter, slice, ...rest] = units(repetition);
      assert.deepEqual([delimiter, slice?.[0], rest], [Buffer.of(9, 0x30), 0x41, []]);
    }
    const sizes = new Set(repetitions.map(({ length }) => length));
    assert.equal(sizes.size, 1);
    assert.ok(Math.max(...sizes) < 24);
  });

  it("has nothing within a unit that looks like the start of another", () => {
    const all = [
      parameterSets(FORMAT),
      ...pictures.map(keyPicture),
      ...[1, 7, 15].map((number) => samePicture(FORMAT, number)),
    ];
    for (const unit of all.flatMap(units)) assert.equal(confusing(unit), false, unit.subarray(0, 40).toString("hex"));
  });

  it("says what the video is in two units, the first for Baseline, level 3", () => {
    const [sequence, picture, ...rest] = units(parameterSets(FORMAT));
    assert.equal(sequence?.subarray(0, 4).toString("hex"), "6742c01e");
    assert.deepEqual([picture?.[0], rest], [0x68, []]);
  });
});
