import { strict as assert } from "node:assert";
import { isHikvisionError, type HikvisionError } from "../../src/lib/errors";
import type { DeviceHttp, DeviceHttpOptions } from "../../src/http/device-http";
import { Logins } from "../../src/http/login";
import { FakeClock, settle } from "../support/fake-clock";
import { QuirkyServer, type Quirks } from "./quirky-server";
import { deviceHttp, outcomes, times } from "./support";
import { until } from "../support/until";

const MINUTE = 60_000;
const userCheck = (inner: string): string =>
  `<?xml version="1.0"?><userCheck version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema">
  <statusValue>401</statusValue><statusString>Unauthorized</statusString>${inner}</userCheck>`;

for (const mode of ["strict", "lenient"] as const) {
  describe(`a login over HTTP that is read ${mode}`, () => {
    let server: QuirkyServer;
    let clock: FakeClock;
    let logins: Logins;
    let opened: DeviceHttp[];

    beforeEach(() => {
      clock = new FakeClock();
      logins = new Logins({ clock });
      opened = [];
    });
    afterEach(async () => {
      await Promise.all(opened.map((http) => http.close()));
      await server.close();
    });

    const start = async (quirks?: Quirks): Promise<void> => {
      server = await QuirkyServer.start(quirks);
    };
    const open = (password = "right", more: Partial<DeviceHttpOptions> = {}): DeviceHttp => {
      const http = deviceHttp(server.port, password, { logins, http: mode, ...more });
      opened.push(http);
      return http;
    };
    const get = (http: DeviceHttp, path = "/ISAPI/System/deviceInfo", signal?: AbortSignal) =>
      http.request({ method: "GET", path, ...(signal && { signal }) });
    const failure = async (promise: Promise<unknown>): Promise<HikvisionError> => {
      const error: unknown = await promise.then(
        () => assert.fail("should have failed"),
        (reason: unknown) => reason,
      );
      assert.ok(isHikvisionError(error), String(error));
      return error;
    };

    describe("with the right password", () => {
      it("costs one challenge, then one round trip per command over one connection", async () => {
        await start();
        const http = open();
        for (let i = 0; i < 5; i++) assert.equal((await get(http)).body.toString(), "hello");
        assert.deepEqual(server.verdicts, ["anonymous", "ok", "ok", "ok", "ok", "ok"]);
        assert.deepEqual(
          server.authorized.map(({ nc }) => nc),
          [1, 2, 3, 4, 5],
        );
        assert.equal(server.connections, 1);
        assert.equal(http.login.scheme, "Digest MD5");
      });

      for (const algorithm of ["MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256"] as const)
        for (const qop of ["auth", "auth-int,auth", null])
          it(`gets in with ${algorithm} and ${qop === null ? "no qop" : `qop "${qop}"`}, query and body included`, async () => {
            await start({ algorithm, qop });
            const http = open();
            const put = {
              method: "PUT",
              path: "/ISAPI/x?a=1&b=%20",
              body: "<x/>",
              contentType: "application/xml",
            } as const;
            assert.deepEqual(
              await outcomes(times(4, () => http.request(put))),
              times(4, () => "ok"),
            );
            assert.deepEqual(
              server.requests.map(({ body }) => body),
              times(5, () => "<x/>"),
            );
            assert.equal(http.login.scheme, `Digest ${algorithm}`);
          });

      it("uses the strongest of several challenges", async () => {
        await start({
          algorithm: "SHA-256",
          challenge: (nonce) => [
            'Basic realm="x"',
            `Digest realm="IP \\"Camera\\" (C1)", nonce="${nonce}", algorithm=MD5, qop="auth", ` +
              `Digest realm="IP \\"Camera\\" (C1)", nonce="${nonce}", algorithm=SHA-256, qop="auth"`,
          ],
        });
        const http = open();
        await get(http);
        assert.equal(http.login.scheme, "Digest SHA-256");
      });

      it("fetches the challenge once for 40 cold requests, and uses the fresh nonce alone at first", async () => {
        await start();
        const http = open();
        const [one, two] = [open(), http];
        assert.deepEqual(
          await outcomes(times(40, (i) => get(i % 2 ? one : two))),
          times(40, () => "ok"),
        );
        assert.deepEqual(server.verdicts, ["anonymous", ...times(40, () => "ok")]);
        assert.equal(server.authorized[0]?.nc, 1);
        assert.equal(new Set(server.authorized.map(({ nc }) => nc)).size, 40);
      });

      it("is shared by two config nodes, whatever the case of the host", async () => {
        await start();
        const address = { protocol: "http", port: server.port } as const;
        await get(open("right", { address: { ...address, host: "LOCALHOST" } }));
        await get(open("right", { address: { ...address, host: "localhost" } }));
        assert.deepEqual(server.verdicts, ["anonymous", "ok", "ok"]);
      });

      it("lets all waiting requests out without credentials when the device asks for none", async () => {
        await start({ needsLogin: () => false });
        const http = open();
        assert.deepEqual(
          await outcomes(times(10, () => get(http))),
          times(10, () => "ok"),
        );
        assert.deepEqual(
          server.verdicts,
          times(10, () => "open"),
        );
        assert.equal(http.login.scheme, "none");
      });

      it("does not queue requests when the device asks for none", async () => {
        let release: () => void = () => undefined;
        const held = new Promise<void>((resolve) => (release = resolve));
        await start({ needsLogin: () => false });
        const http = open();
        await get(http);
        server.quirks = { ...server.quirks, before: async () => (await held, false) };
        const two = outcomes(times(2, () => get(http)));
        await until(() => server.requests.length === 3, "both are under way");
        release();
        assert.deepEqual(await two, ["ok", "ok"]);
      });

      it("logs in where a device asks for it only here and there", async () => {
        await start({ needsLogin: (path) => path.includes("secret") });
        const http = open();
        await get(http, "/open");
        assert.deepEqual(
          await outcomes(times(6, () => get(http, "/secret"))),
          times(6, () => "ok"),
        );
        assert.equal(server.verdicts.filter((verdict) => verdict === "ok").length, 6);
        assert.ok(server.verdicts.filter((verdict) => verdict === "anonymous").length <= 2);
      });

      it("fetches one challenge when a device starts to ask for a login, also if the first to log in is cut", async () => {
        let release: () => void = () => undefined;
        const held = new Promise<void>((resolve) => (release = resolve));
        await start({ needsLogin: () => false });
        await get(open());
        let cut = false;
        server.quirks = {
          before: async (request, _response, { verdict }) => {
            if (cut || verdict !== "ok") return false;
            cut = true;
            await held;
            request.socket.resetAndDestroy();
            return true;
          },
        };
        const first = outcomes([get(open())]);
        await until(() => cut, "the first is being judged");
        const others = outcomes(times(20, () => get(open())));
        await settle();
        release();
        assert.deepEqual([...(await first), ...(await others)], ["offline", ...times(20, () => "ok")]);
        assert.deepEqual(server.verdicts, ["open", "anonymous", "ok", "anonymous", ...times(20, () => "ok")]);
      });

      it("takes the nonce that Authentication-Info names", async () => {
        await start();
        server.quirks = { authenticationInfo: () => `nextnonce="${server.issue()}"` };
        const http = open();
        for (let i = 0; i < 4; i++) await get(http);
        assert.deepEqual(server.verdicts, ["anonymous", "ok", "ok", "ok", "ok"]);
        assert.equal(new Set(server.authorized.map(({ nonce }) => nonce)).size, 4);
        assert.deepEqual(
          server.authorized.map(({ nc }) => nc),
          [1, 1, 1, 1],
        );
      });
    });

    describe("with a nonce that is over", () => {
      it("renews an aged one (stale=true) once, unseen by the caller", async () => {
        await start();
        const http = open();
        await get(http);
        server.expire();
        await get(http);
        assert.deepEqual(server.verdicts, ["anonymous", "ok", "stale", "ok"]);
      });

      it("after a reboot repeats once with the nonce of the 401", async () => {
        await start();
        const http = open();
        await get(http);
        server.forget();
        assert.deepEqual(await outcomes(times(3, () => get(http))), ["ok", "ok", "ok"]);
        assert.equal(server.verdicts.filter((verdict) => verdict === "wrong").length, 0);
      });

      for (const nonceUses of [1, 2, 3])
        for (const bare of [false, true])
          it(`serves 10 parallel requests where a nonce is good for ${nonceUses}${bare ? " and its 401 names no other" : ""}`, async () => {
            await start({
              nonceUses,
              body401: () => "<ResponseStatus><subStatusCode>invalidOperation</subStatusCode></ResponseStatus>",
            });
            if (bare)
              server.quirks = {
                ...server.quirks,
                challenge: (nonce, _stale, verdict) =>
                  verdict === "spent" ? undefined : `Digest realm="IP \\"Camera\\" (C1)", nonce="${nonce}", qop="auth"`,
              };
            const http = open();
            assert.deepEqual(
              await outcomes(times(10, () => get(http))),
              times(10, () => "ok"),
            );
            assert.deepEqual(
              await outcomes(times(10, () => get(http))),
              times(10, () => "ok"),
            );
            assert.equal(server.verdicts.filter((verdict) => verdict === "wrong").length, 0);
          });

      it("learns that nonces serve once: two round trips per command instead of three", async () => {
        await start({ nonceUses: 1 });
        const http = open();
        for (let i = 0; i < 4; i++) await get(http);
        const before = server.requests.length;
        for (let i = 0; i < 5; i++) await get(http);
        assert.deepEqual(
          server.verdicts.slice(before),
          times(10, (i) => (i % 2 ? "ok" : "anonymous")),
        );
      });

      it("does not learn that from reboots", async () => {
        await start();
        const http = open();
        for (let i = 0; i < 6; i++) {
          for (let k = 0; k < 4; k++) await get(http);
          server.forget();
        }
        assert.equal(http.login.needsFreshNonces, false);
      });
    });

    describe("with a wrong password", () => {
      it("costs one request with credentials for 40 parallel requests of two config nodes", async () => {
        await start();
        const [one, two] = [open("wrong"), open("wrong")];
        assert.deepEqual(
          await outcomes(times(40, (i) => get(i % 2 ? one : two))),
          times(40, () => "unauthorized"),
        );
        assert.deepEqual(server.verdicts, ["anonymous", "wrong"]);
      });

      it("costs no further request at all: snapshots every second, a second config node, five redeploys", async () => {
        await start();
        await outcomes([get(open("wrong"))]);
        const sent = server.requests.length;
        for (let deploy = 0; deploy < 5; deploy++) {
          const http = open("wrong");
          for (let second = 0; second < 10; second++) {
            assert.deepEqual(await outcomes([get(http), get(open("wrong"))]), ["unauthorized", "unauthorized"]);
            await clock.advance(1000);
          }
          await http.close();
        }
        await clock.advance(24 * 60 * MINUTE);
        assert.deepEqual(await outcomes([get(open("wrong"))]), ["unauthorized"]);
        assert.equal(server.requests.length, sent);
      });

      it("costs one request with credentials though five redeploys cut it before the slow device has answered", async () => {
        await start({
          before: async (_request, _response, { verdict }) => {
            if (verdict === "wrong") await new Promise((resolve) => setTimeout(resolve, 60));
            return false;
          },
        });
        for (let deploy = 0; deploy < 5; deploy++) {
          const http = open("wrong");
          const pending = outcomes([get(http)]);
          await until(() => server.authorized.length > 0, "credentials were sent");
          const started = performance.now();
          await http.close();
          assert.ok(performance.now() - started < 900, "close stays within a second");
          assert.deepEqual(await pending, [deploy === 0 ? "aborted" : "unauthorized"]);
        }
        assert.equal(server.authorized.length, 1);
      });

      it("goes out slowly where the device takes longer for a refusal than a redeploy waits", async () => {
        await start({ before: (_request, _response, { verdict }) => verdict === "wrong" });
        const attemptAndCut = async (): Promise<string[]> => {
          const sent = server.requests.length;
          const http = open("wrong");
          const pending = outcomes([get(http)]);
          await until(() => server.requests.length > sent + 1, "credentials were sent");
          await http.close();
          return pending;
        };
        assert.deepEqual(await attemptAndCut(), ["aborted"]);
        const error = await failure(get(open("wrong")));
        assert.equal(error.code, "timeout");
        assert.match(error.message, /sent again in 5 seconds/);
        await clock.advance(5000);
        assert.deepEqual(await attemptAndCut(), ["aborted"]);
        await clock.advance(9000);
        assert.deepEqual(await outcomes([get(open("wrong"))]), ["timeout"]);
        assert.equal(server.authorized.length, 2);
        await clock.advance(1000);
        server.quirks = {};
        assert.deepEqual(await outcomes([get(open("wrong"))]), ["unauthorized"]);
      });

      it("does not stop another password, user or port", async () => {
        await start();
        await outcomes([get(open("wrong"))]);
        await get(open("right"));
        const other = await QuirkyServer.start({ password: "wrong" });
        const http = deviceHttp(other.port, "wrong", { logins, http: mode });
        assert.equal((await get(http)).statusCode, 200);
        await http.close();
        await other.close();
      });

      it("is tried once more when a person asks for it", async () => {
        await start();
        const http = open("wrong");
        await outcomes([get(http)]);
        assert.equal(http.login.refused, true);
        http.login.clearRefusal();
        assert.deepEqual(
          await outcomes(times(5, () => get(http))),
          times(5, () => "unauthorized"),
        );
        assert.equal(server.authorized.length, 2);
      });

      it("says in words what is wrong, how many tries are left and what to do, without the password", async () => {
        await start({
          body401: (verdict) => (verdict === "wrong" ? userCheck("<retryLoginTime>4</retryLoginTime>") : ""),
        });
        const http = open("s3cret-word");
        const errors = [await failure(get(http)), await failure(get(http))];
        for (const { code, message, cause } of errors) {
          assert.equal(code, "unauthorized");
          assert.match(message, /refuses the user name or password \(4 tries left before it locks the user\)/);
          assert.match(message, /Test connection/);
          assert.doesNotMatch(message, /s3cret/);
          assert.deepEqual(cause, { statusCode: 401, device: { id: "device1", name: "Gate", host: "127.0.0.1" } });
        }
      });

      it("says locked while the device keeps the account locked, then unauthorized, without a request", async () => {
        await start({
          body401: (verdict) =>
            verdict === "wrong" ? userCheck("<lockStatus>lock</lockStatus><unlockTime>1800</unlockTime>") : "",
        });
        const http = open("wrong");
        const first = await failure(get(http));
        assert.equal(first.code, "locked");
        assert.match(first.message, /about 30 minutes/);
        assert.equal(first.cause.retryAfter, 1800);
        await clock.advance(20 * MINUTE);
        assert.match((await failure(get(http))).message, /about 10 minutes/);
        await clock.advance(11 * MINUTE);
        assert.equal((await failure(get(http))).code, "unauthorized");
        assert.equal(server.authorized.length, 1);
      });

      it("reads tries and lock from JSON too", async () => {
        await start({ body401: (verdict) => (verdict === "wrong" ? '{"userCheck":{"retryLoginTime": 1}}' : "") });
        assert.match((await failure(get(open("wrong")))).message, /1 try left/);
      });

      it("sends nothing to a device that says locked before it was asked", async () => {
        await start({ body401: () => userCheck("<lockStatus>lock</lockStatus><unlockTime>60</unlockTime>") });
        const http = open();
        assert.equal((await failure(get(http))).code, "locked");
        server.quirks = {};
        assert.equal((await get(http)).statusCode, 200);
        assert.deepEqual(server.verdicts, ["anonymous", "anonymous", "ok"]);
      });

      it("is refused after one renewal where old nonces are stale whatever the password", async () => {
        await start();
        const http = open();
        await get(http);
        server.expire();
        server.quirks = { password: "changed" };
        assert.equal((await failure(get(http))).code, "unauthorized");
        assert.deepEqual(server.verdicts, ["anonymous", "ok", "stale", "wrong"]);
      });

      it("is refused when every fresh nonce is called stale: one renewal, no more", async () => {
        await start({
          password: "other",
          challenge: (nonce) => `Digest realm="IP \\"Camera\\" (C1)", nonce="${nonce}", qop="auth", stale=true`,
        });
        assert.equal((await failure(get(open()))).code, "unauthorized");
        assert.equal(server.authorized.length, 2);
      });
    });

    describe("whose password was right before", () => {
      it("is tried again after 10 minutes, then 20, 40, 60 and 60, by whatever request comes", async () => {
        await start();
        const http = open();
        await get(http);
        server.quirks = { password: "changed" };
        server.forget();
        assert.match((await failure(get(http))).message, /tried again in about 10 minutes/);
        let attempts = server.authorized.length;
        for (const minutes of [10, 20, 40, 60, 60]) {
          await clock.advance(minutes * MINUTE - 1000);
          assert.equal((await failure(get(http))).code, "unauthorized");
          assert.equal(server.authorized.length, attempts, `nothing within ${minutes} minutes`);
          await clock.advance(1000);
          assert.deepEqual(
            await outcomes(times(5, () => get(http))),
            times(5, () => "unauthorized"),
          );
          attempts += 1;
          assert.equal(server.authorized.length, attempts, `one attempt after ${minutes} minutes`);
        }
        server.quirks = {};
        await clock.advance(60 * MINUTE);
        assert.equal((await get(http)).statusCode, 200);
        server.quirks = { password: "changed again" };
        assert.match((await failure(get(http))).message, /tried again in about 10 minutes/, "success starts anew");
      });

      it("is not sent again by a command whose own 401 comes after the refusal", async () => {
        await start();
        const http = open();
        await get(http);
        let release: () => void = () => undefined;
        const held = new Promise<void>((resolve) => (release = resolve));
        server.quirks = {
          password: "changed",
          before: async (request) => (request.url === "/late" && (await held), false),
        };
        const late = outcomes([get(http, "/late")]);
        await until(() => server.requests.length === 3, "the late one is under way");
        assert.deepEqual(await outcomes([get(http)]), ["unauthorized"]);
        const before = server.authorized.length;
        release();
        assert.deepEqual(await late, ["unauthorized"]);
        assert.equal(server.authorized.length, before);
      });

      it("waits for the end of the lock, if that is later", async () => {
        await start();
        const http = open();
        await get(http);
        server.quirks = {
          password: "changed",
          body401: () => userCheck("<lockStatus>lock</lockStatus><unlockTime>1800</unlockTime>"),
        };
        assert.equal((await failure(get(http))).code, "locked");
        const attempts = server.authorized.length;
        server.quirks = {};
        await clock.advance(29 * MINUTE);
        assert.equal((await failure(get(http))).code, "locked");
        await clock.advance(2 * MINUTE);
        assert.equal((await get(http)).statusCode, 200);
        assert.equal(server.authorized.length, attempts + 1);
      });

      it("costs two requests with credentials when one command runs, not one per command", async () => {
        await start();
        const http = open();
        await get(http);
        server.quirks = { password: "changed" };
        const before = server.authorized.length;
        await outcomes(times(20, () => get(http)));
        // Two connections: two commands were under way when the first 401 came; only one was repeated.
        assert.ok(server.authorized.length - before <= 3, `${server.authorized.length - before}`);
      });

      it("is stopped at once by a 401 that counts the tries left, though its nonce was good before", async () => {
        await start();
        const http = open();
        await get(http);
        server.quirks = { password: "changed", body401: () => userCheck("<retryLoginTime>4</retryLoginTime>") };
        assert.equal((await failure(get(http))).code, "unauthorized");
        assert.deepEqual(server.verdicts, ["anonymous", "ok", "wrong"]);
      });
    });

    describe("while others wait for it", () => {
      const hold = () => {
        let release: () => void = () => undefined;
        const held = new Promise<void>((resolve) => (release = resolve));
        return { held, release: () => release() };
      };

      it("is not disturbed by a waiter that gives up", async () => {
        const gate = hold();
        await start({ before: async () => (await gate.held, false) });
        const [leader, waiter] = [open(), open()];
        const first = get(leader);
        await until(() => server.requests.length === 1, "the challenge is being fetched");
        const stop = new AbortController();
        const second = outcomes([get(waiter, "/x", stop.signal)]);
        const third = get(waiter, "/y");
        stop.abort();
        assert.deepEqual(await second, ["aborted"]);
        gate.release();
        assert.deepEqual(await outcomes([first, third]), ["ok", "ok"]);
        assert.deepEqual(server.verdicts, ["anonymous", "ok", "ok"]);
      });

      for (const stage of ["anonymous", "ok"])
        it(`passes on to the next when the first is cut ${stage === "ok" ? "with" : "without"} credentials`, async () => {
          let cut = false;
          await start({
            before: (request, _response, { verdict }) => {
              if (cut || verdict !== stage) return false;
              cut = true;
              request.socket.resetAndDestroy();
              return true;
            },
          });
          const http = open();
          assert.deepEqual(await outcomes(times(5, () => get(http))), ["offline", "ok", "ok", "ok", "ok"]);
        });

      it("passes on to the next when the first is aborted", async () => {
        const gate = hold();
        let held = 0;
        await start({ before: async () => (held++ === 0 && (await gate.held), false) });
        const http = open();
        const stop = new AbortController();
        const all = outcomes([get(http, "/1", stop.signal), get(http, "/2"), get(http, "/3")]);
        await until(() => server.requests.length === 1, "the challenge is being fetched");
        stop.abort();
        assert.deepEqual(await all, ["aborted", "ok", "ok"]);
        gate.release();
      });

      it("draws no conclusion from a device that is too busy to judge", async () => {
        let busy = true;
        await start({
          before: (_request, response, { verdict }) => {
            if (!busy || verdict === "anonymous") return false;
            busy = false;
            response.writeHead(503).end();
            return true;
          },
        });
        const http = open();
        assert.equal((await get(http)).statusCode, 503);
        assert.equal((await get(http)).statusCode, 200);
        assert.deepEqual(server.verdicts, ["anonymous", "ok", "anonymous", "ok"]);
      });
    });

    describe("with Basic", () => {
      it("does not go over plain HTTP unasked, and says where to allow it", async () => {
        await start({ basic: true });
        const error = await failure(get(open()));
        assert.equal(error.code, "unauthorized");
        assert.match(error.message, /only Basic authentication.*Digest on the device.*HTTPS.*allow Basic/s);
        assert.deepEqual(server.verdicts, ["anonymous"]);
      });

      it("goes when allowed, and one round trip per command", async () => {
        await start({ basic: true });
        const http = open("right", { basic: true });
        assert.deepEqual(
          await outcomes(times(10, () => get(http))),
          times(10, () => "ok"),
        );
        assert.deepEqual(server.verdicts, ["anonymous", ...times(10, () => "ok")]);
        assert.equal(http.login.scheme, "Basic");
      });

      it("is not used by the config node that does not allow it, though another one does", async () => {
        await start({ basic: true });
        await get(open("right", { basic: true }));
        assert.equal((await failure(get(open()))).code, "unauthorized");
        assert.equal((await get(open("right", { basic: true }))).statusCode, 200);
      });

      it("costs one attempt with a wrong password, and one when it was right before", async () => {
        await start({ basic: true });
        assert.deepEqual(
          await outcomes(times(10, () => get(open("wrong", { basic: true })))),
          times(10, () => "unauthorized"),
        );
        assert.deepEqual(server.verdicts, ["anonymous", "wrong"]);
        const http = open("right", { basic: true });
        await get(http);
        server.quirks = { basic: true, password: "changed" };
        await failure(get(http));
        assert.deepEqual(server.verdicts.slice(2), ["anonymous", "ok", "wrong"]);
      });

      it("does not go where Digest is offered too", async () => {
        await start({
          challenge: (nonce) => `Basic realm="x", Digest realm="IP \\"Camera\\" (C1)", nonce="${nonce}", qop="auth"`,
        });
        await get(open("right", { basic: true }));
        assert.deepEqual(
          server.authorized.map(({ scheme }) => scheme),
          ["Digest"],
        );
      });
    });

    describe("that cannot be", () => {
      it("says which ways the device offers when none is known", async () => {
        await start({ challenge: () => ["NTLM", "Negotiate"] });
        const error = await failure(get(open()));
        assert.equal(error.code, "unauthorized");
        assert.match(error.message, /only NTLM, Negotiate/);
        assert.deepEqual(server.verdicts, ["anonymous"]);
      });

      it("says so when the device names no way at all", async () => {
        await start({ challenge: () => undefined });
        assert.match((await failure(get(open()))).message, /offers no way to log in/);
      });

      it("sends no credentials when no user name is set", async () => {
        await start();
        const http = open("", { credentials: { username: "", password: "" } });
        assert.match((await failure(get(http))).message, /no user name is set/);
        assert.deepEqual(server.verdicts, ["anonymous"]);
      });
    });

    describe("reads the 401's body", () => {
      it("only so far: a refusal of 10 MB is a refusal", async () => {
        await start({
          before: (_request, response, { verdict }) => {
            if (verdict !== "wrong") return false;
            response.writeHead(401, { "content-length": 10_000_000 });
            response.write(Buffer.alloc(200_000, "x"));
            return true;
          },
        });
        assert.equal((await failure(get(open("wrong")))).code, "unauthorized");
      });

      it("also when it is cut off: a refusal stays a refusal", async () => {
        await start({
          before: (_request, response, { verdict }) => {
            if (verdict !== "wrong") return false;
            response.writeHead(401, { "content-length": 178 });
            response.write("<html>");
            setTimeout(() => response.destroy(), 20);
            return true;
          },
        });
        const http = open("wrong");
        assert.equal((await failure(get(http))).code, "unauthorized");
        assert.equal((await failure(get(http))).code, "unauthorized");
        assert.equal(server.authorized.length, 1);
      });

      it("in vain when the caller aborts: a refusal stays a refusal", async () => {
        await start({
          before: (_request, response, { verdict }) => {
            if (verdict !== "wrong") return false;
            response.writeHead(401, { "content-length": 178 });
            response.write("<html>");
            return true;
          },
        });
        const stop = new AbortController();
        const pending = outcomes([get(open("wrong"), "/", stop.signal)]);
        await until(() => server.authorized.length === 1, "the 401 is under way");
        await new Promise((resolve) => setTimeout(resolve, 50));
        stop.abort();
        assert.deepEqual(await pending, ["aborted"]);
        assert.deepEqual(await outcomes([get(open("wrong"))]), ["unauthorized"]);
        assert.equal(server.authorized.length, 1);
      });

      it("and leaves no connection busy with it", async () => {
        await start({ body401: () => "x".repeat(20_000) });
        const http = open();
        await get(http);
        assert.equal(server.connections, 1);
      });
    });
  });
}

