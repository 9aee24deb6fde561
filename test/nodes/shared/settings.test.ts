/* eslint-disable @typescript-eslint/no-require-imports -- one table for every node of the package */
import assert from "node:assert/strict";
import type { Field, Fields } from "../../../nodes/shared/fields";
import { settingsOf } from "../../../nodes/shared/settings";
import { manifest, readText } from "../../support/project";

const NODES = Object.keys(manifest["node-red"].nodes);
const fieldsOf = (name: string): Fields => (require(`../../../nodes/${name}/fields`) as { fields: Fields }).fields;
const ALL = NODES.flatMap((node) =>
  Object.entries<Field>(fieldsOf(node)).map(([name, field]) => ({ node, name, field, title: `${node}.${name}` })),
);
const THIRTY_DAYS = 30 * 86_400;
const refused = { code: "badRequest", message: /^The node is not set up: "/ };

describe("the settings of a node", () => {
  it("are checked by every node", () => {
    const unchecked = NODES.filter(
      (name) => !/checkSettings\(|deviceSettings\(/.test(readText(`nodes/${name}/${name}.ts`)),
    );
    assert.deepEqual(unchecked, []);
  });

  for (const { name, field, title } of ALL) {
    const { value: usual, literal, options, rule } = field;
    const read = (value: unknown, told: string[] = []): unknown =>
      settingsOf({ [name]: value }, { [name]: field }, (sentence) => told.push(sentence.toString()))[name];

    if (typeof usual === "number" && typeof rule === "object")
      it(`have a number within its range, and say so: ${title}`, () => {
        const { min, max, off } = rule;
        assert.ok(Number.isFinite(min) && Number.isFinite(max), "a timer or a wait hangs on it");
        for (const [sent, expected] of [
          [max + 1, max],
          [THIRTY_DAYS, Math.min(max, THIRTY_DAYS)],
          [1e308, max],
          [String(max * 2 + 1), max],
          [min - 1, off && min === 1 ? 0 : min],
          [-1e308, min],
          ...(off ? [] : ([[min - 0.0001, min]] as const)),
        ] as const) {
          const told: string[] = [];
          assert.equal(read(sent, told), expected, String(sent));
          if (Number(sent) !== expected) assert.match(told.join(), /has to be from/, String(sent));
        }
        for (const sent of [NaN, Infinity, -Infinity, "soon", "1 s", "${HIKFLOW_UNSET}", true, [], [1], {}])
          assert.throws(() => read(sent), refused, JSON.stringify(sent));
      });

    if (Array.isArray(usual))
      it(`have a list, or words: ${title}`, () => {
        assert.deepEqual(read(["1", 2]), ["1", "2"]);
        for (const sent of ["1", "1,2", "${CH}", 1, true, { 0: "1", length: 1 }, new Set(["1"]), [null], [[1]], [{}]])
          assert.throws(() => read(sent), refused, JSON.stringify(sent));
        assert.throws(() => read(Array.from({ length: 10_001 }, String)), refused);
      });

    if (typeof usual === "boolean")
      it(`have true or false, also as a variable's text, or words: ${title}`, () => {
        assert.deepEqual(
          [true, false, "true", "false"].map((sent) => read(sent)),
          [true, false, true, false],
        );
        for (const sent of ["yes", "1", 1, 0, [], {}, "constructor"])
          assert.throws(() => read(sent), refused, JSON.stringify(sent));
      });

    if (options !== undefined && literal === undefined)
      it(`have one of the words that there are: ${title}`, () => {
        for (const option of options)
          assert.equal(read(option === "" ? undefined : option), option === "" ? usual : option);
        for (const sent of [
          "constructor",
          "__proto__",
          "toString",
          "hasOwnProperty",
          "nothing",
          1,
          true,
          [options[0]],
          {},
        ])
          assert.throws(() => read(sent), refused, JSON.stringify(sent));
      });

    if (literal !== undefined && literal !== "json" && literal !== "bin" && !field.others)
      it(`have a single value, or words: ${title}`, () => {
        for (const sent of [{}, { value: 1 }, [], ["1"]])
          assert.throws(() => read(sent), refused, JSON.stringify(sent));
      });
  }

  it("are those of a new node where nothing is saved, whatever an object inherits", () => {
    for (const node of NODES) {
      const fields = fieldsOf(node);
      const usual = Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value]));
      assert.deepEqual({ ...settingsOf({}, fields) }, usual, node);
      assert.deepEqual(
        { ...settingsOf(Object.create({ ...usual, action: {}, events: "x" }) as object, fields) },
        usual,
      );
      const empty = Object.fromEntries(Object.keys(fields).map((name) => [name, ""]));
      assert.deepEqual({ ...settingsOf(empty, fields) }, usual, node);
    }
  });
});
