import assert from "node:assert/strict";
import fc from "fast-check";
import { decode } from "../../../src/events/decode/decode";
import { skimAlert } from "../../../src/events/decode/skim";
import { eventType } from "../../../src/events/event-types";
import { context, part, xmlAlert } from "../../support/alerts";
import { documents, hasFixtures, whyNoFixtures } from "../../support/fixtures";

/** What is skimmed is what is decoded; true: it was skimmed. */
function agrees(body: string | Buffer): boolean {
  const skimmed = skimAlert(part(body));
  if (!skimmed) return false;
  for (const { type, channel } of decode(part(body), context())) {
    assert.equal(type, eventType(skimmed.type).type, body.toString());
    if (skimmed.channel !== undefined) assert.equal(channel, skimmed.channel, body.toString());
  }
  return true;
}

describe("a first look at an alert", () => {
  it("tells type and channel", () => {
    assert.deepEqual(skimAlert(part(xmlAlert({ eventType: "linedetection", channelID: 7 }))), {
      type: "linedetection",
      channel: 7,
    });
  });

  it("does not tell a channel that stands behind the type, or is that of the device or a recorder's own", () => {
    for (const fields of [{ channelID: undefined }, { channelID: 0 }, { channelID: "" }, { channelID: "x" }]) {
      const skimmed = skimAlert(part(xmlAlert({ ...fields, dynChannelID: 3 })));
      assert.deepEqual(skimmed, { type: "VMD", channel: undefined });
    }
  });

  const uncertain: [title: string, body: string | Buffer][] = [
    ["JSON", '{"eventType":"VMD","channelID":1,"eventState":"active"}'],
    ["another root", xmlAlert({}).replaceAll("EventNotificationAlert", "EventTrigger")],
    ["a prefix", xmlAlert({}).replace(/<(\/?)(\w)/g, "<$1x:$2")],
    ["another encoding", `<?xml version="1.0" encoding="gb2312"?>${xmlAlert({})}`],
    ["a type that is no word", xmlAlert({ eventType: "a b" })],
    ["no type", xmlAlert({ eventType: undefined })],
    ["an empty type", xmlAlert({ eventType: "" })],
    ["something nested before the type", xmlAlert({ macAddress: "<eventType>IO</eventType>" })],
    ["a comment before the type", xmlAlert({ macAddress: "<!-- <eventType>IO</eventType> -->" })],
    ["a word on history", xmlAlert({}, "<currentEvent>true</currentEvent>")],
    ["a picture", Buffer.from([0xff, 0xd8, 0xff, 0xe0])],
    ["nothing", ""],
  ];
  for (const [title, body] of uncertain) {
    it(`tells nothing of ${title}`, () => assert.equal(skimAlert(part(body)), undefined));
  }

  (hasFixtures ? it : it.skip)(`tells what the decoder tells, of all that devices sent${whyNoFixtures}`, () => {
    let alerts = 0;
    for (const { bytes } of documents()) if (agrees(bytes)) alerts++;
    assert.ok(alerts > 10, `only ${alerts} were skimmed`);
  });

  it("tells what the decoder tells, of alerts with anything changed", () => {
    const insert = fc.constantFrom(
      "<eventType>IO</eventType>",
      "<EVENTTYPE>IO</EVENTTYPE>",
      "<eventtype> </eventtype>",
      "<channelID>9</channelID>",
      "<ChannelId>8</ChannelId>",
      "<channelid></channelid>",
      "<dynChannelID>5</dynChannelID>",
      "<!-- <eventType>IO</eventType> -->",
      "<a><eventType>IO</eventType><channelID>4</channelID></a>",
      "<a>",
      "</a>",
      "<a/>",
      "<![CDATA[",
      "]]>",
      "&lt;",
      "<",
      ">",
      " ",
      "0",
      "x",
    );
    const alert = fc
      .record({
        eventType: fc.constantFrom("VMD", "IO", "vmd", "shelteralarm", "fieldDetection", "neverSeen", " VMD", ""),
        channelID: fc.constantFrom(1, 0, 33, "007", "-1", "1.5", "", " 2 "),
      })
      .map((fields) => xmlAlert(fields));
    let skimmed = 0;
    fc.assert(
      fc.property(
        alert,
        fc.array(fc.tuple(fc.nat(), insert, fc.nat({ max: 2 })), { maxLength: 3 }),
        (whole, changes) => {
          let body = whole;
          for (const [place, text, less] of changes) {
            const at = place % body.length;
            body = body.slice(0, at) + text + body.slice(at + less);
          }
          if (agrees(body)) skimmed++;
        },
      ),
      { numRuns: 2_000 },
    );
    assert.ok(skimmed > 200, `only ${skimmed} were skimmed`);
  });

  it("needs no more than a moment for hostile input", () => {
    const { user, system } = process.cpuUsage();
    for (const text of ["<a>", "<a></a>", "<EventNotificationAlert ", 'x="1" ', " ", "<eventType>"]) {
      for (const head of ["", "<EventNotificationAlert>", "<EventNotificationAlert "])
        skimAlert(part(head + text.repeat(100_000)));
    }
    const spent = process.cpuUsage();
    assert.ok(spent.user + spent.system - user - system < 1_000_000);
  });
});
