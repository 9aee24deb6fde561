/** docs/gate.md, step by step, with the clicks counted that it promises. */
import assert from "node:assert/strict";
import { manifest, readText } from "../support/project";
import { until } from "../support/until";
import { accessListsOf, barriersOf, passPlate, startVirtualDevice, type VirtualDevice } from "../virtual-device";
import { inBrowser, openEditor, running } from "./stage";

const WALK = readText("docs/gate.md");

describe("the gate in ten minutes", function () {
  this.timeout(120_000).slow(40_000);
  inBrowser();
  let device: VirtualDevice;
  before(async () => (device = await startVirtualDevice({ model: "camera", heartbeat: { ms: 100 } })));
  after(() => device.close());

  it("takes the clicks that its description counts, and then the gate opens to a known plate alone", async () => {
    const { moves } = barriersOf(device).fit();
    const lists = accessListsOf(device);
    lists.generation = "today";
    lists.add("HK47110");
    // Whatever the tests before have deployed: this is the Node-RED of a beginner.
    await running().deploy([]);
    const editor = await openEditor();
    editor.byHand = true;
    const { page } = editor;
    await page.evaluate(() => {
      const counts = "hikflowClicks" in globalThis; // the page of another walk
      globalThis.hikflowClicks = 0;
      if (!counts) document.addEventListener("click", ({ isTrusted }) => isTrusted && globalThis.hikflowClicks++, true);
    });
    const counted: number[] = [];
    const stepDone = async (): Promise<void> => {
      const all = await page.evaluate(() => globalThis.hikflowClicks);
      counted.push(all - counted.reduce((sum, one) => sum + one, 0));
    };
    const type = async (field: string, text: string): Promise<void> => {
      await page.click(`#node-config-input-${field}`);
      await page.fill(`#node-config-input-${field}`, text);
    };

    const ids = await editor.importExample(manifest.name, "25-gate-in-ten-minutes");
    await stepDone();

    const named = (name: string): Promise<string> =>
      page.evaluate(
        ([all, wanted]) => {
          const found = all.map((id) => RED.nodes.node(id)).find((node) => node.name === wanted);
          RED.workspaces.show(found?.z ?? "");
          return found?.id ?? "";
        },
        [ids, name] as const,
      );
    await editor.edit(await named("Plates"));
    await page.click("#node-input-btn-device-edit");
    await page.waitForSelector("#node-config-dialog-ok");
    await type("host", device.host);
    await type("port", String(device.port));
    await type("username", device.username);
    await type("password", device.password);
    await page.waitForTimeout(500);
    await editor.deviceDone();
    await editor.done();
    await stepDone();

    await editor.edit(await named("on the camera's list?"));
    await page.click("#hikflow-try-plate-list");
    await page.waitForSelector('#hikflow-try-plate-list-answer:has-text("HK47110")');
    await editor.done();
    await stepDone();

    await editor.deploy();
    await until(() => device.streams === 1, "the event stream", 15_000);
    await stepDone();

    const button = `.red-ui-flow-node[id="${await named("a plate to add")}"] .red-ui-flow-node-button-button`;
    await page.click(button);
    await until(() => lists.plates.includes("AB123CD"), "the plate is on the list");
    await stepDone();

    await passPlate(device, { plate: "ZZ999ZZ" });
    await passPlate(device, { plate: "AB123CD" });
    await until(() => moves.length > 0, "the gate opens");
    await passPlate(device, { plate: "HK47110" });
    await until(() => moves.length === 2, "and for the one that was on the list before");
    const promised = [...WALK.matchAll(/\((\d+) clicks?\)/g)].map(([, clicks]) => Number(clicks));
    assert.deepEqual(counted, promised);
  });
});

/** What stands in the browser. */
declare global {
  // A property of the window.
  var hikflowClicks: number;
}
declare const document: {
  addEventListener(type: string, hear: (event: { readonly isTrusted: boolean }) => unknown, capture: boolean): void;
};
declare const RED: {
  readonly nodes: { node(id: string): { readonly id: string; readonly name?: string; readonly z?: string } };
  readonly workspaces: { show(id: string): void };
};
