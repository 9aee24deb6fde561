/**
 * The part reader beside the Dicer API on the same bytes: MB/s and µs of CPU per event, medians of alternating rounds.
 * Run: npm run bench -- reader [rounds]
 */
import { Dicer } from "dicer";
import { randomFillSync } from "node:crypto";
import { performance } from "node:perf_hooks";
import { PartReader } from "../src/multipart/part-reader";

const CHUNK_BYTES = 64 << 10;
const CONTENT_TYPE = "multipart/mixed; boundary=boundary";

interface Load {
  readonly name: string;
  readonly events: number;
  readonly parts: number;
  readonly chunks: readonly Buffer[];
  readonly bytes: number;
}

interface Reading {
  readonly parts: number;
  readonly bodyBytes: number;
}

interface Round {
  readonly megabytesPerSecond: number;
  readonly microsecondsPerEvent: number;
}

type Read = (load: Load) => Promise<Reading>;

function part(type: string, body: Buffer): Buffer {
  const head = `--boundary\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, "latin1"), body]);
}

/** A motion event of 763 bytes as it goes over the wire, delimiter and headers included. */
function event(): Buffer {
  const alert = (description: string): Buffer =>
    Buffer.from(
      `<EventNotificationAlert version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">\r\n` +
        `<ipAddress>192.168.1.64</ipAddress>\r\n<portNo>80</portNo>\r\n<protocol>HTTP</protocol>\r\n` +
        `<macAddress>44:19:b6:00:00:01</macAddress>\r\n<channelID>1</channelID>\r\n` +
        `<dateTime>2026-03-01T12:00:00+01:00</dateTime>\r\n<activePostCount>1</activePostCount>\r\n` +
        `<eventType>VMD</eventType>\r\n<eventState>active</eventState>\r\n` +
        `<eventDescription>${description}</eventDescription>\r\n</EventNotificationAlert>\r\n`,
    );
  const bare = part('application/xml; charset="UTF-8"', alert(""));
  return part('application/xml; charset="UTF-8"', alert("x".repeat(763 - bare.length)));
}

function picture(bytes: number): Buffer {
  const body = randomFillSync(Buffer.alloc(bytes));
  body.set([0xff, 0xd8, 0xff, 0xe0]);
  body.set([0xff, 0xd9], bytes - 2);
  return Buffer.concat([part("image/jpeg", body), Buffer.from("\r\n")]);
}

function load(name: string, events: number, one: readonly Buffer[]): Load {
  const stream = Buffer.concat([...Array<readonly Buffer[]>(events).fill(one).flat(), Buffer.from("--boundary--\r\n")]);
  const chunks: Buffer[] = [];
  for (let at = 0; at < stream.length; at += CHUNK_BYTES) chunks.push(stream.subarray(at, at + CHUNK_BYTES));
  return { name, events, parts: events * one.length, chunks, bytes: stream.length };
}

const own: Read = ({ chunks }) => {
  let parts = 0;
  let bodyBytes = 0;
  const reader = new PartReader({
    contentType: CONTENT_TYPE,
    onPart: ({ body }) => {
      parts++;
      bodyBytes += body.length;
    },
  });
  for (const chunk of chunks) reader.write(chunk);
  reader.end();
  return Promise.resolve({ parts, bodyBytes });
};

const dicer: Read = ({ chunks }) =>
  new Promise((resolve, reject) => {
    let parts = 0;
    let bodyBytes = 0;
    const splitter = new Dicer({ boundary: "boundary" });
    splitter.on("part", (stream) => {
      const pieces: Buffer[] = [];
      stream.on("error", reject);
      stream.on("data", (piece: Buffer) => pieces.push(piece));
      stream.on("end", () => {
        parts++;
        bodyBytes += Buffer.concat(pieces).length;
      });
    });
    splitter.on("error", reject);
    splitter.on("finish", () => setImmediate(() => resolve({ parts, bodyBytes })));
    for (const chunk of chunks) splitter.write(chunk);
    splitter.end();
  });

async function measure(read: Read, what: Load): Promise<Round> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const { parts } = await read(what);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  if (parts !== what.parts) throw new Error(`${what.name}: ${parts} of ${what.parts} parts`);
  return { megabytesPerSecond: what.bytes / 1e6 / seconds, microsecondsPerEvent: (user + system) / what.events };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

async function main(): Promise<void> {
  const rounds = Number(process.argv[2] ?? 15);
  const readers: readonly (readonly [string, Read])[] = [
    ["own reader", own],
    ["Dicer API", dicer],
  ];
  const loads = [
    load("event of 763 bytes", 20_000, [event()]),
    load("event + 300 KiB picture", 300, [event(), picture(300 << 10)]),
  ];
  for (const what of loads) {
    const results = new Map(readers.map(([name]) => [name, [] as Round[]]));
    for (let round = -2; round < rounds; round++) {
      for (const [name, read] of readers) {
        const result = await measure(read, what);
        if (round >= 0) results.get(name)?.push(result);
      }
    }
    for (const [name, list] of results) {
      const speed = median(list.map((round) => round.megabytesPerSecond));
      const cpu = median(list.map((round) => round.microsecondsPerEvent));
      console.log(
        `${what.name.padEnd(26)}${name.padEnd(12)}${speed.toFixed(0).padStart(6)} MB/s ${cpu.toFixed(2).padStart(8)} µs CPU/event`,
      );
    }
  }
}

void main();
