import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { DebugSidebar } from "../support/debug-sidebar";
import { npm } from "../support/npm";
import { filesBelow, manifest, root } from "../support/project";
import { RunningNodeRed } from "../support/running-node-red";
import { alerts, startVirtualDevice } from "../virtual-device";

interface NodeSet {
  readonly id: string;
  readonly module: string;
  readonly types: readonly string[];
  readonly enabled: boolean;
  readonly err?: string;
}

describe("the packed package, installed into a plain Node-RED", function () {
  this.timeout(120_000).slow(60_000);
  let folder: string;
  let nodeRed: RunningNodeRed | undefined;
  const running = (): RunningNodeRed => {
    assert.ok(nodeRed);
    return nodeRed;
  };

  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "hikflow installed "));
    const output = await npm(["pack", "--json", "--ignore-scripts", "--pack-destination", folder], root);
    const [{ filename }] = JSON.parse(output) as [{ filename: string }];
    writeFileSync(path.join(folder, "package.json"), JSON.stringify({ private: true }));
    const quick = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
    await npm(["install", ...quick, `./${filename}`], folder);
    rmSync(path.join(folder, filename));
    nodeRed = await RunningNodeRed.start(folder);
  });

  after(async () => {
    await nodeRed?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("brings at most 10 packages and 6 MB", () => {
    const packages = installedPackages(path.join(folder, "node_modules"));
    assert.ok(packages.length <= 10 + 1, `${packages.length - 1} packages beside our own: ${packages.join(", ")}`);
    const bytes = sizeOf(path.join(folder, "node_modules"));
    assert.ok(bytes <= 6_000_000, `${(bytes / 1e6).toFixed(1)} MB`);
  });

  it("has every node enabled, without an error", async () => {
    const sets = ((await running().json("nodes")) as NodeSet[]).filter((set) => set.module === manifest.name);
    assert.equal(sets.length, Object.keys(manifest["node-red"].nodes).length);
    for (const set of sets)
      assert.deepEqual(
        { id: set.id, enabled: set.enabled, err: set.err },
        { id: set.id, enabled: true, err: undefined },
      );
  });

  it("shows its icons, catalogues and help", async () => {
    for (const icon of filesBelow("icons")) {
      const { status } = await fetch(new URL(`icons/${manifest.name}/${icon}`, running().url));
      assert.equal(status, 200, icon);
    }
    const html = await (await fetch(new URL("nodes", running().url), { headers: { Accept: "text/html" } })).text();
    for (const node of Object.keys(manifest["node-red"].nodes)) {
      const catalogue = await running().json(`nodes/${manifest.name}/${node}/messages?lng=en-US`);
      assert.ok(Object.hasOwn(catalogue as object, `hikvision-${node}`), node);
      assert.ok(html.includes(`data-help-name="hikvision-${node}"`), `help of ${node}`);
    }
  });

  it("brings its examples", async () => {
    for (const example of filesBelow("examples")) {
      const name = encodeURIComponent(example.replace(/\.json$/, ""));
      const { status } = await fetch(new URL(`library/examples/flows/${manifest.name}/${name}`, running().url));
      assert.equal(status, 200, example);
    }
  });

  it("turns a device's event into a message", async () => {
    await using device = await startVirtualDevice({ model: "camera" });
    const sidebar = await DebugSidebar.open(running().url);
    try {
      await running().deploy(
        [
          { id: "tab", type: "tab", label: "Test" },
          {
            id: "device",
            type: "hikvision-device",
            name: "Camera",
            host: device.host,
            port: device.port,
            protocol: "http",
          },
          {
            id: "events",
            type: "hikvision-event-in",
            z: "tab",
            x: 100,
            y: 100,
            device: "device",
            connection: true,
            wires: [["debug"]],
          },
          {
            id: "debug",
            type: "debug",
            z: "tab",
            x: 300,
            y: 100,
            active: true,
            tosidebar: true,
            complete: "payload",
            targetType: "msg",
            wires: [],
          },
        ],
        { device: { username: device.username, password: device.password } },
      );
      await sidebar.find(({ msg }) => msg.includes('"state":"online"'));
      await device.emit(alerts.motion({ channel: 1 }));
      const { msg } = await sidebar.find((shown) => shown.msg.includes('"VMD"'));
      const { type, state, channel } = JSON.parse(msg) as Record<string, unknown>;
      assert.deepEqual({ type, state, channel }, { type: "VMD", state: "start", channel: 1 });
    } finally {
      sidebar.close();
      await running().deploy([]);
    }
  });
});

/** Names of all packages below a node_modules folder, nested ones too. */
function installedPackages(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((file) => /(^|node_modules\/)((@[^/]+\/)?[^/@.][^/]*)\/package\.json$/.test(file.replaceAll(path.sep, "/")))
    .map((file) => path.dirname(file));
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((bytes, entry) => bytes + statSync(path.join(entry.parentPath, entry.name)).size, 0);
}
