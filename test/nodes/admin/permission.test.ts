import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { serveAdmin } from "../../../nodes/admin/routes";
import { installLinked } from "../../support/linked-package";
import { nodeRedMain } from "../../support/node-red";
import { RunningNodeRed } from "../../support/running-node-red";
import { archiveOf, startVirtualDevice, type VirtualDevice } from "../../virtual-device";

const { hashSync } = createRequire(nodeRedMain)("bcryptjs") as { hashSync: (text: string, rounds: number) => string };
const USERS = [
  { username: "admin", permissions: "*" },
  { username: "reader", permissions: "read" },
  { username: "tester", permissions: "hikvision-device.write" },
] as const;
const PASSWORD = "of-the-editor";
const FLOWS = { "Content-Type": "application/json", "Node-RED-API-Version": "v2" };

/** Every question there is, with what it needs. */
const questions = new Map<string, string>();
serveAdmin({
  auth: { needsPermission: (permission: string) => permission },
  httpAdmin: { post: (address: string, permission: string) => questions.set(address.slice(1), permission) },
} as unknown as Parameters<typeof serveAdmin>[0]);

interface Asked {
  readonly status: number;
  readonly text: string;
}

describe("with logins in Node-RED, the admin endpoints", function () {
  this.timeout(90_000).slow(20_000);
  let device: VirtualDevice;
  let folder: string;
  let nodeRed: RunningNodeRed;
  let root: string;
  const tokens = new Map<string, string>();

  before(async () => {
    device = await startVirtualDevice({ model: "nvr", channels: ["Gate"], password: "S3cret-of-the-device" });
    archiveOf(device).add({ startMs: Date.UTC(2026, 0, 2), endMs: Date.UTC(2026, 0, 3) });
    folder = mkdtempSync(path.join(os.tmpdir(), "hikflow permission "));
    installLinked(folder);
    const users = USERS.map((user) => ({ ...user, password: hashSync(PASSWORD, 4) }));
    nodeRed = await RunningNodeRed.start(folder, {
      // One question searches the network.
      network: "127.0.0.1",
      settings: { httpAdminRoot: "/moved", adminAuth: { type: "credentials", users } },
    });
    root = new URL("moved/", nodeRed.url).href;
    for (const { username, permissions } of USERS) {
      const login = { client_id: "node-red-admin", grant_type: "password", scope: permissions };
      const { text } = await post("auth/token", undefined, { ...login, username, password: PASSWORD });
      tokens.set(username, (JSON.parse(text) as { access_token: string }).access_token);
    }
    await deploy();
  });
  after(async () => {
    await nodeRed.stop();
    await device.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function post(address: string, user: string | undefined, body: object, headers = {}): Promise<Asked> {
    const token = tokens.get(user ?? "");
    const answer = await fetch(new URL(address, root), {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: JSON.stringify(body),
      // Listening goes on for minutes.
      signal: AbortSignal.timeout(15_000),
    });
    if (answer.headers.get("content-type")?.includes("ndjson") !== true || !address.endsWith("listen"))
      return { status: answer.status, text: await answer.text() };
    const reader = answer.body?.getReader();
    const first = await reader?.read();
    await reader?.cancel();
    return { status: answer.status, text: Buffer.from(first?.value ?? []).toString() };
  }

  async function deploy(): Promise<void> {
    const { host, port, username, password } = device;
    const flows = [
      { id: "tab", type: "tab", label: "Test" },
      {
        id: "device",
        type: "hikvision-device",
        host,
        port: String(port),
        protocol: "http",
        credentials: { username, password, pushToken: "T0ken-of-the-device" },
      },
    ];
    const { status, text } = await post("flows", "admin", { flows }, { ...FLOWS, "Node-RED-Deployment-Type": "full" });
    assert.equal(status, 200, text);
  }

  /** What each question gets that works; the stored password is enough. */
  function body(question: string): object {
    const { host, port } = device;
    const form = { channel: "1", stream: "main", kind: "live", action: "stop", values: {}, channels: [1] };
    return {
      id: "device",
      connection: { id: "device", host, port: String(port), protocol: "http" },
      list: "channels",
      text: "now",
      form: question.endsWith("download") ? { ...form, start: "2026-01-01" } : form,
      push: { protocol: "http", host: "192.0.2.1", port: "1880" },
      place: "1",
    };
  }

  it("are closed to everybody who has no login", async () => {
    assert.ok(questions.size > 10);
    for (const question of questions.keys())
      assert.deepEqual([question, (await post(question, undefined, body(question))).status], [question, 401]);
    assert.deepEqual(device.requests, []);
  });

  it("let a reader look at lists, and do nothing else", async () => {
    for (const [question, permission] of questions) {
      const { status, text } = await post(question, "reader", body(question));
      if (permission === "hikvision-device.read") assert.equal(status, 200, `${question}: ${text}`);
      else assert.ok(status === 401 || status === 403, `${question} answered a reader ${status}`);
    }
    assert.ok(device.requests.every(({ method }) => method === "GET"));
  });

  it("answer the owner, and give no secret away", async () => {
    for (const question of questions.keys()) {
      const { status, text } = await post(question, "admin", body(question));
      assert.ok(status !== 401 && status !== 403 && status !== 404 && status !== 500, `${question}: ${status} ${text}`);
      assert.ok(text.length > 0, question);
      for (const secret of [device.password, "T0ken-of-the-device", PASSWORD])
        assert.ok(!text.includes(secret), `${question} gives a secret away`);
    }
    assert.ok(!nodeRed.log.includes(device.password));
  });

  it("fill in variables for nobody who may not read the flows", async () => {
    const sent = { connection: { id: "new", host: "${HOME}", port: "80", protocol: "http", password: "" } };
    const { status, text } = await post("hikvision/form/list", "tester", sent);
    assert.ok(status === 401 || status === 403, `${status} ${text}`);
    assert.ok(!text.includes(process.env["HOME"] ?? "?"));
    assert.equal((await post("hikvision/form/list", "admin", sent)).status, 400);
  });

  it("do a thing once, however often the flows were deployed", async () => {
    for (let times = 0; times < 3; times++) await deploy();
    // A deploy is answered before the nodes have started.
    while ((await post("hikvision/deployed/list", "admin", body("list"))).status === 400);
    const before = device.requests.length;
    const { status } = await post("hikvision/deployed/try/snapshot", "admin", body("snapshot"));
    assert.equal(status, 200);
    const pictures = device.requests.slice(before).filter((request) => request.path.endsWith("/picture"));
    assert.equal(pictures.filter(({ authorized }) => authorized).length, 1);
  });
});
