import assert from "node:assert/strict";
import { RetryableError, type ErrorCode, type HikvisionError } from "../../src/lib/errors";
import type { RequestContext } from "../../src/isapi/refusals";
import { isHtml, replyError, type Reply } from "../../src/isapi/response-status";
import { say } from "../../src/lib/sentence";

const HTML_404 =
  "<!DOCTYPE html>\r\n<html><head><title>Document Error: Not Found</title></head>\r\n" +
  "<body><h2>Access Error: 404 -- Not Found</h2></body></html>\r\n";
const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46, 0x49, 0x46]);

function reply(statusCode: number, body: string | Buffer = "", headers: Reply["headers"] = {}): Reply {
  return { statusCode, headers, body: Buffer.from(body) };
}

function xmlStatus(code: number | "", sub?: string, text = "said so"): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<ResponseStatus version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema">\n' +
    `<requestURL></requestURL>\n<statusCode>${code}</statusCode>\n<statusString>${text}</statusString>\n` +
    (sub === undefined ? "" : `<subStatusCode>${sub}</subStatusCode>\n`) +
    "</ResponseStatus>\n"
  );
}

function jsonStatus(code: number, sub?: string): string {
  return JSON.stringify(
    { requestURL: "/ISAPI/x", statusCode: code, statusString: "said so", subStatusCode: sub, errorCode: 1 },
    null,
    4,
  );
}

function refused(answer: Reply, asked?: RequestContext): HikvisionError {
  const error = replyError(answer, asked);
  assert.ok(error, "taken for success");
  return error;
}

