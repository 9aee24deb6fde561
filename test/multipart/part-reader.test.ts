import assert from "node:assert/strict";
import { PartReader } from "../../src/multipart/part-reader";
import {
  alert,
  bytes,
  json,
  jpeg,
  JSON_TYPE,
  MIXED,
  NEXT,
  part,
  promise,
  recorder,
  sized,
  unsized,
  XML,
  type Case,
  type Piece,
} from "./part-reader-kit";

const MOTION = alert("VMD");
const LINE = alert("linedetection");
const DENSITY = json("personDensityDetection");
const PICTURE = jpeg("picture \r\n with\n line ends");

describe("part reader: a part is handed on with its last byte", () => {
  it("hands on a document with its last bracket, not with the next delimiter", () => {
    const { reader, bodies } = recorder();
    const stream = bytes(`--boundary\r\nContent-Type: ${XML}\r\nContent-Length: ${MOTION.length + 2}\r\n\r\n`, MOTION);
    reader.write(stream.subarray(0, -1));
    assert.deepEqual(bodies, []);
    reader.write(stream.subarray(-1));
    assert.deepEqual(bodies, [MOTION]);
  });

  it("hands on a JSON object with its last bracket", () => {
    const { reader, bodies } = recorder();
    const stream = bytes(
      `--boundary\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: ${DENSITY.length}\r\n\r\n`,
      DENSITY,
    );
    reader.write(stream.subarray(0, -1));
    assert.deepEqual(bodies, []);
    reader.write(stream.subarray(-1));
    assert.deepEqual(bodies, [DENSITY]);
  });

  it("hands on a picture with the last byte of its length", () => {
    const { reader, bodies } = recorder();
    const stream = sized(PICTURE, PICTURE.length, "image/jpeg");
    reader.write(stream.subarray(0, -1));
    assert.deepEqual(bodies, []);
    reader.write(stream.subarray(-1));
    assert.deepEqual(bodies, [PICTURE.toString("latin1")]);
  });

  it("hands on the last event before silence, and keeps its headers", () => {
    const { reader, parts } = recorder();
    const head =
      `--boundary\r\nContent-Disposition: form-data; name="a:b"; filename="Bild ä.jpg"\r\nCONTENT-TYPE: Image/PJPEG\r\n` +
      `content-id: <plate>\r\ncontent-LENGTH:${PICTURE.length}\r\n\r\n`;
    reader.write(Buffer.concat([Buffer.from(head, "utf8"), PICTURE]));
    assert.deepEqual(
      { ...parts[0]?.headers },
      {
        "content-disposition": `form-data; name="a:b"; filename="Bild ä.jpg"`,
        "content-type": "Image/PJPEG",
        "content-id": "<plate>",
        "content-length": String(PICTURE.length),
      },
    );
  });

  it("says of headers that repeat earlier ones what it said of those, and of any other what they say", () => {
    const picture = sized(PICTURE, PICTURE.length, "image/jpeg");
    const longer = jpeg("a longer picture");
    const stream = [
      ...[
        part(MOTION),
        picture,
        part(MOTION),
        picture,
        part(LINE),
        part(MOTION),
        sized(longer, longer.length, "image/jpeg"),
      ],
      ...[part(MOTION, "text/xml"), bytes("--boundary\r\n\r\n", MOTION, "\r\n"), part(MOTION), unsized(LINE), picture],
    ];
    const alone = stream.map((piece) => {
      const { reader, parts } = recorder();
      reader.write(piece);
      reader.end();
      return parts;
    });
    const whole = bytes(...stream);
    for (const size of [whole.length, 1, 7, 100]) {
      const { reader, parts } = recorder();
      for (let at = 0; at < whole.length; at += size) reader.write(whole.subarray(at, at + size));
      reader.end();
      assert.deepEqual(parts, alone.flat(), `in chunks of ${size} bytes`);
    }
  });

  it("hands on parts in memory of their own", () => {
    const { reader, parts } = recorder();
    const stream = bytes(part(MOTION), sized(PICTURE, PICTURE.length, "image/jpeg"));
    reader.write(stream);
    stream.fill(0);
    assert.equal(parts[0]?.body.toString(), MOTION);
    assert.deepEqual(parts[1]?.body, PICTURE);
  });

  it("uses the memory of a picture again that nobody keeps, and of no other part", () => {
    const kept: Buffer[] = [];
    const memories: ArrayBufferLike[] = [];
    const seen: Buffer[] = [];
    const reader = new PartReader({
      contentType: MIXED,
      onPart: ({ body }) => {
        seen.push(Buffer.from(body));
        if (seen.length > 4) return kept.push(body);
        memories.push(body.buffer);
        return seen.length > 1 ? "free" : kept.push(body);
      },
    });
    const pictures = ["a", "b", "c", "d", "e", "f"].map((word) => jpeg(word.repeat(100_000)));
    for (const picture of pictures) reader.write(part(picture, "image/jpeg"));
    reader.end();
    assert.deepEqual(seen, pictures);
    assert.deepEqual(kept, [pictures[0], pictures[4], pictures[5]]);
    assert.notEqual(memories[1], memories[0]);
    assert.equal(memories[2], memories[1]);
    assert.equal(memories[3], memories[1]);
  });

  it("puts a picture of megabytes together in no more memory than its own", () => {
    const { reader, parts } = recorder();
    const picture = jpeg(Buffer.alloc(5_000_000, "31 bytes, to meet no power of 2"));
    const stream = sized(picture, picture.length, "image/jpeg");
    for (let at = 0; at < stream.length; at += 65_536) {
      assert.ok(reader.heldBytes <= Math.max(1 << 20, 2 * at) && reader.heldBytes <= picture.length);
      reader.write(stream.subarray(at, at + 65_536));
    }
    const bodies = parts.map(({ body }) => body);
    assert.deepEqual(
      bodies.map((body) => [body.equals(picture), body.buffer.byteLength]),
      [[true, picture.length]],
    );
    assert.equal(reader.heldBytes, 0);
  });

  it("gives an event the memory it needs, not the chunk's", () => {
    const { reader, parts } = recorder();
    reader.write(bytes(part(MOTION), Buffer.alloc(60_000, " ")));
    assert.ok((parts[0]?.body.buffer.byteLength ?? Infinity) <= 8192);
  });
});

