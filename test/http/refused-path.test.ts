import { strict as assert } from "node:assert";
import type { DeviceHttp, DeviceHttpOptions, HttpReply } from "../../src/http/device-http";
import { Logins } from "../../src/http/login";
import { codeOf } from "../../src/lib/errors";
import { FakeClock } from "../support/fake-clock";
import { QuirkyServer, type Quirks } from "./quirky-server";
import { deviceHttp, outcomes, times } from "./support";

const INFO = "/ISAPI/System/deviceInfo";
const STREAM = "/ISAPI/Event/notification/alertStream";

describe("a path that is refused to a good login", () => {
  let server: QuirkyServer;
  let logins: Logins;
  let opened: DeviceHttp[];

  beforeEach(() => {
    logins = new Logins({ clock: new FakeClock() });
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((http) => http.close()));
    await server.close();
  });

  /** A device that answers `refused` with 401 and a fresh challenge, also to the right answer to a fresh nonce. */
  const start = async (refused: (path: string) => boolean, quirks: Quirks = {}, body = "<html>401</html>") => {
    server = await QuirkyServer.start({
      ...quirks,
      before: (request, response, { verdict }) => {
        if (!refused(request.url ?? "") || verdict === "anonymous" || verdict === "spent") return false;
        const challenge = `Digest realm="IP \\"Camera\\" (C1)", nonce="${server.issue()}", qop="auth", stale="FALSE"`;
        response.writeHead(401, { "www-authenticate": challenge }).end(body);
        return true;
      },
    });
  };
  const open = (password = "right", more: Partial<DeviceHttpOptions> = {}): DeviceHttp => {
    const http = deviceHttp(server.port, password, { logins, ...more });
    opened.push(http);
    return http;
  };
  const get = (http: DeviceHttp, path = INFO): Promise<HttpReply> => http.request({ method: "GET", path });
  /** Requests with credentials that the device does not accept. */
  const wrong = (): number => server.requests.filter(({ verdict }) => verdict === "wrong").length;

  it("is a reply, told by one cheap request with the same login; everything else goes on", async () => {
    await start((path) => path === STREAM);
    const http = open();
    await get(http);
    for (let i = 0; i < 3; i++) {
      const reply = await get(http, STREAM);
      assert.deepEqual([reply.statusCode, reply.loginAccepted], [401, true]);
      assert.equal(reply.body.toString(), "<html>401</html>");
      assert.equal((await get(http)).statusCode, 200);
    }
    assert.equal(http.login.refused, false);
    const first = server.requests.slice(2, 5).map(({ path }) => path);
    assert.deepEqual(first, [STREAM, INFO, STREAM], "the nonce might have been spent, so it is asked once more");
  });

  it("is one also for a stream on a connection of its own, which stays usable", async () => {
    await start((path) => path === STREAM);
    const http = open();
    await get(http);
    const stream = await http.openEndless({ method: "GET", path: STREAM });
    assert.deepEqual([stream.statusCode, stream.loginAccepted], [401, true]);
    stream.body.destroy();
    assert.equal((await get(http)).statusCode, 200);
  });

  for (const nonceUses of [1, 2, 3])
    it(`is told from a spent nonce where one is good for ${nonceUses}`, async () => {
      await start((path) => path === STREAM, { nonceUses });
      const http = open();
      assert.deepEqual(
        await outcomes(times(6, () => get(http))),
        times(6, () => "ok"),
      );
      for (let i = 0; i < 3; i++) assert.equal((await get(http, STREAM)).statusCode, 401);
      assert.deepEqual(
        await outcomes(times(6, () => get(http))),
        times(6, () => "ok"),
      );
      assert.deepEqual(
        await outcomes(times(6, (n) => get(http, `/ISAPI/${n}`))),
        times(6, () => "ok"),
      );
    });

  it("costs no proof where the device says itself that a right is missing, or a slot", async () => {
    for (const sub of ["lowPrivilege", "noPermission", "deployExceedMax"]) {
      const body = `<ResponseStatus><statusCode>4</statusCode><subStatusCode>${sub}</subStatusCode></ResponseStatus>`;
      await start((path) => path === STREAM, {}, body);
      const http = open();
      await get(http);
      const reply = await get(http, STREAM);
      assert.deepEqual([reply.statusCode, reply.body.toString()], [401, body]);
      assert.deepEqual(
        server.requests.slice(2).map(({ path }) => path),
        [STREAM],
      );
      assert.equal((await get(http)).statusCode, 200);
      await server.close();
    }
    await start(() => false);
  });

  it("is no refused password when talk is the first to use the login: that is proved elsewhere first", async () => {
    await start((path) => path.includes("TwoWayAudio"));
    const http = open();
    const reply = await http.request({ method: "PUT", path: "/ISAPI/System/TwoWayAudio/channels/1/open" });
    assert.deepEqual([reply.statusCode, reply.loginAccepted], [401, true]);
    assert.equal((await get(http)).statusCode, 200);
  });

  it("is not believed where the password was changed: that is refused for all, after two requests with it", async () => {
    await start(() => false);
    const http = open();
    await get(http);
    server.quirks = { password: "changed" };
    assert.deepEqual(await outcomes([get(http, STREAM)]), ["unauthorized"]);
    assert.equal(http.login.refused, true);
    assert.ok(wrong() <= 2, `${wrong()}`);
    const sent = server.requests.length;
    assert.deepEqual(await outcomes([get(http), get(http, STREAM)]), ["unauthorized", "unauthorized"]);
    assert.equal(server.requests.length, sent);
  });

  for (const path of [
    INFO,
    STREAM,
    "/ISAPI/Streaming/channels/101/picture",
    "/ISAPI/System/TwoWayAudio/channels/1/open",
  ])
    it(`is not asked twice with a password that was never right: ${path}`, async () => {
      await start(() => false);
      const [one, two] = [open("wrong"), open("wrong")];
      const all = times(20, (i) => get(i % 2 ? one : two, path));
      assert.deepEqual(
        await outcomes(all),
        times(20, () => "unauthorized"),
      );
      assert.equal(wrong(), 1);
    });

  it("has an end, whatever the device calls stale", async () => {
    await start((path) => path === STREAM);
    const http = open();
    await get(http);
    server.quirks = {
      before: (request, response) => {
        if (request.url !== STREAM) return false;
        const challenge = `Digest realm="IP \\"Camera\\" (C1)", nonce="${server.issue()}", qop="auth", stale=true`;
        response.writeHead(401, { "www-authenticate": challenge }).end();
        return true;
      },
    };
    const before = server.requests.length;
    const code = await get(http, STREAM).then(({ statusCode }) => statusCode, codeOf);
    assert.equal(code, 401);
    assert.ok(server.requests.length - before < 12, `${server.requests.length - before}`);
    assert.equal((await get(http)).statusCode, 200);
  });
});
