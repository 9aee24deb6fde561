import assert from "node:assert/strict";
import fc from "fast-check";
import { decode } from "../../../src/events/decode/decode";
import { KnownAlerts } from "../../../src/events/decode/known-alerts";
import { context, part, xmlAlert } from "../../support/alerts";
import { documents, hasFixtures, whyNoFixtures } from "../../support/fixtures";

const region = `<DetectionRegionList><DetectionRegionEntry><regionID>2</regionID><sensitivityLevel>50</sensitivityLevel>
  <RegionCoordinatesList><RegionCoordinates><positionX>100</positionX><positionY>900</positionY></RegionCoordinates>
  </RegionCoordinatesList><detectionTarget>human</detectionTarget></DetectionRegionEntry></DetectionRegionList>`;

/** What is recognised is what is decoded, in its order; answers whether it was recognised. Remembers it as the pipeline does. */
function agrees(known: KnownAlerts, body: string | Buffer, more = context()): boolean {
  const sent = part(body);
  const recognized = known.recognize(sent, more);
  const decoded = decode(sent, more);
  if (!recognized) {
    known.store(sent, decoded);
    return false;
  }
  const notification = recognized.notification();
  assert.deepEqual([notification], decoded, body.toString());
  assert.equal(JSON.stringify(notification.raw), JSON.stringify(decoded[0]?.raw));
  assert.deepEqual([recognized.type, recognized.channel], [notification.type, notification.channel]);
  return true;
}

describe("an alert that repeats another", () => {
  it("is recognised by all but its stamp and count, and is what the decoder reads", () => {
    const known = new KnownAlerts();
    const at = (second: number, inner = ""): string =>
      xmlAlert({ dateTime: `2026-03-01T12:00:0${second}+01:00`, activePostCount: second }, inner);
    assert.equal(agrees(known, at(1)), false);
    assert.equal(agrees(known, at(2)), true);
    assert.equal(agrees(known, at(2, region)), false);
    assert.equal(agrees(known, at(3, region)), true);
    assert.equal(agrees(known, at(4)), true);
  });

  it("shares nothing with what was or will be sent", () => {
    const known = new KnownAlerts();
    const sent = part(xmlAlert({}, region));
    const first = decode(sent, context());
    known.store(sent, first);
    const spoil = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      for (const key of Object.keys(value)) {
        spoil((value as Record<string, unknown>)[key]);
        (value as Record<string, unknown>)[key] = "spoilt";
      }
    };
    const fresh = JSON.stringify(decode(sent, context()));
    for (const one of first) spoil(one);
    for (let i = 0; i < 3; i++) {
      const again = known.recognize(sent, context())?.notification();
      assert.equal(JSON.stringify([again]), fresh.replace(/(?<=^\[)|(?=\]$)/g, ""));
      spoil(again);
    }
  });

  const changed: [title: string, body: string][] = [
    ["another channel", xmlAlert({ channelID: 2 })],
    ["another state", xmlAlert({ eventState: "inactive" })],
    ["something more", xmlAlert({}, "<x>1</x>")],
    ["a stamp that is none", xmlAlert({ dateTime: "soon" })],
    ["an empty stamp", xmlAlert({ dateTime: "" })],
    ["markup in the stamp", xmlAlert({ dateTime: "<a>1</a>" })],
    ["a count that is none", xmlAlert({ activePostCount: "-1" })],
    ["an empty count", xmlAlert({ activePostCount: "" })],
    ["a cut end", xmlAlert({}).slice(0, -3)],
  ];
  for (const [title, body] of changed) {
    it(`is none with ${title}`, () => {
      const known = new KnownAlerts();
      agrees(known, xmlAlert({}));
      assert.equal(known.recognize(part(body), context()), undefined);
    });
  }

  it("is read anew once more is known of the channels, or its charset differs", () => {
    const known = new KnownAlerts();
    const body = xmlAlert({});
    agrees(known, body);
    assert.equal(known.recognize(part(body), context({ channelName: () => "Gate" })), undefined);
    assert.equal(known.recognize(part(body), context({ channels: (sent) => sent + 32 })), undefined);
    assert.equal(known.recognize(part(body, { "content-type": 'text/xml; charset="gbk"' }), context()), undefined);
    assert.ok(known.recognize(part(body), context()));
  });

  for (const eventType of ["videoloss", "heartBeat", "other", "duration"]) {
    it(`is never ${eventType}, which depends on what else was sent`, () => {
      const known = new KnownAlerts();
      agrees(known, xmlAlert({ eventType }));
      assert.equal(known.recognize(part(xmlAlert({ eventType })), context()), undefined);
    });
  }

  it("of many kinds is recognised, and of too many none grows the memory", () => {
    const known = new KnownAlerts();
    const round = (channels: number): number => {
      let recognized = 0;
      for (let channelID = 1; channelID <= channels; channelID++)
        if (agrees(known, xmlAlert({ channelID }))) recognized++;
      return recognized;
    };
    round(16);
    assert.equal(round(16), 16);
    round(200);
    round(200);
    round(1);
    assert.ok(round(1) <= 1);
  });

  (hasFixtures ? it : it.skip)(`is what the decoder reads, of all that devices sent${whyNoFixtures}`, () => {
    let recognized = 0;
    for (const { bytes } of documents()) {
      const known = new KnownAlerts();
      const text = bytes.toString("latin1");
      for (const [stamp, count] of [
        ["2026-03-01T12:00:01+08:00", 7],
        ["2026-03-01 12:00:02", 1_000],
        ["20260301T120003Z", 0],
      ] as const) {
        const next = text
          .replace(/<dateTime>[^<]*</g, `<dateTime>${stamp}<`)
          .replace(/<activePostCount>[^<]*</g, `<activePostCount>${count}<`);
        if (agrees(known, Buffer.from(next, "latin1"))) recognized++;
      }
    }
    assert.ok(recognized > 5, `only ${recognized} were recognised`);
  });

  it("is what the decoder reads, whatever is changed", () => {
    const insert = fc.constantFrom(
      "<",
      ">",
      "&amp;",
      "1",
      " ",
      "Z",
      "</dateTime>",
      "<dateTime>",
      "<a/>",
      "<!-- -->",
      "é",
    );
    let recognized = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), insert, fc.nat({ max: 2 }), fc.nat({ max: 99 })), { maxLength: 8 }),
        fc.boolean(),
        (changes, nested) => {
          const known = new KnownAlerts();
          for (const [place, text, less, count] of changes) {
            const whole = xmlAlert(
              { activePostCount: count, dateTime: `2026-03-01T12:00:${count % 60}` },
              nested ? region : "",
            );
            const at = place % (4 * whole.length);
            agrees(known, whole);
            if (agrees(known, whole.slice(0, at) + text + whole.slice(at + less))) recognized++;
          }
        },
      ),
      { numRuns: 500 },
    );
    assert.ok(recognized > 20, `only ${recognized} were recognised`);
  });
});
