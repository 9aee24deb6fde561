import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { installLinked } from "../../support/linked-package";
import { RunningNodeRed } from "../../support/running-node-red";
import { archiveOf, downloadsOf, IMKH, startVirtualDevice, type VirtualDevice } from "../../virtual-device";
import { until } from "../../support/until";

const BEGIN = Date.parse("2026-05-01T08:00:00Z");

describe("a download in a Node-RED that is killed", () => {
  let device: VirtualDevice;
  let base: string;
  let nodeRed: RunningNodeRed | undefined;

  before(async function () {
    this.timeout(120_000);
    base = mkdtempSync(path.join(os.tmpdir(), "hikflow-killed-"));
    device = await startVirtualDevice();
    installLinked(path.join(base, "user"));
  });
  after(async function () {
    this.timeout(60_000);
    await nodeRed?.stop();
    await device.close();
    rmSync(base, { recursive: true, force: true });
  });

  it("leaves nothing under a final name, and succeeds after the restart", async function () {
    this.timeout(120_000);
    const media = Buffer.concat([IMKH, randomBytes(6_000_000)]);
    archiveOf(device).add({ startMs: BEGIN, endMs: BEGIN + 60_000, media });
    const downloads = downloadsOf(device);
    const folder = path.join(base, "recordings");
    const files = (): string[] => (existsSync(folder) ? readdirSync(folder) : []);
    const final = path.join(folder, "clip.mpg");

    downloads.bytesPerSecond = 1_500_000;
    nodeRed = await RunningNodeRed.start(path.join(base, "user"));
    await nodeRed.deploy(flow(device, folder), { device: { username: device.username, password: device.password } });
    await until(() => files().some((name) => name.endsWith(".part")), "a download under way", 20_000);
    await nodeRed.kill();
    assert.deepEqual(downloads.done, []);
    assert.ok(files().length > 0 && files().every((name) => name.endsWith(".part")), files().join());

    downloads.bytesPerSecond = 0;
    nodeRed = await RunningNodeRed.start(path.join(base, "user"));
    await until(() => existsSync(final), "the file", 20_000);
    const sha256 = (data: Buffer): string => createHash("sha256").update(data).digest("hex");
    assert.equal(sha256(readFileSync(final)), sha256(media));
  });
});

/** Downloads as soon as it is started. */
function flow(device: VirtualDevice, folder: string): readonly object[] {
  const placed = { z: "tab", x: 0, y: 0 };
  return [
    { id: "tab", type: "tab", label: "Test" },
    {
      id: "device",
      type: "hikvision-device",
      name: "Front",
      host: device.host,
      port: device.port,
      protocol: "http",
      timeZone: "utc",
    },
    { ...placed, id: "go", type: "inject", props: [], once: true, onceDelay: 0.1, wires: [["download"]] },
    {
      ...placed,
      id: "download",
      type: "hikvision-download",
      device: "device",
      channel: "1",
      channelType: "num",
      start: "2026-05-01T08:00:00Z",
      end: "2026-05-01T08:01:00Z",
      directory: folder,
      filename: "clip",
      wires: [[], []],
    },
  ];
}
