import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { codeOf } from "../../src/lib/errors";
import { objectToXml, xmlToObject } from "../../src/isapi/xml-object";
import { documents, hasFixtures, whyNoFixtures } from "../support/fixtures";

const thrown = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  assert.fail("nothing was thrown");
};

describe("XML as objects", () => {
  it("makes attributes, text, repeated, empty and prefixed elements what the contract says", () => {
    const document =
      '\uFEFF<?xml version="1.0"?>\r\n<!-- <no/> --><n:A xmlns:n="urn:x" v=\'1 "2"\'>\n <b>  t &amp; &#x41; </b><c/><c x="&lt;"/>' +
      '<c y="">0123</c><d></d>tail<n:e><![CDATA[a<b>&amp;]]></n:e><f>1</f>\n</n:A>\n';
    assert.deepEqual(xmlToObject(document), {
      "n:A": {
        "@xmlns:n": "urn:x",
        "@v": '1 "2"',
        "#text": "tail",
        b: "t & A",
        c: ["", { "@x": "<" }, { "@y": "", "#text": "0123" }],
        d: "",
        "n:e": "a<b>&amp;",
        f: "1",
      },
    });
  });

  it("writes elements in the order of the object, without a declaration, and escapes once", () => {
    const object = { A: { "@v": 'a"<\n', z: "b & <c>", a: [1, true, null], e: undefined, f: { "#text": "é" }, g: [] } };
    assert.equal(
      objectToXml(object),
      '<A v="a&quot;&lt;&#10;"><z>b &amp; &lt;c&gt;</z><a>1</a><a>true</a><a/><f>é</f></A>',
    );
  });

  it("takes objects of a function node, which have another realm's prototype", () => {
    const object: unknown = runInNewContext('({ A: { b: [1, { "@c": 2 }] } })');
    assert.equal(objectToXml(object), '<A><b>1</b><b c="2"/></A>');
  });

  it("reads what another encoding says, and a name that means something in JavaScript as any other", () => {
    const bytes = Buffer.from('<?xml version="1.0" encoding="gb2312"?><a><b>\xb4\xf3</b></a>', "latin1");
    assert.deepEqual(xmlToObject(bytes), { a: { b: "大" } });
    const parsed = xmlToObject("<a><__proto__><x>1</x></__proto__><constructor>2</constructor></a>");
    assert.equal(objectToXml(parsed), "<a><__proto__><x>1</x></__proto__><constructor>2</constructor></a>");
    assert.equal((Object.prototype as Record<string, unknown>)["x"], undefined);
  });

  const loop: Record<string, unknown> = {};
  loop["a"] = loop;
  for (const [why, object] of [
    ["two roots", { a: 1, b: 2 }],
    ["no root", {}],
    ["a list as root", { a: [1, 2] }],
    ["a list", [1]],
    ["a name with a space", { "a b": 1 }],
    ["a name that closes the tag", { "a/><b": 1 }],
    ["a name with a digit in front", { a: { "1": 2 } }],
    ["an attribute that is none", { a: { '@x="1" y': 2 } }],
    ["an attribute with children", { a: { "@x": { b: 1 } } }],
    ["a list in a list", { a: { b: [[1]] } }],
    ["a date", { a: { b: new Date(0) } }],
    ["bytes", { a: { b: Buffer.from("x") } }],
    ["no number", { a: NaN }],
    ["a control character", { a: "x\u0001" }],
    ["an object that holds itself", loop],
    ["more than any device takes", { a: "x".repeat(5 * 1024 * 1024) }],
  ] as const) {
    it(`refuses ${why}`, () => assert.equal(codeOf(thrown(() => objectToXml(object))), "badRequest"));
  }

  for (const source of [
    "",
    "text",
    "<a>",
    "<a><b></a>",
    '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    "<a>".repeat(70),
  ]) {
    it(`says that ${JSON.stringify(source.slice(0, 20))} is no document`, () =>
      assert.equal(codeOf(thrown(() => xmlToObject(source))), "protocol"));
  }

  const name = fc.constantFrom("a", "b", "n:c", "enabled", "é", "__proto__", "constructor", "toString");
  const text = fc
    .string({
      unit: fc.constantFrom("a", "1", " ", "&", "<", ">", '"', "'", "\n", "\r", "\t", "é", "大", "😀", "&amp;", "]]>"),
    })
    .map((value) => value.trim());
  const attributes = fc.dictionary(name, text, { maxKeys: 3 });
  const { content } = fc.letrec<{ content: object | string }>((tie) => ({
    content: fc.oneof(
      { maxDepth: 4 },
      text,
      fc
        .tuple(
          attributes,
          text,
          fc.uniqueArray(fc.tuple(name, fc.array(tie("content"), { minLength: 1, maxLength: 3 })), {
            selector: ([key]) => key,
            maxLength: 4,
          }),
        )
        .map(([at, own, children]) => asContent(at, own, children)),
    ),
  }));

  function asContent(
    at: Record<string, string>,
    own: string,
    children: [string, (object | string)[]][],
  ): object | string {
    if (Object.keys(at).length + children.length === 0) return own;
    return Object.fromEntries([
      ...Object.entries(at).map(([key, value]) => [`@${key}`, value]),
      ...(own === "" ? [] : [["#text", own]]),
      ...children.map(([key, all]) => [key, all.length === 1 ? all[0] : all]),
    ]) as object;
  }

  it("gets back every object that it has written", () => {
    fc.assert(
      fc.property(name, content, (root, value) => {
        const object = Object.fromEntries([[root, value]]);
        assert.deepEqual(xmlToObject(objectToXml(object)), object);
      }),
    );
  });

  it("reads any text without ever throwing anything but its own error", () => {
    const piece = fc.constantFrom(
      "<a>",
      "</a>",
      "<a/>",
      "<a b='",
      "'>",
      "<!--",
      "-->",
      "<![CDATA[",
      "]]>",
      "&",
      "&#0;",
      "x",
      "<?",
      "?>",
      " ",
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        try {
          const object = xmlToObject(pieces.join(""));
          assert.deepEqual(xmlToObject(objectToXml(object)), object);
        } catch (error) {
          assert.equal(codeOf(error), "protocol");
        }
      }),
    );
  });

  it(`gets every recorded document back the same${whyNoFixtures}`, function () {
    if (!hasFixtures) this.skip();
    let read = 0;
    for (const { file, bytes } of documents()) {
      const once = xmlToObject(bytes);
      assert.deepEqual(xmlToObject(objectToXml(once)), once, file);
      const leaves = countLeaves(once);
      assert.ok(leaves >= 1 && leaves <= countTags(bytes), file);
      read += 1;
    }
    assert.ok(read > 100, String(read));
  });
});

function countLeaves(value: unknown): number {
  if (typeof value === "string") return 1;
  return (
    Object.entries(value as object).reduce(
      (sum, [key, one]) => sum + (key.startsWith("@") ? 0 : countLeaves(one)),
      0,
    ) || 1
  );
}

/** Start tags. */
function countTags(bytes: Buffer): number {
  return (bytes.toString("latin1").match(/<[^/!?]/g) ?? []).length * 2;
}
