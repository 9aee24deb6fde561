import assert from "node:assert/strict";
import { answerTo } from "../../src/discovery/sadp";
import { decode } from "../../src/events/decode/decode";
import { readChallenges, readNextNonce } from "../../src/http/digest";
import { parseLoginRefusal } from "../../src/http/refusal";
import { readChannels } from "../../src/isapi/channels";
import { Isapi } from "../../src/isapi/isapi";
import { searchPage } from "../../src/isapi/recording-search";
import { replyError } from "../../src/isapi/response-status";
import { MAX_LIST_TAGS, MAX_XML_BYTES, number, parseXml, parseXmlAll } from "../../src/isapi/xml";
import { withLeaf } from "../../src/isapi/xml-editor";
import { PartReader } from "../../src/multipart/part-reader";
import { readPush } from "../../src/push/push-body";
import { readPlaybackUri } from "../../src/recordings/playback-uri";
import { parsePosixZone } from "../../src/time/posix-zone";
import { parseTimestamp } from "../../src/time/timestamp";
import { FakeHttp, reply } from "../isapi/fake-http";
import { context, part } from "../support/alerts";
import { longestStretch } from "../support/stretches";

/**
 * CPU time of one task, which nothing else of Node-RED runs beside: what each reader may take for the most it accepts. A quadratic
 * reader takes seconds to hours; a linear one some 10 ms on a free machine, three times that on one that shares its cores.
 */
const MOST_MS = 80;
/** Of the editor, whose documents nobody sends but for an order: it knows of 50 000 tags where each is. */
const MOST_EDITED_MS = 250;

const ALERT = ["<EventNotificationAlert><eventType>VMD</eventType>", "</EventNotificationAlert>"] as const;
/** What stands between begin and end of a document: before, again and again, after. */
const XML: readonly (readonly [before: string, pump: string, after: string])[] = [
  ["<channelID>", "1", "x</channelID>"],
  ["<channelID>", "1,", "x</channelID>"],
  ["<channelID>", " ", "x</channelID>"],
  ["<dateTime>2026-01-01T00:00:00", "1", "x</dateTime>"],
  ["", "<a>1</a>", ""],
  ["", "<a/>", ""],
  ["", "<a>".repeat(60) + "</a>".repeat(60), ""],
  ["", "<a>", ""],
  ["<a", ' a="1"', "/>"],
  ["", "<a ", ""],
  ["", '<a b="', ""],
  ["", "<", ""],
  ["", "</a>", ""],
  ["", "<!--", ""],
  ["", "<![CDATA[", ""],
  ["", "<?a ", ""],
  ["<a>", "&", "</a>"],
  ["<a>", "&#65;", "</a>"],
  ["<", "a", ">"],
  ["<", "a:", "b>"],
  ["", "</EventNotificationAlert><EventNotificationAlert>", ""],
];
const JSON_TEXTS: readonly (readonly [before: string, pump: string, after: string])[] = [
  ["", "[", ""],
  ['{"EventNotificationAlert":', "[", "]"],
  ["", '{"a":', "}"],
  ["", '{"a":1}', ""],
  ["[", "{},", "{}]"],
  ['{"eventType":"VMD","channelID":"', "1", 'x"}'],
  ['{"eventType":"VMD","channelID":"', "\t1", 'x"}'],
  ["{", "\t", "}"],
  ["{", '"', "}"],
];
const HEADERS = ['"', "a", "a=", "a=,", "Digest ", 'Digest a="', ", ", "\\", " = ", "a b", "Basic a=, "] as const;

