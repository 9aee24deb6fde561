/** Other people's digest implementations, so that our client and our fakes cannot be wrong in the same way. */
import { strict as assert } from "node:assert";
import { Logins } from "../../src/http/login";
import type { DeviceHttp } from "../../src/http/device-http";
import { findProgram, has, without } from "../support/left-out";
import { digestUser, RealServer } from "./real-server";
import { deviceHttp, outcomes, times } from "./support";

const REALM = "IP Camera (C1)";
/** lighttpd 1.4.69 reads no escaped quote in a name. */
const NAMES = ["admin", "jürgen"];
const NAMES_APACHE = [...NAMES, 'o"neil'];
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function suite(program: string, wanted: "lighttpd" | "Apache", tests: (path: string) => void): void {
  const title = `${program}, a digest server of others${without(wanted)}`;
  (has(wanted) ? describe : describe.skip)(title, () => tests(findProgram(program) ?? ""));
}

/** What every right digest server must agree with. */
function common(
  names: readonly string[],
  server: () => RealServer,
  open: (password?: string, username?: string) => DeviceHttp,
): void {
  const get = (http: DeviceHttp, path = "/index.html?a=1&b=%20") => http.request({ method: "GET", path });

  it("lets 200 parallel requests in with one challenge over two connections", async () => {
    assert.deepEqual(await outcomes(times(40, () => get(open()))).then((all) => new Set(all)), new Set(["ok"]));
    const http = open();
    const [challenges, connections] = [server().challenges, server().connections];
    const replies = await Promise.all(times(200, () => get(http)));
    assert.deepEqual(
      replies.map(({ statusCode, body }) => `${statusCode} ${body.toString()}`),
      times(200, () => "200 hello"),
    );
    assert.equal(server().challenges, challenges);
    assert.ok(server().connections - connections <= 2);
  });

  for (const name of names)
    it(`knows the user ${name}`, async () => assert.equal((await get(open("right", name))).statusCode, 200));

  it("gets a wrong password once, whatever runs in parallel", async () => {
    const [one, two] = [open("wrong"), open("wrong")];
    const before = server().authorized;
    assert.deepEqual(
      await outcomes(times(20, (i) => get(i % 2 ? one : two))),
      times(20, () => "unauthorized"),
    );
    assert.equal(server().authorized - before, 1);
  });
}

suite("lighttpd", "lighttpd", (path) => {
  let server: RealServer;
  let logins: Logins;
  let opened: DeviceHttp[];

  const start = (algorithm: string, ...hashes: Parameters<typeof digestUser>[3][]): Promise<RealServer> =>
    RealServer.start(
      path,
      (file) => ["-D", "-f", file],
      (folder, port) => `
        server.document-root = "${folder}/www"
        server.bind = "127.0.0.1"
        server.port = ${port}
        server.errorlog = "${folder}/error.log"
        server.modules = ("mod_auth", "mod_authn_file")
        auth.backend = "htdigest"
        auth.backend.htdigest.userfile = "${folder}/users"
        auth.require = ("/" => ("method" => "digest", "algorithm" => "${algorithm}", "realm" => "${REALM}", "require" => "valid-user"))`,
      NAMES.flatMap((name) => hashes.map((hash) => digestUser(name, REALM, "right", hash))).join(""),
    );
  const open = (password = "right", username = "admin"): DeviceHttp => {
    const http = deviceHttp(server.port, password, { logins, credentials: { username, password } });
    opened.push(http);
    return http;
  };
  beforeEach(() => {
    logins = new Logins();
    opened = [];
  });
  afterEach(() => Promise.all(opened.map((http) => http.close())));

  for (const [algorithm, scheme, ...hashes] of [
    ["MD5", "Digest MD5", "md5"],
    ["SHA-256", "Digest SHA-256", "sha256"],
    ["SHA-512-256", "Digest SHA-512-256", "sha512-256"],
    ["MD5|SHA-256", "Digest SHA-256", "md5", "sha256"],
  ] as const)
    describe(`with ${algorithm}`, () => {
      before(async () => (server = await start(algorithm, ...hashes)));
      after(() => server.stop());
      common(NAMES, () => server, open);

      it(`is answered with ${scheme}`, async () => {
        const http = open();
        await http.request({ method: "GET", path: "/index.html" });
        assert.equal(http.login.scheme, scheme);
      });

      it("is answered in the -sess form too", async () => {
        server.rewrite = (text) => text.replace(/algorithm=(MD5|SHA-256|SHA-512-256)\b/g, "algorithm=$1-sess");
        const http = open();
        const replies = await Promise.all(times(3, () => http.request({ method: "GET", path: "/index.html" })));
        server.rewrite = (text) => text;
        assert.deepEqual(
          replies.map(({ statusCode }) => statusCode),
          [200, 200, 200],
        );
        assert.equal(http.login.scheme, `${scheme}-sess`);
      });
    });

  describe("with an old nonce", () => {
    before(async () => (server = await start("MD5", "md5")));
    after(() => server.stop());

    /** lighttpd reads a nonce's age from its first half, hex seconds, and checks nothing else. */
    const makeOld = (text: string): string =>
      text.replace(/nonce="([0-9a-f]+):/, (_match, seconds: string) => {
        server.rewrite = (later) => later;
        return `nonce="${(parseInt(seconds, 16) - 3600).toString(16).padStart(seconds.length, "0")}:`;
      });

    it("is answered anew once, unseen by the caller", async () => {
      server.rewrite = makeOld;
      const http = open();
      assert.equal((await http.request({ method: "GET", path: "/index.html" })).statusCode, 200);
      assert.equal(server.authorized, 2);
    });

    it("is not answered a third time when the password is wrong, though it says stale first", async () => {
      server.rewrite = makeOld;
      const before = server.authorized;
      assert.deepEqual(await outcomes([open("wrong").request({ method: "GET", path: "/index.html" })]), [
        "unauthorized",
      ]);
      assert.equal(server.authorized - before, 2);
    });
  });
});

