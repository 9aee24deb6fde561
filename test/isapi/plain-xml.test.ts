import assert from "node:assert/strict";
import fc from "fast-check";
import { codeOf } from "../../src/lib/errors";
import { PlainReader, readPlainXml } from "../../src/isapi/plain-xml";
import { decodeXml, parseAnyXml, parseXml, withoutReferences } from "../../src/isapi/xml";
import { documents, hasFixtures, whyNoFixtures } from "../support/fixtures";

const plain = (source: string): unknown => readPlainXml(source, withoutReferences);

/** The same in pieces, so many tags at a time. */
function plainInPieces(source: string, sizes: readonly number[], tags: number): unknown {
  const reader = new PlainReader(withoutReferences);
  let at = 0;
  for (let index = 0; at < source.length || index === 0; index++) {
    const end = at + (sizes[index % sizes.length] ?? 1);
    reader.add(source.slice(at, end), end >= source.length);
    at = end;
    while (reader.run(tags));
  }
  return reader.documents;
}

/** The order of the names counts: flows and people see it. */
function same(source: string): boolean {
  const read = plain(source);
  if (read === undefined) return false;
  let other: unknown;
  try {
    other = parseAnyXml(source);
  } catch (error) {
    other = String(error);
  }
  assert.equal(JSON.stringify(read), JSON.stringify(other), source.slice(0, 2_000));
  assert.deepEqual(read, other);
  return true;
}

const name = fc.constantFrom("a", "b", "Region", "x:a", "y:b", "n:Region", "_z", "a.b", "a-b", "xmlns", "A1", "xml");
const blank = fc.constantFrom("", " ", "\n", "\r\n", "\t", "  \n", "\u00A0", "\uFEFF");
const gap = fc.constantFrom(" ", "\n", "\r\n ", "\t");
const reference = fc.constantFrom(
  "&amp;",
  "&lt;",
  "&gt;",
  "&quot;",
  "&apos;",
  "&#39;",
  "&#x1F600;",
  "&#0;",
  "&no;",
  "&",
);
const piece = fc.oneof(
  reference,
  fc.constantFrom("x", "0012", "1E5", "true", ">", "]]>", "--", "/", "=", "'", "京", "\r", "\n", " ", "😀", "#text"),
  fc.string({ unit: "binary", maxLength: 4 }).map((s) => s.replaceAll("<", "")),
);
const inserted = fc.oneof(
  { weight: 12, arbitrary: fc.constant("") },
  { weight: 2, arbitrary: fc.constantFrom("<!-- c -->", "<!---->", "<!-- <b>& -- \r\n-->", "<!-- </a> -->") },
  { weight: 2, arbitrary: fc.constantFrom("<![CDATA[]]>", "<![CDATA[ <b>&amp;\r\n ]]>", "<![CDATA[x]] >]]>") },
  { weight: 2, arbitrary: fc.constantFrom("<?pi?>", "<?pi a='?>' b=\"x\" ?>", "<?x-y version='2'?>") },
  fc.constantFrom(
    "<!-->",
    "<!--x",
    "<!-- <!doctype a> -->",
    "<![CDATA[x",
    "<![cdata[x]]>",
    "<?pi it's?>",
    "<??>",
    "<?1?>",
  ),
);
const words = fc.array(piece, { maxLength: 5 }).map((all) => all.join(""));
const attribute = fc
  .tuple(
    gap,
    fc.oneof(name, fc.constantFrom("xmlns:x", "xsi:type", "version", "__proto__", "toString", "é", "1a")),
    blank,
    blank,
    words,
    fc.boolean(),
  )
  .map(([before, key, left, right, value, doubly]) => {
    const quote = doubly ? '"' : "'";
    return `${before}${key}${left}=${right}${quote}${value.replaceAll(quote, "")}${quote}`;
  });
