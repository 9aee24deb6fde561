import assert from "node:assert/strict";
import { setMaxListeners } from "node:events";
import { codeOf } from "../../src/lib/errors";
import { DocumentChanges, type DocumentChange } from "../../src/control/document-changes";
import { WriteQueue } from "../../src/control/write-queue";
import { Isapi } from "../../src/isapi/isapi";
import type { HttpReply, HttpRequest } from "../../src/http/device-http";
import { FakeClock } from "../support/fake-clock";
import { FakeHttp, OK, reply, status, type Answer } from "../isapi/fake-http";

const PATH = "/ISAPI/x";
const DOCUMENT =
  '<?xml version="1.0" encoding="UTF-8"?>\n<A version="2.0" xmlns="u">\n<enabled opt="true,false">false</enabled>\n<level>60</level>\n<B xmlns="u"><enabled>true</enabled></B>\n</A>\n';

/** A device that keeps one document, and does to a write what the test says. */
function deviceWith(put: (written: string, stored: { text: string }) => Answer = accept, first = DOCUMENT) {
  const stored = { text: first };
  const http = new FakeHttp(({ method, body }: HttpRequest) =>
    method === "GET" ? reply(200, stored.text, { "content-type": "application/xml" }) : put(String(body), stored),
  );
  const isapi = new Isapi(http, { clock: new FakeClock() });
  const changes = new DocumentChanges(isapi, new WriteQueue());
  const change = (
    values: DocumentChange["values"] | Record<string, string | number | boolean>,
    more: Partial<DocumentChange> = {},
  ) =>
    changes.change({ path: PATH, values: values instanceof Map ? values : new Map(Object.entries(values)), ...more });
  const methods = (): string => http.requests.map(({ method }) => method).join(" ");
  return { stored, http, change, methods };
}

function accept(written: string, stored: { text: string }): HttpReply {
  stored.text = written;
  return OK;
}

async function codeFrom(run: Promise<unknown>): Promise<string | undefined> {
  return run.then(
    () => undefined,
    (error: unknown) => codeOf(error),
  );
}