suite("apache2", "Apache", (path) => {
  let server: RealServer;
  let logins: Logins;
  let opened: DeviceHttp[];

  const start = (lifetime: number): Promise<RealServer> =>
    RealServer.start(
      path,
      (file) => ["-D", "FOREGROUND", "-f", file],
      (folder, port) => `
        ServerRoot "/usr/lib/apache2"
        ServerName 127.0.0.1
        Listen 127.0.0.1:${port}
        PidFile "${folder}/pid"
        DefaultRuntimeDir "${folder}"
        ErrorLog "${folder}/error.log"
        MaxKeepAliveRequests 0
        LoadModule mpm_event_module modules/mod_mpm_event.so
        LoadModule authn_core_module modules/mod_authn_core.so
        LoadModule authn_file_module modules/mod_authn_file.so
        LoadModule authz_core_module modules/mod_authz_core.so
        LoadModule authz_user_module modules/mod_authz_user.so
        LoadModule auth_digest_module modules/mod_auth_digest.so
        ${process.getuid?.() === 0 ? "User www-data\nGroup www-data" : ""}
        DocumentRoot "${folder}/www"
        <Location "/">
          AuthType Digest
          AuthName "${REALM}"
          AuthDigestProvider file
          AuthUserFile "${folder}/users"
          AuthDigestNonceLifetime ${lifetime}
          Require valid-user
        </Location>\n`,
      NAMES_APACHE.map((name) => digestUser(name, REALM, "right", "md5")).join(""),
    );
  const open = (password = "right", username = "admin"): DeviceHttp => {
    const http = deviceHttp(server.port, password, { logins, credentials: { username, password } });
    opened.push(http);
    return http;
  };
  beforeEach(() => {
    logins = new Logins();
    opened = [];
  });
  afterEach(() => Promise.all(opened.map((http) => http.close())));

  describe("with nonces of five minutes", () => {
    before(async () => (server = await start(300)));
    after(() => server.stop());
    common(NAMES_APACHE, () => server, open);

    it("gets a GET with a body", async () => {
      const reply = await open().request({
        method: "GET",
        path: "/index.html",
        body: "<x/>",
        contentType: "application/xml",
      });
      assert.equal(reply.statusCode, 200);
    });
  });

  describe("with nonces of two seconds", () => {
    before(async () => (server = await start(2)));
    after(() => server.stop());

    it("renews a stale one unseen", async () => {
      const http = open();
      const get = () => http.request({ method: "GET", path: "/index.html" });
      await get();
      await pause(3200);
      assert.deepEqual(
        await outcomes(times(10, get)),
        times(10, () => "ok"),
      );
      assert.ok(server.challenges >= 2, "the nonce was stale");
    });

    it("is never asked anew while requests come, thanks to nextnonce", async () => {
      const http = open();
      const before = server.challenges;
      for (let i = 0; i < 12; i++) {
        assert.equal((await http.request({ method: "GET", path: "/index.html" })).statusCode, 200);
        await pause(300);
      }
      assert.equal(server.challenges - before, 1);
    });
  });
});
