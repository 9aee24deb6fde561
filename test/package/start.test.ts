import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { DebugSidebar } from "../support/debug-sidebar";
import { listens } from "../support/listens";
import { root } from "../support/project";

describe("npm start", function () {
  this.timeout(120_000).slow(30_000);
  let demo: ChildProcess | undefined;
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), "hikflow start "))));
  afterEach(async () => {
    if (demo?.exitCode === null && demo.signalCode === null) {
      demo.kill("SIGKILL");
      await once(demo, "exit");
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it("shows events of the virtual device in Node-RED, and leaves nothing behind when told to stop", async () => {
    // Somebody has the wished port already: the next free one is taken.
    await using taken = await occupiedPort();
    const options = ["--port", String(taken.port), "--folder", folder];
    demo = spawn(process.execPath, [path.join(root, "scripts/start.mjs"), ...options], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, NODE_V8_COVERAGE: undefined },
    });
    const output = await printedUntil(demo, /Stop +Ctrl-C/);
    const url = /Editor +(\S+)/.exec(output)?.[1] ?? "";
    const device = /Device +(\S+)/.exec(output)?.[1] ?? "";
    assert.ok(Number(new URL(url).port) > taken.port);

    const page = await fetch(url);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /Node-RED/);

    const dashboard = await fetch(`${/Dashboard +(\S+)/.exec(output)?.[1] ?? ""}/`);
    assert.equal(dashboard.status, 200);
    assert.match(await dashboard.text(), /FlowFuse Dashboard/);

    const sidebar = await DebugSidebar.open(url);
    const { msg } = await sidebar.find(({ id, msg }) => id === "demo-debug" && msg.includes('"state":"start"'), 30_000);
    const { device: sender } = JSON.parse(msg) as { device: { name: string } };
    assert.equal(sender.name, "Demo recorder");
    sidebar.close();

    const gone = once(demo, "exit");
    demo.kill("SIGINT");
    assert.deepEqual(await gone, [0, null]);
    for (const address of [url, device]) {
      const { hostname, port } = new URL(address);
      assert.equal(await listens(Number(port), hostname), false, `${address} still answers`);
    }
  });
});

/** Everything printed so far, once it matches. */
function printedUntil({ stdout }: ChildProcess, pattern: RegExp): Promise<string> {
  let output = "";
  return new Promise((resolve, reject) => {
    stdout!.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (pattern.test(output)) resolve(output);
    });
    stdout!.once("end", () => reject(new Error(`It ended early:\n${output}`)));
  });
}

async function occupiedPort(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = promisify(server.close.bind(server));
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: () => close() };
}