describe("part reader: line ends", () => {
  const cases: readonly Case[] = [
    {
      title: "CRLF counted in the length, delimiter right behind (cameras)",
      stream: [part(MOTION), part(PICTURE, "image/jpeg"), part(LINE)],
      bodies: [MOTION, PICTURE, LINE],
    },
    {
      title: "CRLF after the length, as the RFC has it",
      stream: [sized(MOTION, MOTION.length), "\r\n", sized(PICTURE, PICTURE.length, "image/jpeg"), "\r\n"],
      bodies: [MOTION, PICTURE],
    },
    {
      title: "CRLF counted, and another one before the delimiter",
      stream: [part(MOTION), "\r\n", part(LINE), "\r\n"],
      bodies: [MOTION, LINE],
    },
    {
      title: "LF only, the last one counted (NVR)",
      stream: [
        `--boundary\nContent-Type: application/xml\nContent-Length: ${alert("VMD", "\n").length + 1}\n\n`,
        `${alert("VMD", "\n")}\n`,
        `--boundary\nContent-Type: image/jpeg\nContent-Length: ${PICTURE.length}\n\n`,
        PICTURE,
        "\n",
      ],
      bodies: [alert("VMD", "\n"), PICTURE],
      next: `--boundary\nContent-Type: application/xml\nContent-Length: ${NEXT.length}\n\n${NEXT}\n`,
    },
    {
      title: "no line end before the delimiter, right length",
      stream: [
        sized(MOTION, MOTION.length),
        sized(PICTURE, PICTURE.length, "image/jpeg"),
        sized(DENSITY, DENSITY.length),
      ],
      bodies: [MOTION, PICTURE, DENSITY],
    },
    {
      title: "no line end before the delimiter, no length",
      stream: [
        `--boundary\r\nContent-Type: ${XML}\r\n\r\n${MOTION}`,
        `--boundary\r\nContent-Type: image/jpeg\r\n\r\n`,
        PICTURE,
        `--boundary\r\nContent-Type: ${JSON_TYPE}\r\n\r\n${DENSITY}`,
      ],
      bodies: [MOTION, PICTURE, DENSITY],
    },
  ];
  cases.forEach(promise);

  it("counts no resynchronisation in any of them", () => {
    for (const { title, stream, next = part(NEXT) } of cases) {
      const { reader } = recorder();
      reader.write(bytes(...stream, next));
      assert.deepEqual(
        { ...reader.counts, bytes: 0, parts: 0 },
        { bytes: 0, parts: 0, resyncs: 0, skippedBytes: 0, cut: 0, oversized: 0 },
        title,
      );
    }
  });
});

