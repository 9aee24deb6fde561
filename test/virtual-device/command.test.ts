import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SCRIPT = join(__dirname, "../../scripts/virtual-device.mjs");

describe("npm run virtual-device", () => {
  it("prints its address, asks for a login, and ends with Ctrl-C", async () => {
    const child = spawn(process.execPath, [SCRIPT, "--port", "0", "--model", "camera", "--user", "guard"]);
    const ended = once(child, "exit");
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    while (!text.includes("Ctrl-C")) await Promise.race([once(child.stdout, "data"), ended]);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
    assert.match(text, /IPCamera, 1 channel[^]*guard/);
    const reply = await fetch(`${url}/ISAPI/System/deviceInfo`);
    await reply.text();
    assert.equal(reply.status, 401);
    child.kill("SIGINT");
    assert.deepEqual(await ended, [0, null]);
  });

  it("stands in for a recorded device", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hikflow-dump-"));
    const file = join(folder, "shop.json");
    const DeviceInfo = { deviceName: "Shop", deviceType: "DVR" };
    writeFileSync(file, JSON.stringify({ data: { ISAPI: { "System/deviceInfo": { response: { DeviceInfo } } } } }));
    const child = spawn(process.execPath, [SCRIPT, "--port", "0", "--dump", file, "--scenario", "none"]);
    const ended = once(child, "exit");
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    while (!text.includes("Ctrl-C")) await Promise.race([once(child.stdout, "data"), ended]);
    assert.match(text, /\(DVR, /);
    child.kill("SIGINT");
    await ended;
    rmSync(folder, { recursive: true });
  });

  it("explains itself when asked for a device that it is not", async () => {
    const child = spawn(process.execPath, [SCRIPT, "--model", "toaster"]);
    let text = "";
    child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
    assert.deepEqual(await once(child, "close"), [1, null]);
    assert.match(text, /--model NAME +camera, nvr/);
  });
});
