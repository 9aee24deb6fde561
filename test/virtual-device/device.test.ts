import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { connect as connectTls } from "node:tls";
import { has, without } from "../support/left-out";
import { PAGES, fingerprint, startVirtualDevice, startVirtualDevices, status, type VirtualDevice } from ".";
import { answer, challengeOf, login, send, ticket } from "./testing/raw-client";

const INFO = "/ISAPI/System/deviceInfo";

/** curl's digest is an implementation that neither we nor Hikvision wrote. */
function curl(device: VirtualDevice, password: string, path: string, ...more: string[]): Promise<string> {
  const args = ["-s", "-o", "-", "-w", "\n%{http_code}", "-u", `${device.username}:${password}`, ...more];
  return new Promise((resolve, reject) => {
    execFile("curl", [...args, device.url + path], { encoding: "utf8" }, (error, stdout) =>
      error ? reject(new Error(`curl: ${error.message}`)) : resolve(stdout),
    );
  });
}

describe(`virtual device: held against curl${without("curl")}`, () => {
  before(function () {
    if (!has("curl")) this.skip();
  });

  for (const algorithm of ["MD5", "SHA-256"] as const) {
    it(`lets curl in with ${algorithm}`, async () => {
      await using device = await startVirtualDevice({ name: "Yard", auth: { algorithms: [algorithm] } });
      const reply = await curl(device, device.password, `${INFO}?x=1`, "--digest");
      assert.match(reply, /<deviceName>Yard<\/deviceName>[^]*200$/);
      assert.deepEqual(
        device.requests.map(({ credentials, authorized, status: code }) => ({ credentials, authorized, code })),
        [
          { credentials: false, authorized: false, code: 401 },
          { credentials: true, authorized: true, code: 200 },
        ],
      );
    });
  }

  it("keeps curl out with a wrong password, and counts the failure", async () => {
    await using device = await startVirtualDevice();
    const reply = await curl(device, "wrong", INFO, "--digest");
    assert.match(reply, /<retryLoginTime>4<\/retryLoginTime>[^]*401$/);
    assert.equal(device.requests.at(-1)?.refusal, "wrongResponse");
    assert.equal(device.authenticator.failures, 1);
  });

  it("takes Basic from curl where it is offered, over TLS too", async () => {
    await using device = await startVirtualDevice({ tls: true, auth: { schemes: ["basic"] } });
    assert.match(await curl(device, device.password, INFO, "--basic", "-k"), /200$/);
    assert.deepEqual(
      device.requests.map(({ scheme }) => scheme),
      ["basic"],
    );
  });
});

