import assert from "node:assert/strict";
import { codeOf } from "../../src/lib/errors";
import { Values } from "../../src/ptz/values";

const range = { min: -100, max: 100 };
const one = (value: unknown, clamp = false): Values => new Values({ pan: value }, clamp);

describe("PTZ values", () => {
  const good: [given: unknown, value: number][] = [
    [-100, -100],
    [100, 100],
    [0, 0],
    ["42", 42],
    [" -1.5 ", -1.5],
  ];
  for (const [given, value] of good) {
    it(`takes ${JSON.stringify(given)} as ${value}`, () => assert.equal(one(given).number("pan", range), value));
  }

  const wrong: [given: unknown, words: string][] = [
    [101, '"pan" is 101: give a number from -100 to 100.'],
    [-1000, '"pan" is -1000: give a number from -100 to 100.'],
    ["fast", '"pan" is "fast": give a number from -100 to 100.'],
    [NaN, '"pan" is NaN: give a number from -100 to 100.'],
    [{}, '"pan" is an object: give a number from -100 to 100.'],
    [true, '"pan" is true: give a number from -100 to 100.'],
    ["", '"pan" is missing: give a number from -100 to 100.'],
    [undefined, '"pan" is missing: give a number from -100 to 100.'],
  ];
  for (const [given, words] of wrong) {
    it(`says: ${words}`, () => {
      assert.throws(
        () => one(given).number("pan", range),
        (error) => codeOf(error) === "badRequest" && String(error) === words,
      );
    });
  }

  it("brings a number into its range only when asked, and nothing else", () => {
    assert.equal(one(1000, true).number("pan", range), 100);
    assert.equal(one("-1000", true).number("pan", range), -100);
    assert.throws(() => one("fast", true).number("pan", range), /give a number/);
  });

  it("reads no value from a prototype", () => {
    assert.equal(new Values(JSON.parse('{"__proto__": {"pan": 3}}') as object as never).has("pan"), false);
    assert.equal(new Values({}).has("toString"), false);
  });

  it("takes true and false, also as text, and asks for them otherwise", () => {
    assert.deepEqual(
      [true, false, "true", "false", undefined, ""].map((given) => one(given).optionalFlag("pan")),
      [true, false, true, false, undefined, undefined],
    );
    assert.throws(() => one(1).flag("pan"), /"pan" is 1: give true or false/);
  });
});
