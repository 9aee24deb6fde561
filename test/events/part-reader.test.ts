import assert from "node:assert/strict";
import { PartReader } from "../../src/events/part-reader";
describe("t", () => { it("x", () => {
  const got: string[] = [];
  const r = new PartReader({ contentType: "multipart/mixed; boundary=boundary", onPart: (p) => got.push(p.body.toString()) });
  const xml = "<EventNotificationAlert>\r\n<a>1</a>\r\n</EventNotificationAlert>\r\n";
  const part = `--boundary\r\nContent-Type: application/xml\r\nContent-Length: ${xml.length}\r\n\r\n${xml}`;
  for (const b of Buffer.from(part + part + part)) r.write(Buffer.from([b]));
  assert.equal(got.length, 3); assert.equal(got[0], xml.trim());
  r.write(Buffer.from(part.repeat(10))); assert.equal(got.length, 13);
  assert.deepEqual(r.counts.resyncs, 0);
});});
