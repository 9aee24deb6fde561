import assert from "node:assert/strict";
import { parseJson } from "../../src/lib/json";

describe("JSON of devices", () => {
  const nines = "9".repeat(400);
  const rows: readonly [text: string, value: unknown][] = [
    ['{"cardNo":12345678901234567890}', { cardNo: "12345678901234567890" }],
    ["[-12345678901234567890, 9007199254740991]", ["-12345678901234567890", 9007199254740991]],
    [`{"id":${nines}}`, { id: nines }],
    ["[1e999, -1e+999, 1e-999, 1.5e3]", ["1e999", "-1e+999", 0, 1500]],
    ["[0.12345678901234567890]", [Number("0.12345678901234567890")]],
    [
      '{"a":"id 12345678901234567890, \\"12345678901234567890"}',
      { a: 'id 12345678901234567890, "12345678901234567890' },
    ],
    ['{"12345678901234567890":1}', { "12345678901234567890": 1 }],
    ["12", 12],
  ];
  for (const [text, value] of rows)
    it(`keeps each number, or its digits: ${text.slice(0, 40)}`, () => assert.deepEqual(parseJson(text), value));

  it("throws where there is no JSON, at once", () => {
    const unterminated = `"${'\\"'.repeat(500_000)}`;
    const began = performance.now();
    assert.throws(() => parseJson(unterminated), SyntaxError);
    assert.throws(() => parseJson(`[${"1".repeat(500_000)}x]`), SyntaxError);
    assert.ok(performance.now() - began < 1000);
  });
});
