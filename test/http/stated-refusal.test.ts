import { strict as assert } from "node:assert";
import type { DeviceHttp } from "../../src/http/device-http";
import { Logins } from "../../src/http/login";
import { codeOf } from "../../src/lib/errors";
import { FakeClock } from "../support/fake-clock";
import { QuirkyServer, type Quirks } from "./quirky-server";
import { deviceHttp, outcomes, times } from "./support";

const status = (sub: string, code = 4): string =>
  `<ResponseStatus><requestURL/><statusCode>${code}</statusCode><subStatusCode>${sub}</subStatusCode></ResponseStatus>`;
const userCheck = (inner: string): string =>
  `<userCheck><statusValue>401</statusValue><statusString>Unauthorized</statusString>${inner}</userCheck>`;

describe("a login whose refusal the device explains", () => {
  let server: QuirkyServer;
  const opened: DeviceHttp[] = [];
  const logins = (): Logins => new Logins({ clock: new FakeClock() });
  const start = async (quirks: Quirks): Promise<void> => {
    server = await QuirkyServer.start(quirks);
  };
  const open = (password: string, all = logins()): DeviceHttp => {
    const http = deviceHttp(server.port, password, { logins: all });
    opened.push(http);
    return http;
  };
  const get = (http: DeviceHttp, path = "/ISAPI/System/deviceInfo"): Promise<{ readonly statusCode: number }> =>
    http.request({ method: "GET", path });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((http) => http.close()));
    await server.close();
  });

  for (const [what, body] of [
    ["a userCheck with isActivated=false", userCheck("<isActivated>false</isActivated>")],
    ["the same in JSON", '{"userCheck":{"statusValue":401,"isActivated": false}}'],
    ["a userCheck with isActivated=0", userCheck("<isActivated>0</isActivated>")],
    ["a userCheck whose isActivated has an attribute", userCheck('<isActivated opt="true,false">false</isActivated>')],
    ["notActivated", status("notActivated")],
    ["Not Activated as status string", "<ResponseStatus><statusString>Not Activated</statusString></ResponseStatus>"],
    ["deviceNotActive", status("deviceNotActive")],
    ["theAccountIsNotActivated", status("theAccountIsNotActivated")],
    ["errorCode 0x40000007", '{"statusCode":4,"statusString":"Invalid Operation","errorCode":1073741831}'],
    [
      "MErrCode 0x40000007",
      "<ResponseStatus><statusCode>4</statusCode><MErrCode>0x40000007</MErrCode></ResponseStatus>",
    ],
  ] as const)
    it(`gives no password to a device that is not activated, told by ${what} beside the first 401`, async () => {
      await start({ body401: () => body });
      const http = open("s3cret");
      for (let i = 0; i < 3; i++)
        assert.deepEqual(
          await outcomes([get(http), get(http, "/other")]),
          times(2, () => "notActivated"),
        );
      assert.deepEqual(server.authorized, []);
      server.quirks = { password: "s3cret" };
      assert.equal((await get(http)).statusCode, 200, "as soon as it is activated");
    });

  for (const [what, body, expected] of [
    ["loginPasswordError", status("loginPasswordError"), "unauthorized"],
    ["incorrectUserNameOrPassword", status("incorrectUserNameOrPassword"), "unauthorized"],
    ["wrongPassword", status("wrongPassword"), "unauthorized"],
    ["userLock", status("userLock"), "locked"],
    [
      "accountLocked by a status string",
      "<ResponseStatus><statusString>Account Locked</statusString></ResponseStatus>",
      "locked",
    ],
    ["userLocked", status("userLocked"), "locked"],
    [
      "AuthenticationFailed",
      "<AuthenticationFailed><retryTimes>0</retryTimes><resLockTime>600</resLockTime><lockStatus>lock</lockStatus></AuthenticationFailed>",
      "locked",
    ],
  ] as const)
    for (const code of [401, 403])
      it(`is not sent again after ${code} with ${what}`, async () => {
        await start({
          before: (_request, response, { verdict }) => {
            if (verdict !== "wrong") return false;
            const challenge = `Digest realm="IP \\"Camera\\" (C1)", nonce="${server.issue()}", qop="auth"`;
            response.writeHead(code, code === 401 ? { "www-authenticate": challenge } : {}).end(body);
            return true;
          },
        });
        const all = logins();
        const [one, two] = [open("wrong", all), open("wrong", all)];
        const results = await Promise.all(
          times(20, (i) => get(i % 2 ? one : two, `/ISAPI/${i}`).then(({ statusCode }) => statusCode, codeOf)),
        );
        assert.deepEqual(
          results.filter((result) => result !== expected),
          code === 401 ? [] : [403],
        );
        assert.equal(one.login.refused, true);
        assert.equal(server.authorized.length, 1, "one request with the refused password");
      });

  for (const [what, body] of [
    ["Unauthorized in a userCheck", userCheck("<isActivated>true</isActivated>")],
    ["the status string Unauthorized", "<ResponseStatus><statusString>Unauthorized</statusString></ResponseStatus>"],
    [
      "the status string Authentication failed",
      "<ResponseStatus><statusString>Authentication failed</statusString></ResponseStatus>",
    ],
    ["authenticationFailed", status("authenticationFailed")],
    ["unauthorized", status("unauthorized")],
  ] as const)
    it(`is not refused by a nonce that is over, whose 401 says ${what}`, async () => {
      await start({
        nonceUses: 2,
        body401: () => body,
        challenge: (nonce, _stale, verdict) =>
          verdict === "spent" ? undefined : `Digest realm="IP \\"Camera\\" (C1)", nonce="${nonce}", qop="auth"`,
      });
      const http = open("right");
      for (let i = 0; i < 8; i++) assert.equal((await get(http)).statusCode, 200);
      assert.equal(http.login.refused, false);
    });

  it("is not refused by a 403 that is about something else", async () => {
    await start({ answer: (_request, response) => void response.writeHead(403).end(status("lowPrivilege")) });
    const http = open("right");
    for (let i = 0; i < 3; i++) assert.equal((await get(http)).statusCode, 403);
    assert.deepEqual(server.verdicts, ["anonymous", "ok", "ok", "ok"]);
  });
});