describe("the registry of logins", () => {
  const address = { host: "10.0.0.1", port: 80 };
  const credentials = { username: "u", password: "p" };

  it("tells hosts, ports, users and passwords apart, also when they could be glued into the same text", () => {
    const logins = new Logins();
    const all = [
      logins.get(address, credentials),
      logins.get({ ...address, host: "10.0.0.2" }, credentials),
      logins.get({ ...address, port: 81 }, credentials),
      logins.get(address, { username: "u", password: "q" }),
      logins.get(address, { username: 'u","', password: "" }),
      logins.get(address, { username: "u", password: "" }),
    ];
    assert.equal(new Set(all).size, all.length);
    assert.equal(logins.get({ ...address, host: "10.0.0.1" }, { ...credentials }), all[0]);
  });

  it("does not grow for ever: the one not asked for longest goes first", () => {
    const logins = new Logins({ most: 3 });
    const first = logins.get(address, credentials);
    const second = logins.get({ ...address, port: 1 }, credentials);
    logins.get({ ...address, port: 2 }, credentials);
    logins.get(address, credentials);
    logins.get({ ...address, port: 3 }, credentials);
    assert.equal(logins.get(address, credentials), first);
    assert.notEqual(logins.get({ ...address, port: 1 }, credentials), second);
  });
});
