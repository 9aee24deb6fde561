import assert from "node:assert/strict";
import { filesBelow, readText } from "../support/project";
import { sentencesIn } from "../support/sentences";

const sentences = sentencesIn(["src", "nodes"]);
const languages = [...new Set(filesBelow("locales").map((file) => file.split("/")[0] ?? ""))];

/** Sentences that are the same in another language: units and names. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  de: ["{0} min", "{0} s", "{0} h", "{0} h {1} min", "{0} port {1}"],
  "zh-CN": [],
};

describe("the sentences of errors, warnings and checks", () => {
  it("are found in the sources", () => {
    assert.ok(sentences.size > 400, String(sentences.size));
    assert.deepEqual(sentences.get("The device is activated."), ["src/diagnose/identification.ts"]);
  });

  for (const language of languages.filter((name) => name !== "en-US")) {
    const told = JSON.parse(readText(`locales/${language}/sentences.json`)) as Record<string, string>;

    it(`are all translated to ${language}, and nothing else is`, () => {
      const missing = [...sentences].filter(([template]) => !Object.hasOwn(told, template));
      assert.deepEqual(Object.fromEntries(missing), {}, "missing");
      assert.deepEqual(
        Object.keys(told).filter((template) => !sentences.has(template)),
        [],
        "of no sentence any more",
      );
      assert.deepEqual(Object.keys(told), Object.keys(told).sort(), "in alphabetical order");
    });

    it(`keep their holes in ${language}`, () => {
      for (const [template, text] of Object.entries(told)) assert.deepEqual(holes(text), holes(template), template);
    });

    it(`leave nothing in English in ${language}`, () => {
      const left = Object.entries(told).filter(
        ([template, text]) => text === template && /[A-Za-z]/.test(template) && !SAME[language]?.includes(template),
      );
      assert.deepEqual(left, []);
    });
  }
});

function holes(text: string): readonly string[] {
  return (text.match(/\{\d+\}/g) ?? []).sort();
}
