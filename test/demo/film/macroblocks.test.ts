import assert from "node:assert/strict";
import { Canvas, type Color } from "../../../scripts/demo/drawing/canvas";
import { macroblocks } from "../../../scripts/demo/film/macroblocks";

function filled(color: Color, width = 16, height = 16): Canvas {
  const canvas = new Canvas(width, height);
  canvas.rect(0, 0, width, height, color);
  return canvas;
}

describe("demo: macroblocks", () => {
  // The 100 % colour bars of BT.601.
  for (const [name, color, expected] of [
    ["white", [255, 255, 255], [235, 128, 128]],
    ["black", [0, 0, 0], [16, 128, 128]],
    ["red", [255, 0, 0], [81, 90, 240]],
    ["green", [0, 255, 0], [145, 54, 34]],
    ["blue", [0, 0, 255], [41, 240, 110]],
  ] as const)
    it(`are ${expected.join(", ")} where it is ${name}`, () => {
      const samples = macroblocks(filled(color));
      assert.deepEqual([samples[0], samples[256], samples[320]], expected);
      assert.deepEqual([samples[255], samples[319], samples[383]], expected);
      assert.equal(samples.length, 384);
    });

  it("come line by line, each with its own brightness and colour", () => {
    const canvas = filled([0, 0, 0], 48, 32);
    canvas.rect(34, 18, 2, 2, [255, 0, 0]);
    const samples = macroblocks(canvas);
    const changed = [...samples.keys()].filter((at) => samples[at] !== (at % 384 < 256 ? 16 : 128));
    const last = 5 * 384;
    const bright = [34, 35, 50, 51];
    assert.deepEqual(
      changed,
      [...bright, 256 + 9, 320 + 9].map((at) => last + at),
    );
  });
});
