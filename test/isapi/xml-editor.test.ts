import assert from "node:assert/strict";
import { elementsNamed, hasLeaf, leafTextOf, replaceLeaf, rootElement, withLeaf } from "../../src/isapi/xml-editor";

describe("elements in a device's XML text", () => {
  it("finds elements whatever their prefix, and not in comments, CDATA or instructions", () => {
    const source =
      '\uFEFF<?xml version="1.0"?><!-- <a> --><n:a x="1>2"\n y=\'\'><?p <b> ?><b/><n:c> <b >t</b ></n:c><![CDATA[<b>]]></n:a>\0<junk';
    const root = rootElement(source);
    assert.ok(root);
    assert.deepEqual([root.name, root.prefix, root.attributes], ["a", "n:", " x=\"1>2\"\n y=''"]);
    assert.deepEqual(
      elementsNamed(root, "b").map(({ start, end }) => source.slice(start, end)),
      ["<b/>", "<b >t</b >"],
    );
    assert.equal(leafTextOf(source, root.children[1]!, "b"), "t");
    assert.equal(leafTextOf(source, root, "b"), "");
    assert.equal(leafTextOf(source, root, "d"), undefined);
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
      assert.equal(rootElement(source), undefined);
    });
  }

  const DEVICE =
    '\uFEFF<?xml version="1.0"?>\r\n<a>\n\t<n:url size="9" >/old</n:url><!-- <port>1</port> -->\n<port/><b><c/></b>\n</a>\r\n';

  it("gets another value in one leaf and keeps every other byte", () => {
    const changed = withLeaf(withLeaf(DEVICE, "url", "/new?a=1&b=$&"), "port", "80");
    const expected = DEVICE.replace(/<n:url.*url>/, () => '<n:url size="9">/new?a=1&amp;b=$&amp;</n:url>');
    assert.equal(changed, expected.replace("<port/>", "<port>80</port>"));
  });

  it("replaces a leaf as a whole, and nothing where there is no leaf of that name", () => {
    assert.equal(replaceLeaf("<a><b>1</b><b>2</b></a>", "b", ""), "<a><b>2</b></a>");
    for (const name of ["b", "d", "old"]) {
      assert.equal(hasLeaf(DEVICE, name), false, name);
      assert.equal(withLeaf(DEVICE, name, "x"), DEVICE);
      assert.equal(replaceLeaf(DEVICE, name, "x"), DEVICE);
    }
  });
});
