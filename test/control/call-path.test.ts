import assert from "node:assert/strict";
import { codeOf, isHikvisionError } from "../../src/lib/errors";
import { callPath } from "../../src/control/call-path";
import { isReboot, needsConfirmation, refuseEndless } from "../../src/control/guarded-paths";

function refusal(run: () => unknown): { code: string | undefined; message: string } {
  try {
    run();
  } catch (error) {
    assert.ok(isHikvisionError(error));
    return { code: codeOf(error), message: error.message };
  }
  return { code: undefined, message: "" };
}

/** Of a value in a title; JSON knows no undefined. */
const nameOf = (given: unknown): string => (given === undefined ? "undefined" : JSON.stringify(given).slice(0, 60));

describe("the path of a call", () => {
  for (const [given, target] of [
    ["/ISAPI/System/status", "/ISAPI/System/status"],
    ["  /ISAPI/System/status ", "/ISAPI/System/status"],
    ["ISAPI/System/status", "/ISAPI/System/status"],
    ["System/status", "/ISAPI/System/status"],
    ["/Event/notification/x", "/Event/notification/x"],
    ["/ISAPI/a?url=http://other/..&x=%20%2e%2e", "/ISAPI/a?url=http://other/..&x=%20%2e%2e"],
    ["/ISAPI/a?b=1?c", "/ISAPI/a?b=1?c"],
    ["/ISAPI/Tür/a%20b", "/ISAPI/Tür/a%20b"],
    ["/ISAPI/a..b/...", "/ISAPI/a..b/..."],
  ] as const) {
    it(`takes ${given} as ${target}`, () => assert.equal(callPath(given).target, target));
  }

  for (const given of [
    undefined,
    null,
    7,
    "",
    "   ",
    "http://other/ISAPI/System/status",
    "HTTP://127.0.0.1/x",
    "//other/ISAPI",
    "/\\other/ISAPI",
    "\\\\other",
    "admin:secret@other/ISAPI/x",
    "javascript:alert(1)",
    "/ISAPI/../x",
    "/ISAPI/x/..",
    "/ISAPI/./x",
    "/ISAPI/%2e%2e/x",
    "/ISAPI/%252e%252e/x",
    "/ISAPI/..%2fx",
    "/ISAPI/%2e%2e%5cx",
    "/ISAPI/..;a=1/x",
    "/ISAPI/x\r\nHost: y",
    "/ISAPI/x\n",
    "/ISAPI/x%0d%0aHost:y",
    "/ISAPI/x%250d%250a",
    "/ISAPI/x%00",
    "/ISAPI/x\u007f",
    "/ISAPI/x?a=%0a",
    "/ISAPI/x?a=%250a",
    "/ISAPI/100%/x",
    "/ISAPI/%c0%ae%c0%ae/x",
    "/ISAPI/x#y",
    `/ISAPI/${"%25".repeat(9)}41`.replace(/(%25)+/, "%2525252525252541"),
    `/ISAPI/${"x".repeat(3_000)}`,
  ]) {
    it(`refuses ${nameOf(given)}`, () => assert.equal(refusal(() => callPath(given)).code, "badRequest"));
  }

  it("never has the path in the words of a refusal", () => {
    assert.doesNotMatch(refusal(() => callPath("http://admin:secret@other/x")).message, /secret|other/);
  });

  it("masks what is secret in a query, and nothing else", () => {
    const { shown, target } = callPath(
      "/ISAPI/a?format=json&password=s3&userPwd=s4&x%5ftoken=s5&iv=s6&security=1&keypad=9",
    );
    assert.equal(shown, "/ISAPI/a?format=json&password=***&userPwd=***&x%5ftoken=***&iv=***&security=1&keypad=9");
    assert.match(target, /s3.*s4.*s5.*s6/);
  });

  it("knows a question for JSON however it is written", () => {
    for (const query of ["format=json", "a=1&Format=JSON", "format=js%6fn"])
      assert.ok(callPath(`/ISAPI/a?${query}`).json);
    for (const query of ["", "?format=xml", "?xformat=json"]) assert.ok(!callPath(`/ISAPI/a${query}`).json);
  });
});

