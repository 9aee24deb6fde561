import assert from "node:assert/strict";
import fc from "fast-check";
import { readPush } from "../../src/push/push-body";

const NO_QUERY = new URLSearchParams();
const XML = "<EventNotificationAlert><eventType>VMD</eventType></EventNotificationAlert>";
const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0x2d, 0x2d, 0x0d, 0x0a, 0xff, 0xd9]);

function form(boundary = "boundary", end = `--${boundary}--\r\n`): Buffer {
  return Buffer.concat([
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="VMD"\r\nContent-Type: application/xml\r\n\r\n${XML}\r\n`,
    ),
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="p"; filename="p.jpg"\r\nContent-Type: image/jpeg\r\n\r\n`,
    ),
    JPEG,
    Buffer.from(`\r\n${end}`),
  ]);
}

const push = (contentType: string, body: Buffer, query = NO_QUERY) => readPush({ contentType, body, query });

describe("the body of a push", () => {
  for (const [what, contentType, body] of [
    ["as announced", "multipart/form-data; boundary=boundary", form()],
    ["quoted", 'multipart/form-data; boundary="boundary"', form()],
    ["in capitals", "Multipart/Form-Data; Boundary=boundary", form()],
    ["announced with dashes that are not in the body", "multipart/form-data; boundary=--boundary", form()],
    ["whose token starts with dashes", "multipart/form-data; boundary=--MIME", form("--MIME")],
    ["not announced", "multipart/form-data", form()],
  ] as const) {
    it(`is read to the byte with a boundary ${what}`, async () => {
      const parts = await push(contentType, body);
      assert.deepEqual(
        parts.map((part) => [part.headers["content-type"], part.body]),
        [
          ["application/xml", Buffer.from(XML)],
          ["image/jpeg", JPEG],
        ],
      );
      assert.equal(parts[1]!.headers["content-disposition"], 'form-data; name="p"; filename="p.jpg"');
    });
  }

  it("is one part when it is raw", async () => {
    const [part, ...others] = await push('application/xml; charset="UTF-8"', Buffer.from(XML));
    assert.equal(part!.body.toString(), XML);
    assert.deepEqual(others, []);
  });

  for (const [what, body] of [
    ["cut inside a picture", form().subarray(0, -20)],
    ["cut inside a header", form().subarray(0, 40)],
    ["without its end", form("boundary", "")],
    ["without any part", Buffer.from("nothing here\r\n")],
    ["empty", Buffer.alloc(0)],
  ] as const) {
    it(`is refused as a whole when it is ${what}`, async () => {
      await assert.rejects(push("multipart/form-data; boundary=boundary", body), { code: "protocol" });
    });
  }

  it("holds the facts of a plate that stand in the query, when no alert is in it", async () => {
    const query = new URLSearchParams(
      "channelID=2&licensePlate=0012E34&lane=3&direction=forward&eventType=ANPR&confidenceLevel=97",
    );
    const [facts, picture] = await push("image/jpeg", JPEG, query);
    assert.deepEqual(JSON.parse(facts!.body.toString()), {
      channelID: "2",
      eventType: "ANPR",
      eventState: "active",
      ANPR: { licensePlate: "0012E34", direction: "forward", confidenceLevel: "97", line: "3" },
    });
    assert.deepEqual(picture!.body, JPEG);
    const parts = await push("application/xml", Buffer.from(XML), query);
    assert.equal(parts.length, 1);
  });

  it("is read or refused, whatever it is: it never throws, hangs or crashes", async () => {
    const pieces = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .constantFrom("--boundary\r\n", "\r\n\r\n", "--boundary--", "constructor: x\r\n", " : y\r\n")
        .map((text) => Uint8Array.from(Buffer.from(text))),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 12 }), async (chunks) => {
        await push("multipart/form-data; boundary=boundary", Buffer.concat(chunks)).catch((error: unknown) =>
          assert.equal((error as { code: string }).code, "protocol"),
        );
      }),
      { numRuns: 300 },
    );
  });
});