const attributes = fc.array(attribute, { maxLength: 3 }).map((all) => all.join(""));
const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
  element: fc
    .tuple(name, attributes, blank, tie("content"), fc.boolean())
    .map(([tag, said, space, content, empty]) =>
      empty ? `<${tag}${said}${space}/>` : `<${tag}${said}${space}>${content}</${tag}${space}>`,
    ),
  content: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    words,
    fc.array(fc.oneof(tie("element"), words, blank, inserted), { maxLength: 5 }).map((all) => all.join("")),
  ),
}));
const prolog = fc.constantFrom(
  "",
  '<?xml version="1.0" encoding="UTF-8"?>',
  '<?xml version="1.0" encoding="UTF-8" standalone="no" ?>\r\n',
  "<?xml version='1.0'?>",
  "\uFEFF",
  "<?xml?>",
);
const junk = fc.constantFrom("", "xx", "HTTP/1.1 200 OK", "&", "]]>", "\0");
const around = fc.oneof(
  { weight: 3, arbitrary: blank },
  fc.tuple(blank, inserted, junk, inserted).map((parts) => parts.join("")),
);
const roots = fc.array(
  fc.tuple(element, around).map((parts) => parts.join("")),
  { minLength: 1, maxLength: 3 },
);
const whole = fc.tuple(prolog, around, roots).map(([before, between, all]) => before + between + all.join(""));

