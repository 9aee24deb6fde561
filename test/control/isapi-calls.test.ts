import assert from "node:assert/strict";
import { codeOf, FatalError, RetryableError } from "../../src/lib/errors";
import { say } from "../../src/lib/sentence";
import { DocumentChanges } from "../../src/control/document-changes";
import { type CallResult, type IsapiCall, IsapiCalls } from "../../src/control/isapi-calls";
import { WriteQueue } from "../../src/control/write-queue";
import { Isapi } from "../../src/isapi/isapi";
import type { HttpRequest } from "../../src/http/device-http";
import { FakeClock } from "../support/fake-clock";
import { BUSY, FakeHttp, OK, reply, status, type Answer } from "../isapi/fake-http";

const PATH = "/ISAPI/x";
const XML = { "content-type": "application/xml" };
const JSON_TYPE = { "content-type": "application/json" };

function callsOf(answer: Answer | ((request: HttpRequest) => Answer)) {
  const http = new FakeHttp(typeof answer === "function" ? answer : () => answer);
  const clock = new FakeClock();
  const isapi = new Isapi(http, { clock });
  const writes = new WriteQueue();
  const calls = new IsapiCalls(isapi, new DocumentChanges(isapi, writes), writes);
  const run = (call: Partial<IsapiCall>): Promise<CallResult> => calls.run({ method: "GET", path: PATH, ...call });
  return { http, clock, run, requests: http.requests };
}

async function failure(run: Promise<unknown>): Promise<{ code: string | undefined; message: string }> {
  return run.then(
    () => ({ code: undefined, message: "" }),
    (error: unknown) => ({ code: codeOf(error), message: String(error) }),
  );
}

const payloadOf = async (answer: Answer, call: Partial<IsapiCall> = {}): Promise<unknown> =>
  (await callsOf(answer).run(call)).payload;

describe("what an ISAPI call brings back", () => {
  const document = '<?xml version="1.0"?><A v="1"><b>007</b></A>';
  const object = { A: { "@v": "1", b: "007" } };

  it("is an object for XML and JSON, whatever the header or the question said", async () => {
    for (const headers of [XML, JSON_TYPE, { "content-type": "text/html" }, {}])
      assert.deepEqual(await payloadOf(reply(200, document, headers), { path: `${PATH}?format=json` }), object);
    for (const headers of [XML, JSON_TYPE, {}])
      assert.deepEqual(await payloadOf(reply(200, '\uFEFF\n{"a":[1,true,null]}', headers)), { a: [1, true, null] });
    assert.deepEqual(await payloadOf(reply(200, "[]", JSON_TYPE)), []);
  });

  it("keeps every digit of a number", async () => {
    const text =
      '{"id":123456789012345678,"s":"12345678901234567890 \\" 1","n":1234567890123456,"f":0.1234567890123456789,"a":[-98765432109876543210]}';
    assert.deepEqual(await payloadOf(reply(200, text, JSON_TYPE)), {
      id: "123456789012345678",
      s: '12345678901234567890 " 1',
      n: 1234567890123456,
      f: Number("0.1234567890123456789"),
      a: ["-98765432109876543210"],
    });
  });

  it("is a Buffer for all else, byte for byte", async () => {
    for (const body of [
      Buffer.from("ffd8ff00", "hex"),
      Buffer.from("2026-03-01T08:00:00+01:00"),
      Buffer.alloc(0),
      Buffer.from("<\0\u0001"),
      Buffer.from("{x"),
    ]) {
      const payload = await payloadOf(reply(200, body, { "content-type": "Opaque data" }));
      assert.ok(Buffer.isBuffer(payload) && payload.equals(body), String(body));
    }
  });

  it("is text or bytes where that is wanted", async () => {
    const gb = Buffer.from('<?xml version="1.0" encoding="gb2312"?><a>\xb4\xf3</a>', "latin1");
    assert.equal(
      await payloadOf(reply(200, gb, XML), { returns: "text" }),
      '<?xml version="1.0" encoding="gb2312"?><a>大</a>',
    );
    assert.equal(await payloadOf(reply(200, "\uFEFFé"), { returns: "text" }), "é");
    assert.ok(gb.equals((await payloadOf(reply(200, gb, XML), { returns: "buffer" })) as Buffer));
  });

  it("is an error where a document cannot be read", async () => {
    assert.equal((await failure(payloadOf(reply(200, "<a><b></a>", XML)))).code, "protocol");
    assert.equal((await failure(payloadOf(reply(200, '{"a":', JSON_TYPE)))).code, "protocol");
    assert.equal((await failure(payloadOf(reply(200, "<html><body>Sign in</body></html>")))).code, "notIsapi");
  });

  it("is told with status, headers and path, without what belongs to the login", async () => {
    const headers = {
      ...XML,
      etag: "1",
      "set-cookie": ["WebSession=1"],
      "authentication-info": "nextnonce",
      "www-authenticate": "Digest",
    };
    const result = await callsOf(reply(201, document, headers)).run({ path: `${PATH}?password=secret&a=1` });
    assert.deepEqual([result.statusCode, result.headers], [201, { ...XML, etag: "1" }]);
    assert.deepEqual(result.isapi, { method: "GET", path: `${PATH}?password=***&a=1` });
  });
});

