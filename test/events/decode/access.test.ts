import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { ACCESS_KINDS, accessText, type Access } from "../../../src/events/decode/access";
import { ACCESS_CODES } from "../../../src/events/decode/access-codes";
import { inLanguage } from "../../../nodes/shared/render";
import { EventFilter } from "../../../src/events/filter";
import { decodedOne } from "../../support/alerts";
import { root } from "../../support/project";

function notification(event: object) {
  return decodedOne(
    JSON.stringify({
      dateTime: "2026-07-06T00:38:32+03:00",
      channelID: 1,
      eventType: "AccessControllerEvent",
      eventState: "active",
      AccessControllerEvent: event,
    }),
  );
}

function access(event: object): Access | undefined {
  return notification(event).access;
}

const decoded = (text: string): Access => {
  const [major = 0, minor = 0] = text.split("/").map(Number);
  return code(major, minor)!;
};
const code = (majorEventType: number, subEventType: number, more: object = {}): Access | undefined =>
  access({ majorEventType, subEventType, ...more });

describe("access control", () => {
  it("says who was let in where, and how", () => {
    const sent = {
      deviceName: "Entrance",
      majorEventType: 5,
      subEventType: 75,
      name: "PERSON ONE",
      cardNo: "0012345678",
      cardReaderNo: 1,
      doorNo: 1,
      employeeNoString: "1001",
      userType: "normal",
      currentVerifyMode: "faceOrFpOrCardOrPw",
      attendanceStatus: "checkIn",
      mask: "no",
      helmet: "unknown",
      serialNo: 4711,
      currentEvent: true,
    };
    const seen = notification(sent);
    assert.equal(seen.reports, true);
    assert.deepEqual(seen.access, {
      kind: "granted",
      major: 5,
      minor: 75,
      granted: true,
      reason: "face accepted",
      door: 1,
      reader: 1,
      person: { name: "PERSON ONE", employee: "1001", card: "0012345678", type: "normal" },
      verifyMode: "faceOrFpOrCardOrPw",
      attendance: "checkIn",
      mask: false,
      serial: 4711,
    });
  });

  it("leaves out what firmware fills in where it knows nothing", () => {
    const empty = { name: "", cardNo: "", employeeNo: 0, employeeNoString: "", userType: "normal", cardReaderNo: 0 };
    const words = { currentVerifyMode: "invalid", attendanceStatus: "undefined", mask: "unknown" };
    assert.deepEqual(code(5, 21, { ...empty, ...words, doorNo: 0 }), {
      kind: "unlocked",
      major: 5,
      minor: 21,
      reason: "lock opened",
    });
  });

  it("keeps a card number that JavaScript would round", () => {
    const alert = notification({ majorEventType: 5, subEventType: 1, cardNo: "X" });
    const text = JSON.stringify(alert.raw).replace('"X"', "12345678901234567890");
    assert.equal(decodedOne(text).access?.person?.card, "12345678901234567890");
  });

  const kinds: readonly [major: number, minor: number, kind: Access["kind"], granted?: boolean][] = [
    [5, 1, "granted", true],
    [5, 38, "granted", true],
    [5, 229, "granted", true],
    [5, 8, "denied", false],
    [5, 9, "denied", false],
    [5, 76, "denied", false],
    [5, 151, "denied", false],
    [3, 1051, "denied", false],
    [5, 22, "locked"],
    [5, 23, "exitButton"],
    [5, 24, "other"],
    [5, 25, "doorOpened"],
    [5, 26, "doorClosed"],
    [5, 27, "doorForced"],
    [5, 28, "doorHeldOpen"],
    [5, 37, "doorbell"],
    [5, 51, "doorbell"],
    [1, 1028, "tamper"],
    [1, 1029, "other"],
    [3, 1024, "remoteOpen"],
    [2, 39, "other"],
    [5, 92, "other"],
  ];
  for (const [major, minor, kind, granted] of kinds)
    it(`of code ${major}/${minor} is "${kind}"`, () => {
      const found = code(major, minor);
      assert.deepEqual([found?.kind, found?.granted], [kind, granted]);
      assert.ok(found?.reason, "its meaning is told");
    });

  for (const [major, minor] of [
    [5, 208],
    [3, 9728],
    [9, 1],
  ] as const)
    it(`of the unknown code ${major}/${minor} is "other", and not lost`, () =>
      assert.deepEqual(code(major, minor), { kind: "other", major, minor }));

  it("is none where the event names no code", () => {
    assert.equal(access({ deviceName: "Entrance" }), undefined);
    assert.equal(access({ majorEventType: 5 }), undefined);
  });

  it("is filtered by its kinds, or all of them by the type alone", () => {
    const denied = notification({ majorEventType: 5, subEventType: 9 });
    const opened = notification({ majorEventType: 5, subEventType: 25 });
    const wants = (...events: string[]): boolean[] =>
      [denied, opened].map((one) => new EventFilter({ events }).accepts(one));
    assert.deepEqual(wants("AccessControllerEvent/denied"), [true, false]);
    assert.deepEqual(wants("accesscontrollerevent/DENIED", "VMD"), [true, false]);
    assert.deepEqual(wants("AccessControllerEvent/denied", "AccessControllerEvent"), [true, true]);
    assert.deepEqual(wants("AccessControllerEvent", "AccessControllerEvent/denied"), [true, true]);
    assert.deepEqual(wants("AccessControllerEvent/denied", "AccessControllerEvent/doorOpened"), [true, true]);
    assert.deepEqual(wants("VMD"), [false, false]);
    assert.deepEqual(wants(), [true, true]);
  });

  it("has words for every kind in the list of events, in every language", () => {
    for (const language of ["en-US", "de", "zh-CN"]) {
      const file = path.join(root, "locales", language, "event-in.json");
      const words = JSON.parse(readFileSync(file, "utf8")) as Record<string, { access: object }>;
      assert.deepEqual(Object.keys(words["hikvision-event-in"]!.access), [...ACCESS_KINDS], language);
    }
  });

  it("has words of its own for every code, in every language", () => {
    assert.equal(Object.keys(ACCESS_CODES).length, 312);
    assert.equal(new Set(Object.values(ACCESS_CODES)).size, 312, "told apart in English");
    for (const language of ["de", "zh-CN"]) {
      const file = path.join(root, "locales", language, "access-codes.json");
      const words = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
      assert.deepEqual(Object.keys(words), Object.keys(ACCESS_CODES), language);
      assert.equal(new Set(Object.values(words)).size, 312, `told apart in ${language}`);
      for (const [code, text] of Object.entries(words)) {
        const told = inLanguage(language, accessText(decoded(code)), path.join(root, "locales"));
        assert.deepEqual([told, text.trim()], [text, told], code);
        assert.notEqual(text.toLowerCase(), ACCESS_CODES[code]?.toLowerCase(), code);
        assert.match(text, language === "de" ? /^[4A-ZÄÖÜ].*\p{L}/u : /\p{Script=Han}/u, code);
      }
    }
  });

  it("of an unknown code is told by the code, in every language", () => {
    const told = (language: string): string =>
      inLanguage(language, accessText({ kind: "other", major: 5, minor: 208 }), path.join(root, "locales"));
    assert.deepEqual(["en-US", "de", "zh-CN"].map(told), ["Event 5/208", "Ereignis 5/208", "事件 5/208"]);
  });

  it("knows every code of the collected tables", function () {
    const file = path.join(root, "../shared/fixtures/access/acs-codes.tsv");
    if (!existsSync(file)) return this.skip();
    const rows = readFileSync(file, "utf8").trim().split("\n").slice(1);
    const codes = rows.map((row) => row.split("\t").slice(0, 2).join("/"));
    assert.deepEqual(Object.keys(ACCESS_CODES).sort(), [...codes].sort());
  });
});
