import assert from "node:assert/strict";
import { WIRES, WIRE_FAULTS, encodePart, encodeParts, type Part, type Wire } from "./wire";

const XML: Part = { contentType: 'application/xml; charset="UTF-8"', body: "<A>\n<b>1</b>\n</A>\n" };
const PICTURE: Part = {
  contentType: "image/jpeg",
  headers: [["Content-Disposition", 'form-data; name="p"']],
  body: Buffer.from([0xff, 0xd8, 10, 0xff, 0xd9]),
};

function write(part: Part, wire: Wire): string {
  return encodePart(part, wire).toString("latin1");
}

describe("virtual device: how parts are written", () => {
  it("cameras: CRLF, the newline after the root tag counted, the delimiter straight behind", () => {
    assert.equal(
      encodeParts([XML, XML], WIRES.camera).toString("latin1"),
      '--boundary\r\nContent-Type: application/xml; charset="UTF-8"\r\nContent-Length: 21\r\n\r\n<A>\r\n<b>1</b>\r\n</A>\r\n'.repeat(
        2,
      ),
    );
  });

  it("NVRs: LF in the body, the last one counted", () => {
    assert.match(write(XML, WIRES.nvr), /\r\nContent-Length: 18\r\n\r\n<A>\n<b>1<\/b>\n<\/A>\n$/);
  });

  it("a picture's bytes are untouched, and a newline that is not counted follows", () => {
    assert.equal(
      write(PICTURE, WIRES.camera),
      '--boundary\r\nContent-Type: image/jpeg\r\nContent-Disposition: form-data; name="p"\r\nContent-Length: 5\r\n\r\n' +
        "\xff\xd8\n\xff\xd9\r\n",
    );
  });

  const cases: readonly (readonly [fault: keyof typeof WIRE_FAULTS, shape: RegExp])[] = [
    ["lengthMissing", /^--boundary\r\nContent-Type: [^\r]*\r\n\r\n<A>/],
    ["lengthInvalid", /\r\nContent-Length: -1\r\n\r\n<A>/],
    ["lengthShort", /\r\nContent-Length: 0\r\n\r\n<A>/],
    ["lengthLong", /\r\nContent-Length: 321\r\n\r\n<A>/],
    ["lfOnly", /^--boundary\nContent-Type: [^\r]*\nContent-Length: 18\n\n<A>\n[^\r]*$/],
    ["newlineUncounted", /\r\nContent-Length: 19\r\n\r\n<A>[^]*<\/A>\r\n$/],
    ["newlineTwice", /\r\nContent-Length: 21\r\n\r\n<A>[^]*<\/A>\r\n\r\n$/],
    ["newlineWithNext", /^\r\n--boundary\r\n[^]*\r\nContent-Length: 19\r\n\r\n<A>[^]*<\/A>$/],
    ["noNewlineBeforeDelimiter", /^--boundary\r\n[^]*\r\nContent-Length: 19\r\n\r\n<A>[^]*<\/A>$/],
    ["tokenWithDashes", /^----boundary\r\n/],
    ["closingDelimiter", /<\/A>\r\n\r\n--boundary--\r\n$/],
    ["strayLength", /^Content-Length: 314\r\n\r\n--boundary\r\n/],
    ["strayText", /^\r\nsome words[^\r]*\r\n--boundary\r\n/],
    ["gluedHttp", /<\/A>\r\nHTTP\/1\.1 200 OK\r\n/],
    [
      "hostileHeaders",
      /\r\nconstructor: x\r\n__proto__: x\r\nno colon here\r\n folded: x\r\n: nameless\r\nContent-Length: 21/,
    ],
    ["hugeHeader", /\r\nX-Filler: x{60000}\r\n/],
    ["manyHeaders", /\r\nX-2999: 2999\r\n/],
    ["typeMissing", /^--boundary\r\nContent-Length: 21\r\n/],
    ["typeInCapitals", /\r\nCONTENT-TYPE: APPLICATION\/XML; CHARSET="UTF-8"\r\n/],
    ["typeTextXml", /\r\nContent-Type: text\/xml; charset="UTF-8"\r\n/],
    ["garbage", /^[^]{5000}--boundary\r\n/],
  ];
  for (const [fault, shape] of cases) {
    it(`can write wrongly: ${fault}`, () =>
      assert.match(write(XML, { ...WIRES.camera, ...WIRE_FAULTS[fault] }), shape));
  }

  it("announces another boundary than it writes", () => {
    for (const fault of ["announcedOther", "announcedInBrackets", "announcedWithDashes", "announcedQuoted"] as const) {
      const wire: Wire = { ...WIRES.camera, ...WIRE_FAULTS[fault] };
      assert.notEqual(wire.announced, wire.token, fault);
    }
  });

  it("glues the alerts of one emission into one part, pictures stay their own", () => {
    const wire: Wire = { ...WIRES.camera, ...WIRE_FAULTS.severalInOnePart };
    const text = encodeParts([XML, PICTURE, XML], wire).toString("latin1");
    assert.equal(text.split("--boundary").length - 1, 2);
    assert.match(text, /^[^]*<\/A>\r\n\r\n<A>[^]*image\/jpeg/);
  });
});
