import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { Readable } from "node:stream";
import { AbortedError, codeOf, RetryableError, type HikvisionError } from "../../src/lib/errors";
import type { Chance } from "../../src/lib/clock";
import { Isapi } from "../../src/isapi/isapi";
import { xml } from "../../src/isapi/xml";
import { say } from "../../src/lib/sentence";
import { FakeClock, settle } from "../support/fake-clock";
import { BUSY, FakeHttp, IDENTITY, OK, reply, status, type Answer } from "./fake-http";

const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46, 0x49, 0x46, 0x00, 0xff, 0xd9]);
const PAGE = "<!DOCTYPE html><html><body>Login</body></html>";
const NOT_SUPPORTED = status(403, 4, "notSupport");
/** Chance in the middle: pauses have their nominal length. */
const even: Chance = { random: () => 0.5, token: () => "00" };

/** An Isapi whose device gives these answers in turn, the last one for ever. */
function device(answers: readonly Answer[], connections?: number, chance = even) {
  let next = 0;
  const http = new FakeHttp(() => answers[Math.min(next++, answers.length - 1)]!, connections);
  const clock = new FakeClock();
  return { http, clock, isapi: new Isapi(http, { clock, chance }) };
}

async function failure(promise: Promise<unknown>): Promise<HikvisionError> {
  const error = await promise.then(
    () => assert.fail("it worked"),
    (reason: unknown) => reason as HikvisionError,
  );
  assert.ok(codeOf(error), `not a typed error: ${String(error)}`);
  assert.deepEqual(error.cause.device, IDENTITY, "the error does not name its device");
  return error;
}

