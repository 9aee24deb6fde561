import assert from "node:assert/strict";
import fc from "fast-check";
import { alert, bytes, jpeg, MIXED, recorder, writeIn, type Piece } from "./part-reader-kit";

/** A part as some device writes it, and the body that must come out. */
interface Sample {
  readonly bytes: Buffer;
  readonly body: string;
}

const RUNS = Number(process.env["FAST_CHECK_RUNS"] ?? 150);

const tokens = fc.constantFrom("boundary", "MIME_boundary", "<frontier>", "zZ.9", "--dashed");
const lineEnds = fc.constantFrom("\r\n", "\n");
const fragments = fc.constantFrom(
  "\r\n--boundary",
  "\r\n--boundary\r\n",
  "--",
  "\n-",
  "\r\n",
  "<EventNotificationAlert>",
  "{",
  '"',
  "<a>",
  "\xff\xd8",
);
const noise = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((data) => Buffer.from(data)),
      fragments,
    ),
    { maxLength: 12 },
  )
  .map((pieces) => bytes(...pieces));
const words = fc.string({ maxLength: 40 }).map((text) => text.replace(/[<>&"\\{}[\]-]/g, "."));

function sample(token: string, lineEnd: string, type: string, body: Piece, dialect: string): Sample {
  const inside = dialect === "counted" ? lineEnd : "";
  const behind = dialect === "outside" || dialect === "unsized" ? lineEnd : "";
  const length = dialect === "unsized" ? [] : [`Content-Length: ${bytes(body, inside).length}`];
  const head = [`--${token}`, `Content-Type: ${type}`, ...length, "", ""].join(lineEnd);
  return { bytes: bytes(head, body, inside, behind), body: bytes(body).toString("latin1") };
}

/** Valid parts of one stream: XML, JSON, pictures; lengths counted with the line end or without, or missing. */
function parts(token: string, lineEnd: string): fc.Arbitrary<Sample> {
  const dialects = fc.constantFrom("counted", "outside", "glued", "unsized");
  return fc.oneof(
    fc
      .tuple(words, dialects)
      .map(([text, dialect]) => sample(token, lineEnd, "application/xml", alert(text, lineEnd), dialect)),
    fc
      .tuple(fc.jsonValue({ maxDepth: 4 }), dialects, fc.boolean())
      .map(([value, dialect, pretty]) =>
        sample(
          token,
          lineEnd,
          "application/json",
          bytes(Buffer.from(JSON.stringify({ value }, null, pretty ? "\t" : ""))),
          dialect,
        ),
      ),
    fc
      .tuple(noise, fc.constantFrom("counted", "outside", "glued"))
      .map(([data, dialect]) => sample(token, lineEnd, "image/jpeg", jpeg(data), dialect)),
    words.map((text) => sample(token, lineEnd, "image/jpeg", jpeg(text), "unsized")),
  );
}

const streams = fc
  .tuple(tokens, lineEnds)
  .chain(([token, lineEnd]) =>
    fc.tuple(fc.constant(token), fc.array(parts(token, lineEnd), { minLength: 1, maxLength: 8 })),
  );

/** Three events like no other, in front of which a line ends. */
function follow(token: string): { readonly bytes: Buffer; readonly bodies: readonly string[] } {
  const samples = ["first", "second", "third"].map((name) =>
    sample(token, "\r\n", "application/xml", alert(`good-${name}`), "counted"),
  );
  return { bytes: bytes("\r\n", ...samples.map((one) => one.bytes)), bodies: samples.map((one) => one.body) };
}

/** After anything at all: never more memory than its limit, the last of three events at once, all by the end, none twice. */
function survives(broken: Buffer, token: string, size: number): void {
  const limits = { headerBytes: 2048, bodyBytes: 16_384 };
  const good = follow(token);
  const { reader, bodies } = recorder({ contentType: MIXED, limits });
  let most = 0;
  const all = bytes(sample(token, "\r\n", "text/xml", "<intact/>", "counted").bytes, broken, good.bytes);
  for (let at = 0; at < all.length; at += size) {
    reader.write(all.subarray(at, at + size));
    most = Math.max(most, reader.heldBytes);
  }
  assert.equal(bodies.at(-1), good.bodies[2], JSON.stringify(broken.toString("latin1")));
  reader.end();
  assert.deepEqual(
    bodies.filter((body) => good.bodies.includes(body)),
    good.bodies,
  );
  assert.ok(most <= 4 * limits.bodyBytes + 2 * size, `${most} bytes held`);
  assert.equal(reader.heldBytes, 0);
}

const sizes = fc.constantFrom(1, 3, 16, 100, 1460, 65_536);

describe("part reader: properties", () => {
  it("any split of a valid stream gives the same parts", () => {
    fc.assert(
      fc.property(streams, fc.array(fc.nat(3000), { maxLength: 20 }), ([token, samples], splits) => {
        const all = bytes(...samples.map((one) => one.bytes), `--${token}--\r\n`);
        const { reader, bodies } = recorder({ contentType: `multipart/mixed; boundary="${token}"` });
        let at = 0;
        for (const end of [...splits.map((split) => split % all.length).sort((a, b) => a - b), all.length]) {
          reader.write(Buffer.from(all.subarray(at, end)));
          at = end;
        }
        assert.deepEqual(
          bodies,
          samples.map((one) => one.body),
        );
        assert.equal(reader.counts.bytes, all.length);
      }),
      { numRuns: RUNS },
    );
  });

  it("a valid stream gives the same parts whatever token was announced, from its first delimiter on", () => {
    fc.assert(
      fc.property(streams, sizes, ([token, samples], size) => {
        const { reader, bodies } = recorder({ contentType: "multipart/mixed; boundary=something-else" });
        writeIn(reader, bytes(...samples.map((one) => one.bytes), `--${token}--\r\n`), size);
        assert.deepEqual(
          bodies,
          samples.map((one) => one.body),
        );
      }),
      { numRuns: RUNS },
    );
  });

  it("whatever is deleted, inserted or changed in a stream, the events behind it are found, once", () => {
    const edits = fc.array(
      fc.tuple(
        fc.constantFrom("delete", "insert", "flip"),
        fc.nat(),
        fc.oneof(
          noise,
          fragments.map((text) => bytes(text)),
        ),
      ),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(streams, edits, sizes, ([token, samples], changes, size) => {
        let broken = bytes(...samples.map((one) => one.bytes));
        for (const [kind, where, data] of changes) {
          const at = where % broken.length;
          const behind = at + (kind === "insert" ? 0 : Math.min(1 + (where % 50), broken.length - at));
          const put =
            kind === "delete" ? "" : kind === "insert" ? data : Buffer.from([(broken[at] ?? 0) ^ (1 << (where % 8))]);
          broken = bytes(
            broken.subarray(0, at),
            put,
            kind === "flip" ? broken.subarray(at + 1) : broken.subarray(behind),
          );
          if (broken.length === 0) return;
        }
        survives(broken, token, size);
      }),
      { numRuns: RUNS },
    );
  });

  it("after random bytes the next events are found, once", () => {
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 30 }), sizes, (data, size) =>
        survives(bytes(...data), "boundary", size),
      ),
      { numRuns: RUNS },
    );
  });

  it("after any mixture of the words of the protocol the next events are found, once", () => {
    const vocabulary = fc.constantFrom(
      ...[
        "--boundary",
        "--other",
        "--",
        "\r\n",
        "\n",
        "\r\n\r\n",
        " ",
        ":",
        "Content-Type: ",
        "image/jpeg",
        "text/xml",
        "application/json",
        "Content-Length: ",
        "0",
        "7",
        "50",
        "4000",
        "99999",
      ],
      ...[
        "<?xml",
        "?>",
        "<EventNotificationAlert",
        ">",
        "</EventNotificationAlert>",
        "<a",
        "/>",
        "</a>",
        "<!--",
        "{",
        "}",
        "[",
        "]",
        '"',
        "\\",
        ",",
        "\xff\xd8",
        "\xff\xd9",
        "\0",
        "\xef\xbb\xbf",
        "HTTP/1.1 200 OK",
      ],
    );
    const lines = fc.constantFrom(
      "--boundary\r\n",
      "--other\r\n",
      "Content-Type: image/jpeg\r\n",
      "Content-Type: text/xml\r\n",
      "Content-Length: 300\r\n",
      "Content-Length: 9000\r\n",
      "\r\n",
      "\xff\xd8x\xff\xd9\r\n",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(vocabulary, lines), { maxLength: 60 }), sizes, (text, size) =>
        survives(bytes(...text), "boundary", size),
      ),
      { numRuns: 3 * RUNS },
    );
  });
});
