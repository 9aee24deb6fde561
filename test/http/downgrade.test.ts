import { strict as assert } from "node:assert";
import type { DeviceHttp, DeviceHttpOptions } from "../../src/http/device-http";
import { Logins } from "../../src/http/login";
import { isHikvisionError } from "../../src/lib/errors";
import { FakeClock } from "../support/fake-clock";
import { QuirkyServer, type Quirks } from "./quirky-server";
import { deviceHttp, outcomes } from "./support";

const SHA: Quirks = { algorithm: "SHA-256" };
const WEAKER: readonly (readonly [what: string, quirks: Quirks, says: RegExp])[] = [
  ["MD5", {}, /only Digest MD5/],
  ["MD5-sess", { algorithm: "MD5-sess" }, /only Digest MD5-sess/],
  ["MD5 without qop", { qop: null }, /only Digest MD5/],
  ["SHA-256 without qop", { algorithm: "SHA-256", qop: null }, /only Digest SHA-256/],
  ["Basic", { basic: true }, /only Basic/],
];

describe("a device that has logged in with SHA-256", () => {
  let server: QuirkyServer;
  let logins: Logins;
  const opened: DeviceHttp[] = [];
  const open = (more: Partial<DeviceHttpOptions> = {}): DeviceHttp => {
    const http = deviceHttp(server.port, "right", { logins, ...more });
    opened.push(http);
    return http;
  };
  const get = (http: DeviceHttp, path = "/ISAPI/System/deviceInfo"): Promise<unknown> =>
    http.request({ method: "GET", path });
  beforeEach(async () => {
    logins = new Logins();
    server = await QuirkyServer.start(SHA);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((http) => http.close()));
    await server.close();
  });

  for (const [what, quirks, says] of WEAKER) {
    it(`gets no answer to ${what} any more, from no user, until a person confirms it`, async () => {
      const http = open({ basic: true });
      await get(http);
      server.quirks = quirks;
      server.forget();
      const sent = server.authorized.length;
      const error: unknown = await get(http, "/a").then(
        () => assert.fail("answered"),
        (reason: unknown) => reason,
      );
      assert.ok(isHikvisionError(error));
      assert.equal(error.code, "unauthorized");
      assert.match(error.message, says);
      assert.match(error.message, /press Test connection/);
      const other = open({ basic: true, credentials: { username: "guest", password: "x" } });
      assert.deepEqual(await outcomes([get(http), get(other)]), ["unauthorized", "unauthorized"]);
      const after = server.authorized.slice(sent).filter(({ nonce }) => nonce !== server.authorized[0]?.nonce);
      assert.deepEqual(after, [], "only the old answer, to the old nonce");
      assert.equal(http.login.refused, false, "it is no refused password");

      http.login.schemes.confirm();
      await get(http);
      assert.equal(http.login.schemes.weakened, true);
      server.quirks = SHA;
      server.forget();
      await get(http);
      assert.deepEqual([http.login.schemes.strong, http.login.schemes.weakened], [true, false]);
    });
  }

  for (const [what, quirks, says] of WEAKER)
    it(`gets no answer by ${what} any more that was in use when what its owner has stored came late`, async () => {
      server.quirks = quirks;
      const http = open({ basic: true });
      await get(http);
      const sent = server.authorized.length;
      http.login.schemes.restore(Promise.resolve(true), new FakeClock());
      await http.login.schemes.loading;
      assert.throws(() => http.login.preemptiveHeader({ username: "admin", password: "right" }, "PUT", "/a"), says);
      assert.deepEqual(await outcomes([get(http)]), ["unauthorized"]);
      assert.deepEqual(server.authorized.slice(sent), []);
      http.login.schemes.confirm();
      assert.deepEqual(await outcomes([get(http)]), ["ok"]);
    });

  it("is told apart by host and port, not by user", async () => {
    await get(open());
    const other = await QuirkyServer.start();
    const http = deviceHttp(other.port, "right", { logins });
    await get(http);
    assert.equal(http.login.scheme, "Digest MD5");
    await http.close();
    await other.close();
  });

  it("is one only when it accepted the login: a challenge alone binds nobody", async () => {
    server.quirks = { ...SHA, password: "other" };
    assert.deepEqual(await outcomes([get(open())]), ["unauthorized"]);
    server.quirks = {};
    await get(open({ credentials: { username: "admin", password: "right" }, logins: new Logins() }));
    assert.equal(open().login.schemes.strong, false);
  });

  it("tells its owner of every change, once", async () => {
    const http = open();
    const told: boolean[] = [];
    const stop = http.login.schemes.onChange((strong) => told.push(strong));
    await get(http);
    await get(http);
    http.login.schemes.confirm();
    http.login.schemes.confirm();
    stop();
    server.forget();
    await get(http);
    assert.deepEqual(told, [true, false]);
  });

  it("is remembered by what its owner has stored, and the first login waits for that, 2 s at most", async () => {
    server.quirks = {};
    const clock = new FakeClock();
    let answer: (strong: boolean) => void = () => undefined;
    const http = open();
    http.login.schemes.restore(new Promise((resolve) => (answer = resolve)), clock);
    const first = outcomes([get(http)]);
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(server.requests.length, 0);
    answer(true);
    assert.deepEqual(await first, ["unauthorized"]);
    assert.deepEqual(server.authorized, []);
    assert.equal(clock.pending, 0);

    const other = open({ logins: new Logins() });
    other.login.schemes.restore(new Promise(() => undefined), clock);
    const late = outcomes([get(other)]);
    await clock.advance(2_000);
    assert.deepEqual(await late, ["ok"]);
  });
});
