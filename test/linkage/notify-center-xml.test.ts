import assert from "node:assert/strict";
import fc from "fast-check";
import {
  fingerprint,
  hasCenter,
  shapeIn,
  withCenter,
  withoutCenter,
  type EntryShape,
} from "../../src/linkage/notify-center-xml";
import { parseXml } from "../../src/isapi/xml";

const CAMERA: EntryShape = [
  ["id", "center"],
  ["notificationMethod", "center"],
  ["notificationRecurrence", "beginning"],
];
const RECORDER = CAMERA.slice(0, 2);
const NEW =
  "<EventTriggerNotification><id>center</id><notificationMethod>center</notificationMethod></EventTriggerNotification>";
const HTTP =
  "<EventTriggerNotification><id>HTTP</id><notificationMethod>HTTP</notificationMethod></EventTriggerNotification>";
const TRIGGER = "<id>VMD-1</id>\n<eventType>VMD</eventType>\n";

/** Title, text before, text behind. */
const cases: readonly (readonly [string, string, string, EntryShape?])[] = [
  [
    "a camera's list, one element a line",
    '<?xml version="1.0" encoding="UTF-8"?>\n<EventTriggerNotificationList version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">\n' +
      "<EventTriggerNotification>\n<id>record-1</id>\n<notificationMethod>record</notificationMethod>\n<notificationRecurrence>beginning</notificationRecurrence>\n<videoInputID>1</videoInputID>\n</EventTriggerNotification>|\n" +
      "</EventTriggerNotificationList>\n",
    "\n<EventTriggerNotification>\n<id>center</id>\n<notificationMethod>center</notificationMethod>\n<notificationRecurrence>beginning</notificationRecurrence>\n</EventTriggerNotification>",
  ],
  [
    "a recorder's, without a recurrence, as the entries beside it",
    `<EventTriggerNotificationList>${HTTP}|</EventTriggerNotificationList>`,
    NEW,
  ],
  [
    "another trigger's shape before that of a neighbour",
    `<EventTriggerNotificationList>${HTTP}|</EventTriggerNotificationList>`,
    NEW.replace(
      "</notificationMethod>",
      "</notificationMethod><notificationRecurrence>beginning</notificationRecurrence>",
    ),
    CAMERA,
  ],
  ["an empty list", "<EventTriggerNotificationList>|</EventTriggerNotificationList>", NEW, RECORDER],
  [
    "an empty list with a line end in it",
    `<EventTrigger>\n${TRIGGER}<EventTriggerNotificationList size="8">|\n</EventTriggerNotificationList>\n</EventTrigger>\n`,
    "\n<EventTriggerNotification>\n<id>center</id>\n<notificationMethod>center</notificationMethod>\n</EventTriggerNotification>",
    RECORDER,
  ],
  [
    "indents as the list itself does, with the line ends of the device",
    '<EventTrigger>\r\n  <id>VMD-1</id>\r\n  <EventTriggerNotificationList size="8">|</EventTriggerNotificationList>\r\n</EventTrigger>',
    "\r\n    <EventTriggerNotification>\r\n      <id>center</id>\r\n      <notificationMethod>center</notificationMethod>\r\n    </EventTriggerNotification>\r\n  ",
    RECORDER,
  ],
  [
    "a namespace's prefix, and attributes that a neighbour carries",
    '\uFEFF<h:L0 xmlns:h="urn:h"><h:EventTriggerNotificationList>\n\t<h:EventTriggerNotification version="2.0" xmlns:h="urn:h">\n\t\t<h:id>beep</h:id>\n\t\t<h:notificationMethod>beep</h:notificationMethod>\n\t</h:EventTriggerNotification>|\n</h:EventTriggerNotificationList></h:L0>',
    '\n\t<h:EventTriggerNotification version="2.0" xmlns:h="urn:h">\n\t\t<h:id>center</h:id>\n\t\t<h:notificationMethod>center</h:notificationMethod>\n\t</h:EventTriggerNotification>',
  ],
  [
    "numbers of a device that numbers its entries",
    `<EventTriggerNotificationList>${HTTP.replace(">HTTP<", ">1<")}|</EventTriggerNotificationList>`,
    NEW.replace(">center<", ">2<"),
    [["id", "1"], ...RECORDER.slice(1)],
  ],
  [
    "past what only looks like a list",
    `<EventTrigger><!-- <EventTriggerNotificationList> --><eventDescription><![CDATA[<EventTriggerNotificationList/>]]></eventDescription><EventTriggerNotificationList>|</EventTriggerNotificationList></EventTrigger>`,
    NEW,
    RECORDER,
  ],
];