describe("replyError", () => {
  describe("sees that it worked", () => {
    const worked: [title: string, answer: Reply][] = [
      ["status 1", reply(200, xmlStatus(1, "ok"))],
      ["status 0", reply(200, xmlStatus(0))],
      ["status 7: needs a reboot, but worked", reply(200, xmlStatus(7, "rebootRequired"))],
      ["status 1 in JSON", reply(200, jsonStatus(1, "ok"))],
      ["status 1 with a warning about the password", reply(200, xmlStatus(1, "riskPassword"))],
      ["no number, but the word", reply(200, xmlStatus("", undefined, "OK"))],
      [
        "userCheck 200",
        reply(200, "<userCheck><statusValue>200</statusValue><statusString>OK</statusString></userCheck>"),
      ],
      ["an empty body", reply(200)],
      ["204", reply(204)],
      ["a picture", reply(200, JPEG)],
      ["another document", reply(200, "<DeviceInfo><model>X</model></DeviceInfo>")],
      [
        "a search result with a status of its own",
        reply(200, "<CMSearchResult><responseStatus>true</responseStatus></CMSearchResult>"),
      ],
      ["other JSON with a statusCode of its own", reply(200, '{"AlarmInfo":{"statusCode":4}}')],
      ["JSON with an errorCode that means nothing", reply(200, '{"errorCode":0,"errorMsg":"success","list":[]}')],
      ["JSON with an empty errorMsg", reply(200, '{"errorMsg":"","list":[]}')],
      ["a JSON list", reply(200, '{"statusCode":4,"list":[]}')],
      ["JSON cut off", reply(200, '{"statusCode":4,"statusString":"x"')],
    ];
    for (const [title, answer] of worked) it(title, () => assert.equal(replyError(answer), undefined));
  });

  // HTTP status, statusCode, subStatusCode → code. Pairs seen on devices, in public code and threads first, then every word.
  const table: [http: number, code: number | "", sub: string | undefined, expected: ErrorCode][] = [
    [403, 4, "notSupport", "notSupported"],
    [403, 4, "invalidOperation", "notSupported"],
    [403, 4, "methodNotAllowed", "notSupported"],
    [403, 4, undefined, "notSupported"],
    [400, 4, "notSupport", "notSupported"],
    [404, 4, "notSupport", "notSupported"],
    [404, 4, undefined, "notSupported"],
    [404, "", undefined, "notSupported"],
    [405, "", undefined, "notSupported"],
    [500, 4, "notSupport", "notSupported"],
    [500, 4, undefined, "notSupported"],
    [400, 6, "eventNotSupport", "notSupported"],
    [403, 4, "lowPrivilege", "forbidden"],
    [401, 4, "lowPrivilege", "forbidden"],
    [403, 4, "insufficientPermission", "forbidden"],
    [403, 4, "badAuthorization", "forbidden"],
    [403, 4, "riskPassword", "forbidden"],
    [403, 4, "noPermission", "forbidden"],
    [500, 3, "noPermission", "forbidden"],
    [401, 4, "noPermission", "forbidden"],
    [403, 4, "permissionDenied", "forbidden"],
    [403, 4, "theAccountIsNotActivated", "notActivated"],
    [403, 4, "deviceNotActivated", "notActivated"],
    [403, 4, "loginPasswordError", "unauthorized"],
    [401, 4, "userLock", "locked"],
    [403, 4, "userLock", "locked"],
    [403, 4, "loginNumExceedLimit", "noSlots"],
    [503, 2, "linkNumExceedMax", "noSlots"],
    [403, "", undefined, "forbidden"],
    [403, 4, "notActivated", "notActivated"],
    [401, 4, "notActivated", "notActivated"],
    [401, 4, "userLocked", "locked"],
    [403, 4, "userFloor", "locked"],
    [401, 4, "badAuthorization", "unauthorized"],
    [401, 4, "invalidOperation", "unauthorized"],
    [401, 4, undefined, "unauthorized"],
    [403, 4, "incorrectUserNameOrPassword", "unauthorized"],
    [503, 2, "deviceBusy", "busy"],
    [400, 2, "deviceBusy", "busy"],
    [503, 2, undefined, "busy"],
    [503, "", undefined, "busy"],
    [503, 2, "serviceUnavailable", "busy"],
    [503, 2, "noMemory", "busy"],
    [503, 2, "reConnectIpc", "busy"],
    [503, 2, "upgrading", "busy"],
    [503, 2, "deployExceedMax", "noSlots"],
    [403, 4, "deployExceedMax", "noSlots"],
    [404, 2, "deployExceedMax", "noSlots"],
    [400, 6, "badXmlContent", "badRequest"],
    [400, 5, "badXmlFormat", "badRequest"],
    [400, 5, "invalidXMLFormat", "badRequest"],
    [400, 6, "badParameters", "badRequest"],
    [400, 6, "MessageParametersLack", "badRequest"],
    [400, 6, undefined, "badRequest"],
    [400, "", undefined, "badRequest"],
    [400, 6, "userNotExist", "notFound"],
    [404, 4, "fileNotFound", "notFound"],
    [500, 3, "deviceError", "protocol"],
    [500, 3, undefined, "protocol"],
    [500, "", undefined, "protocol"],
    [500, 3, "ipcOffline", "offline"],
    [403, 4, "accessDenied", "forbidden"],
    [400, 4, "no_permission", "forbidden"],
    [403, 4, "notEnoughPermission", "forbidden"],
    [403, 4, "userNotAuthorized", "forbidden"],
    [403, 4, "noOperationRight", "forbidden"],
    [403, 4, "deviceIsNotActive", "notActivated"],
    [401, 4, "unactivated", "notActivated"],
    [403, 4, "Not Activated", "notActivated"],
    [401, 4, "accountIsLocked", "locked"],
    [403, 4, "ipLocked", "locked"],
    [403, 4, "userBlocked", "locked"],
    [403, 4, "userNameOrPasswordError", "unauthorized"],
    [403, 4, "passwordError", "unauthorized"],
    [403, 4, "wrongPassword", "unauthorized"],
    [403, 4, "authenticationFailed", "unauthorized"],
    [401, 4, "userNotExist", "unauthorized"],
    [503, 2, "exceedMaxLinkNum", "noSlots"],
    [403, 4, "tooManyConnections", "noSlots"],
    [403, 4, "subscribeNumFull", "noSlots"],
    [403, 9, "userUnlocked", "forbidden"],
    [403, 9, "doorLocked", "forbidden"],
    [403, 9, "fileIsLocked", "forbidden"],
    [403, 9, "unauthorized", "forbidden"],
    [400, 6, "alarmInputNumExceedLimit", "badRequest"],
    [400, 6, "linkageNumMax", "badRequest"],
    [400, 6, "overlapStream", "badRequest"],
    [400, 6, "sessionTimeExceedLimit", "badRequest"],
    [403, 9, "somethingNew", "forbidden"],
    [400, 9, "somethingNew", "badRequest"],
  ];
  for (const [http, code, sub, expected] of table) {
    const name = `HTTP ${http}, status ${code === "" ? "none" : code}, ${sub ?? "no reason"} is ${expected}`;
    it(`${name}, in XML, in JSON, in any letter case`, () => {
      const bodies = [xmlStatus(code, sub), xmlStatus(code, sub?.toUpperCase())];
      if (code !== "") bodies.push(jsonStatus(code, sub), `{"ResponseStatus":${jsonStatus(code, sub)}}`);
      for (const body of bodies) {
        const error = refused(reply(http, body));
        assert.equal(error.code, expected, body);
        assert.equal(error.cause.statusCode, http);
        assert.equal(error.cause.subStatusCode?.toLowerCase(), sub?.toLowerCase());
      }
    });
    if (code !== "" && http !== 401) {
      it(`${name}, also when HTTP says 200`, () => {
        const error = refused(reply(200, xmlStatus(code, sub)));
        // Without a status known to us, HTTP 200 leaves nothing to tell by.
        assert.equal(error.code, code === 9 ? "protocol" : sub === "badAuthorization" ? "forbidden" : expected);
      });
    }
  }

  it("reads the number of the error where no word tells more, decimal or hexadecimal", () => {
    const json = (error: unknown): string =>
      JSON.stringify({
        statusCode: 4,
        statusString: "Invalid Operation",
        subStatusCode: "invalidOperation",
        ...(error as object),
      });
    assert.equal(refused(reply(403, json({ errorCode: 0x40000002 }))).code, "forbidden");
    assert.equal(refused(reply(403, json({ MErrCode: "0x40000007" }))).code, "notActivated");
    assert.equal(
      refused(reply(403, xmlStatus(4).replace("</R", "<errorCode>1073741831</errorCode></R"))).code,
      "notActivated",
    );
    assert.equal(refused(reply(403, json({ errorCode: 5 }))).code, "notSupported");
    assert.equal(refused(reply(403, json({ errorCode: 0x40000002, subStatusCode: "deviceBusy" }))).code, "busy");
  });

  it("says it in whatever letter case the names of its fields are", () => {
    const fields = { statusCode: 4, statusString: "Invalid Operation", subStatusCode: "noPermission" };
    const cased = (change: (name: string) => string): object =>
      Object.fromEntries(Object.entries(fields).map(([name, value]) => [change(name), value]));
    for (const change of [
      (name: string) => name.toLowerCase(),
      (name: string) => name.toUpperCase(),
      (name: string) => name.slice(0, 1).toUpperCase() + name.slice(1),
    ]) {
      const inXml = Object.entries(cased(change)).map(([name, value]) => `<${name}>${String(value)}</${name}>`);
      const root = change("responseStatus");
      for (const http of [200, 403]) {
        assert.equal(refused(reply(http, `<${root}>${inXml.join("")}</${root}>`)).code, "forbidden", root);
        assert.equal(refused(reply(http, JSON.stringify(cased(change)))).code, "forbidden");
        assert.equal(refused(reply(http, JSON.stringify({ [root]: cased(change) }))).code, "forbidden");
      }
    }
  });

  it("says it in the status string, or the error's message, where it names no subStatusCode", () => {
    const said = (text: string): string => refused(reply(403, xmlStatus("", undefined, text))).code;
    assert.equal(said("No Permission"), "forbidden");
    assert.equal(said("notActivated"), "notActivated");
    assert.equal(said("Device Busy"), "busy");
    assert.equal(said("deployExceedMax"), "noSlots");
    const json = (more: object): string => JSON.stringify({ statusCode: 4, ...more });
    assert.equal(refused(reply(200, json({ errorCode: 0x40000002 }))).code, "forbidden");
    assert.equal(refused(reply(200, json({ errorMsg: "deviceBusy" }))).code, "busy");
    assert.equal(refused(reply(403, xmlStatus(4, undefined, "Unauthorized"))).code, "notSupported");
  });

  it("is none where another document only has a status within", () => {
    const page =
      "<CMSearchResult><ResponseStatus>4</ResponseStatus><statusString>noPermission</statusString></CMSearchResult>";
    assert.equal(replyError(reply(200, page)), undefined);
  });

  it("takes words of JavaScript for words", () => {
    for (const sub of ["constructor", "__proto__", "toString"])
      assert.equal(refused(reply(403, xmlStatus(9, sub))).code, "forbidden");
  });

  it("says not activated, whatever HTTP says", () => {
    const inactive = "<isActivated>false</isActivated>";
    for (const body of [
      `<userCheck><statusValue>200</statusValue><statusString>OK</statusString>${inactive}</userCheck>`,
      `<userCheck><statusValue>401</statusValue><statusString>Unauthorized</statusString>${inactive}</userCheck>`,
      JSON.stringify({ userCheck: { statusValue: 200, statusString: "OK", isActivated: false } }),
      "<userCheck><statusValue>200</statusValue><isActivated>0</isActivated></userCheck>",
      "<userCheck><statusValue>401</statusValue><isActive>False</isActive></userCheck>",
      '{"UserCheck":{"StatusValue":200,"IsActivated":"false"}}',
      '<userCheck><statusValue>401</statusValue><isActivated opt="true,false">false</isActivated></userCheck>',
      xmlStatus(1, "notActivated"),
      xmlStatus(4, "notActivated"),
    ])
      for (const http of [200, 401, 403])
        assert.equal(refused(reply(http, body)).code, "notActivated", `${http} ${body}`);
  });

  describe("a 401 of a device that accepts the login elsewhere", () => {
    const alone = (body: string, path = "/ISAPI/Event/notification/alertStream"): HikvisionError =>
      refused({ ...reply(401, body), loginAccepted: true }, { path, purpose: say`the event stream` });

    it("is about the user's rights, unless the device says otherwise", () => {
      for (const body of [
        HTML_404,
        "",
        xmlStatus(4, "badAuthorization"),
        xmlStatus(4, "invalidOperation"),
        xmlStatus(4),
      ]) {
        const error = alone(body);
        assert.equal(error.code, "forbidden", body);
        assert.match(error.message, /^The user may not use the event stream\./);
        assert.equal(error.cause.statusCode, 401);
      }
    });

    it("keeps the device's own words", () => {
      assert.equal(alone(xmlStatus(2, "deployExceedMax")).code, "noSlots");
      assert.equal(alone(xmlStatus(2, "deviceBusy")).code, "busy");
    });
  });

  const bare: [title: string, answer: Reply, path: string, expected: ErrorCode][] = [
    [
      "a page where ISAPI was expected",
      reply(200, "<html><body>Router</body></html>"),
      "/ISAPI/System/time",
      "notIsapi",
    ],
    [
      "a page with a BOM and blanks",
      reply(200, "\uFEFF \r\n<!DOCTYPE HTML><title>x</title>"),
      "/ISAPI/System/time",
      "notIsapi",
    ],
    ["404 where every device answers", reply(404, HTML_404), "/ISAPI/System/deviceInfo", "notIsapi"],
    ["404 elsewhere", reply(404, HTML_404), "/ISAPI/System/Holidays", "notSupported"],
    ["403 without a word", reply(403), "/ISAPI/System/Holidays", "forbidden"],
    ["401 with a page", reply(401, HTML_404), "/ISAPI/System/time", "unauthorized"],
    ["500 without a word", reply(500), "/ISAPI/System/time", "protocol"],
    ["502 with a page of a proxy", reply(502, HTML_404), "/ISAPI/System/time", "protocol"],
    ["503 without a word", reply(503), "/ISAPI/System/time", "busy"],
    ["413", reply(413), "/ISAPI/x", "badRequest"],
    ["418", reply(418, "I am a teapot"), "/ISAPI/x", "protocol"],
    ["a status cut off under 200", reply(200, "<ResponseStatus><statusCode>1</stat"), "/ISAPI/x", "protocol"],
    ["a status cut off under 400", reply(400, "<ResponseStatus><statusCode>6</stat"), "/ISAPI/x", "badRequest"],
    ["a status with a DTD", reply(403, "<!DOCTYPE x><ResponseStatus/>"), "/ISAPI/x", "forbidden"],
  ];
  for (const [title, answer, path, expected] of bare) {
    it(`${title} is ${expected}`, () => assert.equal(refused(answer, { path }).code, expected));
  }

  it("a redirect says where to, without path and query", () => {
    const error = refused(reply(302, "", { location: "https://10.0.0.5:8443/login?token=secret" }));
    assert.equal(error.code, "notIsapi");
    assert.match(error.message, /to https:\/\/10\.0\.0\.5:8443\. Set protocol and port/);
    assert.equal(refused(reply(301, "", { location: "/doc/page/login.asp" })).message.includes("null"), false);
    assert.equal(refused(reply(301)).code, "notIsapi");
  });

  describe("userCheck", () => {
    const check = (inner: string): Reply =>
      reply(
        401,
        `<userCheck xmlns="x"><statusValue>401</statusValue><statusString>Unauthorized</statusString>${inner}</userCheck>`,
      );

    it("tells the tries left", () => {
      const error = refused(
        check("<isActivated>true</isActivated><lockStatus>unlock</lockStatus><retryLoginTime>4</retryLoginTime>"),
      );
      assert.equal(error.code, "unauthorized");
      assert.match(error.message, /Tries left before it locks the user: 4\./);
    });

    it("tells how long the user is locked", () => {
      const error = refused(
        check("<lockStatus>LOCK</lockStatus><unlockTime>1750</unlockTime><retryLoginTime>0</retryLoginTime>"),
      );
      assert.equal(error.code, "locked");
      assert.equal(error.cause.retryAfter, 1750);
      assert.match(error.message, /Wait 30 min/);
    });

    it("reads its other name, AuthenticationFailed", () => {
      const inner = "<retryTimes>2</retryTimes><resLockTime>90</resLockTime><lockStatus>";
      const failure = (lock: string): Reply =>
        reply(401, `<AuthenticationFailed>${inner}${lock}</lockStatus></AuthenticationFailed>`);
      assert.match(refused(failure("unlock")).message, /Tries left before it locks the user: 2\./);
      const error = refused(failure("lock"));
      assert.deepEqual([error.code, error.cause.retryAfter], ["locked", 90]);
      assert.equal(refused(reply(403, '{"AuthenticationFailed":{"lockStatus":"lock"}}')).code, "locked");
    });

    it("reads JSON and the bare form that never sends lock fields", () => {
      assert.equal(refused(check("")).code, "unauthorized");
      assert.equal(refused(check("<isActivated>false</isActivated>")).code, "notActivated");
      const body = JSON.stringify({ userCheck: { statusValue: 401, lockStatus: "lock", unlockTime: 60 } });
      const error = refused(reply(401, body));
      assert.equal(error.code, "locked");
      assert.match(error.message, /Wait 1 min/);
    });
  });

  describe("words", () => {
    it("name the model and the purpose", () => {
      const error = refused(reply(403, xmlStatus(4, "notSupport")), {
        model: "DS-2CD2346G2-ISU",
        purpose: say`PTZ`,
        path: "/ISAPI/PTZCtrl/channels/1/status",
      });
      assert.match(error.message, /^DS-2CD2346G2-ISU does not offer PTZ\. Check/);
    });

    it("fall back to the path without its query, and to nothing", () => {
      const error = refused(reply(403, xmlStatus(4, "notSupport")), { path: "/ISAPI/System/Holidays?format=json" });
      assert.match(error.message, /^The device does not offer \/ISAPI\/System\/Holidays\./);
      assert.match(refused(reply(403, xmlStatus(4, "notSupport"))).message, /^The device does not offer this\./);
    });

    const rights: [method: string, path: string, right: string | undefined][] = [
      ["PUT", "/ISAPI/PTZCtrl/channels/1/continuous", "Remote: PTZ Control"],
      ["PUT", "/ISAPI/ContentMgmt/PTZCtrlProxy/channels/1/continuous", "Remote: PTZ Control"],
      ["PUT", "/ISAPI/System/TwoWayAudio/channels/1/open", "Remote: Two-way Audio"],
      ["PUT", "/ISAPI/System/Serial/ports/1/Transparent/channels/1/open", "Remote: Serial Port Control"],
      ["PUT", "/ISAPI/ContentMgmt/record/control/manual/start/tracks/101", "Remote: Manual Record"],
      ["POST", "/ISAPI/ContentMgmt/search", "Remote: Playback"],
      ["GET", "/ISAPI/ContentMgmt/download", "Remote: Playback"],
      ["GET", "/ISAPI/Event/notification/alertStream", "Remote: Notify Surveillance Center / Trigger Alarm Output"],
      ["PUT", "/ISAPI/System/IO/outputs/1/trigger", "Remote: Notify Surveillance Center / Trigger Alarm Output"],
      ["GET", "/ISAPI/Streaming/channels/101/picture", "Remote: Live View"],
      ["PUT", "/ISAPI/System/reboot", "Remote: Shutdown / Reboot"],
      ["PUT", "/ISAPI/System/Video/inputs/channels/1/motionDetection", "Remote: Parameters Settings"],
      ["GET", "/ISAPI/System/time", undefined],
    ];
    for (const [method, path, right] of rights) {
      it(`a missing right is named for ${method} ${path}`, () => {
        const error = refused(reply(403, xmlStatus(4, "lowPrivilege")), { method, path });
        assert.match(
          error.message,
          right === undefined
            ? /grant the right for it to this user/
            : new RegExp(`grant the right "${right}" to this user`),
        );
      });
    }

    it("take the path from the status when the caller names none", () => {
      const body = xmlStatus(4, "lowPrivilege").replace("<requestURL>", "<requestURL>/ISAPI/PTZCtrl/channels/1/status");
      assert.match(refused(reply(403, body), { purpose: say`PTZ` }).message, /"Remote: PTZ Control"/);
    });

    it("always end in something to do, and hold no markup of the device", () => {
      const sentences = new Set<string>();
      for (const [http, code, sub] of table) sentences.add(refused(reply(http, xmlStatus(code, sub))).message);
      for (const [, answer, path] of bare) sentences.add(refused(answer, { path }).message);
      assert.ok(sentences.size > 12);
      for (const sentence of sentences) {
        assert.match(sentence, /(Try|Check|Set|Change|Correct|End|Wait|grant|Look)\b/i);
        assert.match(sentence, /^[A-Z].*[.]$/s);
        assert.doesNotMatch(sentence, /[<>]|undefined|null/);
      }
    });
  });

  describe("when to try again", () => {
    const seconds = (answer: Reply): number | undefined => refused(answer).cause.retryAfter;
    it("takes the device's Retry-After, at most an hour", () => {
      assert.equal(seconds(reply(503, "", { "retry-after": "7" })), 7);
      assert.equal(seconds(reply(503, "", { "retry-after": "999999" })), 3600);
    });
    it("assumes a second when it is busy, a minute when it updates itself", () => {
      assert.equal(seconds(reply(503, xmlStatus(2, "deviceBusy"))), 1);
      assert.equal(seconds(reply(503, "", { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" })), 1);
      assert.equal(seconds(reply(503, "", { "retry-after": ["1", "2"] })), 1);
      assert.equal(seconds(reply(503, xmlStatus(2, "upgrading"))), 60);
    });
    it("says nothing for what time does not mend", () => {
      assert.equal("retryAfter" in refused(reply(403, xmlStatus(4, "notSupport"))).cause, false);
    });
    it("marks as retryable only what may go away", () => {
      assert.ok(refused(reply(503)) instanceof RetryableError);
      assert.equal(refused(reply(403)) instanceof RetryableError, false);
    });
  });
});

describe("isHtml", () => {
  for (const page of ["<html>", "<!doctype html>", "  <!DOCTYPE HTML PUBLIC>", "<HTML lang=en>", "<body bgcolor=x>"]) {
    it(`${page} is a page`, () => assert.equal(isHtml(Buffer.from(page)), true));
  }
  for (const other of ["", "<html5player/>", "<DeviceInfo/>", "{}", "text about <html>", "\xFF\xD8<html>"]) {
    it(`${JSON.stringify(other)} is not`, () => assert.equal(isHtml(Buffer.from(other, "latin1")), false));
  }
});