describe("virtual device", () => {
  it("records what it was asked, without secrets", async () => {
    await using device = await startVirtualDevice();
    const body = "<DeviceInfo><password>hush</password><deviceName>X</deviceName></DeviceInfo>";
    await login(device, INFO, { method: "PUT", body, headers: { "content-type": "application/xml" } });
    const last = device.requests.at(-1);
    assert.equal(last?.bodyBytes, body.length);
    assert.equal(last.body, body.replace("hush", "***"));
    assert.doesNotMatch(JSON.stringify(device.requests), /hush|response=/);
  });

  it("refuses an answer that was used before, on the same path", async () => {
    await using device = await startVirtualDevice();
    const headers = { authorization: await ticket(device, INFO) };
    assert.equal((await send(device, INFO, { headers })).status, 200);
    assert.equal((await send(device, INFO, { headers })).status, 401);
    assert.equal(device.requests.at(-1)?.refusal, "ncReused");
  });

  it("refuses an answer made for another path or method", async () => {
    await using device = await startVirtualDevice();
    const headers = { authorization: await ticket(device, INFO) };
    assert.equal((await send(device, "/ISAPI/System/time", { headers })).status, 401);
    assert.equal(device.requests.at(-1)?.refusal, "wrongUri");
    assert.equal((await send(device, INFO, { headers, method: "PUT" })).status, 401);
    assert.equal(device.requests.at(-1)?.refusal, "wrongResponse");
  });

  it("sends several challenges in headers of their own, or in one line", async () => {
    const algorithms = ["MD5", "SHA-256"] as const;
    for (const oneHeaderLine of [false, true]) {
      await using device = await startVirtualDevice({ auth: { algorithms, oneHeaderLine, nameAlgorithm: true } });
      const reply = await send(device, INFO);
      const { username, password } = device;
      const authorization = answer(challengeOf(reply, 1), { username, password, uri: INFO });
      assert.match(authorization, /algorithm=SHA-256/);
      assert.equal((await send(device, INFO, { headers: { authorization } })).status, 200);
    }
  });

  it("answers notActivated to everybody while it has no password", async () => {
    await using device = await startVirtualDevice({ activated: false });
    const reply = await send(device, INFO);
    assert.match(`${reply.status} ${reply.body.toString()}`, /^403 [^]*notActivated/);
  });

  it("applies each fault as often as requested, before or after the login", async () => {
    await using device = await startVirtualDevice();
    const busy = device.fail(INFO, status("deviceError"), { times: 2 });
    const codes: number[] = [];
    for (let i = 0; i < 3; i++) codes.push((await login(device, INFO)).status);
    assert.deepEqual(codes, [500, 500, 200]);
    assert.equal(busy.hits, 2);
    const page = device.fail(/deviceInfo/, PAGES.html401, { stage: "login" });
    assert.match((await send(device, INFO)).body.toString(), /Access Error: 401/);
    page.lift();
    assert.equal((await login(device, INFO)).status, 200);
  });

  it("a fault may concern one method only", async () => {
    await using device = await startVirtualDevice();
    device.fail(INFO, PAGES.junk, { method: "PUT" });
    assert.equal((await login(device, INFO)).headers["content-type"], 'application/xml; charset="UTF-8"');
  });

  it("resets instead of answering, and after answering", async () => {
    await using device = await startVirtualDevice();
    device.fail(INFO, { kind: "reset" }, { times: 1 });
    await assert.rejects(login(device, INFO), { code: "ECONNRESET" });
    device.fail(INFO, { kind: "resetAfter" }, { times: 1 });
    assert.equal((await login(device, INFO)).status, 200);
    while (device.connections.open > 1) await new Promise((resolve) => setImmediate(resolve));
  });

  it("cuts its answer short", async () => {
    await using device = await startVirtualDevice();
    device.fail(INFO, { kind: "truncate", bytes: 50 });
    await assert.rejects(login(device, INFO), { code: "ECONNRESET" });
  });

  it("answers late, or never", async () => {
    await using device = await startVirtualDevice();
    device.fail(INFO, { kind: "slow", ms: 50 }, { times: 1 });
    const started = performance.now();
    assert.equal((await login(device, INFO)).status, 200);
    assert.ok(performance.now() - started >= 49);
    const hang = device.fail(INFO, { kind: "hang" });
    const pending = assert.rejects(login(device, INFO));
    while (hang.hits === 0) await new Promise((resolve) => setImmediate(resolve));
    await device.close();
    await pending;
  });

  it("refuses connections while it is off the network, and is back on the same port", async () => {
    await using device = await startVirtualDevice();
    const { port } = device;
    await device.disconnect();
    await assert.rejects(send(device, INFO), { code: "ECONNREFUSED" });
    await device.connect();
    assert.equal(device.port, port);
    assert.equal((await login(device, INFO)).status, 200);
  });

  it("forgets its nonces in a reboot, not who is locked out", async () => {
    await using device = await startVirtualDevice({ auth: { lockAfter: 1 } });
    const { username } = device;
    const headers = { authorization: await ticket(device, INFO) };
    await device.reboot(5);
    assert.equal((await send(device, INFO, { headers })).status, 401);
    assert.equal(device.requests.at(-1)?.refusal, "unknownNonce");
    const challenge = challengeOf(await send(device, INFO));
    const wrong = answer(challenge, { username, password: "wrong", uri: INFO });
    await send(device, INFO, { headers: { authorization: wrong } });
    await device.reboot(5);
    assert.equal((await login(device, INFO)).status, 401);
    assert.equal(device.requests.at(-1)?.refusal, "locked");
  });

  it("reboots on request", async () => {
    await using device = await startVirtualDevice();
    assert.equal((await login(device, "/ISAPI/System/reboot", { method: "PUT" })).status, 200);
    await assert.rejects(async () => {
      for (;;) await send(device, INFO);
    });
  });

  it("gets a port that no device of the process had before, and one of its own choice also again", async () => {
    const ports: number[] = [];
    for (let i = 0; i < 400; i++) {
      await using device = await startVirtualDevice();
      ports.push(device.port);
    }
    assert.equal(new Set(ports).size, ports.length);
    await using again = await startVirtualDevice({ port: ports[0]! });
    assert.equal(again.port, ports[0]);
  });

  it("shows the certificate it was started with", async () => {
    await using device = await startVirtualDevice({ tls: true });
    const { certificate, host, port } = device;
    assert.ok(certificate);
    const seen = await new Promise<string>((resolve, reject) => {
      // Trusted as its own authority, checked for the address: the certificate is a right one.
      const socket = connectTls({ host, port, ca: certificate }, () => {
        resolve(socket.getPeerCertificate().fingerprint256);
        socket.destroy();
      });
      socket.on("error", reject);
    });
    assert.equal(seen, fingerprint(certificate));
  });

  it("starts many at once, each on its own port, and closes them all", async () => {
    const fleet = await startVirtualDevices(60, (index) => ({ name: `Camera ${index}` }));
    assert.equal(new Set(fleet.devices.map(({ port }) => port)).size, 60);
    assert.equal(fleet.devices[59]?.profile.name, "Camera 59");
    await fleet.close();
    const [first] = fleet.devices;
    assert.ok(first);
    await assert.rejects(send(first, INFO), { code: "ECONNREFUSED" });
  });
});
