import assert from "node:assert/strict";
import fc from "fast-check";
import { decode } from "../../../src/events/decode/decode";
import { copyNotification } from "../../../src/events/notification";
import { context, decoded, part, payloadFacts, xmlAlert } from "../../support/alerts";

/** Names that some reader looks for, so that its value meets it in every shape. */
const NAMES = [
  ..."channelID dynChannelID channelName dateTime activePostCount eventState eventDescription targetType".split(" "),
  ..."DetectionRegionList DetectionRegionEntry regionID sensitivityLevel RegionCoordinatesList RegionCoordinates".split(
    " ",
  ),
  ..."positionX positionY x y TargetRect X Y width height detectionTarget bkgUrl URLCertificationType".split(" "),
  ..."detectionPictureTransType detectionPicturesNumber picNum ANPR licensePlate pictureInfoList pictureInfo fileName".split(
    " ",
  ),
  ..."plateRect vehicleInfo plateCharBelieve personDensityResult Target TargetInfo PQA Region personCnt contentID pId".split(
    " ",
  ),
  ..."peopleCounting enter exit pass inputIOPortID HDDList HDD recordChannels DurationList Duration relationEvent".split(
    " ",
  ),
  ..."isDataRetransmission currentEvent CaptureResult Human toString constructor hasOwnProperty length #text @_x".split(
    " ",
  ),
];

const leaf = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom("1", "0", "-1", "1e999", "human,vehicle", "http://192.0.2.1/x.jpg", "unknown", " ", "9".repeat(400)),
);
const tree = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 5 }, leaf, fc.array(tie("value"), { maxLength: 4 }), tie("node")),
  node: fc.dictionary(fc.constantFrom(...NAMES), tie("value"), { maxKeys: 8 }),
}));

/** Text that XML can carry, as a device would escape it. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

function toXml(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => toXml(name, item)).join("");
  const inner =
    typeof value === "object" && value !== null
      ? Object.entries(value)
          .filter(([child]) => /^\w+$/.test(child) && child !== "constructor") // the XML parser refuses that one
          .map(([child, item]) => toXml(child, item))
          .join("")
      : // eslint-disable-next-line no-control-regex
        escaped(String(value)).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "");
  return `<${name}>${inner}</${name}>`;
}

describe("whatever a device sends", () => {
  it("an alert of any content is never lost, and fit for a message", () => {
    fc.assert(
      fc.property(tree.node, fc.boolean(), (node, asXml) => {
        const alert = { ...(node as object), eventType: "fielddetection" };
        const body = asXml ? toXml("EventNotificationAlert", alert) : JSON.stringify({ EventNotificationAlert: alert });
        const notifications = decoded(body);
        assert.ok(notifications.length >= 1, body);
        for (const n of notifications) {
          assert.equal(n.type, "fielddetection");
          assert.ok(n.channel === null || (Number.isInteger(n.channel) && n.channel > 0));
          assert.ok(n.time === undefined || !Number.isNaN(Date.parse(n.time)));
          assert.deepEqual(copyNotification(n), n);
          const boxes = n.regions.flatMap(({ box }) => (box ? [box.x, box.y, box.width, box.height] : []));
          const places = [...boxes, ...n.regions.flatMap(({ polygon }) => polygon.flatMap(({ x, y }) => [x, y]))];
          assert.ok(places.every((value) => value >= 0 && value <= 1));
          assert.doesNotThrow(() => JSON.stringify(payloadFacts(n, 0)));
        }
      }),
      { numRuns: 700 },
    );
  });

  it("bytes and broken documents never throw", () => {
    const pieces = fc.array(
      fc.constantFrom(
        "<",
        ">",
        "/",
        "{",
        "}",
        "[",
        "]",
        '"',
        ":",
        ",",
        "&",
        "\\",
        "EventNotificationAlert",
        "eventType",
        "VMD",
        "<![CDATA[",
        "<!--",
        "<?xml ",
        " ",
      ),
      { maxLength: 60 },
    );
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      pieces.map((list) => Buffer.from(list.join(""))),
      fc.tuple(fc.nat(800), fc.nat(255)).map(([at, byte]) => {
        const body = Buffer.from(xmlAlert({}, "<ANPR><licensePlate>A1</licensePlate></ANPR>"));
        body[at % body.length] = byte;
        return body;
      }),
      fc.nat(800).map((end) => Buffer.from(xmlAlert({})).subarray(0, end)),
    );
    fc.assert(
      fc.property(
        anything,
        fc.constantFrom("", "application/xml", "application/json", "image/jpeg", "\0"),
        (body, type) => {
          decode(part(body, { "content-type": type }), context());
        },
      ),
      { numRuns: 2_000 },
    );
  });

  // A plate has no white space at its ends, and XML cannot carry control characters.
  const plates = fc
    .oneof(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
      fc.stringMatching(/^[0-9]{1,20}$|^[0-9]+[eE][0-9]+$|^0x[0-9A-F]+$/),
    )
    // eslint-disable-next-line no-control-regex
    .filter((text) => text.trim() === text && !/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/.test(text))
    // What says that it could not be read is in a table of its own: anpr.test.ts.
    .filter((text) => /[\p{L}\p{N}]/u.test(text))
    .filter((text) => !["unknown", "noplate", "no plate", "n/a"].includes(text.toLowerCase()));

  it("any plate survives to the letter, in XML and JSON", () => {
    fc.assert(
      fc.property(plates, (plate) => {
        const xml = xmlAlert({ eventType: "ANPR" }, `<ANPR><licensePlate>${escaped(plate)}</licensePlate></ANPR>`);
        assert.equal(decoded(xml)[0]?.anpr?.plate, plate);
        const json = JSON.stringify({ eventType: "ANPR", eventState: "active", ANPR: { licensePlate: plate } });
        assert.equal(decoded(json)[0]?.anpr?.plate, plate);
      }),
      { numRuns: 700 },
    );
  });
});