describe("calls that want a confirmation", () => {
  const DESTRUCTIVE = [
    "System/reboot",
    "System/factoryReset",
    "System/updateFirmware",
    "System/configurationData",
    "System/onlineUpgrade",
    "ContentMgmt/Storage/hdd/1/format",
    "ContentMgmt/Storage/nas/2/format",
    "ContentMgmt/Storage/format",
    "ContentMgmt/FlashStorage/remove/channels/1",
  ];
  const disguises: readonly ((path: string) => string)[] = [
    (path) => `/ISAPI/${path}`,
    (path) => path,
    (path) => `/${path}`,
    (path) => `/PSIA/${path}`,
    (path) => `/isapi/${path.toLowerCase()}`,
    (path) => `/ISAPI/${path.toUpperCase()}`,
    (path) => `/ISAPI//${path.replace(/\//g, "//")}//`,
    (path) => `/ISAPI/${path.replace(/[aeo]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}`,
    (path) => `/ISAPI/${path.replace(/[aeo]/g, (c) => `%25${c.charCodeAt(0).toString(16)}`)}`,
    (path) => `/ISAPI%2f${path.replace(/\//g, "%2F")}`,
    (path) => `/ISAPI/${path}?mode=basic`,
    (path) => `/ISAPI/${path}%3fx`,
    (path) => `/ISAPI/${path};x=1`,
    (path) => `/ISAPI/${path}%20`,
  ];
  for (const path of DESTRUCTIVE) {
    it(`${path}, however it is written and with any method`, () => {
      for (const disguise of disguises)
        for (const method of ["GET", "PUT", "POST", "DELETE", "change"])
          assert.ok(needsConfirmation(method, callPath(disguise(path))), `${method} ${disguise(path)}`);
    });
  }

  it("users and all below them, when something is written", () => {
    for (const path of ["/ISAPI/Security/users", "/ISAPI/Security//Users/3/", "/ISAPI/security/%75sers/1"]) {
      for (const method of ["PUT", "POST", "DELETE", "change"])
        assert.ok(needsConfirmation(method, callPath(path)), path);
      assert.ok(!needsConfirmation("GET", callPath(path)), path);
    }
  });

  it("the removal of a whole list, not of one of it", () => {
    for (const list of ["presets", "patrols", "patterns", "ptzlimiteds", "timetasks"]) {
      const path = `/ISAPI/PTZCtrl/channels/1/${list}`;
      for (const written of [path, `${path}/`, path.toUpperCase()])
        assert.ok(needsConfirmation("DELETE", callPath(written)), written);
      assert.ok(!needsConfirmation("DELETE", callPath(`${path}/3`)));
      assert.ok(!needsConfirmation("PUT", callPath(path)));
    }
    assert.ok(needsConfirmation("DELETE", callPath("/ISAPI/Traffic/channels/1/licensePlateAuditData")));
  });

  it("not what only looks like it, and not the reading below it", () => {
    for (const path of [
      "System/status",
      "System/rebootLog",
      "ContentMgmt/Storage/hdd/1",
      "Security/userCheck",
      "System/time",
    ])
      for (const method of ["GET", "PUT"]) assert.ok(!needsConfirmation(method, callPath(path)), path);
    assert.ok(!needsConfirmation("GET", callPath("/ISAPI/System/onlineUpgrade/status")));
    assert.ok(needsConfirmation("PUT", callPath("/ISAPI/System/onlineUpgrade/server")));
  });

  it("and the restart is known as such", () => {
    assert.ok(isReboot("PUT", callPath("/ISAPI/System//REBOOT/")));
    assert.ok(!isReboot("PUT", callPath("/ISAPI/System/reboot/x")));
  });

  for (const path of [
    "/ISAPI/Event/notification/alertStream",
    "/ISAPI/event//Notification/ALERTSTREAM/?x=1",
    "/ISAPI/Event/notification/subscribeEvent",
    "/ISAPI/System/TwoWayAudio/channels/1/audioData",
    "/ISAPI/Streaming/channels/102/httpPreview",
  ]) {
    it(`${path} never ends and is refused`, () =>
      assert.equal(refusal(() => refuseEndless(callPath(path))).code, "badRequest"));
  }
});