describe("what an ISAPI call sends", () => {
  async function sent(call: Partial<IsapiCall>): Promise<HttpRequest> {
    const { run, requests } = callsOf(OK);
    await run({ method: "PUT", ...call });
    assert.equal(requests.length, 1);
    return requests[0]!;
  }

  it("is XML for an object, JSON where the path says so", async () => {
    const body = { A: { "@v": 1, b: ["x", "<y>"] } };
    const asXml = await sent({ body });
    assert.deepEqual(
      [asXml.body, asXml.contentType],
      ['<A v="1"><b>x</b><b>&lt;y&gt;</b></A>', "application/xml; charset=UTF-8"],
    );
    for (const query of ["?format=json", "?security=1&FORMAT=JSON"]) {
      const asJson = await sent({ body, path: PATH + query });
      assert.deepEqual([asJson.body, asJson.contentType], [JSON.stringify(body), "application/json; charset=UTF-8"]);
      assert.equal(asJson.path, PATH + query);
    }
    assert.equal((await sent({ body: [1], path: `${PATH}?format=json` })).body, "[1]");
  });

  it("is a text or a Buffer as it is, named by how it begins", async () => {
    for (const [body, type] of [
      ["<a/>", /xml/],
      ['\uFEFF {"a":1}', /json/],
      ["plain", /xml/],
      [Buffer.from("<a/>"), /xml/],
      [Buffer.from([0, 1, 2]), /octet-stream/],
    ] as const) {
      const request = await sent({ body });
      assert.equal(request.body, body);
      assert.match(String(request.contentType), type);
    }
  });

  it("is nothing for nothing, and no other kind of value", async () => {
    for (const body of [undefined, null, ""]) assert.equal((await sent({ body })).body, undefined);
    const loop: Record<string, unknown> = {};
    loop["a"] = loop;
    for (const body of [7, true, () => 1, { a: 1, b: 2 }, Buffer.alloc(100 * 1024 * 1024 + 1)])
      assert.equal((await failure(sent({ body }))).code, "badRequest", typeof body);
    assert.equal((await failure(sent({ body: loop, path: `${PATH}?format=json` }))).code, "badRequest");
  });

  it("goes by any of four methods, in any case, and by no other", async () => {
    for (const [method, as] of [
      ["get", "GET"],
      [" Put ", "PUT"],
      ["POST", "POST"],
      ["delete", "DELETE"],
    ] as const)
      assert.equal((await sent({ method })).method, as);
    for (const method of [undefined, "", "PATCH", "HEAD", "CONNECT", 1, "GET /x"])
      assert.equal((await failure(sent({ method }))).code, "badRequest", String(method));
  });

  it("is nothing in a dry run, but for reading", async () => {
    for (const method of ["PUT", "POST", "DELETE"]) {
      const { run, requests } = callsOf(OK);
      const { payload, statusCode, isapi } = await run({ method, dryRun: true, path: `${PATH}?pwd=secret` });
      assert.deepEqual(payload, { dryRun: true, method, path: `${PATH}?pwd=***` });
      assert.deepEqual([statusCode, isapi, requests.length], [undefined, { method, path: `${PATH}?pwd=***` }, 0]);
    }
    const { run, requests } = callsOf(reply(200, "<a>1</a>", XML));
    assert.deepEqual((await run({ dryRun: true })).payload, { a: "1" });
    assert.equal(requests.length, 1);
  });

  it("is nothing where a confirmation is missing, or the answer would never end", async () => {
    for (const [method, path] of [
      ["PUT", "/ISAPI/System/reboot"],
      ["PUT", "/ISAPI//system/%46actoryReset/?mode=full"],
      ["DELETE", "/ISAPI/Security/users/2"],
      ["DELETE", "/ISAPI/PTZCtrl/channels/1/presets"],
      ["change", "/ISAPI/Security/users/1"],
      ["GET", "/ISAPI/Event/notification/alertStream"],
      ["GET", "/ISAPI/../x"],
      ["GET", "http://elsewhere/ISAPI/System/status"],
    ] as const) {
      const { run, requests } = callsOf(OK);
      assert.equal((await failure(run({ method, path, body: "<a/>" }))).code, "badRequest", path);
      assert.equal(requests.length, 0, path);
    }
    const { run, requests } = callsOf(OK);
    await run({ method: "DELETE", path: "/ISAPI/Security/users/2", confirm: true });
    assert.equal(requests.length, 1);
  });

  it("goes one after another where it writes, side by side where it reads", async () => {
    const slow = (): Answer => new Promise((resolve) => setImmediate(() => resolve(OK)));
    const writing = callsOf(slow);
    await Promise.all(["PUT", "POST", "DELETE", "PUT"].map((method) => writing.run({ method })));
    assert.equal(writing.http.mostUnderWay, 1);
    const reading = callsOf(slow);
    await Promise.all(["GET", "GET"].map((method) => reading.run({ method })));
    assert.equal(reading.http.mostUnderWay, 2);
  });
});

