import { strict as assert } from "node:assert";
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";
import { FatalError, isHikvisionError, type HikvisionError } from "../../src/lib/errors";
import { say } from "../../src/lib/sentence";
import type { DeviceHttp, HttpMode, HttpRequest } from "../../src/http/device-http";
import { FakeClock, settle } from "../support/fake-clock";
import { QuirkyServer, type Quirks } from "./quirky-server";
import { deviceHttp as newDeviceHttp, outcomes, times } from "./support";
import { until } from "../support/until";

/** Either way to read HTTP keeps the same promises. */
for (const mode of ["strict", "lenient"] as const satisfies readonly HttpMode[]) {
  const deviceHttp: typeof newDeviceHttp = (port, password, more) =>
    newDeviceHttp(port, password, { http: mode, ...more });

  describe(`HTTP with a device, read ${mode}`, () => {
    let server: QuirkyServer;
    let http: DeviceHttp;

    const start = async (quirks?: Quirks): Promise<void> => {
      server = await QuirkyServer.start(quirks);
      http = deviceHttp(server.port);
    };
    afterEach(async () => {
      await http.close();
      await server.close();
    });
    const get = (path: string, more: Partial<HttpRequest> = {}) => http.request({ method: "GET", path, ...more });
    const failure = async (promise: Promise<unknown>): Promise<HikvisionError> => {
      const error: unknown = await promise.then(
        () => assert.fail("should have failed"),
        (reason: unknown) => reason,
      );
      assert.ok(isHikvisionError(error), String(error));
      assert.deepEqual(error.cause.device, http.identity);
      return error;
    };

    describe("a command", () => {
      it("brings status, headers and the whole body", async () => {
        const picture = Buffer.from(times(100_000, (i) => i % 251));
        await start({
          answer: (_request, response) =>
            response.writeHead(404, { "content-type": "image/jpeg", "x-a": ["1", "2"] }).end(picture),
        });
        const reply = await get("/ISAPI/Streaming/channels/101/picture");
        assert.equal(reply.statusCode, 404);
        assert.equal(reply.headers["content-type"], "image/jpeg");
        assert.ok(reply.body.equals(picture));
      });

      it("shows the head of an answer before its body is read: it may be refused, or get another deadline", async () => {
        await start({
          answer: (_request, response) => {
            response.writeHead(200, { "content-type": "multipart/mixed" });
            response.write("--x");
          },
        });
        const refused = await failure(
          get("/endless", {
            onHead: ({ statusCode, headers }) => {
              assert.deepEqual([statusCode, headers["content-type"]], [200, "multipart/mixed"]);
              throw new FatalError("badRequest", say`endless`);
            },
          }),
        );
        assert.equal(refused.code, "badRequest");
        await until(() => server.sockets.size === 0, "the connection is cut");
        const late = await failure(get("/endless", { timeoutMs: 60_000, onHead: () => 20 }));
        assert.equal(late.code, "timeout");
        assert.match(late.message, /0 s/);
      });

      it("may be a GET with a body, and carries its headers", async () => {
        await start({ answer: (request, response) => response.end(JSON.stringify(request.headers)) });
        const { body } = await get("/x", { body: "<a/>", contentType: "application/xml", headers: { "X-Own": "1" } });
        const headers = JSON.parse(body.toString()) as Record<string, string>;
        assert.equal(headers["content-type"], "application/xml");
        assert.equal(headers["content-length"], "4");
        assert.equal(headers["x-own"], "1");
        assert.equal(server.requests.at(-1)?.body, "<a/>");
      });

      it("sends a Buffer byte for byte", async () => {
        await start();
        await http.request({ method: "PUT", path: "/x", body: Buffer.from("äö") });
        assert.deepEqual(
          server.requests.map(({ body }) => body),
          ["äö", "äö"],
        );
      });

      it("may have a path with spaces, quotes and letters beyond ASCII; what is encoded stays", async () => {
        await start();
        const paths = ["/a b?x=%20&y=ü\"\\'", "/ISAPI/Streaming/tracks/101?starttime=20260301T120000Z", "/\ud800"];
        for (const path of paths) assert.equal((await get(path)).statusCode, 200);
        assert.equal(server.authorized[0]?.path, "/a%20b?x=%20&y=%C3%BC%22%5C'");
      });

      it("shares two connections with all others: 200 at once", async () => {
        await start();
        assert.deepEqual(
          await outcomes(times(200, (i) => get(`/${i}`))),
          times(200, () => "ok"),
        );
        assert.ok(server.connections <= 2, `${server.connections} connections`);
      });

      it("fails when the answer is larger than allowed, announced or not, and goes on after that", async () => {
        await start({
          answer: (request, response) => {
            if (request.url === "/chunked") response.write(Buffer.alloc(50_000));
            response.end(Buffer.alloc(60_000));
          },
        });
        for (const path of ["/announced", "/chunked"]) {
          const error = await failure(get(path, { maxBytes: 59_999 }));
          assert.equal(error.code, "protocol");
          assert.match(error.message, /more than 59 KiB/);
        }
        assert.equal((await get("/announced", { maxBytes: 60_000 })).body.length, 60_000);
      });

      it("accepts 60 KB of headers and refuses endless ones", async () => {
        let size = 60_000;
        await start({ answer: (_request, response) => response.setHeader("x-big", "x".repeat(size)).end() });
        assert.equal((await get("/")).statusCode, 200);
        size = 70_000;
        const error = await failure(get("/"));
        assert.equal(error.code, "protocol");
        assert.match(error.message, /too many headers/);
      });

      it("is in time or fails with timeout: silent before the headers, or within the body", async () => {
        await start({
          answer: (request, response) => {
            if (request.url === "/body") response.writeHead(200, { "content-length": 10 }).write("12345");
          },
        });
        for (const path of ["/headers", "/body"]) {
          const error = await failure(get(path, { timeoutMs: 80 }));
          assert.equal(error.code, "timeout");
          assert.match(error.message, /127\.0\.0\.1 port \d+ did not answer within 0\.1 s/);
        }
      });

      it("has its deadline while it waits for a connection, too", async () => {
        await start({ answer: () => undefined });
        const slow = outcomes(times(2, () => get("/slow")));
        await until(() => server.authorized.length >= 1, "one is under way");
        assert.equal((await failure(get("/x", { timeoutMs: 50 }))).code, "timeout");
        await http.close();
        assert.deepEqual(await slow, ["aborted", "aborted"]);
      });

      it("fails with offline when the device cuts the connection, before or in the answer", async () => {
        await start({
          answer: (request, response) => {
            if (request.url === "/body") {
              response.writeHead(200, { "content-length": 10 }).write("12345");
              setTimeout(() => response.destroy(), 10);
            } else request.socket.resetAndDestroy();
          },
        });
        assert.equal((await failure(get("/reset"))).code, "offline");
        assert.equal((await failure(get("/body"))).code, "offline");
        assert.equal(server.authorized.length, 2, "nothing is repeated");
      });

      it("goes on over a new connection after the device closed the idle one", async () => {
        await start();
        await get("/");
        for (const socket of server.sockets) socket.end();
        await until(() => server.sockets.size === 0, "closed");
        assert.equal((await get("/")).statusCode, 200);
      });

      it("with a line break in the user name fails in words, nothing is sent", async () => {
        await start();
        const broken = deviceHttp(server.port, "right", { credentials: { username: "a\nb", password: "right" } });
        const [code] = await outcomes([broken.request({ method: "GET", path: "/" })]);
        await broken.close();
        assert.equal(code, "badRequest");
        assert.deepEqual(server.verdicts, ["anonymous"]);
      });
    });

    describe("an abort", () => {
      for (const [stage, quirks] of [
        ["before the headers", { answer: () => undefined }],
        [
          "within the body",
          { answer: (_request, response) => void response.writeHead(200, { "content-length": 9 }).write("1") },
        ],
        ["within the challenge", { before: () => true }],
      ] as [string, Quirks][])
        it(`ends a command at once ${stage}, and its connection for good`, async () => {
          await start();
          if (quirks.answer) await get("/");
          server.quirks = quirks;
          const [requests, connections] = [server.requests.length, Math.max(1, server.connections)];
          const stop = new AbortController();
          const pending = failure(get("/", { signal: stop.signal }));
          await until(() => server.requests.length > requests, "under way");
          await settle();
          stop.abort();
          assert.equal((await pending).code, "aborted");
          await until(() => server.sockets.size === 0, "the socket is closed");
          await new Promise((resolve) => setTimeout(resolve, 20));
          assert.equal(server.connections, connections, "no connection is opened for nobody");
        });

      it("ends commands that wait for a connection at once", async () => {
        await start({ answer: () => undefined });
        const stop = new AbortController();
        const others = outcomes(times(3, () => get("/slow")));
        const pending = outcomes(times(5, () => get("/", { signal: stop.signal })));
        stop.abort();
        assert.deepEqual(
          await pending,
          times(5, () => "aborted"),
        );
        await http.close();
        await others;
      });

      it("before the start sends nothing", async () => {
        await start();
        assert.equal((await failure(get("/", { signal: AbortSignal.abort() }))).code, "aborted");
        assert.equal(server.connections, 0);
      });

      it("leaves no listener on a signal that lives on", async () => {
        await start();
        let listeners = 0;
        const { signal } = new AbortController();
        const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
        signal.addEventListener = (...args: Parameters<typeof add>) => {
          listeners++;
          add(...args);
        };
        signal.removeEventListener = (...args: Parameters<typeof remove>) => {
          listeners--;
          remove(...args);
        };
        await Promise.all(times(5, () => get("/", { signal })));
        const { body } = await http.openEndless({ method: "GET", path: "/", signal });
        body.resume();
        await until(() => body.closed, "ended");
        assert.equal(listeners, 0);
      });
    });

    describe("an endless stream", () => {
      const endless: Quirks = {
        answer: (request, response) => {
          if (request.url?.startsWith("/short")) response.end("short");
          else response.writeHead(200, { "content-type": "multipart/mixed; boundary=b" }).write("part");
        },
      };

      it("has a connection of its own, logs in by itself and hinders no command", async () => {
        await start(endless);
        const stream = await http.openEndless({ method: "GET", path: "/stream" });
        assert.equal(stream.headers["content-type"], "multipart/mixed; boundary=b");
        const [chunk] = (await stream.body.take(1).toArray()) as [Buffer];
        assert.equal(chunk.toString(), "part");
        assert.deepEqual(
          await outcomes(times(10, () => get("/short"))),
          times(10, () => "ok"),
        );
      });

      it("is given up when no headers come, but not when it is silent afterwards", async () => {
        const clock = new FakeClock();
        await start(endless);
        const timed = deviceHttp(server.port, "right", { clock });
        const { body } = await timed.openEndless({ method: "GET", path: "/stream" });
        assert.equal(clock.pending, 0, "no timer is left on an open stream");
        server.quirks = { answer: () => undefined };
        const late = outcomes([timed.openEndless({ method: "GET", path: "/stream" })]);
        await until(() => server.authorized.length === 2, "under way");
        await clock.advance(10_000);
        assert.deepEqual(await late, ["timeout"]);
        assert.equal(body.destroyed, false);
        await timed.close();
      });

      it("closes its socket when its body is destroyed", async () => {
        await start(endless);
        const { body } = await http.openEndless({ method: "GET", path: "/stream" });
        await until(() => server.sockets.size === 1, "open");
        body.destroy();
        await until(() => server.sockets.size === 0, "closed");
      });

      it("ends with the abort of its signal, and says so", async () => {
        await start(endless);
        const stop = new AbortController();
        const { body } = await http.openEndless({ method: "GET", path: "/stream", signal: stop.signal });
        const ended = outcomes([body.toArray()]);
        stop.abort();
        assert.deepEqual(await ended, ["aborted"]);
        await until(() => server.sockets.size === 0, "closed");
      });

      it("ends with a typed error when the device cuts it", async () => {
        await start(endless);
        const { body } = await http.openEndless({ method: "GET", path: "/stream" });
        const ended = outcomes([body.toArray()]);
        for (const socket of server.sockets) socket.resetAndDestroy();
        assert.deepEqual(await ended, ["offline"]);
      });

      it("that nobody reads and that is cut throws nothing into the process", async () => {
        await start(endless);
        const { body } = await http.openEndless({ method: "GET", path: "/stream" });
        for (const socket of server.sockets) socket.resetAndDestroy();
        await until(() => body.destroyed, "destroyed");
      });

      it("that has come whole and is thrown away unread throws nothing into the process", async () => {
        await start(endless);
        const { body } = await http.openEndless({ method: "GET", path: "/short" });
        await until(() => server.sockets.size === 1, "answered");
        await new Promise((resolve) => setTimeout(resolve, 20));
        body.destroy();
        await until(() => body.closed, "closed");
        await settle();
      });

      it("is a reply too when the device refuses it", async () => {
        await start({ answer: (_request, response) => response.writeHead(503).end("busy") });
        const { statusCode, body } = await http.openEndless({ method: "GET", path: "/stream" });
        assert.equal(statusCode, 503);
        assert.equal(Buffer.concat((await body.toArray()) as Buffer[]).toString(), "busy");
        await until(() => server.sockets.size === 0, "closed");
      });
    });

    describe("a download", () => {
      it("arrives byte for byte beside commands, and frees its connection", async () => {
        const film = Buffer.alloc(8 * 1024 * 1024, "film");
        await start({ answer: (_request, response) => response.end(film) });
        const { body } = await http.stream({ method: "GET", path: "/ISAPI/ContentMgmt/download", body: "<a/>" });
        assert.ok(Buffer.concat((await body.toArray()) as Buffer[]).equals(film));
        await until(() => server.sockets.size === 0, "closed");
      });

      it("may take longer than its timeout, but not fall silent for so long", async () => {
        await start({
          answer: (_request, response) => {
            response.writeHead(200, { "content-length": 100 });
            let sent = 0;
            const timer = setInterval(() => (++sent > 8 ? clearInterval(timer) : response.write("x")), 100);
          },
        });
        const { body } = await http.stream({ method: "GET", path: "/", timeoutMs: 500 });
        let bytes = 0;
        body.on("data", (chunk: Buffer) => (bytes += chunk.length));
        assert.deepEqual(await outcomes([new Promise((_resolve, reject) => body.once("error", reject))]), ["timeout"]);
        assert.equal(bytes, 8);
      });
    });

    describe("an answer for a socket of one's own", () => {
      const tryIt = async (path: string): Promise<number> => {
        const authorization = await http.authorization("PUT", path);
        const reply = await fetch(`http://127.0.0.1:${server.port}${path}`, {
          method: "PUT",
          headers: authorization === undefined ? {} : { authorization },
        });
        await reply.arrayBuffer();
        return reply.status;
      };
      for (const [title, quirks] of [
        ["at a cold start", {}],
        ["where a nonce serves once", { nonceUses: 1 }],
        ["where a nonce serves twice", { nonceUses: 2 }],
        ["with SHA-256", { algorithm: "SHA-256" }],
        ["where no login is needed", { needsLogin: () => false }],
      ] as [string, Quirks][])
        it(`lets it in ${title}`, async () => {
          await start(quirks);
          for (let i = 0; i < 4; i++) await get("/");
          assert.equal(await tryIt("/ISAPI/System/TwoWayAudio/channels/1/audioData?a=1"), 200);
        });

      it("renews an aged nonce first", async () => {
        await start();
        await get("/");
        server.expire();
        assert.equal(await tryIt("/audio"), 200);
      });

      it("fails where the password is refused", async () => {
        await start({ password: "other" });
        assert.equal((await failure(http.authorization("PUT", "/audio"))).code, "unauthorized");
      });
    });

    describe("close", () => {
      it("cuts commands, waiters, streams and idle connections, and leaves no socket", async () => {
        await start({
          answer: (request, response) => {
            if (request.url === "/short") response.end("x");
            else if (request.url === "/stream") response.writeHead(200).write("x");
          },
        });
        await Promise.all(times(4, () => get("/short")));
        const { body } = await http.openEndless({ method: "GET", path: "/stream" });
        const streamed = outcomes([body.toArray()]);
        const pending = outcomes([...times(5, () => get("/slow")), http.openEndless({ method: "GET", path: "/slow" })]);
        await until(() => server.requests.filter(({ path }) => path === "/slow").length === 3, "under way");
        const started = performance.now();
        await http.close();
        assert.ok(performance.now() - started < 200);
        assert.deepEqual(
          await pending,
          times(6, () => "aborted"),
        );
        assert.deepEqual(await streamed, ["aborted"]);
        await until(() => server.sockets.size === 0, "no socket is left");
      });

      it("can be called again, and nothing is sent after it", async () => {
        await start();
        await get("/");
        await Promise.all([http.close(), http.close()]);
        await http.close();
        const sent = server.requests.length;
        assert.equal((await failure(get("/"))).code, "aborted");
        assert.equal((await failure(http.openEndless({ method: "GET", path: "/" }))).code, "aborted");
        assert.equal(server.requests.length, sent);
      });

      it("leaves no timer", async () => {
        const clock = new FakeClock();
        await start({
          answer: (request, response) => {
            if (request.url === "/short") response.end("x");
          },
        });
        const timed = deviceHttp(server.port, "right", { clock });
        await timed.request({ method: "GET", path: "/short" });
        assert.equal(clock.pending, 0);
        const pending = outcomes(times(5, () => timed.request({ method: "GET", path: "/slow" })));
        await until(() => server.authorized.length >= 3, "under way");
        await timed.close();
        assert.deepEqual(
          await pending,
          times(5, () => "aborted"),
        );
        assert.equal(clock.pending, 0);
      });

      it("does not wait for a connection that is still being made", async () => {
        await start();
        // 192.0.2.0/24 is reserved for documentation: nobody answers, or there is no route.
        const far = deviceHttp(80, "right", { address: { protocol: "http", host: "192.0.2.1", port: 80 } });
        const pending = outcomes([far.request({ method: "GET", path: "/" })]);
        await settle();
        const started = performance.now();
        await far.close();
        assert.ok(performance.now() - started < 200);
        assert.match((await pending)[0] ?? "", /^(aborted|offline)$/);
      });
    });
  });

  describe(`an unreachable device, read ${mode}`, () => {
    const attempt = async (
      address: { protocol?: "http" | "https"; host?: string; port: number },
      timeoutMs?: number,
    ): Promise<{ code: string; message: string }> => {
      const http = deviceHttp(address.port, "right", {
        address: { protocol: address.protocol ?? "http", host: address.host ?? "127.0.0.1", port: address.port },
      });
      try {
        await http.request({ method: "GET", path: "/", ...(timeoutMs !== undefined && { timeoutMs }) });
        return assert.fail("should have failed");
      } catch (error) {
        assert.ok(isHikvisionError(error), String(error));
        return { code: error.code, message: error.message };
      } finally {
        await http.close();
      }
    };
    const serving = async <T>(serve: (socket: Socket) => void, use: (port: number) => Promise<T>): Promise<T> => {
      const sockets = new Set<Socket>();
      const server: Server = createTcpServer((socket) => {
        sockets.add(socket);
        socket.on("error", () => undefined);
        serve(socket);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      try {
        return await use((server.address() as AddressInfo).port);
      } finally {
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      }
    };
    const closedPort = (): Promise<number> =>
      serving(
        () => undefined,
        (port) => Promise.resolve(port),
      );

    it("that refuses the connection is offline, host and port said", async () => {
      const port = await closedPort();
      const { code, message } = await attempt({ port });
      assert.equal(code, "offline");
      assert.match(message, new RegExp(`Nothing answers at 127\\.0\\.0\\.1 port ${port}: the connection is refused`));
    });

    it("with an unknown name is offline, and the name is said", async () => {
      const { code, message } = await attempt({ host: "no-such-camera.invalid", port: 80 });
      assert.equal(code, "offline");
      assert.match(message, /The name no-such-camera\.invalid is unknown/);
    });

    it("with an impossible address says so", async () => {
      const { code, message } = await attempt({ host: "my camera", port: 80 });
      assert.equal(code, "badRequest");
      assert.match(message, /"my camera" with port 80 is no address/);
    });

    it("that cuts every connection is offline", async () => {
      assert.equal(
        (
          await serving(
            (socket) => socket.resetAndDestroy(),
            (port) => attempt({ port }),
          )
        ).code,
        "offline",
      );
    });

    it("that accepts and says nothing is a timeout", async () => {
      assert.equal(
        (
          await serving(
            () => undefined,
            (port) => attempt({ port }, 60),
          )
        ).code,
        "timeout",
      );
    });

    for (const [title, bytes, code, words] of [
      ["binary junk", Buffer.from([0, 1, 2, 3, 255]), "protocol", /not in HTTP/],
      ["a TLS alert", Buffer.from([0x15, 3, 1, 0, 2, 2, 0x46]), "protocol", /speaks HTTPS. Choose HTTPS/],
      [
        "a header line without a colon",
        "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n",
        "protocol",
        mode === "strict" ? /breaks the rules.* set "HTTP answers" to "lenient"/ : /not in HTTP/,
      ],
    ] as const)
      it(`that is ${title} is told apart`, async () => {
        const result = await serving(
          (socket) => void socket.once("data", () => socket.write(bytes)),
          (port) => attempt({ port }),
        );
        assert.equal(result.code, code);
        assert.match(result.message, words);
      });

    it("that speaks plain HTTP where HTTPS is set says so", async () => {
      const result = await serving(
        (socket) => void socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
        (port) => attempt({ port, protocol: "https" }),
      );
      assert.equal(result.code, "tls");
      assert.match(result.message, /does not speak HTTPS. Choose HTTP/);
    });
  });
}