describe("part reader: lengths that are missing or wrong", () => {
  const cases: readonly Case[] = [
    { title: "no length: XML ends with its root", stream: [unsized(MOTION), unsized(LINE)], bodies: [MOTION, LINE] },
    { title: "no length: JSON ends with its object", stream: [unsized(DENSITY, JSON_TYPE)], bodies: [DENSITY] },
    {
      title: "no length: a JSON list ends with its bracket",
      stream: [unsized("[1,[2]]", JSON_TYPE)],
      bodies: ["[1,[2]]"],
    },
    {
      title: "no length: a picture ends at the delimiter",
      stream: [unsized(PICTURE, "image/jpeg")],
      bodies: [PICTURE],
    },
    {
      title: "no length: a picture may hold the token without a line of its own",
      stream: [unsized(jpeg("a --boundary b\r\n--boundaryc\r\nd"), "image/jpeg")],
      bodies: [jpeg("a --boundary b\r\n--boundaryc\r\nd")],
    },
    { title: "too short for XML: it goes on to its true end", stream: [part(MOTION, XML, 20)], bodies: [MOTION] },
    {
      title: "too short for JSON: it goes on to its true end",
      stream: [part(DENSITY, JSON_TYPE, 9)],
      bodies: [DENSITY],
    },
    {
      title: "too short for a picture: cut as announced, the rest skipped",
      stream: [sized(PICTURE, 10, "image/jpeg"), "\r\n"],
      bodies: [PICTURE.subarray(0, 10)],
    },
    {
      title: "too long for XML: the events it swallows are found",
      stream: [part(MOTION, XML, 5000), part(LINE), sized(PICTURE, PICTURE.length, "image/jpeg"), "\r\n"],
      bodies: [MOTION, LINE, PICTURE],
    },
    {
      title: "too long for JSON: the next event is found",
      stream: [part(DENSITY, JSON_TYPE, 5000)],
      bodies: [DENSITY],
    },
    {
      title: "too long for a picture: it ends with its end mark before a part",
      stream: [sized(PICTURE, 90_000, "image/jpeg"), "\r\n"],
      bodies: [PICTURE],
    },
    {
      title: "too long for a picture, no line end behind it",
      stream: [sized(PICTURE, 90_000, "image/jpeg"), sized(PICTURE, 90_000, "image/jpeg")],
      bodies: [PICTURE, PICTURE],
    },
    ...[1, 2, 3, 4, 5, 8, 12, 13, 14, 15, 20, 60].map((more) => ({
      title: `too long for a picture by ${more}`,
      stream: [sized(PICTURE, PICTURE.length + more, "image/jpeg"), "\r\n", part(MOTION)],
      bodies: [PICTURE, MOTION],
    })),
    {
      title: "a picture cut by its device: dropped, the events behind it found",
      stream: [sized(jpeg("cut").subarray(0, 6), 90_000, "image/jpeg"), "\r\n", part(MOTION), part(LINE)],
      bodies: [MOTION, LINE],
    },
    ...["0", "-1", "abc", "", "1e3", "0x10", "12 34", "99999999999", "9".repeat(400), "NaN", "+5", "5.5"].flatMap(
      (length) => [
        {
          title: `length ${JSON.stringify(length.slice(0, 12))} for XML`,
          stream: [part(MOTION, XML, length)],
          bodies: [MOTION],
        },
        {
          title: `length ${JSON.stringify(length.slice(0, 12))} for a picture`,
          stream: [part(PICTURE, "image/jpeg", length)],
          bodies: [PICTURE],
        },
      ],
    ),
    {
      title: "two lengths that agree",
      stream: [sized(PICTURE, `${PICTURE.length}\r\nContent-Length: ${PICTURE.length}`, "image/jpeg"), "\r\n"],
      bodies: [PICTURE],
    },
    {
      title: "two lengths that contradict each other",
      stream: [
        sized(PICTURE, `4\r\nContent-Length: 5000`, "image/jpeg"),
        "\r\n",
        sized(MOTION, `5\r\nContent-Length: 9999`),
        "\r\n",
      ],
      bodies: [PICTURE, MOTION],
    },
  ];
  cases.forEach(promise);

  it("counts each length that was wrong", () => {
    for (const length of [20, 5000]) {
      const { reader } = recorder();
      reader.write(bytes(part(MOTION, XML, length), part(NEXT)));
      assert.equal(reader.counts.resyncs, 1);
    }
  });

  it("hands on XML at its end though a longer body was announced", () => {
    const { reader, bodies } = recorder();
    reader.write(sized(`${MOTION}\r\n`, 5000));
    assert.deepEqual(bodies, [MOTION]);
  });
});

