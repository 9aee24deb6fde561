import assert from "node:assert/strict";
import { decode } from "../../../src/events/decode/decode";
import { context, decoded, decodedOne, part, xmlAlert } from "../../support/alerts";

const json = {
  ipAddress: "192.0.2.64",
  channelID: 2,
  dateTime: "2026-03-01T12:00:00+01:00",
  activePostCount: 3,
  eventType: "VMD",
  eventState: "active",
};
const types = (body: string | Buffer, headers: Record<string, string> = {}): string[] =>
  decode(part(body, headers), context()).map(({ type, channel }) => `${type}/${String(channel)}`);

describe("alerts in a part", () => {
  const one: [string, string | Buffer][] = [
    ["XML", xmlAlert({ channelID: 2 })],
    ["XML with a prolog", `<?xml version="1.0" encoding="UTF-8"?>\n${xmlAlert({ channelID: 2 })}`],
    ["XML without line ends", xmlAlert({ channelID: 2 }).replace(/\n/g, "")],
    ["XML without a namespace", xmlAlert({ channelID: 2 }, "", "<EventNotificationAlert>")],
    [
      "prefixed XML",
      xmlAlert(
        { channelID: 2 },
        "",
        '<ns1:EventNotificationAlert xmlns:ns1="http://www.isapi.org/ver20/XMLSchema">',
      ).replace(/<(\/?)(\w+)>/g, "<$1ns1:$2>"),
    ],
    [
      "XML in other letter case",
      xmlAlert({ channelID: 2 }).replace(
        /<(\/?)(\w+)/g,
        (_, slash: string, name: string) => `<${slash}${name.toLowerCase()}`,
      ),
    ],
    ["XML with a byte order mark", `\uFEFF${xmlAlert({ channelID: 2 })}`],
    ["XML after a stray header", `Content-Length: 314\r\n\r\n${xmlAlert({ channelID: 2 })}`],
    [
      "XML with an HTTP answer glued to it",
      `${xmlAlert({ channelID: 2 })}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`,
    ],
    ["XML with a bare &", xmlAlert({ channelID: 2, channelName: "Bed & breakfast" })],
    ["JSON", JSON.stringify(json)],
    ["tabbed JSON", JSON.stringify(json, null, "\t")],
    ["wrapped JSON", JSON.stringify({ EventNotificationAlert: json })],
    ["JSON in a list", JSON.stringify([json])],
    [
      "JSON with texts for numbers, as converters make it",
      JSON.stringify({ $: { version: "2.0" }, ...json, channelID: "2" }),
    ],
    ["JSON with a byte order mark", `\uFEFF${JSON.stringify(json)}`],
    ["JSON with junk around it", `\r\n\0${JSON.stringify(json)}\0\0\r\n--boundary`],
    ["JSON with a line break inside a text", JSON.stringify({ ...json, channelName: "a b" }).replace("a b", "a\nb")],
  ];
  for (const [title, body] of one) {
    for (const type of [
      "application/xml",
      'application/json; charset="UTF-8"',
      "text/plain",
      "application/octet-stream",
      undefined,
    ]) {
      it(`${title}, called ${type ?? "nothing"}`, () => {
        assert.deepEqual(types(body, type === undefined ? {} : { "content-type": type }), ["VMD/2"]);
      });
    }
  }

  const several: [string, string, string[]][] = [
    ["two XML documents", xmlAlert({ channelID: 1 }) + xmlAlert({ channelID: 2 }), ["VMD/1", "VMD/2"]],
    [
      "two with prologs",
      `<?xml version="1.0"?>${xmlAlert({ channelID: 1 })}\r\n<?xml version="1.0"?>${xmlAlert({ channelID: 2 })}`,
      ["VMD/1", "VMD/2"],
    ],
    [
      "a whole one before one that is cut off",
      xmlAlert({ channelID: 1 }) + xmlAlert({ channelID: 2 }).slice(0, 300),
      ["VMD/1"],
    ],
    ["two JSON documents", `${JSON.stringify(json)}\n${JSON.stringify({ ...json, channelID: 5 })}`, ["VMD/2", "VMD/5"]],
    ["a JSON list", JSON.stringify([json, { ...json, channelID: 5 }]), ["VMD/2", "VMD/5"]],
    ["a whole JSON one before one that is cut off", `${JSON.stringify(json)}{"eventType":"VMD`, ["VMD/2"]],
    ["braces in a text", JSON.stringify({ ...json, channelName: '}{"\\' }) + JSON.stringify(json), ["VMD/2", "VMD/2"]],
  ];
  for (const [title, body, expected] of several) it(title, () => assert.deepEqual(types(body), expected));

  const none: [string, string | Buffer, string?][] = [
    ["nothing", ""],
    ["white space", "\r\n\r\n"],
    ["a JPEG", Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x3c, 0x7b])],
    ["a JPEG called XML", Buffer.from([0xff, 0xd8, 0xff, 0xe0]), "application/xml"],
    ["a picture of unknown make", Buffer.from("<EventNotificationAlert>"), "image/x-raw"],
    [
      "a ResponseStatus",
      "<ResponseStatus><statusCode>4</statusCode><statusString>Invalid Operation</statusString></ResponseStatus>",
    ],
    ["a ResponseStatus in JSON", '{"statusCode":4,"statusString":"Invalid Operation","subStatusCode":"notSupport"}'],
    ["the answer to a subscription", "<SubscribeEventResponse><id>1</id></SubscribeEventResponse>"],
    ["a trigger of the configuration", "<EventTrigger><id>VMD-1</id><eventType>VMD</eventType></EventTrigger>"],
    ["triggers in JSON", '{"EventTriggerList":{"EventTrigger":[{"id":"VMD-1","eventType":"VMD"}]}}'],
    ["an HTML page", "<!DOCTYPE html><html><body>401</body></html>"],
    ["a DTD", `<!DOCTYPE x [<!ENTITY a "b">]>${xmlAlert({})}`],
    ["XML that is cut off", xmlAlert({}).slice(0, -30)],
    ["JSON that is cut off", JSON.stringify(json).slice(0, -10)],
    ["an alert without any field", "<EventNotificationAlert/>"],
    ["prose", "401 Unauthorized [see manual]"],
    ["JSON of a thousand levels", `${'{"a":'.repeat(1000)}1${"}".repeat(1000)}`],
  ];
  for (const [title, body, type] of none) {
    it(`finds none in ${title}`, () =>
      assert.deepEqual(types(body, type === undefined ? {} : { "content-type": type }), []));
  }

  it("reads gb2312 where the document says so, and where only the header says so", () => {
    const name = Buffer.from([0xb4, 0xf3, 0xc3, 0xc5]); // 大门, gate
    const around = xmlAlert({ channelName: "@" })
      .split("@")
      .map((text) => Buffer.from(text));
    const [before = Buffer.alloc(0), after = Buffer.alloc(0)] = around;
    const prolog = Buffer.from('<?xml version="1.0" encoding="gb2312"?>\n');
    assert.equal(decodedOne(Buffer.concat([prolog, before, name, after])).channelName, "大门");
    const headers = { "content-type": "application/xml; charset=GB2312" };
    assert.equal(decode(part(Buffer.concat([before, name, after]), headers), context())[0]?.channelName, "大门");
  });

  it("keeps a number of a JSON alert that JavaScript would round, or make Infinity, as the digits that were sent", () => {
    const digits = "5".repeat(400);
    const text = JSON.stringify({ ...json, cardNo: "CARD", id: "ID" })
      .replace('"CARD"', "12345678901234567890")
      .replace('"ID"', digits);
    const [alert] = decode(part(text, { "content-type": "application/json" }), context());
    assert.deepEqual([alert?.raw["cardNo"], alert?.raw["id"]], ["12345678901234567890", digits]);
  });

  it("keeps every string as it was sent, in raw", () => {
    const [only] = decoded(
      xmlAlert({ macAddress: "444700112233", serial: "0123E45", channelName: "  it&#39;s &lt;1E5&gt;", flag: "true" }),
    );
    assert.equal(only?.raw["macAddress"], "444700112233");
    assert.equal(only.raw["serial"], "0123E45");
    assert.equal(only.raw["channelName"], "it's <1E5>");
    assert.equal(only.raw["flag"], "true");
    assert.equal(only.raw["activePostCount"], "1");
  });
});