describe("the plain reader of XML", () => {
  (hasFixtures ? it : it.skip)(`gives what the parser gives, of all that devices sent${whyNoFixtures}`, function () {
    this.timeout(60_000);
    let read = 0;
    const all = documents();
    for (const { bytes } of all) if (same(decodeXml(bytes))) read++;
    assert.equal(read, all.length);
  });

  it("gives what the parser gives, of whatever document", function () {
    this.timeout(60_000);
    let read = 0;
    fc.assert(
      fc.property(whole, (source) => {
        if (same(source)) read++;
      }),
      { numRuns: 1_500 },
    );
    assert.ok(read > 200, `only ${read} were plain`);
  });

  it("gives the same in pieces, stopped and gone on with anywhere", function () {
    this.timeout(60_000);
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(whole, sizes, fc.integer({ min: 1, max: 5 }), (source, lengths, tags) => {
        assert.deepEqual(plainInPieces(source, lengths, tags), plain(source));
      }),
      { numRuns: 1_500 },
    );
  });

  it("gives what the parser gives, of documents with a few characters changed", function () {
    this.timeout(60_000);
    const soup = fc.array(
      fc.constantFrom("<", ">", "/", "a", "</a>", "<a>", '"', "=", "!", "?", "[", "-", " ", "&", ":"),
      {
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(whole, fc.nat(), fc.nat({ max: 4 }), soup, (source, at, count, more) => {
        const from = at % (source.length + 1);
        same(source.slice(0, from) + more.join("") + source.slice(from + count));
      }),
      { numRuns: 2_000 },
    );
  });

  const left = [
    "",
    "x",
    "<a>",
    "<a></b>",
    "<a><b></a></b>",
    "<a>1</a></a>",
    "<a><!-- <!DOCTYPE b> --></a>",
    "<a><![CDATA[<!doctype b>]]></a>",
    "<a><!-- c </a>",
    "<a><![CDATA[x</a>",
    "<a>1</a><!-- </b> -->",
    "<a/><!-- c -->",
    "<!DOCTYPE a><a/>",
    "<a b=1/>",
    "<a b/>",
    '<a b="<"/>',
    '<a b=">"/>',
    '<a b="1"c="2"/>',
    "<a><__proto__>1</__proto__></a>",
    "<a><constructor/></a>",
    "<a><toString>1</toString></a>",
    "<1/>",
    "<a:b:c/>",
    "<é/>",
    "<a>1</a",
  ];
  for (const source of left) {
    it(`leaves ${JSON.stringify(source)} to the parser`, () => assert.equal(plain(source), undefined));
  }

  const read: [source: string, ...documents: unknown[]][] = [
    ["<a>1</a><b>2</b>x<a>3</a>", { root: "a", value: "1" }, { root: "a", value: "3" }, { root: "b", value: "2" }],
    ["<!-- c --><a>1 <!-- c --> 2</a><!-- c -->", { root: "a", value: "1  2" }],
    ["<a> 1 <![CDATA[ <b>&amp; ]]> 2 </a>", { root: "a", value: "1 <b>&amp; 2" }],
    ["<?xml version='1.0'?><a>1<?pi x?> 2</a>", { root: "a", value: "12" }],
  ];
  for (const [source, ...all] of read) {
    it(`reads ${JSON.stringify(source)}`, () => {
      assert.ok(same(source));
      assert.deepEqual(plain(source), all);
    });
  }

  it("leaves what is deeper than any document of a device to the parser", () => {
    const nested = (depth: number): string => "<a>".repeat(depth) + "</a>".repeat(depth);
    assert.ok(same(nested(48)));
    assert.equal(plain(nested(49)), undefined);
    assert.equal(plain(nested(200_000)), undefined);
  });

  const hostile: [title: string, source: string][] = [
    ["attributes", `<a ${'x="1" '.repeat(100_000)}/>`],
    ["names of attributes", `<a ${Array.from({ length: 50_000 }, (_, i) => `x${i}="1"`).join(" ")}/>`],
    ["elements", `<a>${"<b/>".repeat(200_000)}</a>`],
    ["names of elements", `<a>${Array.from({ length: 50_000 }, (_, i) => `<b${i}/>`).join("")}</a>`],
    ["references", `<a>${"&amp;".repeat(200_000)}</a>`],
    ["half references", `<a>${"&".repeat(1_000_000)}</a>`],
    ["blanks in a tag", `<a${" ".repeat(1_000_000)}`],
    ["blanks before an equals sign", `<a b${" ".repeat(1_000_000)}`],
    ["blanks in a prolog", `<?xml${" ".repeat(1_000_000)}`],
    ["prolog", `<?xml${' version="1"'.repeat(100_000)}`],
    ["a name", `<${"a".repeat(1_000_000)}>`],
    ["the name of an attribute", `<a ${"b".repeat(1_000_000)}`],
    ["a text", `<a>${"x".repeat(1_000_000)}</a>`],
    ["a text in pieces", `<a>${"x<b/>".repeat(100_000)}</a>`],
    ["open elements", "<a>".repeat(300_000)],
    ["end tags", `<a>${"</a>".repeat(300_000)}`],
    ["brackets", "<".repeat(1_000_000)],
    ["line ends", `<a>x${"\r".repeat(1_000_000)}y</a>`],
    ["comments", `<a>${"x<!---->".repeat(125_000)}</a>`],
    ["half comments", `<a>${"<!--".repeat(250_000)}</a>`],
    ["CDATA sections", `<a>${"x<![CDATA[]]>".repeat(80_000)}</a>`],
    ["half CDATA sections", `<a>${"<![CDATA[".repeat(110_000)}</a>`],
    ["instructions", `<a>${"x<?y?>".repeat(160_000)}</a>`],
    ["half instructions", `<a>${"<?y ".repeat(250_000)}</a>`],
    ["quotes in an instruction", `<?y${" '".repeat(500_000)}`],
    ["documents", "<a></a>".repeat(140_000)],
    ["comments around", "<!---->".repeat(140_000)],
  ];
  for (const [title, source] of hostile) {
    it(`needs no more than a moment for a million characters of ${title}`, () => {
      const began = process.cpuUsage();
      plain(source);
      const { user, system } = process.cpuUsage(began);
      assert.ok(user + system < 1_000_000, title);
    });
  }

  it("keeps the limits of what reads it", () => {
    const isProtocol = (error: unknown): boolean => codeOf(error) === "protocol";
    assert.throws(() => parseXml(`<a>${"<b/>".repeat(20_001)}</a>`), isProtocol);
    assert.throws(() => parseXml(`<a>${"&amp;".repeat(20_001)}</a>`), isProtocol);
    assert.throws(() => parseXml(`<a ${'x="1" '.repeat(20_001)}/>`), isProtocol);
    assert.throws(() => parseXml(`<a>${"x".repeat(1 << 20)}</a>`), isProtocol);
    assert.throws(() => parseXml("<a>".repeat(66) + "</a>".repeat(66)), isProtocol);
  });

  it("takes no name from the prototype", () => {
    Object.defineProperty(Object.prototype, "polluted", { value: "x", configurable: true, writable: true });
    try {
      assert.deepEqual(plain("<a><polluted>1</polluted></a>"), [{ root: "a", value: { polluted: "1" } }]);
    } finally {
      Reflect.deleteProperty(Object.prototype, "polluted");
    }
  });
});