describe("part reader: a picture of the right length is never cut", () => {
  const inside: readonly (readonly [string, Piece])[] = [
    ["a delimiter line", "x\r\n--boundary\r\ny"],
    ["the delimiter at its very start", "\r\n--boundary\r\nContent-Type: image/jpeg\r\n\r\n"],
    ["a closing delimiter", "x\r\n--boundary--\r\ny"],
    ["a delimiter and headers", "x\r\n--boundary\r\nContent-Type: image/jpeg\r\nContent-Length: 5\r\n\r\nabc"],
    ["a whole event", bytes("x\r\n", part(MOTION), "y")],
    ["many delimiters", "\r\n--boundary\r\nContent-Type: application/xml\r\n\r\n<a/>".repeat(50)],
    ["dashes", "-".repeat(5000)],
    ["an event outside of any part", `\r\n${MOTION}\r\n${DENSITY}\r\n`],
    ["the beginning of a delimiter at its end", "\r\n--bound"],
  ];
  inside
    .flatMap(([what, content]): Case[] => {
      const picture = jpeg(content);
      return [
        { title: `${what} inside`, stream: [sized(picture, picture.length, "image/jpeg"), "\r\n"], bodies: [picture] },
        {
          title: `${what} inside, no line end behind`,
          stream: [sized(picture, picture.length, "image/jpeg")],
          bodies: [picture],
        },
      ];
    })
    .forEach(promise);

  it("an octet stream without end mark, and with a delimiter line inside", () => {
    const content = bytes("a\r\n--boundary\r\nContent-Type: x/y\r\n\r\nb\r\n--b");
    const { reader, bodies } = recorder();
    reader.write(bytes(sized(content, content.length, "application/octet-stream"), "\r\n", part(NEXT)));
    assert.deepEqual(bodies, [content.toString("latin1"), NEXT]);
  });
});
