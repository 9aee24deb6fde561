import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { script } from "../support/script";

interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly device?: string;
  readonly port?: number;
  readonly name?: string;
}

type Prepare = (folder: string, device: object) => { kept: boolean; credentialSecret: string };

describe("the demo's folder", () => {
  let folder: string;
  let prepare: Prepare;
  const device = { host: "127.0.0.1", port: 1111, username: "admin", password: "demo" };
  const flowFile = (): string => path.join(folder, "flows.json");
  const flow = (): FlowNode[] => JSON.parse(readFileSync(flowFile(), "utf8")) as FlowNode[];
  const port = (): number | undefined => flow().find(({ id }) => id === "demo-device")?.port;

  before(async () => {
    ({ prepareUserDir: prepare } = await script<{ prepareUserDir: Prepare }>("demo/user-dir.mjs"));
  });
  beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), "hikflow demo "))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("gets the flow as shipped, pointing at the device", () => {
    assert.equal(prepare(folder, device).kept, false);
    assert.equal(port(), 1111);
  });

  it("shows examples beside it, filled in with the demo's device", () => {
    prepare(folder, device);
    const tabs = flow().filter(({ type }) => type === "tab");
    assert.equal(tabs.length, 4);
    assert.equal(flow().filter(({ type }) => type === "hikvision-device").length, 1);
    const asked = flow().filter(({ device: asks }) => asks !== undefined);
    assert.ok(asked.length > 4);
    for (const { device: asks } of asked) assert.equal(asks, "demo-device");
  });

  it("finds the dashboard of the project, at every start", () => {
    for (let start = 0; start < 2; start++) {
      prepare(folder, device);
      assert.ok(existsSync(path.join(folder, "node_modules/@flowfuse/node-red-dashboard/package.json")));
    }
  });

  it("gets it anew at the next start, with the device's new port", () => {
    prepare(folder, device);
    assert.equal(prepare(folder, { ...device, port: 2222 }).kept, false);
    assert.equal(port(), 2222);
  });

  it("keeps a flow that the user has changed, with the device's new port", () => {
    prepare(folder, device);
    const mine = flow().map((node) => (node.id === "demo-tab" ? { ...node, name: "mine" } : node));
    writeFileSync(flowFile(), JSON.stringify(mine));
    for (const next of [2222, 3333]) {
      assert.equal(prepare(folder, { ...device, port: next }).kept, true);
      assert.equal(flow().find(({ id }) => id === "demo-tab")?.name, "mine");
      assert.equal(port(), next);
    }
  });

  it("leaves credentials alone that Node-RED has encrypted for a changed flow", () => {
    prepare(folder, device);
    writeFileSync(flowFile(), JSON.stringify([...flow(), { id: "mine", type: "debug" }]));
    const credentials = path.join(folder, "flows_cred.json");
    writeFileSync(credentials, '{"$":"encrypted"}');
    prepare(folder, device);
    assert.equal(readFileSync(credentials, "utf8"), '{"$":"encrypted"}');
  });

  it("has one secret for the credentials, for good", () => {
    const { credentialSecret } = prepare(folder, device);
    assert.match(credentialSecret, /^[0-9a-f]{64}$/);
    assert.equal(prepare(folder, device).credentialSecret, credentialSecret);
  });
});
