import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { DeviceHttp } from "../../src/http/device-http";
import { Isapi } from "../../src/isapi/isapi";
import { codeOf } from "../../src/lib/errors";
import { FakeClock, settle } from "../support/fake-clock";
import { until } from "../support/until";
import { deviceHttp } from "./support";

const OK = "<ResponseStatus><statusCode>1</statusCode></ResponseStatus>";

describe("requests that wait for a device", () => {
  let server: Server;
  let http: DeviceHttp;
  let isapi: Isapi;
  let clock: FakeClock;
  const asked: string[] = [];

  /** Answers all but what contains "hung"; what contains "drip" is answered a byte at a time, without end. */
  before(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? "");
      if (request.url?.includes("hung")) return;
      if (request.url?.includes("drip")) {
        response.writeHead(200, { "Content-Type": "application/xml" });
        const timer = setInterval(() => response.write(" "), 5);
        response.on("close", () => clearInterval(timer));
        return;
      }
      response.end(OK);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  beforeEach(async () => {
    clock = new FakeClock();
    http = deviceHttp((server.address() as AddressInfo).port, "right", { clock });
    isapi = new Isapi(http, { clock });
    // Until the device has told whether it wants a login, one request goes at a time.
    await isapi.get("/first");
    asked.length = 0;
  });
  afterEach(async () => {
    isapi.close();
    await http.close();
  });

  it("let a move pass 1000 snapshots at a device whose pictures hang, and refuse most of them, naming how many wait", async () => {
    const outcomes = Array.from({ length: 1000 }, () =>
      isapi.bytes("/hung/picture", { lane: "picture" }).catch((error: unknown) => error),
    );
    await until(() => asked.length === 1, "one picture asked for");
    assert.ok(await isapi.put("/move", "<a/>"));
    assert.ok(await isapi.get("/status"));
    assert.deepEqual(asked, ["/hung/picture", "/move", "/status"]);
    isapi.close();
    await http.close();
    const errors = await Promise.all(outcomes);
    const busy = errors.filter((error) => codeOf(error) === "busy");
    assert.equal(busy.length, 949);
    assert.match(String(busy[0]), /^50 requests of this kind wait for the device already/);
    assert.equal(errors.filter((error) => codeOf(error) === "aborted").length, 51);
  });

  it("are 200 of each other kind at most; a stop is never too many", async () => {
    for (const [lane, path] of [
      ["change", "/change"],
      ["read", "/read"],
      ["background", "/background"],
    ] as const) {
      const slow = [1, 2].map((one) => isapi.put(`/hung/${lane}${one}`).catch(codeOf));
      await until(() => asked.filter((url) => url.startsWith(`/hung/${lane}`)).length === 2, "both are taken");
      const outcomes = Array.from({ length: 220 }, () => isapi.reply("GET", path, { lane }).then(() => "ok", codeOf));
      const told = await Promise.all(outcomes.slice(200));
      assert.deepEqual(new Set(told), new Set(["busy"]), lane);
      // A stop changes something: it would wait among the changes.
      const stops = Array.from({ length: lane === "change" ? 250 : 1 }, () =>
        isapi.put("/stop", undefined, { urgent: true }),
      );
      await Promise.all(stops);
      await clock.advance(10_000);
      assert.deepEqual(new Set(await Promise.all(outcomes.slice(0, 200))), new Set(["ok"]), lane);
      await Promise.all(slow);
    }
  });

  it("go in the order stop, change, read, picture, background", async () => {
    const slow = [1, 2].map((one) => isapi.put(`/hung/${one}`).catch(codeOf));
    await until(() => asked.length === 2, "both connections are taken");
    const waiting = [
      isapi.get("/background", { lane: "background" }),
      isapi.get("/picture", { lane: "picture" }),
      isapi.get("/read"),
      isapi.put("/change"),
      isapi.put("/stop", undefined, { urgent: true }),
    ];
    await waiting[4];
    assert.deepEqual(asked.slice(2), ["/stop"], "at once, on a connection of its own");
    await clock.advance(10_000);
    await Promise.all([...slow, ...waiting]);
    assert.deepEqual(asked.slice(2, 4), ["/stop", "/change"]);
    assert.deepEqual([...asked.slice(4, 6)].sort(), ["/picture", "/read"]);
    assert.equal(asked.at(-1), "/background");
  });

  it("leave the last connection to others when nobody asked for them", async () => {
    const slow = isapi.put("/hung").catch(codeOf);
    await until(() => asked.length === 1, "one connection is taken");
    const background = isapi.get("/background", { lane: "background" });
    await settle();
    assert.ok(await isapi.get("/read"));
    assert.deepEqual(asked, ["/hung", "/read"]);
    await clock.advance(10_000);
    assert.equal(await slow, "timeout");
    await background;
  });

  it("of stops take eight connections of their own at most: more wait for each other, and for nothing else", async () => {
    let sockets = 0;
    const count = (): number => (sockets += 1);
    server.on("connection", count);
    const slow = [1, 2].map((one) => isapi.put(`/hung/${one}`).catch(codeOf));
    await until(() => asked.length === 2, "both connections are taken");
    const stops = Array.from({ length: 100 }, () => isapi.put("/hung/stop", undefined, { urgent: true }).catch(codeOf));
    await until(() => asked.length === 10, "eight stops are sent");
    await settle();
    assert.ok(sockets <= 10, `${sockets} connections`);
    const read = isapi.get("/read").catch(codeOf);
    await clock.advance(10_000);
    assert.deepEqual(new Set(await Promise.all([...slow, ...stops.slice(0, 8)])), new Set(["timeout"]));
    isapi.close();
    await http.close();
    await Promise.all([...stops, read]);
    server.off("connection", count);
  });

  it("end in all, not byte by byte: a stop whose answer drips is a timeout, with and without a free connection", async () => {
    const ended = isapi.put("/drip", undefined, { urgent: true, timeoutMs: 2_000 }).catch(codeOf);
    await until(() => asked.length === 1, "asked");
    await clock.advance(2_000);
    assert.equal(await ended, "timeout");
    const slow = [1, 2].map((one) => isapi.put(`/hung/${one}`).catch(codeOf));
    await until(() => asked.length === 3, "both connections are taken");
    const alone = isapi.put("/drip", undefined, { urgent: true, timeoutMs: 2_000 }).catch(codeOf);
    await until(() => asked.length === 4, "asked");
    await clock.advance(2_000);
    assert.equal(await alone, "timeout");
    await clock.advance(10_000);
    assert.deepEqual(await Promise.all(slow), ["timeout", "timeout"]);
  });
});