describe("Isapi", () => {
  describe("get", () => {
    it("gives the document", async () => {
      const { isapi, http } = device([reply(200, "<Time><timeMode>NTP</timeMode></Time>")]);
      assert.deepEqual(await isapi.get("/ISAPI/System/time"), { root: "Time", value: { timeMode: "NTP" } });
      assert.equal(http.requests[0]?.method, "GET");
      assert.equal(http.requests[0].body, undefined);
      assert.equal(http.requests[0].contentType, undefined);
    });

    it("takes a document of more than 1 MiB, as big recorders send", async () => {
      const { isapi } = device([reply(200, `<List>${"<e>channel</e>".repeat(80_000)}</List>`)]);
      assert.equal((await isapi.get("/x")).root, "List");
    });

    it("takes UTF-16 for XML, too", async () => {
      const { isapi } = device([reply(200, Buffer.from("\uFEFF<A>é</A>", "utf16le"))]);
      assert.equal((await isapi.get("/x")).value, "é");
    });

    const refused: [title: string, answer: Answer, code: string][] = [
      ["a refusal", NOT_SUPPORTED, "notSupported"],
      ["a refusal under HTTP 200", status(200, 4, "notSupport"), "notSupported"],
      ["a web page", reply(200, PAGE), "notIsapi"],
      ["junk", reply(200, "Welcome to the router"), "notIsapi"],
      ["JSON", reply(200, '{"Time":{}}'), "notIsapi"],
      ["nothing", reply(200), "protocol"],
      ["a document cut off", reply(200, "<Time><timeMode>N"), "protocol"],
      ["a document with a DTD", reply(200, "<!DOCTYPE a><Time/>"), "protocol"],
      ["a lost connection", new RetryableError("offline", say`Gone.`), "offline"],
    ];
    for (const [title, answer, code] of refused) {
      it(`${title} is ${code}`, async () => {
        assert.equal((await failure(device([answer]).isapi.get("/ISAPI/System/time"))).code, code);
      });
    }

    it("names purpose and model", async () => {
      const { isapi } = device([NOT_SUPPORTED]);
      isapi.model = "DS-7608";
      const error = await failure(isapi.get("/ISAPI/PTZCtrl/channels/3/status", { purpose: say`PTZ of channel 3` }));
      assert.match(error.message, /^DS-7608 does not offer PTZ of channel 3\./);
    });

    it("hands signal, time and size to the transport", async () => {
      const { signal } = new AbortController();
      const { isapi, http } = device([reply(200, "<A/>")]);
      await isapi.get("/x", { signal, timeoutMs: 1234, maxBytes: 99 });
      assert.deepEqual(
        http.requests.map((sent) => Object.fromEntries(Object.entries(sent).filter(([name]) => name !== "waiting"))),
        [{ method: "GET", path: "/x", lane: "read", signal, timeoutMs: 1234, maxBytes: 99 }],
      );
    });
  });

  describe("put, post, delete", () => {
    const calls = {
      PUT: (isapi: Isapi) => isapi.put("/x", xml`<a>${"<"}</a>`),
      POST: (isapi: Isapi) => isapi.post("/x", xml`<a>${"<"}</a>`),
      DELETE: (isapi: Isapi) => isapi.delete("/x"),
    };
    for (const [method, call] of Object.entries(calls)) {
      it(`${method} gives the document, or undefined when there is none`, async () => {
        const { isapi, http } = device([OK, reply(200), reply(204), reply(200, "done"), reply(200, "<R/>")]);
        assert.equal((await call(isapi))?.root, "ResponseStatus");
        for (let i = 0; i < 3; i++) assert.equal(await call(isapi), undefined);
        assert.deepEqual(await call(isapi), { root: "R", value: "" });
        assert.ok(http.requests.every((sent) => sent.method === method));
      });

      it(`${method} refused is a typed error, also under HTTP 200`, async () => {
        assert.equal((await failure(call(device([NOT_SUPPORTED]).isapi))).code, "notSupported");
        assert.equal((await failure(call(device([status(200, 6, "badParameters")]).isapi))).code, "badRequest");
      });

      it(`${method} is never repeated by itself: it may move a motor`, async () => {
        const { isapi, http, clock } = device([BUSY, OK]);
        assert.equal((await failure(call(isapi))).code, "busy");
        assert.equal(http.requests.length, 1);
        assert.equal(clock.pending, 0);
      });
    }

    it("sends a body as XML unless told otherwise, and no type without a body", async () => {
      const { isapi, http } = device([OK]);
      await isapi.put("/a", "<a/>");
      await isapi.put("/b", Buffer.from([1, 2]), { contentType: "application/octet-stream" });
      await isapi.put("/c");
      await isapi.put("/d", "");
      const sent = http.requests.map(({ body, contentType }) => [body, contentType]);
      assert.deepEqual(sent, [
        ["<a/>", "application/xml; charset=UTF-8"],
        [Buffer.from([1, 2]), "application/octet-stream"],
        [undefined, undefined],
        [undefined, undefined],
      ]);
    });

    it("a missing right is named for what was changed", async () => {
      const { isapi } = device([status(403, 4, "lowPrivilege")]);
      const error = await failure(isapi.put("/ISAPI/PTZCtrl/channels/1/continuous", "<PTZData/>"));
      assert.equal(error.code, "forbidden");
      assert.match(error.message, /"Remote: PTZ Control"/);
    });
  });

  it("reads a long list in slices, ended by the caller's signal", async () => {
    const { isapi } = device([reply(200, `<L>${"<T><id>1</id><type>VMD</type></T>".repeat(30_000)}</L>`)]);
    let rounds = 0;
    const count = (): void => {
      rounds++;
      round = setImmediate(count);
    };
    let round = setImmediate(count);
    assert.equal((await isapi.get("/x")).root, "L");
    assert.ok(rounds >= 3, `${rounds} rounds`);
    clearImmediate(round);
    const stop = new AbortController();
    const stopped = isapi.get("/x", { signal: stop.signal });
    setImmediate(() => stop.abort());
    assert.equal((await failure(stopped)).code, "aborted");
  });

  describe("json", () => {
    it("sends and reads JSON", async () => {
      const { isapi, http } = device([reply(200, '\uFEFF{"list":[1]}')]);
      assert.deepEqual(await isapi.json("POST", "/x?format=json", { a: 1 }), { list: [1] });
      assert.equal(http.requests[0]?.body, '{"a":1}');
      assert.equal(http.requests[0].contentType, "application/json; charset=UTF-8");
    });

    it("sends no body when there is none", async () => {
      const { isapi, http } = device([reply(200, "[]")]);
      assert.deepEqual(await isapi.json("GET", "/x?format=json"), []);
      assert.equal(http.requests[0]?.body, undefined);
    });

    it("asks for no more than 512 KiB", async () => {
      const { isapi, http } = device([reply(200, `[${"1,".repeat(10_000)}1]`)]);
      assert.equal(((await isapi.json("GET", "/x?format=json")) as number[]).length, 10_001);
      assert.equal(http.requests[0]?.maxBytes, 512 << 10);
    });

    it("takes a change for done that is answered with nothing, or in XML", async () => {
      const { isapi } = device([reply(200), OK]);
      assert.equal(await isapi.json("PUT", "/x?format=json", {}), undefined);
      assert.equal(await isapi.json("PUT", "/x?format=json", {}), undefined);
    });

    const refused: [title: string, answer: Answer, code: string][] = [
      [
        "a refusal in JSON",
        reply(403, '{"statusCode":4,"statusString":"Invalid Operation","subStatusCode":"notSupport"}'),
        "notSupported",
      ],
      [
        "a refusal in JSON under HTTP 200",
        reply(200, '{"statusCode":6,"statusString":"x","subStatusCode":"badParameters"}'),
        "badRequest",
      ],
      ["a refusal in XML", NOT_SUPPORTED, "notSupported"],
      ["a web page", reply(200, PAGE), "notIsapi"],
      ["JSON cut off", reply(200, '{"list":[1'), "protocol"],
      ["XML instead", reply(200, "<List/>"), "protocol"],
      ["a list longer than any that is asked for", reply(200, `[${"1,".repeat(10_001)}1]`), "protocol"],
      [
        "a list of empty objects, as long",
        reply(200, `{"a":${'{"a":'.repeat(10_001)}1${"}".repeat(10_002)}`),
        "protocol",
      ],
      ["nothing", reply(200), "protocol"],
    ];
    for (const [title, answer, code] of refused) {
      it(`${title} is ${code}`, async () => {
        assert.equal((await failure(device([answer]).isapi.json("GET", "/x?format=json"))).code, code);
      });
    }
  });

  describe("bytes", () => {
    it("gives the device's bytes untouched, with their type", async () => {
      const { isapi } = device([reply(200, JPEG, { "content-type": "image/jpeg" }), reply(200, JPEG)]);
      assert.deepEqual(await isapi.bytes("/x"), { data: JPEG, contentType: "image/jpeg" });
      assert.equal((await isapi.bytes("/x")).contentType, "application/octet-stream");
    });

    it("gives a document as it is, to be changed and sent back byte for byte", async () => {
      const source =
        '<?xml version="1.0"?>\r\n<MotionDetection  version="2.0">\t<enabled>true</enabled></MotionDetection>\r\n';
      assert.equal((await device([reply(200, source)]).isapi.bytes("/x")).data.toString(), source);
    });

    const refused: [title: string, answer: Answer, code: string][] = [
      [
        "a status under HTTP 200 that calls itself a picture",
        reply(200, status(200, 3, "deviceError").body, { "content-type": "image/jpeg" }),
        "protocol",
      ],
      ["a web page that calls itself a picture", reply(200, PAGE, { "content-type": "image/jpeg" }), "notIsapi"],
      ["a refusal", status(400, 6, "badXmlContent"), "badRequest"],
      ["nothing", reply(200), "protocol"],
    ];
    for (const [title, answer, code] of refused) {
      it(`${title} is ${code}`, async () => {
        assert.equal((await failure(device([answer]).isapi.bytes("/x"))).code, code);
      });
    }
  });

  describe("stream", () => {
    it("gives the body to its caller, unread", async () => {
      const { isapi, http } = device([reply(200, JPEG, { "content-type": "video/mp4" })]);
      const { body, statusCode } = await isapi.stream("GET", "/x", { body: "<downloadRequest/>" });
      assert.equal(statusCode, 200);
      assert.equal(http.requests[0]?.body, "<downloadRequest/>");
      assert.equal(body, http.bodies[0]);
      assert.equal(body.destroyed, false);
      assert.deepEqual(Buffer.concat((await body.toArray()) as Buffer[]), JPEG);
    });

    const refused: [title: string, answer: Answer, code: string][] = [
      ["a refusal", NOT_SUPPORTED, "notSupported"],
      [
        "a refusal under HTTP 200",
        reply(200, status(200, 3, "deviceError").body, { "content-type": "application/xml" }),
        "protocol",
      ],
      ["a web page", reply(200, PAGE, { "content-type": "text/html" }), "notIsapi"],
      ["text where data was expected", reply(200, "<A/>", { "content-type": "application/xml" }), "protocol"],
      ["500 without a word", reply(500), "protocol"],
    ];
    for (const [title, answer, code] of refused) {
      it(`${title} is ${code}, and its body is done with`, async () => {
        const { isapi, http } = device([answer]);
        assert.equal((await failure(isapi.stream("GET", "/x"))).code, code);
        assert.deepEqual(
          http.bodies.map((body) => body.destroyed),
          [true],
        );
      });
    }

    it("does not read a refusal without end", async () => {
      const http = new FakeHttp(() => OK);
      let given = 0;
      const endless = new Readable({
        read() {
          given += 1024;
          this.push(Buffer.alloc(1024, "x"));
        },
      });
      http.stream = () => Promise.resolve({ statusCode: 404, headers: {}, body: endless });
      assert.equal((await failure(new Isapi(http).stream("GET", "/x"))).code, "notSupported");
      assert.equal(endless.destroyed, true);
      assert.ok(given < 200_000, `${given} bytes read`);
    });

    it("tells the refusal although the connection broke in the middle of its body", async () => {
      const http = new FakeHttp(() => OK);
      async function* broken() {
        yield NOT_SUPPORTED.body;
        await settle();
        throw new RetryableError("offline", say`Gone.`);
      }
      http.stream = () => Promise.resolve({ statusCode: 403, headers: {}, body: Readable.from(broken()) });
      assert.equal((await failure(new Isapi(http).stream("GET", "/x"))).code, "notSupported");
    });

    it("needs no slot: a long download holds up no command", async () => {
      const { isapi, http } = device(
        [
          reply(200, JPEG, { "content-type": "video/mp4" }),
          reply(200, JPEG, { "content-type": "video/mp4" }),
          reply(200, "<A/>"),
        ],
        1,
      );
      await isapi.stream("GET", "/1");
      await isapi.stream("GET", "/2");
      assert.equal((await isapi.get("/3")).root, "A");
      assert.equal(
        http.bodies.every((body) => !body.destroyed),
        true,
      );
    });
  });

  describe("a busy device", () => {
    it("is asked again after a second, then after two, then no more", async () => {
      const { isapi, http, clock } = device([BUSY]);
      const error = failure(isapi.get("/x"));
      await clock.advance(999);
      assert.equal(http.requests.length, 1);
      await clock.advance(1);
      assert.equal(http.requests.length, 2);
      await clock.advance(1999);
      assert.equal(http.requests.length, 2);
      await clock.advance(1);
      assert.equal(http.requests.length, 3);
      assert.equal((await error).code, "busy");
      await clock.advance(60_000);
      assert.equal(http.requests.length, 3);
      assert.equal(clock.pending, 0);
    });

    it("gives the answer when it has recovered", async () => {
      const { isapi, clock, http } = device([BUSY, reply(200, "<A/>")]);
      const answer = isapi.get("/x");
      await clock.advance(1000);
      assert.equal((await answer).root, "A");
      assert.equal(http.requests.length, 2);
    });

    it("is not asked by all at the same moment: pauses vary by a quarter", async () => {
      for (const [random, pause] of [
        [0, 750],
        [0.999999, 1250],
      ] as const) {
        const { isapi, clock, http } = device([BUSY, reply(200, "<A/>")], 2, { ...even, random: () => random });
        const answer = isapi.get("/x");
        await clock.advance(pause - 1);
        assert.equal(http.requests.length, 1);
        await clock.advance(1);
        assert.equal(http.requests.length, 2);
        await answer;
      }
    });

    it("is left alone for half a second even when it says at once", async () => {
      const { isapi, clock, http } = device([reply(503, "", { "retry-after": "0" }), reply(200, "<A/>")]);
      const answer = isapi.get("/x");
      await clock.advance(499);
      assert.equal(http.requests.length, 1);
      await clock.advance(1);
      await answer;
    });

    it("is given the time it asks for, up to ten seconds", async () => {
      const { isapi, clock, http } = device([reply(503, "", { "retry-after": "4" }), reply(200, "<A/>")]);
      const answer = isapi.get("/x");
      await clock.advance(3999);
      assert.equal(http.requests.length, 1);
      await clock.advance(1);
      await answer;
      const longer = device([reply(503, "", { "retry-after": "11" })]);
      assert.equal((await failure(longer.isapi.get("/x"))).cause.retryAfter, 11);
      assert.equal(longer.http.requests.length, 1);
    });

    it("lets others have the slot while one waits", async () => {
      let busy = true;
      const http = new FakeHttp(({ path }) => (path === "/busy" && busy ? BUSY : reply(200, "<A/>")), 1);
      const clock = new FakeClock();
      const isapi = new Isapi(http, { clock, chance: even });
      const first = isapi.get("/busy");
      assert.equal((await isapi.get("/other")).root, "A");
      busy = false;
      await clock.advance(1000);
      assert.equal((await first).root, "A");
      assert.deepEqual(http.paths, ["/busy", "/other", "/busy"]);
    });

    it("is asked again for a change only when the caller says so, and not for a GET when he says no", async () => {
      const { isapi, clock, http } = device([BUSY, OK]);
      const done = isapi.put("/x", "<a/>", { retryBusy: true });
      await clock.advance(1000);
      assert.equal((await done)?.root, "ResponseStatus");
      assert.equal(http.requests.length, 2);
      const once = device([BUSY]);
      await failure(once.isapi.get("/x", { retryBusy: false }));
      assert.equal(once.http.requests.length, 1);
    });

    it("and one with an internal error, if the caller says so, are asked three times in all", async () => {
      const internal = status(500, 3, "deviceError");
      for (const answers of [[internal], [BUSY], [internal, BUSY, internal]]) {
        const { isapi, http, clock } = device(answers);
        const failed = failure(isapi.get("/x", { retryDeviceError: true }));
        await clock.advance(10_000);
        await failed;
        assert.equal(http.requests.length, 3);
      }
    });

    it("starts a download again, too", async () => {
      const { isapi, clock } = device([BUSY, reply(200, JPEG, { "content-type": "video/mp4" })]);
      const answer = isapi.stream("GET", "/x");
      await clock.advance(1000);
      assert.equal((await answer).statusCode, 200);
    });

    for (const [title, answer] of [
      ["an internal error", status(500, 3, "deviceError")],
      ["taken slots", status(503, 2, "deployExceedMax")],
      ["a lost connection", new RetryableError("offline", say`Gone.`)],
      ["a timeout", new RetryableError("timeout", say`Slow.`)],
    ] as const) {
      it(`differs from ${title}: asked once`, async () => {
        const { isapi, http, clock } = device([answer]);
        await failure(isapi.get("/x"));
        assert.equal(http.requests.length, 1);
        assert.equal(clock.pending, 0);
      });
    }
  });

  describe("the queue", () => {
    it("has two commands under way at most, and serves the others in order", async () => {
      const waiting: (() => void)[] = [];
      const http = new FakeHttp(() => new Promise((resolve) => waiting.push(() => resolve(reply(200, "<A/>")))));
      const isapi = new Isapi(http);
      const all = Array.from({ length: 10 }, (_, i) => isapi.get(`/${i}`));
      await settle();
      while (waiting.length > 0) {
        waiting.shift()?.();
        await settle();
      }
      await Promise.all(all);
      assert.equal(http.mostUnderWay, 2);
      assert.deepEqual(
        http.paths,
        all.map((_, i) => `/${i}`),
      );
    });

    it("goes on after refusals, lost connections and junk", async () => {
      const { isapi } = device(
        [NOT_SUPPORTED, new RetryableError("offline", say`Gone.`), reply(200, "junk"), reply(200, "<A/>")],
        1,
      );
      await Promise.allSettled([isapi.get("/1"), isapi.put("/2"), isapi.get("/3")]);
      assert.equal((await isapi.get("/4")).root, "A");
    });
  });

  describe("stopped by its caller", () => {
    it("does not send what is already cancelled", async () => {
      const { isapi, http } = device([OK]);
      for (const call of [
        isapi.get("/x", { signal: AbortSignal.abort() }),
        isapi.put("/x", "<a/>", { signal: AbortSignal.abort() }),
        isapi.stream("GET", "/x", { signal: AbortSignal.abort() }),
      ]) {
        assert.equal((await failure(call)).code, "aborted");
      }
      assert.equal(http.requests.length, 0);
    });

    it("does not send what was cancelled while it waited for a connection", async () => {
      let free = (): void => undefined;
      const http = new FakeHttp(() => new Promise((resolve) => (free = () => resolve(OK))), 1);
      const isapi = new Isapi(http);
      const first = isapi.put("/1");
      const stop = new AbortController();
      const second = failure(isapi.put("/2", "", { signal: stop.signal }));
      await settle();
      stop.abort();
      assert.equal((await second).code, "aborted");
      free();
      await first;
      assert.deepEqual(http.paths, ["/1"]);
    });

    it("does not ask again when it was cancelled in the pause, and leaves no timer", async () => {
      const { isapi, http, clock } = device([BUSY]);
      const stop = new AbortController();
      const answer = failure(isapi.get("/x", { signal: stop.signal }));
      await settle();
      assert.equal(clock.pending, 1);
      stop.abort();
      assert.equal((await answer).code, "aborted");
      assert.equal(clock.pending, 0);
      assert.equal(http.requests.length, 1);
    });

    it("leaves no listener at the caller's signal", async () => {
      const { signal } = new AbortController();
      const { isapi } = device([OK, NOT_SUPPORTED]);
      await isapi.put("/x", "", { signal });
      await failure(isapi.put("/x", "", { signal }));
      assert.equal(getEventListeners(signal, "abort").length, 0);
    });

    it("passes the transport's abort on as it is", async () => {
      const { isapi } = device([new AbortedError()]);
      assert.equal((await failure(isapi.get("/x"))).code, "aborted");
    });
  });

  describe("close", () => {
    it("ends every wait, for a connection and for a busy device, and takes no more commands", async () => {
      const http = new FakeHttp(({ path }) => (path === "/busy" ? BUSY : new Promise<never>(() => undefined)));
      const clock = new FakeClock();
      const isapi = new Isapi(http, { clock, chance: even });
      const paused = failure(isapi.get("/busy"));
      await settle();
      void isapi.get("/running1").catch(() => undefined);
      void isapi.get("/running2").catch(() => undefined);
      const queued = failure(isapi.get("/queued"));
      await settle();
      isapi.close();
      isapi.close();
      assert.equal((await paused).code, "aborted");
      assert.equal((await queued).code, "aborted");
      assert.equal((await failure(isapi.get("/late"))).code, "aborted");
      assert.equal((await failure(isapi.stream("GET", "/late"))).code, "aborted");
      assert.equal(clock.pending, 0);
      assert.deepEqual(http.paths, ["/busy", "/running1", "/running2"]);
    });

    it("lets a command that is under way end by itself", async () => {
      let answer = (): void => undefined;
      const http = new FakeHttp(() => new Promise((resolve) => (answer = () => resolve(OK))));
      const isapi = new Isapi(http);
      const stop = isapi.put("/stop");
      await settle();
      isapi.close();
      answer();
      assert.equal((await stop)?.root, "ResponseStatus");
    });
  });

  describe("something that has never answered as a device", () => {
    const NOT_FOUND = reply(404, "<!DOCTYPE html><html><body>Not Found</body></html>");
    const INFO = "/ISAPI/System/deviceInfo";
    const at = (answers: Readonly<Record<string, Answer>>, other: Answer) => {
      const http = new FakeHttp(({ path }) => answers[path] ?? other);
      const clock = new FakeClock();
      return { http, clock, isapi: new Isapi(http, { clock, chance: even }) };
    };

    for (const [what, answer] of [
      ["404", NOT_FOUND],
      ["405", reply(405)],
      ["501 and a page", reply(501, PAGE)],
      ["400 and a page, as a TLS port does to plain HTTP", reply(400, PAGE)],
    ] as const)
      it(`is asked once who it is before ${what} is laid to the channel or the model`, async () => {
        const { isapi, http, clock } = at({}, answer);
        const errors = await Promise.all([1, 2, 3].map((n) => failure(isapi.get(`/ISAPI/Streaming/channels/${n}`))));
        assert.deepEqual(
          errors.map(({ code }) => code),
          ["notIsapi", "notIsapi", "notIsapi"],
        );
        assert.equal(http.paths.filter((path) => path === INFO).length, 1);
        assert.doesNotMatch(String(errors[0]?.message), /channel/);
        await clock.advance(60_000);
        assert.equal((await failure(isapi.stream("GET", "/ISAPI/ContentMgmt/download"))).code, "notIsapi");
        assert.equal(http.paths.filter((path) => path === INFO).length, 2);
      });

    it("is believed when it is a device, and then not asked again", async () => {
      const { isapi, http } = at({ [INFO]: reply(200, "<DeviceInfo><model>X</model></DeviceInfo>") }, NOT_FOUND);
      for (let n = 0; n < 3; n++)
        assert.equal((await failure(isapi.get("/ISAPI/Streaming/channels/1"))).code, "notSupported");
      assert.equal(http.paths.filter((path) => path === INFO).length, 1);
    });

    it("is not asked where the answer is ISAPI's own, or was before", async () => {
      const { isapi, http } = at({ "/ISAPI/a": NOT_SUPPORTED }, NOT_FOUND);
      await failure(isapi.get("/ISAPI/a"));
      assert.equal((await failure(isapi.get("/ISAPI/c"))).code, "notSupported");
      const other = at({ "/ISAPI/b": reply(200, "<Time/>") }, NOT_FOUND);
      await other.isapi.get("/ISAPI/b");
      assert.equal((await failure(other.isapi.get("/ISAPI/c"))).code, "notSupported");
      assert.deepEqual([...http.paths, ...other.http.paths], ["/ISAPI/a", "/ISAPI/c", "/ISAPI/b", "/ISAPI/c"]);
    });

    it("keeps its first answer where the question fails", async () => {
      const { isapi } = at({ [INFO]: new RetryableError("offline", say`Cut.`) }, NOT_FOUND);
      assert.equal((await failure(isapi.get("/ISAPI/c"))).code, "notSupported");
    });
  });

  it("gives every error its own device, also when the transport forgot it", async () => {
    const bare = new RetryableError("timeout", say`Slow.`);
    assert.equal(await failure(device([bare]).isapi.get("/x")), bare);
  });

  it("lets a bug be a bug: an unknown error comes through as it is", async () => {
    await assert.rejects(device([new TypeError("bug")]).isapi.get("/x"), TypeError);
  });
});
