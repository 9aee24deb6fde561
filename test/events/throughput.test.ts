/** What noise cannot disturb of docs/performance.md: nothing is lost, doubled or copied, and nothing holds up the event loop for long. */
import assert from "node:assert/strict";
import { VideoLosses } from "../../src/events/decode/heartbeat";
import { EventPipeline } from "../../src/events/pipeline";
import type { DeviceEvent } from "../../src/events/types";
import { systemClock } from "../../src/lib/clock";
import { PartReader, type Part } from "../../src/multipart/part-reader";
import { xmlAlert } from "../support/alerts";

const CHUNK = 64 << 10;
/** CPU time, so that others on the machine do not count; a few ms as a rule. */
const LONGEST_MS = 500;

function framed(body: Buffer | string, type: string, more = ""): Buffer {
  const bytes = Buffer.from(body);
  const head = `--boundary\r\nContent-Type: ${type}\r\n${more}Content-Length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from("\r\n")]);
}

/** Sends it all through reader and pipeline. */
function pump(
  stream: Buffer,
  wants?: (type: string) => boolean,
): { events: DeviceEvent[]; parts: Part[]; longestMs: number } {
  const events: DeviceEvent[] = [];
  const parts: Part[] = [];
  const pipeline = new EventPipeline({
    clock: systemClock,
    context: { videoLosses: new VideoLosses() },
    sink: {
      state: () => undefined,
      notification: () => undefined,
      event: (event) => events.push(event),
      wantsPictures: () => true,
      ...(wants && { wants }),
    },
  });
  pipeline.connected();
  const reader = new PartReader({
    contentType: "multipart/mixed; boundary=boundary",
    onPart: (part) => {
      parts.push(part);
      pipeline.part(part);
    },
  });
  let longest = 0;
  for (let at = 0; at < stream.length; at += CHUNK) {
    const before = process.cpuUsage();
    reader.write(stream.subarray(at, at + CHUNK));
    const { user, system } = process.cpuUsage(before);
    longest = Math.max(longest, user + system);
  }
  pipeline.flush();
  return { events, parts, longestMs: longest / 1000 };
}

const counts = (events: readonly DeviceEvent[]): (number | undefined)[] =>
  events.map(({ notification }) => notification.count);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
const alert = (count: number, inner = ""): string =>
  xmlAlert(
    { activePostCount: count, channelID: 1 + (count % 3), dateTime: `2026-03-01T12:00:${10 + (count % 50)}+01:00` },
    inner,
  );

describe("thousands of events at once", () => {
  it("come each once, in order, whether parsed or recognised", () => {
    const stream = Buffer.concat(upTo(5_000).map((count) => framed(alert(count), "application/xml")));
    const { events, longestMs } = pump(stream);
    assert.deepEqual(counts(events), upTo(5_000));
    assert.equal(new Set(events.map(({ notification: { raw } }) => raw)).size, 5_000);
    for (const {
      notification: { raw, count },
    } of events)
      assert.equal(raw["activePostCount"], String(count));
    assert.ok(longestMs < LONGEST_MS, `${longestMs} ms at a stretch`);
  });

  it("that nobody wants come not at all, and those between them all the same", () => {
    const stream = Buffer.concat(
      upTo(2_000).map((count) =>
        framed(
          xmlAlert({ activePostCount: count, eventType: count % 100 === 0 ? "linedetection" : "VMD" }),
          "application/xml",
        ),
      ),
    );
    const { events } = pump(stream, (type) => type === "linedetection");
    assert.deepEqual(
      counts(events),
      upTo(20).map((i) => i * 100),
    );
  });

  it("have their pictures, of which no byte is copied once it is read", () => {
    const data = Buffer.alloc(300 << 10, 7);
    data.set([0xff, 0xd8]);
    data.set([0xff, 0xd9], data.length - 2);
    const announced =
      "<DetectionPicturesNumber>1</DetectionPicturesNumber><detectionPicturesNumber>1</detectionPicturesNumber>";
    const stream = Buffer.concat(
      upTo(100).flatMap((count) => [
        framed(alert(count, announced), "application/xml"),
        framed(data, "image/jpeg", 'Content-Disposition: form-data; name="picture"\r\n'),
      ]),
    );
    const { events, parts, longestMs } = pump(stream);
    assert.deepEqual(counts(events), upTo(100));
    const read = parts.filter(({ body }) => body[0] === 0xff).map(({ body }) => body);
    assert.equal(read.length, 100);
    for (const [index, { pictures }] of events.entries()) {
      assert.equal(pictures.length, 1);
      assert.equal(pictures[0]?.data, read[index]);
      assert.equal(read[index]?.buffer.byteLength, data.length);
    }
    assert.ok(longestMs < LONGEST_MS, `${longestMs} ms at a stretch`);
  });
});