describe("a reader of what others send", function () {
  this.timeout(120_000);
  it("refuses a number of more than 32 characters, however long it is", () => {
    assert.equal(number({ channelID: `${"0".repeat(31)}7` }, "channelID"), 7);
    assert.equal(number({ channelID: `${"0".repeat(32)}7` }, "channelID"), undefined);
    quick("a number", () => number({ channelID: `${"1".repeat(MAX_XML_BYTES)}x` }, "channelID"));
  });

  it("is done soon with any alert of the largest size, in XML", () => {
    for (const text of documents(MAX_XML_BYTES, ALERT))
      quick(`alert ${about(text)}`, () => decode(part(text), context()));
  });

  it("is done soon with any alert of the largest size, in JSON", () => {
    const json = { "content-type": "application/json" };
    for (const [before, pump, after] of JSON_TEXTS) {
      const body = filled(4 << 20, before, pump, after);
      quick(`alert ${about(body)}`, () => decode(part(body, json), context()));
    }
  });

  it("is done soon with any XML of the largest size", () => {
    for (const text of documents(MAX_XML_BYTES, ["<a>", "</a>"])) quick(`XML ${about(text)}`, () => parseXmlAll(text));
  });

  it("is done soon with any XML that is to be edited", () => {
    for (const text of documents(MAX_XML_BYTES, ["<a>", "</a>"]))
      quick(`XML ${about(text)}`, () => withLeaf(text, "a", "b"), MOST_EDITED_MS);
  });

  it("is done soon with any refusal of the largest size", () => {
    for (const text of documents(64 << 10, ["<ResponseStatus>", "</ResponseStatus>"])) {
      const body = Buffer.from(text);
      quick(`refusal ${about(text)}`, () => replyError({ statusCode: 500, headers: {}, body }));
      quick(`refused login ${about(text)}`, () => parseLoginRefusal(body));
    }
  });

  it("is done soon with any answer of a device in the LAN", () => {
    for (const text of documents(16_000, ["<ProbeMatch><Uuid>a</Uuid>", "</ProbeMatch>"]))
      quick(`answer ${about(text)}`, () => answerTo("a", Buffer.from(text), "192.0.2.1"));
  });

  it("keeps the event loop for a moment only with any answer of a device", async () => {
    const answer = (body: string): Isapi => new Isapi(FakeHttp.of({ "/a": reply(200, body) }));
    for (const text of documents(4 << 20, ["<a>", "</a>"]))
      await stepwise(`answer ${about(text)}`, () => answer(text).get("/a"));
    for (const [before, pump, after] of JSON_TEXTS) {
      const text = filled(512 << 10, before, pump, after);
      await stepwise(`answer ${about(text)}`, () => answer(text).json("GET", "/a"));
    }
  });

  it("is done soon with the channels of more cameras than any recorder has", async () => {
    const nodes = (name: string): string =>
      Array.from({ length: 5_000 }, (_, i) => `<${name}><id>${i + 1}</id><online>true</online></${name}>`).join("");
    const list = (name: string) => reply(200, `<L>${nodes(name)}</L>`);
    const isapi = new Isapi(
      FakeHttp.of({
        "/ISAPI/ContentMgmt/InputProxy/channels": list("InputProxyChannel"),
        "/ISAPI/ContentMgmt/InputProxy/channels/status": list("InputProxyChannelStatus"),
      }),
    );
    assert.equal((await readChannels(isapi)).channels.length, 5_000);
    await stepwise("channels", () => readChannels(isapi));
  });

  it("is done soon with any page of found recordings", async () => {
    const query = { searchId: "a", track: 101, start: "", end: "", recordType: "all", position: 0 } as const;
    for (const text of documents(MAX_XML_BYTES, ["<R><matchList>", "</matchList></R>"])) {
      const post = () => Promise.resolve(parsedOrNothing(text));
      await quickly(`page ${about(text)}`, () => searchPage({ post }, query));
    }
  });

  it("is done soon with any challenge, time zone, time and address", () => {
    for (const pump of HEADERS) {
      quick(`challenge ${pump}`, () => readChallenges(filled(64 << 10, "Digest ", pump, "\u0001")));
      quick(`next nonce ${pump}`, () => readNextNonce(filled(64 << 10, "nextnonce=", pump, "\u0001")));
    }
    for (const pump of ["0", " ", ":", "a", "/", "\n"]) {
      quick(`zone ${pump}`, () => parsePosixZone(filled(MAX_XML_BYTES, "CST-8", pump, "x")));
      quick(`time ${pump}`, () => parseTimestamp(filled(MAX_XML_BYTES, "2026-01-01T00:00:00", pump, "x")));
      quick(`address ${pump}`, () => readPlaybackUri(filled(MAX_XML_BYTES, "rtsp://a/", pump, "x")));
    }
  });

  it("is done soon with any piece of a stream", () => {
    const heads = ["", "--b\r\nContent-Type: application/xml\r\n\r\n", "--b\r\nContent-Length: 9999999\r\n\r\n"];
    const pumps = [
      "\r\n",
      "--a\r\n",
      "--",
      "--a\r\n\r\n",
      "\0",
      "<EventNotificationAlert>",
      "</EventNotificationAlert>",
      "{",
      '{"',
    ];
    for (const head of heads)
      for (const pump of pumps) {
        const reader = new PartReader({ contentType: "multipart/mixed; boundary=b", onPart: () => undefined });
        const piece = Buffer.from(filled(64 << 10, "", pump, ""));
        reader.write(Buffer.from(head));
        for (let pieces = 0; pieces < 4; pieces++) quick(`stream ${head}${pump}`, () => reader.write(piece));
      }
  });

  it("is done soon with any push", async () => {
    const query = new URLSearchParams();
    for (const pump of ["\r\n", "--a\r\n", "--", "--a\r\n\r\n", "a: b\r\n"]) {
      const push = {
        contentType: "multipart/form-data; boundary=a",
        query,
        body: Buffer.from(filled(1 << 20, "", pump, "")),
      };
      await quickly(`push ${pump}`, () => readPush(push));
    }
  });

  it("still takes the longest list of a recorder", () => {
    const list = `<L>${"<T><id>1</id><type>VMD</type></T>".repeat(30_000)}</L>`;
    assert.equal(parseXml(list, list.length, MAX_LIST_TAGS).root, "L");
  });
});

