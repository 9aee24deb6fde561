import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";

const root = path.resolve(__dirname, "../..");

/** Loads every node as Node-RED does at its start, without any flow; tells which packages came with them. */
const LOAD = `
  const app = { get() {}, post() {}, put() {}, delete() {}, use() {} };
  const RED = { nodes: { registerType() {} }, httpAdmin: app, httpNode: app, auth: { needsPermission: () => () => {} },
    settings: {}, events: { on() {} }, log: {}, plugins: { registerPlugin() {} } };
  const { nodes } = require("./package.json")["node-red"];
  const before = process.cpuUsage();
  for (const file of Object.values(nodes)) require("./" + file)(RED);
  const { user, system } = process.cpuUsage(before);
  const packages = Object.keys(require.cache).map((file) => /node_modules.([^/\\\\]+)/.exec(file)?.[1]);
  console.log(JSON.stringify({ ms: (user + system) / 1000, packages: [...new Set(packages.filter(Boolean))] }));`;

describe("the start of Node-RED", () => {
  it("loads no other package as long as no flow uses a node, and takes its time for nothing", () => {
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", LOAD], { cwd: root, encoding: "utf8" });
    assert.equal(stderr, "");
    const { ms, packages } = JSON.parse(stdout) as { ms: number; packages: string[] };
    assert.deepEqual(packages, []);
    // CPU time. The bound is generous: docs/performance.md has the figure.
    assert.ok(ms < 2_000, `${ms} ms`);
  });
});