describe("an ISAPI call that the device refuses", () => {
  const jsonStatus = (http: number, code: number, sub: string): Answer =>
    reply(http, JSON.stringify({ statusCode: code, statusString: "x", subStatusCode: sub }), JSON_TYPE);

  for (const [why, answer, code] of [
    ["HTTP 200 that says no, in XML", status(200, 4, "notSupport"), "notSupported"],
    ["HTTP 200 that says no, in JSON", jsonStatus(200, 6, "badParameters"), "badRequest"],
    ["a missing right", status(403, 4, "lowPrivilege"), "forbidden"],
    ["a bare 404 of what has never answered as ISAPI", reply(404, ""), "notIsapi"],
    ["a clip that plays", jsonStatus(403, 4, "audioIsPlayingPleaseWait"), "busy"],
    ["another function that is on", status(403, 4, "MutexWithWDR"), "badRequest"],
    ["the same in other words", status(403, 4, "HLCNotDisable"), "badRequest"],
    [
      "a number instead of a word",
      reply(400, '{"statusCode":4,"statusString":"x","errorCode":1073741826}', JSON_TYPE),
      "forbidden",
    ],
    [
      "a hexadecimal number",
      reply(403, '{"statusCode":4,"statusString":"x","MErrCode":"0x40000001"}', JSON_TYPE),
      "notSupported",
    ],
    [
      "a status with a list of errors",
      reply(200, "<ResponseStatus><statusCode>9</statusCode></ResponseStatus>", XML),
      "protocol",
    ],
  ] as const) {
    it(`is an error: ${why}`, async () =>
      assert.equal((await failure(callsOf(answer).run({ method: "PUT" }))).code, code));
  }

  for (const [why, answer] of [
    ["status 1 with a weak password", status(200, 1, "riskPassword")],
    ["no body at all", reply(200, "")],
    ["plain text", reply(200, "CST-1:00:00")],
    ["the id of what was added", reply(200, '{"id":3}', JSON_TYPE)],
  ] as const) {
    it(`is none: ${why}`, async () => assert.equal((await callsOf(answer).run({ method: "POST" })).statusCode, 200));
  }

  it("says that a restart is needed, and that is success", async () => {
    for (const answer of [status(200, 7, "rebootRequired"), jsonStatus(200, 7, "rebootRequired")])
      assert.equal((await callsOf(answer).run({ method: "PUT" })).isapi.rebootRequired, true);
    assert.equal((await callsOf(OK).run({ method: "PUT" })).isapi.rebootRequired, undefined);
  });

  it("is asked again while the device is busy, where it reads; what writes goes once", async () => {
    for (const method of ["PUT", "POST", "DELETE"]) {
      const { run, requests } = callsOf(BUSY);
      assert.equal((await failure(run({ method }))).code, "busy");
      assert.equal(requests.length, 1, method);
    }
    let asked = 0;
    const { run, clock } = callsOf(() => ((asked += 1) < 3 ? BUSY : OK));
    const result = run({});
    await clock.advance(10_000);
    assert.equal((await result).statusCode, 200);
    assert.equal(asked, 3);
  });

  it('is no trigger of the device where it says "busy" to one, and is not asked again', async () => {
    const { run, requests } = callsOf(BUSY);
    assert.equal((await failure(run({ path: "/ISAPI/Event/triggers/unknown-1" }))).code, "notFound");
    assert.equal(requests.length, 1);
    const sound = callsOf(BUSY);
    const playing = failure(sound.run({ path: "/ISAPI/Event/triggers/notifications/AudioAlarm?format=json" }));
    await sound.clock.advance(60_000);
    assert.equal((await playing).code, "busy");
  });

  it("never tells what its path holds behind the question mark", async () => {
    const { message } = await failure(callsOf(status(403, 4, "notSupport")).run({ path: `${PATH}?password=secret` }));
    assert.doesNotMatch(message, /secret/);
  });
});

