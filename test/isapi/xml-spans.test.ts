import assert from "node:assert/strict";
import { leafText, spanOf, spansNamed } from "../../src/isapi/xml-spans";

describe("places of elements in XML", () => {
  it("finds elements whatever their prefix, and not in comments, CDATA or instructions", () => {
    const source =
      '\uFEFF<?xml version="1.0"?><!-- <a> --><n:a x="1>2"\n y=\'\'><?p <b> ?><b/><n:c> <b >t</b ></n:c><![CDATA[<b>]]></n:a>\0<junk';
    const root = spanOf(source);
    assert.ok(root);
    assert.deepEqual([root.name, root.prefix, root.attributes], ["a", "n:", " x=\"1>2\"\n y=''"]);
    assert.deepEqual(
      spansNamed(root, "b").map(({ start, end }) => source.slice(start, end)),
      ["<b/>", "<b >t</b >"],
    );
    assert.equal(leafText(source, root.children[1]!, "b"), "t");
    assert.equal(leafText(source, root, "b"), "");
    assert.equal(leafText(source, root, "d"), undefined);
  });

  for (const source of [
    "",
    "text",
    "<a>",
    "<a><b></a></b>",
    "<a></b>",
    "<n:a></m:a>",
    "</a>",
    "<a><!-- </a>",
    "<a x=<b>></a>",
    '<a x="></a>',
    "<!DOCTYPE a><a/>",
    "<a".repeat(50_000),
    "<a>".repeat(50_000),
    "<!--".repeat(50_000),
    '<a x="'.repeat(50_000),
  ]) {
    it(`says that it cannot read ${JSON.stringify(source.slice(0, 24))} (${source.length})`, () => {
      assert.equal(spanOf(source), undefined);
    });
  }
});
