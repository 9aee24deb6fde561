import assert from "node:assert/strict";
import { codeOf } from "../../src/lib/errors";
import { DeviceDocument } from "../../src/control/device-document";
import { rootElement, type ElementRange } from "../../src/isapi/xml-editor";
import { documents, hasFixtures, whyNoFixtures, type RecordedDocument } from "../support/fixtures";

const OWN: readonly RecordedDocument[] = [
  '\uFEFF<?xml version="1.0" encoding="UTF-8"?>\r\n<!-- a > b --><A version="2.0" xmlns="urn:a">\r\n\t<b opt="true,false" >false</b >\r\n<c/><c x="1"/>' +
    '<L size="2"><c xmlns="urn:a"> 1 </c><c>é &amp; <!-- x --> ü</c><n:c xmlns:n="urn:n"><![CDATA[<b>]]></n:c></L><b></b></A>\r\n\0junk',
  "<a>x</a>",
  "<a/>",
].map((text, index) => ({ file: `own ${index}`, bytes: Buffer.from(text) }));

/** Every leaf as a path with a number on every step, and where it stands. */
function leaves(root: ElementRange): { path: string; leaf: ElementRange }[] {
  return root.children.flatMap((child, at) => {
    const nth = root.children.slice(0, at + 1).filter(({ name }) => name === child.name).length;
    const step = `${child.name}[${nth}]`;
    if (child.children.length === 0) return [{ path: step, leaf: child }];
    return leaves(child).map(({ path, leaf }) => ({ path: `${step}/${path}`, leaf }));
  });
}

const document = (text: string | Buffer): DeviceDocument => new DeviceDocument(Buffer.from(text as string));
function refusal(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return codeOf(error);
  }
  return undefined;
}

describe("one leaf in a device's document", () => {
  /** Byte for byte: what is before the leaf's content and after it stays, and the leaf says the new text. */
  function checkEveryLeaf({ file, bytes }: RecordedDocument): number {
    const source = bytes.toString("latin1");
    const root = rootElement(source)!;
    const all = leaves(root);
    const whole = new DeviceDocument(bytes);
    assert.ok(whole.bytes.equals(bytes), file);
    // Of long documents a few: their leaves are alike.
    const step = Math.max(1, Math.floor(all.length / 8));
    for (let index = 0; index < all.length; index += step) {
      const { path, leaf } = all[index]!;
      const changed = whole.with(new Map([[path, 'n & "é" <1>']]));
      const text = changed.bytes.toString("latin1");
      const [from, to] = leaf.inner ? [leaf.inner.start, leaf.inner.end] : [leaf.start, leaf.end];
      assert.ok(text.startsWith(source.slice(0, from)), `${file} ${path}`);
      assert.ok(text.endsWith(source.slice(to)), `${file} ${path}`);
      const written = text.slice(from, text.length - (source.length - to));
      if (leaf.inner) assert.doesNotMatch(written, /[<>]/, `${file} ${path}`);
      else assert.match(written, /^<[^<>]*[^<>/]>[^<>]*<\/[^<>]*>$/, `${file} ${path}`);
      assert.equal(changed.text(path), 'n & "é" <1>', `${file} ${path}`);
    }
    return all.length;
  }

  it("changes exactly its own bytes, in documents with all that XML allows", () => {
    for (const one of OWN) checkEveryLeaf(one);
  });

  it(`changes exactly its own bytes, in every recorded document${whyNoFixtures}`, function () {
    if (!hasFixtures) this.skip();
    this.timeout(60_000);
    let checked = 0;
    for (const one of documents()) checked += checkEveryLeaf(one);
    assert.ok(checked > 2_000, String(checked));
  });

  it("is the first of its name at each step, or the one that is counted", () => {
    const one = document("<a><b><c>1</c></b><c>2</c><b><c>3</c><d/></b><n:e xmlns:n='x'>4</n:e></a>");
    const texts = ["b/c", "c", "b[2]/c", "b[1]/c[1]", "e", "n:e", "b[2]/d"].map((path) => one.text(path));
    assert.deepEqual(texts, ["1", "2", "3", "1", "4", "4", ""]);
  });

  for (const [path, code] of [
    ["x", "notFound"],
    ["b/x", "notFound"],
    ["x/c", "notFound"],
    ["c/d", "notFound"],
    ["b[2]/c", "notFound"],
    ["a/b/c", "notFound"],
    ["C", "notFound"],
    ["b", "badRequest"],
    ["", "badRequest"],
    ["b/", "badRequest"],
    ["@x", "badRequest"],
    ["b[0]/c", "badRequest"],
    ["b[-1]/c", "badRequest"],
    ["b[x]", "badRequest"],
  ] as const) {
    it(`says ${code} to "${path}"`, () => {
      const one = document('<a x="1"><b><c>1</c></b><c>2</c></a>');
      assert.equal(
        refusal(() => one.text(path)),
        code,
      );
      assert.equal(
        refusal(() => one.with(new Map([[path, 1]]))),
        code,
      );
    });
  }

  it("takes several at once, in any order, and refuses one leaf twice", () => {
    const one = document("<a><b>1</b><c/><d>3</d></a>");
    const values = new Map<string, string | number | boolean>([
      ["d", "longer than before"],
      ["b", ""],
      ["c", true],
    ]);
    assert.equal(one.with(values).bytes.toString(), "<a><b></b><c>true</c><d>longer than before</d></a>");
    const twice = new Map([
      ["b", 1],
      ["b[1]", 2],
    ]);
    assert.equal(
      refusal(() => one.with(twice)),
      "badRequest",
    );
    assert.equal(
      refusal(() => one.with(new Map([["b", "x\u0000"]]))),
      "badRequest",
    );
  });

  it("reads and writes letters in the document's own encoding", () => {
    const bytes = Buffer.from('<?xml version="1.0" encoding="gb2312"?><a><b>\xb4\xf3</b><c/></a>', "latin1");
    const one = new DeviceDocument(bytes);
    assert.equal(one.text("b"), "大");
    const changed = one.with(new Map([["c", "门 é"]]));
    assert.equal(changed.text("c"), "门 é");
    assert.equal(changed.text("b"), "大");
    assert.match(changed.bytes.toString("latin1"), /<c>&#38376; &#233;<\/c>/);
  });

  for (const [why, bytes, code] of [
    ["JSON", Buffer.from('{"a":1}'), "notSupported"],
    ["a picture", Buffer.from("ffd8ffe0", "hex"), "notSupported"],
    ["nothing", Buffer.alloc(0), "notSupported"],
    ["UTF-16", Buffer.from("\uFEFF<a/>", "utf16le"), "notSupported"],
    ["XML cut off", Buffer.from("<a><b>"), "protocol"],
    ["a DTD", Buffer.from("<!DOCTYPE a><a/>"), "protocol"],
  ] as const) {
    it(`is none in ${why}: ${code}`, () =>
      assert.equal(
        refusal(() => new DeviceDocument(bytes)),
        code,
      ));
  }

  it("is the same as before whatever the white space, and while only clocks went on", () => {
    const a = document("<a>\n<b>1</b>\n<localTime>2026-01-01T00:00:00</localTime></a>");
    assert.ok(a.isSameAs(document("<a><b>1</b><localTime>2026-01-01T00:00:01</localTime></a>")));
    assert.ok(!a.isSameAs(document("<a><b>2</b><localTime>2026-01-01T00:00:00</localTime></a>")));
    assert.ok(!a.isSameAs(document("<a><b>1</b><c/><localTime>2026-01-01T00:00:00</localTime></a>")));
  });
});
