import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { DebugSidebar } from "../../support/debug-sidebar";
import { installLinked } from "../../support/linked-package";
import { RunningNodeRed } from "../../support/running-node-red";
import { startVirtualDevice, type VirtualDevice } from "../../virtual-device";

const placed = { z: "tab", x: 0, y: 0 };
const debug = { type: "debug", active: true, tosidebar: true, complete: "true", targetType: "full", ...placed };

/** A refused password, as a Catch node sees it, and a diagnosis, as a flow gets it. */
function flow(device: VirtualDevice): readonly object[] {
  return [
    { id: "tab", type: "tab", label: "Test" },
    { id: "device", type: "hikvision-device", name: "Front", host: device.host, port: device.port, protocol: "http" },
    { id: "go", type: "inject", once: true, onceDelay: 1, payload: "", wires: [["look", "take"]], ...placed },
    { id: "take", type: "hikvision-snapshot", device: "device", channel: "1", wires: [[]], ...placed },
    { id: "look", type: "hikvision-diagnose", device: "device", wires: [["report"]], ...placed },
    { id: "catch", type: "catch", scope: ["take"], wires: [["caught"]], ...placed },
    { id: "caught", ...debug },
    { id: "report", ...debug },
  ];
}

describe("a Node-RED that speaks another language", function () {
  this.timeout(120_000).slow(30_000);
  let folder: string;
  let device: VirtualDevice;
  let nodeRed: RunningNodeRed | undefined;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "hikflow-language-"));
    device = await startVirtualDevice();
  });
  afterEach(async () => {
    await nodeRed?.stop();
    await device.close();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [language, sentence] of [
    ["de", /^Das Gerät lehnt Benutzername oder Passwort ab \(noch \d Versuche.*Einstellungen des Geräts/],
    ["zh-CN", /^设备拒绝了用户名或密码（再试 \d 次.*设备设置/],
  ] as const) {
    it(`tells errors and reports in it, with the same codes (${language})`, async () => {
      installLinked(folder);
      nodeRed = await RunningNodeRed.start(folder, { language });
      const sidebar = await DebugSidebar.open(nodeRed.url);
      await nodeRed.deploy(flow(device), { device: { username: device.username, password: "wrong" } });
      const shown = async (node: string): Promise<unknown> =>
        JSON.parse((await sidebar.find(({ id }) => id === node, 20_000)).msg) as unknown;

      const { error } = (await shown("caught")) as { error: Record<string, unknown> };
      assert.match(String(error["message"]), sentence);
      assert.equal(error["code"], "unauthorized");
      assert.deepEqual(Object.keys(error).sort(), ["cause", "code", "message", "source", "stack"]);
      const { payload } = (await shown("report")) as {
        payload: { checks: readonly { id: string; code?: string; text: string }[] };
      };
      const login = payload.checks.find(({ id }) => id === "login");
      assert.match(login?.text ?? "", sentence);
      assert.equal(login?.code, "unauthorized");
      sidebar.close();
    });
  }
});