describe("the entry of the surveillance center", () => {
  for (const [title, text, added, shape] of cases) {
    it(`is written as the device writes: ${title}`, () => {
      const before = Buffer.from(text.replace("|", "")).toString("latin1");
      const addition = withCenter(before, shape);
      assert.ok(addition);
      assert.equal(addition.added, added);
      assert.equal(addition.after, Buffer.from(text.replace("|", () => added)).toString("latin1"));
      assert.equal(withCenter(addition.after, shape), undefined);
      assert.deepEqual([hasCenter(before), hasCenter(addition.after)], [false, true]);
    });
  }

  it("opens a list that closes itself, and changes nothing else", () => {
    const before = `<a>\n ${TRIGGER} <EventTriggerNotificationList version="2.0" />\n</a>\n`;
    const { after, added } = withCenter(before, RECORDER)!;
    assert.equal(
      after,
      before.replace(' version="2.0" />', () => ` version="2.0">${added}</EventTriggerNotificationList>`),
    );
    assert.match(added, /^\n {2}<EventTriggerNotification>\n {3}<id>center<[^]*\n {2}<\/EventTriggerNotification>\n $/);
  });

  it("copies what an entry needs, and nothing that is about another channel", () => {
    const entry = NEW.replace("<id>center</id>", "<videoInputID>7</videoInputID><id>center</id>").replace(
      "</EventTriggerNotification>",
      "<notificationRecurrence> beginningandend </notificationRecurrence></EventTriggerNotification>",
    );
    const list = (inner: string): string => `<EventTriggerNotificationList>${inner}</EventTriggerNotificationList>`;
    assert.deepEqual(shapeIn(list(HTTP + entry)), [...RECORDER, ["notificationRecurrence", "beginningandend"]]);
    assert.equal(shapeIn(list(HTTP)), undefined);
  });

  it("is not written where there is no such list, or more than one", () => {
    const list = "<EventTriggerNotificationList/>";
    for (const text of [
      "",
      "<EventTrigger/>",
      "<html><body><p></body></html>",
      `<a>${list}${list}</a>`,
      "<a>",
      "\xff\xfe<\0a\0/\0>\0",
    ])
      assert.throws(() => withCenter(text), { code: "notSupported", message: /nothing is changed/ });
  });

  const space = fc.constantFrom("", "\n", "\r\n", "\n  ", "\r\n\t", " ");
  const prefix = fc.constantFrom("", "ns:", "h2-x.:");
  const attributes = fc.constantFrom("", ' version="2.0" xmlns="urn:x"', ' size="8"', " a='<'".replace("<", ">"), " ");
  const words = fc.constantFrom(
    "Motion",
    "Tür – 门",
    "a &amp; b",
    "\u00a0",
    "<!-- <EventTriggerNotificationList> -->",
    "",
  );
  const entry = fc.record({
    method: fc.constantFrom("record", "email", "beep", "IO", "HTTP"),
    recurrence: fc.boolean(),
    gap: space,
    own: fc.constantFrom("", ' version="2.0"', ' xmlns="urn:y"', ' odd="1"'),
  });
  const parts = fc.record({
    bom: fc.boolean(),
    prolog: fc.constantFrom(
      "",
      '<?xml version="1.0" encoding="UTF-8"?>',
      "<?xml version='1.0' encoding='GB2312'?>\r\n",
    ),
    whole: fc.boolean(),
    wrapped: fc.boolean(),
    selfClosing: fc.boolean(),
    gaps: fc.tuple(space, space, space, space),
    prefix,
    attributes,
    words,
    entries: fc.array(entry, { maxLength: 4 }),
    tail: fc.constantFrom("", "\n", "\r\n\r\n", "\0\0", "<!-- end -->"),
  });
  type Parts = typeof parts extends fc.Arbitrary<infer T> ? T : never;

  function documentOf(made: Parts): string {
    const { prefix: p, gaps } = made;
    const entries = made.entries.map(
      ({ method, recurrence, gap, own }, index) =>
        `${gap}<${p}EventTriggerNotification${own}>${gap}<${p}id>${method}-${index}</${p}id>${gap}<${p}notificationMethod>${method}</${p}notificationMethod>` +
        `${recurrence ? `${gap}<${p}notificationRecurrence>beginning</${p}notificationRecurrence>` : ""}${gap}</${p}EventTriggerNotification>`,
    );
    const name = `${p}EventTriggerNotificationList`;
    const list =
      made.selfClosing && entries.length === 0
        ? `<${name}${made.attributes}/>`
        : `<${name}${made.attributes}>${entries.join("")}${gaps[0]}</${name}>`;
    const trigger = `<${p}EventTrigger>${gaps[1]}<${p}id>VMD-1</${p}id><${p}name>${made.words}</${p}name>${gaps[2]}${list}${gaps[3]}</${p}EventTrigger>`;
    const inner = made.whole ? trigger : list;
    const text =
      (made.bom ? "\uFEFF" : "") + made.prolog + (made.wrapped ? `<x>${gaps[1]}${inner}</x>` : inner) + made.tail;
    return Buffer.from(text).toString("latin1");
  }

  it("is all that is added to any trigger, and removing it restores what was there", () => {
    fc.assert(
      fc.property(parts, fc.constantFrom(undefined, CAMERA, RECORDER), (made, shape) => {
        const before = documentOf(made);
        const { after, added } = withCenter(before, shape)!;
        const at = after.indexOf(added);
        const minus = after.slice(0, at) + after.slice(at + added.length);
        const closesItself = made.selfClosing && made.entries.length === 0;
        const [, ...gaps] = made.gaps;
        const opened = {
          ...made,
          selfClosing: false,
          attributes: made.attributes.trimEnd(),
          gaps: ["", ...gaps] as Parts["gaps"],
        };
        assert.equal(minus, closesItself ? documentOf(opened) : before);
        assert.ok(hasCenter(after));
        assert.equal(fingerprint(after, "others"), fingerprint(before, "all"));
        assert.notEqual(fingerprint(after, "all"), fingerprint(before, "all"));
        assert.equal(fingerprint(withoutCenter(after), "all"), fingerprint(before, "all"));
        if (made.entries.length > 0) assert.equal(withoutCenter(after), before);
        parseXml(Buffer.from(after, "latin1"));
      }),
      { numRuns: 500 },
    );
  });
});
