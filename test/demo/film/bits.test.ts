import assert from "node:assert/strict";
import { Bits } from "../../../scripts/demo/film/bits";

const shown = (bits: Bits): string => [...bits.bytes].map((byte) => byte.toString(2).padStart(8, "0")).join(" ");

describe("demo: bits", () => {
  it("stand one after the other, the first in the highest place, with zeros behind the last", () => {
    assert.equal(shown(new Bits().put(0b1, 1).put(0b00, 2).put(0b1101_0110, 8).put(1, 3)), "10011010 11000100");
    assert.equal(new Bits().put(0x89abcdef, 32).bytes.toString("hex"), "89abcdef");
    assert.equal(new Bits().bytes.length, 0);
  });

  // ITU-T H.264, table 9-2.
  for (const [value, bits] of Object.entries({ 0: "1", 1: "010", 2: "011", 3: "00100", 6: "00111", 7: "0001000" }))
    it(`write ${value} without fixed length as ${bits}`, () => {
      assert.equal(shown(new Bits().golomb(Number(value))), bits.padEnd(8, "0"));
    });

  it("write a macroblock of plain samples as 9 bits", () => {
    assert.equal(shown(new Bits().golomb(25)), "00001101 00000000");
  });
});
