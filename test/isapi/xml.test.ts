import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual as isSame } from "node:util";
import fc from "fast-check";
import { codeOf } from "../../src/lib/errors";
import {
  boolean,
  child,
  list,
  MAX_LIST_TAGS,
  number,
  parseXml,
  parseXmlAll,
  parseXmlInSteps,
  raw,
  text,
  xml,
  type XmlNode,
} from "../../src/isapi/xml";

const isProtocol = (error: unknown): boolean => codeOf(error) === "protocol";
const isBadRequest = (error: unknown): boolean => codeOf(error) === "badRequest";

/** Every text that XML can carry, without white space at its ends (which reading trims). */
const carried = fc
  .string({ unit: "binary" })
  .map((s) => s.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "").trim());

describe("parseXml", () => {
  describe("leaves values to the letter", () => {
    for (const value of [
      ...["0012345", "12E34", "0123E45", "1E5", "0x1F", "444700112233", "true", "1.0", "+5", "-0", "١٢٣", "Ä粤B·12345"],
      ...["a & b", "AT&T", "&unknown;", "5 > 4", "京A12345 😀", "a\tb\nc", "constructor", "]]>"],
    ]) {
      it(JSON.stringify(value), () => {
        assert.equal(text(parseXml(`<a><b>${value}</b></a>`).value, "b"), value);
      });
    }
  });

  const shapes: [title: string, source: string, root: string, value: unknown][] = [
    [
      "drops namespaces",
      '<n:A xmlns:n="u" xmlns="v"><n:b n:c="1">x</n:b></n:A>',
      "A",
      { b: { "#text": "x", "@_c": "1" } },
    ],
    ["needs no prolog", "<A><b>1</b></A>", "A", { b: "1" }],
    [
      "skips a processing instruction and comments",
      '<?xml version="1.0"?><?pi x?><!-- <z> --><A>x<!-- y --></A>',
      "A",
      "x",
    ],
    ["reads an empty root", "<A></A>", "A", ""],
    ["reads a self-closing root", "<A />", "A", ""],
    ["reads a root with an attribute only", '<ns:A version="2.0"/>', "A", { "@_version": "2.0" }],
    ["trims white space round a text", "<A>\r\n  x y\t</A>", "A", "x y"],
    ["takes white space alone for empty", "<A>\n  </A>", "A", ""],
    ["keeps CDATA as it is", "<A><![CDATA[ <b>&amp; ]]></A>", "A", " <b>&amp; "],
    ["decodes references once", "<A>&amp;lt; &#39;&#x27;&quot;&#x1F600;</A>", "A", "&lt; ''\"😀"],
    ["leaves impossible references", "<A>&#0; &#xD800; &#9999999; &nbsp;</A>", "A", "&#0; &#xD800; &#9999999; &nbsp;"],
    ["makes CRLF one line feed", "<A>x\r\ny</A>", "A", "x\ny"],
    ["ignores junk round the root", "\r\nxx<A>1</A>HTTP/1.1 200 OK", "A", "1"],
    ["ignores a comment behind the root", "<A>1</A><!-- end -->", "A", "1"],
    ["ignores a byte order mark in text", "\uFEFF<A>1</A>", "A", "1"],
    ["gives repeated elements as an array", "<A><b>1</b><b/><b>3</b></A>", "A", { b: ["1", "", "3"] }],
    ["makes an inherited name harmless", "<A><toString>1</toString></A>", "A", { __toString: "1" }],
  ];
  for (const [title, source, root, value] of shapes) {
    it(title, () => {
      assert.deepEqual(parseXml(source), { root, value });
    });
  }

  const bytes: [title: string, source: Buffer, value: string][] = [
    ["UTF-8 without a word about it", Buffer.from("<A>Zürich 京</A>"), "Zürich 京"],
    ["UTF-8 with a byte order mark", Buffer.from("\uFEFF<A>é</A>"), "é"],
    [
      "UTF-16 with a byte order mark",
      Buffer.from('\uFEFF<?xml version="1.0" encoding="UTF-16"?><A>é</A>', "utf16le"),
      "é",
    ],
    ["big-endian UTF-16", Buffer.from("\uFEFF<A>é</A>", "utf16le").swap16(), "é"],
    [
      "GB2312, as firmware for China declares it",
      Buffer.concat([
        Buffer.from('<?xml version="1.0" encoding="gb2312"?><A>'),
        Buffer.from([0xd4, 0xc1, 0x42]), // 粤B
        Buffer.from("</A>"),
      ]),
      "粤B",
    ],
    [
      "a four-byte GB18030 character, single quotes, no version",
      Buffer.concat([
        Buffer.from("\n<?xml encoding='GBK' ?><A>"),
        Buffer.from([0x81, 0x30, 0x84, 0x36]),
        Buffer.from("</A>"),
      ]),
      "¥",
    ],
    ["ISO 8859-1", Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><A>Zürich</A>', "latin1"), "Zürich"],
    ["an unknown label as UTF-8", Buffer.from('<?xml version="1.0" encoding="klingon"?><A>é</A>'), "é"],
    ["UTF-16 that is only claimed as UTF-8", Buffer.from('<?xml version="1.0" encoding="utf-16"?><A>é</A>'), "é"],
    [
      "a name cut in mid-character with a replacement",
      Buffer.concat([Buffer.from("<A>Tor "), Buffer.from("ü").subarray(0, 1), Buffer.from("</A>")]),
      "Tor \uFFFD",
    ],
  ];
  for (const [title, source, value] of bytes) {
    it(`reads ${title}`, () => assert.equal(parseXml(source).value, value));
  }

  const refused: [title: string, source: Buffer | string][] = [
    ["nothing", ""],
    ["JSON", '{"statusCode":1}'],
    ["a JPEG", Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0x10, 0x4a, 0x46, 0x49, 0x46])],
    ["a DTD, also in lower case", "<!doctype a><a>1</a>"],
    ["an entity of its own", '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'],
    ["more than 1 MiB", Buffer.alloc((1 << 20) + 1, " ")],
    ["65 levels more than anybody needs", "<a>".repeat(130) + "</a>".repeat(130)],
    ["a document cut in a text", "<A><b>1"],
    ["a document cut between elements", "<A><b>1</b>"],
    ["a document cut after a self-closing element", "<A><b/>"],
    ["a document cut behind its first tag", '<A version="2.0">'],
    ["a document cut in its last tag", "<A><b>1</b></A"],
    ["a document cut in an attribute", '<A version="2'],
    ["an element that would reach the prototype", "<A><__proto__>1</__proto__></A>"],
  ];
  for (const [title, source] of refused) {
    it(`refuses ${title}`, () => assert.throws(() => parseXml(source), isProtocol));
  }

  it("takes more than 1 MiB when told so", () => {
    const long = "x".repeat((1 << 20) + 1);
    assert.equal(parseXml(`<a>${long}</a>`, 4 << 20).value, long);
  });

  it("refuses what is malformed and large, as no device sends it", () => {
    const refused = `<a>${"<b>1</c>".repeat(5_000)}</a>`;
    assert.throws(
      () => parseXml(refused),
      (error) => isProtocol(error) && /malformed.* 32 KiB/.test(String(error)),
    );
    assert.equal(parseXml(`<a>${"<b>1</c>".repeat(3_000)}</a>`).root, "a");
  });

  describe("in steps", () => {
    const all = (bytes: Buffer, maxTags = MAX_LIST_TAGS): unknown => {
      const steps = parseXmlInSteps(bytes, maxTags);
      for (;;) {
        const { done, value } = steps.next();
        if (done) return value;
      }
    };
    const list = (word: string): string =>
      `<L xmlns="x">\r\n${Array.from({ length: 14_000 }, (_, i) => `<T a="${i}"><id>${i}</id><name>${word.repeat(i % 40)}</name></T>\r\n`).join("")}</L>`;
    const gb = Buffer.from([0xd4, 0xc1, 0x42, 0x81, 0x30, 0x84, 0x36]);
    const sources: [title: string, bytes: Buffer][] = [
      ["of a small document", Buffer.from("<a>1</a>")],
      ["of a small document that is not plain", Buffer.from("<a>1<b x=1/></a>")],
      ["of a long list", Buffer.from(list("x"))],
      [
        "of a long list with a byte order mark and characters of two to four bytes",
        Buffer.from(`\uFEFF${list("xü京😀")}`),
      ],
      [
        "of a long list of broken UTF-8",
        Buffer.from(list("xü京😀").replaceAll("ü", "")).map((byte) => (byte === 0xf0 ? 0xff : byte)) as Buffer,
      ],
      ["of a long list in UTF-16", Buffer.from(`\uFEFF${list("xü京😀")}`, "utf16le")],
      [
        "of a long list in the encoding of China",
        Buffer.concat([
          Buffer.from('<?xml version="1.0" encoding="gb2312"?><L>'),
          Buffer.alloc(7 * 100_000, gb),
          Buffer.from("</L>"),
        ]),
      ],
      ["of one long text", Buffer.from(`<a>${"京".repeat(1_000_000)}</a>`)],
    ];
    for (const [title, bytes] of sources) {
      it(`gives the same ${title}`, () => {
        assert.ok(isSame(all(Buffer.from(bytes)), parseXml(Buffer.from(bytes), bytes.length, MAX_LIST_TAGS)));
      });
    }

    it("refuses the same", () => {
      for (const source of [
        "",
        "<a>",
        `<a>${"<b>1</c>".repeat(60_000)}</a>`,
        "<!DOCTYPE a><a/>",
        list("x").slice(0, -3),
      ])
        assert.throws(() => all(Buffer.from(source)), isProtocol);
      for (const sign of ["<b/>", "&amp;", '<b a="1"/>', "\r"])
        assert.throws(
          () => all(Buffer.from(`<a>${sign.repeat(100_001)}</a>`), 100_000),
          (error) => isProtocol(error) && /more than 100000 elements/.test(String(error)),
        );
    });
  });

  it("gives each of several documents glued together, in order", () => {
    assert.deepEqual(parseXmlAll("<A>1</A>\r\n<A>2</A><A/>"), [
      { root: "A", value: "1" },
      { root: "A", value: "2" },
      { root: "A", value: "" },
    ]);
    assert.deepEqual(parseXml("<A>1</A><A>2</A>"), { root: "A", value: "1" });
  });

  it("never throws anything but a typed error, whatever the bytes", () => {
    const markup = fc.constantFrom(
      "<",
      ">",
      "</",
      "/>",
      "a",
      "b",
      "<a>",
      "</a>",
      "<![CDATA[",
      "]]>",
      "<!--",
      "-->",
      '"',
      "&#",
      ";",
      "<?",
      "=",
      " ",
    );
    const soup = fc.array(fc.oneof(markup, fc.string({ maxLength: 3 })), { maxLength: 40 }).map((all) => all.join(""));
    fc.assert(
      fc.property(
        fc.oneof(
          soup,
          soup.map((s) => `<a>${s}</a>`),
        ),
        fc.uint8Array({ maxLength: 200 }),
        (s, junk) => {
          for (const source of [s, Buffer.from(junk)]) {
            try {
              parseXml(source);
            } catch (error) {
              assert.ok(isProtocol(error), String(error));
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it("never takes the head of a document for the whole", () => {
    const whole = '<?xml version="1.0"?>\r\n<n:A version="2.0"><b>1</b><c/><d><A>x</A></d></n:A>';
    for (let cut = 0; cut < whole.length; cut++) {
      // Cut right behind the inner <A>…</A> the text alone cannot tell; every other cut must be seen.
      if (whole.slice(0, cut).endsWith("</A>")) continue;
      if (cut > whole.indexOf("</A>") + 4 && cut < whole.indexOf("</d>") + 4) continue;
      assert.throws(() => parseXml(whole.slice(0, cut)), isProtocol, whole.slice(0, cut));
    }
  });

  const captures = "../shared/fixtures";
  (existsSync(captures) ? it : it.skip)(
    `reads every whole XML answer that was captured from devices${existsSync(captures) ? "" : " (left out: the captures are not here)"}`,
    () => {
      const files = readdirSync(captures, { recursive: true, encoding: "utf8" }).filter((name) =>
        name.endsWith(".xml"),
      );
      assert.ok(files.length > 100, `only ${files.length} captures`);
      for (const name of files) {
        const document = parseXml(readFileSync(path.join(captures, name)));
        assert.match(document.root, /^[A-Za-z_]\w*$/, name);
      }
    },
  );
});

describe("reading a node", () => {
  const node = parseXml(`<A><one v="7">1</one><many><e>a</e><e v="1">b</e><e/></many><many><e>c</e></many>
    <empty/><list/><deep><deeper><deepest>d</deepest></deeper></deep></A>`).value;

  it("child: the node at a path, undefined when it is not there", () => {
    assert.equal(child(node, "deep", "deeper", "deepest"), "d");
    assert.equal(child(node, "one", "@_v"), "7");
    assert.equal(child(node, "deep", "nothing", "deepest"), undefined);
    assert.equal(child(node, "toString"), undefined);
    assert.equal(child(undefined, "x"), undefined);
    assert.equal(child("text", "length"), undefined);
    assert.equal(child(node), node);
  });

  it("text: of a leaf, of an element with attributes, of the first of many; none when empty", () => {
    assert.equal(text(node, "one"), "1");
    assert.equal(text(node, "many", "e"), "a");
    assert.equal(text(node, "empty"), undefined);
    assert.equal(text(node, "deep"), undefined);
    assert.equal(text("x"), "x");
    assert.equal(text({ a: 5, b: false, c: null }, "a"), "5");
    assert.equal(text({ a: 5, b: false, c: null }, "b"), "false");
    assert.equal(text({ a: 5, b: false, c: null }, "c"), undefined);
  });

  const numbers: [string | number, number | undefined][] = [
    ...([
      ["0", 0],
      ["007", 7],
      ["-12.5", -12.5],
      ["+3", 3],
      [".5", 0.5],
      ["5.", 5],
      ["1e-05", 1e-5],
      [" 4 ", 4],
      [8.25, 8.25],
    ] as [string | number, number][]),
    ...["", " ", "0x1F", "12 mm", "--", "1,5", "NaN", "Infinity", "1e999", ".", "-", "١"].map(
      (s): [string, undefined] => [s, undefined],
    ),
    [NaN, undefined],
    [Infinity, undefined],
  ];
  for (const [source, value] of numbers) {
    it(`number: ${JSON.stringify(source)} is ${String(value)}`, () => assert.equal(number({ n: source }, "n"), value));
  }

  it("number: never NaN, whatever the text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String)), (s) => {
        const value = number({ n: s }, "n");
        assert.ok(value === undefined || Number.isFinite(value));
      }),
    );
  });

  it("boolean: true, TRUE, 1 and their opposites, else nothing", () => {
    for (const yes of ["true", "TRUE", "1", true, 1]) assert.equal(boolean({ b: yes }, "b"), true);
    for (const no of ["false", "False", "0", false, 0]) assert.equal(boolean({ b: no }, "b"), false);
    for (const neither of ["", "yes", "open", "2", null]) assert.equal(boolean({ b: neither }, "b"), undefined);
    assert.equal(boolean(node, "nothing"), undefined);
  });

  it("list: none, one or many, through repeated parents, texts made readable, empty ones left out", () => {
    const texts = (nodes: readonly XmlNode[]): unknown[] => nodes.map((one) => text(one));
    assert.deepEqual(list(node, "list", "e"), []);
    assert.deepEqual(list(node, "nothing"), []);
    assert.deepEqual(texts(list(node, "one")), ["1"]);
    assert.deepEqual(texts(list(node, "many", "e")), ["a", "b", "c"]);
    assert.deepEqual(list(node, "deep"), [{ deeper: { deepest: "d" } }]);
    assert.deepEqual(texts(list({ json: [1, "x", null, { "#text": "y" }] }, "json")), ["1", "x", "y"]);
    assert.deepEqual(list([{ a: 1 }, { a: 2 }]), [{ a: 1 }, { a: 2 }]);
  });
});

describe("xml", () => {
  it("escapes values in text and attributes, and leaves finished fragments", () => {
    const items = [1, 2].map((id) => xml`<id>${id}</id>`);
    assert.equal(
      xml`<a n="${'"x"'}" on="${true}">${"<&>'"}${raw(items.join(""))}</a>`,
      '<a n="&quot;x&quot;" on="true">&lt;&amp;&gt;&apos;<id>1</id><id>2</id></a>',
    );
    assert.equal(xml`<a/>`, "<a/>");
  });

  it("carries any text there and back to the letter", () => {
    fc.assert(
      fc.property(carried, (value) => {
        const built = xml`<?xml version="1.0" encoding="UTF-8"?><a><t>${value}</t><u at="${value}"/></a>`;
        for (const source of [built, Buffer.from(built)]) {
          const { value: node } = parseXml(source);
          assert.equal(text(node, "t") ?? "", value);
          assert.equal(text(node, "u", "@_at") ?? "", value);
        }
      }),
      { numRuns: 500 },
    );
  });

  for (const value of ["nul \0", "bell \x07", "half \uD83D", "half \uDE00", "\uFFFE", NaN, Infinity]) {
    it(`refuses ${JSON.stringify(value)}, which XML or the device cannot take`, () => {
      assert.throws(() => xml`<a>${value}</a>`, isBadRequest);
    });
  }
});
