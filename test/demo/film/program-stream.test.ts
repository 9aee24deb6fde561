import assert from "node:assert/strict";
import { packsOf } from "./program-stream-reader";
import { crc32, pack } from "../../../scripts/demo/film/program-stream";

const TIMING = { at: 7_500, lasts: 3_600, bytesPerSecond: 1_000_000 };

describe("demo: program stream", () => {
  for (const size of [1, 65_000, 65_001, 200_000])
    it(`carries a frame of ${size} bytes, whole`, () => {
      const frame = Buffer.from(Array.from({ length: size }, (_, at) => 16 + (at % 200)));
      const [only, ...rest] = packsOf(pack(frame, false, TIMING));
      assert.equal(rest.length, 0);
      assert.ok(only?.frame.equals(frame));
    });

  it("says when a frame comes and is shown, past 24 hours, too", () => {
    for (const at of [0, 1, 2 ** 15 - 1, 2 ** 30 + 2 ** 15, 2 ** 33 - 4_000]) {
      const [only] = packsOf(pack(Buffer.alloc(9, 99), false, { ...TIMING, at }));
      assert.deepEqual([only?.clock, only?.shown], [at, at + 3_600]);
    }
  });

  it("says with a key frame what the stream is, and only there", () => {
    const stream = [true, false].map((key) => pack(Buffer.alloc(9, 99), key, TIMING));
    const [first, second] = packsOf(Buffer.concat(stream));
    assert.deepEqual([first?.tables, second?.tables], [[0x1bb, 0x1bc], []]);
    const map = stream[0]?.subarray(stream[0].indexOf("000001bc", "hex"));
    assert.equal(map?.subarray(0, 16).toString("hex"), "000001bc000ee0ff000000041be00000");
    // Over all of it, its own checksum too, nothing is left.
    assert.equal(crc32(map.subarray(0, 20)), 0);
  });

  it("has the checksum that is known as CRC-32/MPEG-2", () => {
    assert.equal(crc32(Buffer.from("123456789")), 0x0376e6e7);
  });
});
