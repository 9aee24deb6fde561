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
  writeIn,
  XML,
  type Case,
} from "./part-reader-kit";

const MOTION = alert("VMD");
const LINE = alert("linedetection");
const DENSITY = json("personDensityDetection");
const PICTURE = jpeg("picture");
const BARE = { contentType: "multipart/mixed", next: `${NEXT}\r\n` };

function tokened(token: string, body = MOTION): string {
  return `--${token}\r\nContent-Type: ${XML}\r\nContent-Length: ${body.length + 2}\r\n\r\n${body}\r\n`;
}

function picture(token: string, length: string): Buffer {
  return bytes(`--${token}\r\nContent-Type: image/jpeg\r\n${length}\r\n`, PICTURE, "\r\n");
}

describe("part reader: boundary tokens", () => {
  const announced: readonly (readonly [string, string, string])[] = [
    ["the usual one", "multipart/mixed; boundary=boundary", "boundary"],
    ["quoted", `multipart/mixed; charset=utf-8; boundary="a b'c"`, "boundary"],
    ["intercoms' own", "multipart/mixed; boundary=MIME_boundary", "MIME_boundary"],
    ["another one than written (old NVR)", "multipart/mixed;boundary=7e13971310878", "boundary"],
    ["another one than written, unheard of", "multipart/mixed; boundary=boundary", "zZ.9-_x"],
    ["with dashes of its own, written with two more", "multipart/mixed; boundary=--myboundary", "--myboundary"],
    ["with dashes of its own, written as it is", "multipart/mixed; boundary=--myboundary", "myboundary"],
    ["with dashes at its end", "multipart/mixed; boundary=ab--", "ab--"],
    ["in angle brackets, written with them", "multipart/mixed; boundary=<frontier>", "<frontier>"],
    ["in angle brackets, written without", "multipart/mixed; boundary=<frontier>", "frontier"],
    ["in capitals", "Multipart/Mixed; Boundary=boundary", "boundary"],
    ["none", "multipart/mixed", "boundary"],
    ["none, another type", "text/html", "MIME_boundary"],
    ["empty", "multipart/mixed; boundary=", "boundary"],
    ["hostile", `multipart/mixed; boundary="${"-".repeat(9000)}`, "boundary"],
  ];
  announced
    .map(([title, contentType, token]): Case => {
      const length = `Content-Length: ${PICTURE.length}\r\n`;
      return {
        title: `announced: ${title}`,
        contentType,
        stream: [
          tokened(token),
          picture(token, length),
          picture(token, ""),
          picture(token, "Content-Length: 9000\r\n"),
        ],
        bodies: [MOTION, PICTURE, PICTURE, PICTURE],
        next: tokened(token, NEXT),
      };
    })
    .forEach(promise);

  const changing: readonly Case[] = [
    {
      title: "the token changes in mid-stream",
      stream: [tokened("a1"), tokened("b2"), picture("b2", "")],
      bodies: [MOTION, MOTION, PICTURE],
      next: tokened("b2", NEXT),
    },
    {
      title: "blanks behind the token",
      stream: [tokened("boundary \t"), tokened("boundary ")],
      bodies: [MOTION, MOTION],
    },
    {
      title: "a closing delimiter in mid-stream",
      stream: [part(MOTION), "--boundary--\r\n", part(LINE), "\r\n--boundary--"],
      bodies: [MOTION, LINE],
      next: bytes("\r\n", part(NEXT)),
    },
    {
      title: "a closing delimiter without line end, glued to the next",
      stream: [part(MOTION), "--boundary--"],
      bodies: [MOTION],
    },
    {
      title: "a closing delimiter behind a picture without length",
      stream: [unsized(PICTURE, "image/jpeg"), "--boundary--\r\n\r\n"],
      bodies: [PICTURE],
    },
    {
      title: "delimiters without parts",
      stream: ["--boundary\r\n--boundary\r\n\r\n--boundary\r\n\r\n\r\n", part(MOTION)],
      bodies: [MOTION],
    },
  ];
  changing.forEach(promise);
});

