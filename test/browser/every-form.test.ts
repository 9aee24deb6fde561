import assert from "node:assert/strict";
import { manifest } from "../support/project";
import { startVirtualDevice, type VirtualDevice } from "../virtual-device";
import { inBrowser, openEditor, running } from "./stage";

const types = Object.keys(manifest["node-red"].nodes)
  .filter((node) => node !== "device")
  .map((node) => `hikvision-${node}`);

describe("every form", function () {
  this.timeout(60_000).slow(15_000);
  inBrowser();
  let device: VirtualDevice;

  before(async () => {
    device = await startVirtualDevice({ model: "nvr" });
  });
  after(() => device.close());

  function deviceConfig(): object {
    const { host, port, username, password } = device;
    return {
      id: "device",
      type: "hikvision-device",
      name: "Yard",
      host,
      port: String(port),
      protocol: "http",
      heartbeatTimeout: 30,
      credentials: { username, password },
    };
  }

  for (const type of types) {
    it(`${type}: dragged, saved and reopened keeps its values; a look changes nothing`, async () => {
      await running().deploy([{ id: "tab", type: "tab", label: "Test" }, deviceConfig()]);
      const editor = await openEditor();
      const id = await editor.drag(type);
      await editor.edit(id);
      await editor.page.fill("#node-input-name", "My node");
      await editor.done();
      const saved = await editor.node(id);
      assert.equal(saved["name"], "My node");
      assert.equal(saved["device"], "device");
      assert.equal(saved["version"], 1);
      await editor.deploy();

      await editor.edit(id);
      assert.equal(await editor.page.inputValue("#node-input-name"), "My node");
      await editor.done();
      assert.deepEqual(await editor.node(id), saved);
      assert.equal(await editor.changed(id), false);
    });

    it(`${type}: every field has a name that a screen reader can say`, async () => {
      await running().deploy([
        { id: "tab", type: "tab", label: "Test" },
        deviceConfig(),
        { id: "n1", z: "tab", type, device: "device", x: 300, y: 200, wires: [] },
      ]);
      const editor = await openEditor();
      await editor.edit("n1");
      const nameless = await editor.page.evaluate(() =>
        [...document.querySelectorAll(".hikflow input, .hikflow select, .hikflow button")]
          .filter((field) => field.getClientRects().length > 0)
          .filter((field) => {
            const label = [...(field.labels ?? [])].map(({ textContent }) => textContent).join(" ");
            const said =
              label + (field.getAttribute("aria-label") ?? "") + (field.tagName === "BUTTON" ? field.textContent : "");
            return said.trim() === "";
          })
          .map((field) => field.outerHTML),
      );
      assert.deepEqual(nameless, []);
      await editor.cancel();
    });
  }
});

/** Runs in the browser. */
interface Field {
  readonly tagName: string;
  readonly outerHTML: string;
  readonly textContent: string;
  readonly labels?: Iterable<{ readonly textContent: string }>;
  getAttribute(name: string): string | null;
  getClientRects(): { readonly length: number };
}
declare const document: { querySelectorAll(selector: string): Iterable<Field> };