function filled(size: number, before: string, pump: string, after: string): string {
  return before + pump.repeat(Math.floor((size - before.length - after.length) / pump.length)) + after;
}

function documents(size: number, [begin, end]: readonly [string, string]): string[] {
  return XML.map(
    ([before, pump, after]) => begin + filled(size - begin.length - end.length, before, pump, after) + end,
  );
}

function parsedOrNothing(text: string): ReturnType<typeof parseXml> | undefined {
  try {
    return parseXml(text, text.length, MAX_LIST_TAGS);
  } catch {
    return undefined;
  }
}

function about(text: string): string {
  return JSON.stringify(text.slice(0, 90));
}

/** The best of several: a collection of garbage may come in between. What `run` throws is an answer, too. */
function quick(what: string, run: () => unknown, most = MOST_MS): void {
  let ms = Infinity;
  for (let tries = 0; tries < 5 && ms > most; tries++) ms = Math.min(ms, cpuMs(run));
  assert.ok(ms <= most, `${what}: ${Math.round(ms)} ms`);
}

function cpuMs(run: () => unknown): number {
  const start = process.cpuUsage();
  try {
    run();
  } catch {
    // refused
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** The best of several of the longest stretch between two rounds of the event loop; with the collection of its garbage. */
async function stepwise(what: string, run: () => Promise<unknown>): Promise<void> {
  let ms = Infinity;
  for (let tries = 0; tries < 5 && ms > 2 * MOST_MS; tries++) ms = Math.min(ms, await longestStretch(run));
  assert.ok(ms <= 2 * MOST_MS, `${what}: ${Math.round(ms)} ms`);
}

async function quickly(what: string, run: () => Promise<unknown>): Promise<void> {
  const start = process.cpuUsage();
  await run().catch(() => undefined);
  const { user, system } = process.cpuUsage(start);
  assert.ok((user + system) / 1000 <= 4 * MOST_MS, `${what}: ${Math.round((user + system) / 1000)} ms`);
}