describe("part reader: without any boundary", () => {
  const cases: readonly Case[] = [
    {
      ...BARE,
      title: "alerts one after the other",
      stream: [MOTION, LINE, "\r\n", `<?xml version="1.0"?>\n${MOTION}`],
      bodies: [MOTION, LINE, `<?xml version="1.0"?>\n${MOTION}`],
    },
    {
      ...BARE,
      title: "JSON objects one after the other",
      stream: [DENSITY, DENSITY, "\r\n\r\n", DENSITY, "\n"],
      bodies: [DENSITY, DENSITY, DENSITY],
    },
    {
      ...BARE,
      title: "HTTP/1.1 glued to the XML (doorbells)",
      stream: [MOTION, "HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n\r\n", LINE, "HTTP/1.1 200 OK\r\n\r\n"],
      bodies: [MOTION, LINE],
    },
    {
      ...BARE,
      title: "HTTP/1.1 right in front of the root",
      stream: ["HTTP/1.1 200 OK", MOTION, "\r\nHTTP/1.1 ", LINE],
      bodies: [MOTION, LINE],
    },
    { ...BARE, title: "an alert that was cut, then the next", stream: [MOTION.slice(0, 200), LINE], bodies: [LINE] },
    {
      ...BARE,
      title: "an alert with declaration after one that was cut",
      stream: [MOTION.slice(0, 150), `\r\n<?xml version="1.0" encoding="UTF-8"?>\r\n${LINE}`],
      bodies: [`<?xml version="1.0" encoding="UTF-8"?>\r\n${LINE}`],
    },
    {
      ...BARE,
      title: "an element that never ends in front of an alert",
      stream: ["<html><body>busy<br>", MOTION],
      bodies: [MOTION],
    },
    { ...BARE, title: "alerts in a wrapper", stream: ["<List>", MOTION, LINE, "</List>"], bodies: [MOTION, LINE] },
    {
      ...BARE,
      title: "an alert with a name space prefix",
      stream: ["junk", MOTION.replaceAll("EventNotificationAlert", "ns1:EventNotificationAlert")],
      bodies: [MOTION.replaceAll("EventNotificationAlert", "ns1:EventNotificationAlert")],
    },
    {
      ...BARE,
      title: "an empty alert",
      stream: [`<EventNotificationAlert/>`, `<EventNotificationAlert version="1.0" />`],
      bodies: [`<EventNotificationAlert/>`, `<EventNotificationAlert version="1.0" />`],
    },
    {
      ...BARE,
      title: "blanks in the end tag",
      stream: ["<EventNotificationAlert ></EventNotificationAlert \r\n>"],
      bodies: ["<EventNotificationAlert ></EventNotificationAlert \r\n>"],
    },
    {
      ...BARE,
      title: "elements and text with the root's name inside",
      stream: ["<EventNotificationAlert><EventNotificationAlertX/>EventNotificationAlert</EventNotificationAlert>"],
      bodies: ["<EventNotificationAlert><EventNotificationAlertX/>EventNotificationAlert</EventNotificationAlert>"],
    },
  ];
  cases.forEach(promise);

  it("finds the documents behind one that was cut, wherever it was cut", () => {
    for (const whole of [DENSITY, JSON.stringify(JSON.parse(DENSITY)), MOTION]) {
      for (const between of ["", "\r\n"]) {
        for (let length = 1; length < whole.length; length++) {
          const cut = whole.slice(0, length);
          const { reader, bodies } = recorder({ contentType: "multipart/mixed" });
          reader.write(bytes(cut, between, whole, between, whole, between, whole));
          const swallowed = /[[:,]\s*$/.test(cut) && whole !== MOTION; // a JSON object can stand there
          assert.deepEqual(bodies.slice(swallowed ? -1 : -3), Array<string>(swallowed ? 1 : 3).fill(whole), cut);
        }
      }
    }
  });

  it("reads JSON strings with raw line ends, brackets and escapes", () => {
    const text = '{"a":"x\ny {[\\" ]} \\\\","b":{"c":"\r\n{"},"d":["}"],"":""}';
    const { reader, bodies } = recorder({ contentType: "multipart/mixed" });
    reader.write(bytes(text, text));
    assert.deepEqual(bodies, [text, text]);
  });
});

describe("part reader: what stands around and inside of parts", () => {
  const cases: readonly Case[] = [
    { title: "a preamble", stream: ["This is a multipart message.\r\nIgnore it.\r\n", part(MOTION)], bodies: [MOTION] },
    { title: "a preamble without line end", stream: ["This is a multipart message.", part(MOTION)], bodies: [MOTION] },
    {
      title: "a stray header line in front of the boundary (DS-KD8003)",
      stream: ["Content-Length: 314\r\n\r\n", part(MOTION), "Content-Length: 314\n\n", part(LINE)],
      bodies: [MOTION, LINE],
    },
    {
      title: "stray text between parts",
      stream: [part(MOTION), "-- stray\r\n- text -\r\n{ here } < there\r\n--\r\n", part(LINE)],
      bodies: [MOTION, LINE],
    },
    {
      title: "text in front of the root",
      stream: [part(`\xef\xbb\xbf junk\r\n${MOTION}`), part(`<?xml version="1.0"?>${LINE}`)],
      bodies: [MOTION, `<?xml version="1.0"?>${LINE}`],
    },
    {
      title: "a byte order mark in front of the root",
      stream: [part(bytes(Buffer.from([0xef, 0xbb, 0xbf]), "<Any>1</Any>"))],
      bodies: ["<Any>1</Any>"],
    },
    { title: "text behind the root", stream: [part(`${MOTION}\0\0 and more`), part(LINE)], bodies: [MOTION, LINE] },
    {
      title: "several alerts in one part",
      stream: [part(`${MOTION}\r\n${LINE}${MOTION}`), part(`${DENSITY}${DENSITY}`, JSON_TYPE)],
      bodies: [MOTION, LINE, MOTION, DENSITY, DENSITY],
    },
    {
      title: "no XML declaration, comments and a declaration",
      stream: [part("<a>1</a>"), part(`<?xml version="1.0"?>\n<!-- hello -->\n<!DOCTYPE b>\n<b>2</b>`)],
      bodies: ["<a>1</a>", `<?xml version="1.0"?>\n<!-- hello -->\n<!DOCTYPE b>\n<b>2</b>`],
    },
    {
      title: "XML cut by its device",
      stream: [sized(MOTION.slice(0, 99), MOTION.length), "\r\n", part(LINE)],
      bodies: [LINE],
    },
    {
      title: "XML cut by its device, no line end behind it",
      stream: [sized(MOTION.slice(0, 99), MOTION.length), part(LINE)],
      bodies: [LINE],
    },
    {
      title: "JSON cut by its device inside a string",
      stream: [sized(DENSITY.slice(0, 30), DENSITY.length, JSON_TYPE), "\r\n", part(LINE)],
      bodies: [LINE],
    },
    {
      title: "JSON cut by its device, a picture full of brackets behind it",
      stream: [sized(DENSITY.slice(0, 30), 99, JSON_TYPE), sized(jpeg("}}}]]]"), 12, "image/jpeg"), "\r\n"],
      bodies: [jpeg("}}}]]]")],
    },
    {
      title: "XML that never ends, of the announced length, is handed on as announced",
      stream: [part("<a><b></a x>"), part(LINE)],
      bodies: ["<a><b></a x>", LINE],
    },
  ];
  cases.forEach(promise);
});

describe("part reader: content types", () => {
  const types = [
    "text/xml",
    "APPLICATION/XML",
    "application/xml;charset=utf-8",
    "text/plain",
    "x-what/ever",
    "",
    "application/soap+xml",
  ];
  const cases: readonly Case[] = [
    ...types.map((type): Case => ({
      title: `XML as ${JSON.stringify(type)}`,
      stream: [part(MOTION, type), unsized(MOTION, type)],
      bodies: [MOTION, MOTION],
    })),
    ...["application/json", "TEXT/JSON", "", "x/y"].map((type): Case => ({
      title: `JSON as ${JSON.stringify(type)}`,
      stream: [part(DENSITY, type), unsized(DENSITY, type)],
      bodies: [DENSITY, DENSITY],
    })),
    ...["image/jpeg", "IMAGE/PJPEG", "application/octet-stream", "", "x/y", "text/xml"].map((type): Case => ({
      title: `a picture as ${JSON.stringify(type)}`,
      stream: [sized(PICTURE, PICTURE.length, type), "\r\n", unsized(PICTURE, type)],
      bodies: [PICTURE, PICTURE],
    })),
    {
      title: "no type at all",
      stream: [
        `--boundary\r\nContent-Length: ${MOTION.length}\r\n\r\n${MOTION}\r\n`,
        `--boundary\r\n\r\n${DENSITY}\r\n`,
        bytes("--boundary\r\n\r\n", PICTURE, "\r\n"),
        `--boundary\r\n\r\nwhat is this\r\n`,
      ],
      bodies: [MOTION, DENSITY, PICTURE],
    },
    {
      title: "bytes of no known kind, with a length",
      stream: [sized("\x89PNG\r\n\x1a\n<a>{", 12, "x/y"), "\r\n"],
      bodies: ["\x89PNG\r\n\x1a\n<a>{"],
    },
    {
      title: "an empty picture",
      stream: [sized("", 0, "image/jpeg"), "\r\n", sized("", 4000, "image/jpeg"), "\r\n"],
      bodies: ["", ""],
    },
  ];
  cases.forEach(promise);
});

describe("part reader: hostile headers", () => {
  const hostile = (lines: string): Case["stream"] => [
    `--boundary\r\n${lines}Content-Type: ${XML}\r\nContent-Length: ${MOTION.length}\r\n\r\n${MOTION}\r\n`,
  ];
  const cases: readonly Case[] = [
    ["a line without colon", "no colon here\r\n"],
    ["a first line that starts with a blank", " \tX-Folded: 1\r\n"],
    ["names of Object's own", "constructor: x\r\n__proto__: y\r\ntoString: z\r\nhasOwnProperty: 1\r\n"],
    ["empty names and values", ": x\r\n:\r\nX:\r\n  :  \r\n"],
    ["bytes that are no text", "X-\xff\xfe\0: \x80\x01\r\n"],
    ["dashes", "-- what: ever --\r\n-x: y\r\n--no delimiter here\r\n"],
    ["a long block", `X-Long: ${"y".repeat(15_000)}\r\n`],
    ["too long a block", `X-Long: ${"y".repeat(8000)}\r\n`.repeat(4)],
    ["too long a line", `X-Long: ${"y".repeat(40_000)}\r\n`],
    ["thousands of lines", "X: y\r\n".repeat(20_000)],
    ["a delimiter among the headers", `Content-Type: image/jpeg\r\nContent-Length: 4\r\n--boundary\r\n`],
  ].map(([title = "", lines = ""]) => ({ title, stream: hostile(lines), bodies: [MOTION] }));
  cases.forEach(promise);

  promise({
    title: "no empty line before the body",
    stream: [`--boundary\r\nContent-Type: ${XML}\r\n${MOTION}\r\n--boundary\r\n${DENSITY}\r\n`],
    bodies: [MOTION, DENSITY],
  });
  promise({
    title: "no headers and no empty line before the body",
    stream: [`--boundary\r\n${MOTION}\r\n--boundary${LINE}\r\n`],
    bodies: [MOTION, LINE],
  });

  it("keeps header names out of every prototype", () => {
    const { reader, parts } = recorder();
    reader.write(bytes(...hostile("__proto__: x\r\nconstructor: y\r\n")));
    const headers = parts[0]?.headers ?? {};
    assert.equal(Object.getPrototypeOf(headers), null);
    assert.deepEqual([headers["__proto__"], headers["constructor"]], ["x", "y"]);
    assert.equal(({} as Record<string, unknown>)["x"], undefined);
  });

  it("joins folded and repeated headers", () => {
    const { reader, parts } = recorder();
    reader.write(bytes(...hostile(`Content-Disposition: form-data;\r\n\tname="a"\r\nX: 1\r\nx: 2\r\n`)));
    assert.equal(parts[0]?.headers["content-disposition"], `form-data; name="a"`);
    assert.equal(parts[0].headers["x"], "1, 2");
  });
});

describe("part reader: limits", () => {
  const limits = { headerBytes: 1024, bodyBytes: 4096 };
  const big = Buffer.alloc(20_000, "0123456789abcde\n");
  const cases: readonly (readonly [string, Buffer])[] = [
    ["a picture, length announced", sized(jpeg(big), big.length + 6, "image/jpeg")],
    ["a picture, no length", unsized(jpeg(big), "image/jpeg")],
    ["XML", part(`<a>${big.toString()}</a>`)],
    ["an alert", part(MOTION.replace("</channelID>", big.toString()))],
    ["JSON", part(`{"a":"${big.toString("latin1").replaceAll("\n", " ")}"}`, JSON_TYPE)],
    ["JSON, no length", unsized(`{"a":[${"1,".repeat(9000)}1]}`, JSON_TYPE)],
  ];
  for (const [title, stream] of cases) {
    for (const size of [1, 100, 3000, 100_000]) {
      it(`skips ${title} over the limit, counts it, and finds the next event (writes of ${size})`, () => {
        const { reader, bodies } = recorder({ limits });
        let most = 0;
        const all = bytes(stream, "\r\n", part(NEXT));
        for (let at = 0; at < all.length; at += size) {
          reader.write(all.subarray(at, at + size));
          most = Math.max(most, reader.heldBytes);
        }
        assert.deepEqual(bodies, [NEXT]);
        assert.equal(reader.counts.oversized, 1);
        assert.ok(most <= 3 * limits.bodyBytes, `${most} bytes held`);
        assert.equal(reader.heldBytes, 0);
      });
    }
  }

  const endless: readonly (readonly [string, string, string])[] = [
    ["zeros", "", "\0"],
    ["text without line end", "", "endless "],
    ["lines", "", "endless\r\n"],
    ["dashes", "", "-"],
    ["lines of dashes", "", "--\n"],
    ["lines that might be delimiters", "", "\n--x"],
    ["angle brackets", "", "<"],
    ["declarations", "", "<?xml"],
    ["start tags", "", "<a>"],
    ["alerts that never end", "", "<EventNotificationAlert>"],
    ["braces", "", "{"],
    ["objects", "", '\n{"'],
    ["header lines", "--boundary\r\n", "X: y\r\n"],
    ["one header line", "--boundary\r\n", "X: y"],
    ["one XML document", "--boundary\r\nContent-Type: text/xml\r\n\r\n<a>", "<b>c</b>"],
    [
      "one document full of its root's name",
      "--boundary\r\nContent-Type: text/xml\r\n\r\n<EventNotificationAlert>",
      "EventNotificationAlert ",
    ],
    [
      "another document full of alerts' name",
      "--boundary\r\nContent-Type: text/xml\r\n\r\n<a>",
      "EventNotificationAlert ",
    ],
    ["one JSON object", '--boundary\r\nContent-Type: text/json\r\n\r\n{"a":[', "1,"],
    ["one JSON string", '--boundary\r\nContent-Type: text/json\r\n\r\n{"a":"', "1,"],
    ["one picture", "--boundary\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8", "\xff\xd9\r\n"],
    [
      "one picture full of half delimiters",
      "--boundary\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8",
      "\xff\xd9\r\n--boundary!",
    ],
    ["pictures of a huge length", "", "--boundary\r\nContent-Type: image/jpeg\r\nContent-Length: 4000\r\n\r\n\xff\xd8"],
    [
      "pictures of an impossible length",
      "",
      "--boundary\r\nContent-Type: image/jpeg\r\nContent-Length: 99999999\r\n\r\n\xff\xd8\xff\xd9\r\n",
    ],
    ["delimiters", "", "--boundary\r\n"],
    ["delimiters and empty lines", "", "--boundary\r\n\r\n"],
  ];
  for (const [title, head, garbage] of endless) {
    it(`holds no more and no longer for endless ${title}, and finds the next event`, () => {
      const { reader, bodies } = recorder({ limits });
      const chunk = Buffer.from(garbage.repeat(Math.ceil(8192 / garbage.length)), "latin1");
      reader.write(Buffer.from(head, "latin1"));
      const started = process.cpuUsage();
      let most = 0;
      for (let written = 0; written < 1 << 19; written += chunk.length) {
        reader.write(chunk);
        most = Math.max(most, reader.heldBytes);
      }
      const { user, system } = process.cpuUsage(started);
      assert.ok(most <= 8 * limits.bodyBytes, `${most} bytes held`);
      assert.ok(user + system < 1e6, `${(user + system) / 1e6} s for half a MiB`);
      reader.write(bytes("\r\n", part(NEXT), part(NEXT)));
      reader.end();
      assert.deepEqual(bodies.filter((body) => body === NEXT).length, 2);
    });
  }

  it("takes a large document in writes of one byte without reading it again and again", () => {
    const { reader, bodies } = recorder();
    const text = `<a>${"<b>c</b>\n".repeat(30_000)}</a>`;
    const started = process.cpuUsage();
    writeIn(reader, bytes(unsized(text), part(NEXT)), 1);
    const { user, system } = process.cpuUsage(started);
    assert.deepEqual(bodies, [text, NEXT]);
    assert.ok(user + system < 3e6, `${(user + system) / 1e6} s for 270 KB`);
  });

  it("takes writes of no bytes", () => {
    const { reader, bodies } = recorder();
    for (const byte of part(NEXT)) {
      reader.write(Buffer.alloc(0));
      reader.write(Buffer.from([byte]));
    }
    assert.deepEqual(bodies, [NEXT]);
  });
});

describe("part reader: the end of the stream", () => {
  const ended = (stream: Buffer): string[] => {
    const { reader, bodies } = recorder();
    reader.write(stream);
    const before = bodies.length;
    reader.end();
    reader.end();
    reader.write(part(NEXT));
    return bodies.slice(before);
  };

  it("never hands on a body that was cut", () => {
    for (const stream of [
      part(MOTION),
      part(DENSITY, JSON_TYPE),
      part(PICTURE, "image/jpeg"),
      unsized(MOTION),
      unsized(DENSITY, JSON_TYPE),
    ]) {
      const { reader, bodies } = recorder();
      reader.write(stream);
      const whole = bodies[0];
      for (let length = 0; length < stream.length; length++) {
        const cut = recorder();
        cut.reader.write(stream.subarray(0, length));
        cut.reader.end();
        assert.ok(cut.bodies.length === 0 || cut.bodies[0] === whole);
      }
    }
  });

  it("hands on a picture without length if it has its end mark", () => {
    assert.deepEqual(ended(unsized(PICTURE, "image/jpeg")), [PICTURE.toString("latin1")]);
    assert.deepEqual(ended(bytes(unsized(PICTURE, "image/jpeg"), "--boundary--")), [PICTURE.toString("latin1")]);
    assert.deepEqual(ended(unsized("\xff\xd8 no end", "image/jpeg")), []);
  });

  it("saves the events that a length too long has swallowed", () => {
    const stream = bytes(sized("\xff\xd8 cut", 9000, "image/jpeg"), "\r\n", part(MOTION));
    assert.deepEqual(ended(stream), [MOTION]);
  });

  it("holds no memory afterwards", () => {
    const { reader } = recorder();
    reader.write(sized("\xff\xd8", 90_000, "image/jpeg"));
    assert.ok(reader.heldBytes > 0);
    reader.end();
    assert.equal(reader.heldBytes, 0);
  });

  it("reads on behind the part whose receiver threw", () => {
    const types: string[] = [];
    const reader = new PartReader({
      contentType: MIXED,
      onPart: ({ body }) => {
        types.push(body.toString());
        if (types.length === 1) throw new Error("receiver");
      },
    });
    assert.throws(() => reader.write(bytes(part(MOTION), part(LINE))), /receiver/);
    reader.write(part(NEXT));
    assert.deepEqual(types, [MOTION, LINE, NEXT]);
  });
});