describe("an answer without end", () => {
  it("is refused by its own header before it is read; one with a length is read", () => {
    const { run, requests } = callsOf(OK);
    void run({});
    return Promise.resolve().then(() => {
      const { onHead } = requests[0]!;
      const multipart = { "content-type": "multipart/x-mixed-replace; boundary=x" };
      assert.throws(
        () => onHead?.({ statusCode: 200, headers: multipart }),
        (error) => codeOf(error) === "badRequest",
      );
      assert.equal(typeof onHead?.({ statusCode: 200, headers: { ...multipart, "content-length": "7" } }), "number");
      assert.ok(
        (onHead?.({ statusCode: 200, headers: { "content-length": String(100 * 1024 * 1024) } }) ?? 0) > 300_000,
      );
      assert.equal(requests[0]!.maxBytes, 100 * 1024 * 1024);
    });
  });
});

describe("a restart", () => {
  const cut = new RetryableError("offline", say`cut`);
  const reboot = { method: "PUT", path: "/ISAPI/System/reboot", confirm: true } as const;

  it("is done where the connection is cut instead of an answer", async () => {
    const { run, requests } = callsOf(({ method }) => (method === "GET" ? OK : cut));
    const { payload, statusCode, isapi } = await run(reboot);
    assert.deepEqual([payload, statusCode, isapi], [Buffer.alloc(0), undefined, { method: "PUT", path: reboot.path }]);
    assert.equal(requests.filter(({ method }) => method === "PUT").length, 1);
  });

  it("is not done where nothing answers in the first place, and nothing is sent then", async () => {
    const { run, requests } = callsOf(cut);
    assert.equal((await failure(run(reboot))).code, "offline");
    assert.ok(requests.every(({ method }) => method === "GET"));
  });

  it("is refused where the device refuses it, and has an answer where it gives one", async () => {
    const refused = callsOf(({ method }) => (method === "GET" ? OK : status(403, 4, "lowPrivilege")));
    assert.equal((await failure(refused.run(reboot))).code, "forbidden");
    const late = callsOf(({ method }) => (method === "GET" ? OK : new FatalError("tls", say`x`)));
    assert.equal((await failure(late.run(reboot))).code, "tls");
    assert.equal((await callsOf(OK).run(reboot)).statusCode, 200);
  });

  it("of nothing else is a cut connection done", async () => {
    const { run } = callsOf(({ method }) => (method === "GET" ? OK : cut));
    assert.equal((await failure(run({ method: "PUT" }))).code, "offline");
  });
});

describe("a change by way of a call", () => {
  const document = "<A><enabled>false</enabled></A>";
  it("takes the settings from the body, and answers with what became of them", async () => {
    let stored = document;
    const { run } = callsOf(({ method, body }) => {
      if (method === "GET") return reply(200, stored, XML);
      stored = String(body);
      return status(200, 7, "rebootRequired");
    });
    const { payload, statusCode, isapi } = await run({ method: "change", body: { enabled: true } });
    assert.deepEqual(payload, {
      before: { enabled: "false" },
      after: { enabled: "true" },
      changed: ["enabled"],
      refused: [],
    });
    assert.deepEqual([statusCode, isapi], [200, { method: "change", path: PATH, rebootRequired: true }]);
  });

  it("takes XML documents and plain values only", async () => {
    for (const call of [
      { path: `${PATH}?format=json`, body: { enabled: true } },
      { body: undefined },
      { body: "enabled=true" },
      { body: [] },
      { body: {} },
      { body: { enabled: null } },
      { body: { enabled: { x: 1 } } },
      { body: { enabled: NaN } },
    ]) {
      const { run, requests } = callsOf(reply(200, document, XML));
      assert.equal((await failure(run({ method: "change", ...call }))).code, "badRequest", JSON.stringify(call));
      assert.ok(requests.every(({ method }) => method === "GET"));
    }
    assert.equal(
      (await failure(callsOf(reply(200, "{}", JSON_TYPE)).run({ method: "change", body: { a: 1 } }))).code,
      "notSupported",
    );
  });
});
