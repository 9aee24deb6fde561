import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { startVirtualDevice, type VirtualDevice } from ".";

/** curl's digest is an implementation that neither we nor Hikvision wrote. */
function curl(device: VirtualDevice, password: string, path: string, ...more: string[]): Promise<string> {
  const args = ["-s", "-o", "-", "-w", "\n%{http_code}", "--digest", "-u", `${device.username}:${password}`, ...more];
  return new Promise((resolve, reject) => {
    execFile("curl", [...args, device.url + path], { encoding: "utf8" }, (error, stdout) =>
      error ? reject(new Error(`curl: ${error.message}`)) : resolve(stdout),
    );
  });
}

describe("virtual device", () => {
  it("lets curl in with the right password, and names itself", async () => {
    await using device = await startVirtualDevice({ name: "Yard" });
    const answer = await curl(device, device.password, "/ISAPI/System/deviceInfo?x=1");
    assert.match(answer, /<deviceName>Yard<\/deviceName>[^]*200$/);
    assert.deepEqual(
      device.requests.map(({ credentials, authorized, status }) => ({ credentials, authorized, status })),
      [
        { credentials: false, authorized: false, status: 401 },
        { credentials: true, authorized: true, status: 200 },
      ],
    );
  });

  it("keeps curl out with a wrong password, and counts the failure", async () => {
    await using device = await startVirtualDevice();
    const answer = await curl(device, "wrong", "/ISAPI/System/deviceInfo");
    assert.match(answer, /<retryLoginTime>4<\/retryLoginTime>[^]*401$/);
    assert.equal(device.requests.at(-1)?.refusal, "wrongResponse");
    assert.equal(device.gate.failures, 1);
  });
});