describe("one setting changed in a device's document", () => {
  it("is read, read again, written with every other byte as it was, and read back", async () => {
    const { change, stored, methods } = deviceWith();
    const { before, after, changed, refused, rebootRequired } = await change({ enabled: true, "B/enabled": "false" });
    assert.deepEqual(before, { enabled: "false", "B/enabled": "true" });
    assert.deepEqual(after, { enabled: "true", "B/enabled": "false" });
    assert.deepEqual([changed, refused, rebootRequired], [["enabled", "B/enabled"], [], false]);
    assert.equal(methods(), "GET GET PUT GET");
    assert.equal(stored.text, DOCUMENT.replace('">false<', '">true<').replace("<enabled>true<", "<enabled>false<"));
  });

  it("goes past the writes that wait where the caller holds the queue, and past all requests where it is urgent", async () => {
    const stored = { text: DOCUMENT };
    const http = new FakeHttp(({ method, body }) =>
      method === "GET" ? reply(200, stored.text, { "content-type": "application/xml" }) : accept(String(body), stored),
    );
    const writes = new WriteQueue();
    const changes = new DocumentChanges(new Isapi(http, { clock: new FakeClock() }), writes);
    const done = new AbortController();
    const held = writes.run(() => new Promise((resolve) => done.signal.addEventListener("abort", resolve)));
    const change = (enabled: boolean, urgent: boolean) =>
      changes.change({ path: PATH, values: new Map([["enabled", enabled]]), queued: false, urgent });
    assert.deepEqual((await change(true, false)).changed, ["enabled"]);
    assert.deepEqual((await change(false, true)).changed, ["enabled"]);
    assert.equal(stored.text, DOCUMENT);
    const sent = http.requests.map(({ method, lane }) => `${method} ${lane}`);
    assert.deepEqual(sent.slice(0, 4), ["GET read", "GET read", "PUT change", "GET read"]);
    assert.deepEqual(sent.slice(4), ["GET stop", "PUT stop", "GET stop"]);
    done.abort();
    await held;
  });

  it("is not written where nothing differs, whichever way the value is written", async () => {
    const { change, methods } = deviceWith();
    for (const values of [{ enabled: false, level: 60 }, { enabled: "false", level: "60" }, { level: 60.0 }]) {
      const { changed, refused, before, after } = await change(values);
      assert.deepEqual([changed, refused, after], [[], [], before]);
    }
    assert.equal(methods(), "GET GET GET");
  });

  it("leaves what has its value already as the device writes it", async () => {
    const { change, stored } = deviceWith(accept, DOCUMENT.replace("60", "60.0"));
    const { changed } = await change({ level: 60, enabled: true });
    assert.deepEqual(changed, ["enabled"]);
    assert.match(stored.text, /<level>60\.0</);
  });

  it("is only told in a dry run", async () => {
    const { change, stored, methods } = deviceWith();
    const { before, after, changed, refused } = await change({ enabled: true, level: 60 }, { dryRun: true });
    assert.deepEqual(
      [before, after],
      [
        { enabled: "false", level: "60" },
        { enabled: "true", level: "60" },
      ],
    );
    assert.deepEqual([changed, refused], [["enabled"], []]);
    assert.deepEqual([methods(), stored.text], ["GET", DOCUMENT]);
  });

  it("is told as refused where the device says OK and keeps its own", async () => {
    const { change } = deviceWith((written, stored) => accept(written.replace("<level>99", "<level>90"), stored));
    const { after, changed, refused } = await change({ enabled: true, level: 99 });
    assert.deepEqual([after, changed, refused], [{ enabled: "true", level: "90" }, ["enabled"], ["level"]]);
    const ignoring = deviceWith(() => OK);
    const result = await ignoring.change({ enabled: true });
    assert.deepEqual([result.changed, result.refused, result.after], [[], ["enabled"], { enabled: "false" }]);
  });

  it("is told as refused where the device takes the leaf away", async () => {
    const { change } = deviceWith((written, stored) => accept(written.replace(/<level>.*<\/level>\n/, ""), stored));
    const { after, changed, refused } = await change({ level: 1 });
    assert.deepEqual([after, changed, refused], [{}, [], ["level"]]);
  });

  it("is not written where leaf or parent is absent, even beside one that is there", async () => {
    for (const values of [{ enabled: true, other: 1 }, { "C/enabled": 1 }, { "B[2]/enabled": 1 }] as Record<
      string,
      boolean | number
    >[]) {
      const { change, methods } = deviceWith();
      assert.equal(await codeFrom(change(values)), "notFound");
      assert.equal(methods(), "GET");
    }
  });

  it("is busy and not written when the document moves between the two reads, white space apart", async () => {
    for (const [moved, code] of [
      [DOCUMENT.replace("60", "61"), "busy"],
      [DOCUMENT.replace(/\n/g, "\r\n\t"), undefined],
    ] as const) {
      let gets = 0;
      let puts = 0;
      const http = new FakeHttp(({ method }) => {
        if (method === "PUT") puts += 1;
        else gets += 1;
        return method === "PUT" ? OK : reply(200, gets === 1 ? DOCUMENT : moved);
      });
      const changes = new DocumentChanges(new Isapi(http), new WriteQueue());
      const result = await codeFrom(changes.change({ path: PATH, values: new Map([["enabled", true]]) }));
      assert.deepEqual([result, puts], [code, code === "busy" ? 0 : 1]);
    }
  });

  it("goes one after another on one device: none undoes another", async () => {
    const { change, stored, http } = deviceWith();
    await Promise.all([
      change({ enabled: true }),
      change({ level: 7 }),
      change({ "B/enabled": false }),
      change({ level: 8 }),
    ]);
    assert.match(stored.text, /">true<[^]*<level>8<[^]*<enabled>false</);
    assert.equal(http.mostUnderWay, 1);
  });

  it("is written once: a device that is busy, or whose answer is lost, is not written again", async () => {
    for (const [answer, code] of [
      [status(503, 2, "deviceBusy"), "busy"],
      [status(500, 3, "deviceError"), "protocol"],
      [status(400, 6, "badXmlContent"), "badRequest"],
    ] as const) {
      const { change, methods } = deviceWith(() => answer);
      assert.equal(await codeFrom(change({ enabled: true })), code);
      assert.equal(methods(), "GET GET PUT");
    }
  });

  it("goes once more without its XML declaration where the device refuses it without a word", async () => {
    const { change, stored, methods } = deviceWith((written, kept) =>
      written.startsWith("<?xml") ? reply(400, "") : accept(written, kept),
    );
    assert.deepEqual((await change({ enabled: true })).changed, ["enabled"]);
    assert.equal(methods(), "GET GET PUT PUT GET");
    assert.ok(stored.text.startsWith('<A version="2.0"'));
    const without = deviceWith(() => reply(400, ""), DOCUMENT.replace(/^.*\n/, ""));
    assert.equal(await codeFrom(without.change({ enabled: true })), "badRequest");
    assert.equal(without.methods(), "GET GET PUT");
  });

  it("says that a restart is needed where the device does", async () => {
    const { change } = deviceWith((written, stored) => {
      accept(written, stored);
      return status(200, 7, "rebootRequired");
    });
    assert.equal((await change({ enabled: true })).rebootRequired, true);
  });

  it("needs something to change", async () => {
    const { change, methods } = deviceWith();
    assert.equal(await codeFrom((async () => change({}))()), "badRequest");
    assert.equal(methods(), "");
  });

  it("lets no more than a hundred wait, and those that wait leave when they are stopped", async () => {
    const http = new FakeHttp(() => new Promise<never>(() => undefined));
    const changes = new DocumentChanges(new Isapi(http), new WriteQueue());
    const stop = new AbortController();
    setMaxListeners(0, stop.signal);
    const one = { path: PATH, values: new Map([["enabled", true]]), signal: stop.signal };
    const all = Array.from({ length: 101 }, () => codeFrom(changes.change(one)));
    assert.equal(await all.at(-1), "busy");
    stop.abort();
    const codes = await Promise.all(all.slice(1));
    assert.deepEqual([...new Set(codes)].sort(), ["aborted", "busy"]);
  });
});
