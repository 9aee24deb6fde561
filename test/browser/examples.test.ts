/**
 * Every example as a person meets it, imported from the menu or by what that calls in the end. What the editor then deploys is what
 * stands in the file, and test/package/examples-run.test.ts sees each file do what it promises; some do it here, too, filled in and
 * deployed by hand.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promises, startExampleDevice, streamsWanted } from "../support/example-promises";
import { type FlowNode } from "../support/flow";
import { has, without } from "../support/left-out";
import { MqttBroker } from "../support/mqtt-broker";
import { filesBelow, manifest, readText } from "../support/project";
import type { VirtualDevice } from "../virtual-device";
import { ImportedExample, watchDebug } from "./imported-example";
import { afterTests, inBrowser, oneEditor, openEditor, running } from "./stage";
import { until } from "../support/until";

/** One for each way of a person with an example: its inject buttons, the debug sidebar, http in, a folder to fill in, a broker. */
const BY_HAND = new Set([
  "01-motion-picture-message",
  "08-snapshot-wall",
  "09-find-and-download",
  "15-many-devices-mqtt",
  "20-everybody-left",
]);

describe("the examples in the editor", function () {
  this.timeout(120_000).slow(15_000);
  inBrowser();
  const editorOfAll = oneEditor();
  let folder: string;
  let broker: MqttBroker | undefined;
  let device: VirtualDevice | undefined;

  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), "hikflow examples "))));
  afterTests(async () => {
    await broker?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    await device?.close();
    device = undefined;
  });

  it("are all in the menu", async () => {
    const { page } = await editorOfAll();
    await page.click("#red-ui-header-button-sidemenu");
    await page.click("#menu-item-import");
    await page.getByRole("link", { name: "Examples" }).click();
    const examples = page.locator("#red-ui-clipboard-dialog-import-tab-examples");
    await examples.getByText(manifest.name).click();
    for (const file of filesBelow("examples")) await examples.getByText(file.replace(/\.json$/, "")).waitFor();
    await page.keyboard.press("Escape");
    await examples.waitFor({ state: "hidden" });
  });

  it("a second one uses the device of the first, as it was filled in", async () => {
    device = await startExampleDevice(undefined);
    const editor = await editorOfAll();
    const first = await ImportedExample.take(editor, manifest.name, "02-intrusion-people-only");
    await first.fillIn(device, folder);
    const second = await ImportedExample.take(editor, manifest.name, "03-line-crossing-counter");
    const devices = await editor.page.evaluate(() => {
      const found: string[] = [];
      RED.nodes.eachConfig(({ type, host }) => type === "hikvision-device" && found.push(host ?? ""));
      return found;
    });
    assert.deepEqual(devices, [device.host]);
    await editor.deploy();
    await until(() => device?.streams === 1, "one event stream", 15_000);
    await second.remove(false);
    await first.remove();
  });

  for (const file of filesBelow("examples")) {
    const name = file.replace(/\.json$/, "");
    const flow = JSON.parse(readText(`examples/${file}`)) as FlowNode[];
    const promise = promises[name];
    const wantsBroker = flow.some(({ type }) => type === "mqtt-broker");

    if (wantsDashboard(flow)) continue;
    it(`${name} comes whole, tidy and without a fault, and is deployed as it stands in its file`, async () => {
      const example = await ImportedExample.put(await editorOfAll(), flow);
      assert.deepEqual(await example.untidy(), []);
      assert.deepEqual(await example.faults(), []);
      assert.deepEqual(inFlow(await example.saved()), inFlow(flow));
      await example.remove();
    });

    if (!BY_HAND.has(name)) continue;
    if (wantsBroker && !has("Mosquitto")) {
      it.skip(`${name}${without("Mosquitto")}`);
      continue;
    }
    it(`${name} ${promise?.does ?? ""}`, async () => {
      assert.ok(promise, "test/support/example-promises.ts says nothing of it");
      const editor = await editorOfAll();
      await watchDebug(editor);
      device = await startExampleDevice(promise);
      const example = await ImportedExample.put(editor, flow);
      await example.fillIn(device, folder);
      if (wantsBroker) await example.fillInBroker((broker ??= await MqttBroker.start(folder)));
      await example.hurry();
      await editor.deploy();
      await until(() => device?.streams === streamsWanted(flow), "the event stream is open", 15_000);
      await promise.seen(example.run(device, running().url));
      await example.remove();
    });
  }
});

// After the others have given their editor back: each page more costs the browser seconds.
describe("the examples for a dashboard in the editor", function () {
  this.timeout(120_000).slow(15_000);
  inBrowser();

  for (const file of filesBelow("examples")) {
    const flow = JSON.parse(readText(`examples/${file}`)) as FlowNode[];
    if (!wantsDashboard(flow)) continue;
    // Node-RED also loads what stands beside it in node_modules: there the dashboard may be.
    it(`${file.replace(/\.json$/, "")} has no faulty node, and no unknown one but those of a palette that is missing`, async () => {
      const { page } = await openEditor();
      const faulty = await page.evaluate((nodes) => {
        RED.nodes.import(nodes, { generateIds: true });
        const found: string[] = [];
        const look = ({ type, name, valid, validationErrors }: EditorNode): void => {
          const missing = type === "unknown" && name?.startsWith("ui-");
          if (!missing && (type === "unknown" || valid === false))
            found.push(`${type} "${name ?? ""}": ${(validationErrors ?? []).join(", ")}`);
        };
        RED.nodes.eachNode(look);
        RED.nodes.eachConfig(look);
        return found;
      }, flow);
      assert.deepEqual(faulty, []);
    });
  }
});

function wantsDashboard(flow: readonly FlowNode[]): boolean {
  return flow.some(({ type }) => type === "ui-base");
}

/** The nodes of a flow without tab and config nodes, in one order and with ids of that order: an import gives ids of its own. */
function inFlow(nodes: readonly object[]): unknown {
  const placed = (nodes as readonly Partial<FlowNode>[]).filter(({ x }) => x !== undefined);
  const place = ({ type, name, x, y }: Partial<FlowNode>): string => JSON.stringify([type, name, x, y]);
  const sorted = placed.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
  const text = sorted.reduce(
    (all, { id, z, device, broker }, index) =>
      all
        .replaceAll(`"${id}"`, `"${index}"`)
        .replaceAll(`"${String(z)}"`, '"tab"')
        .replaceAll(`"${String(device)}"`, '"device"')
        .replaceAll(`"${String(broker)}"`, '"broker"'),
    JSON.stringify(sorted),
  );
  return JSON.parse(text);
}

/** What stands in the browser. */
interface EditorNode {
  readonly type: string;
  readonly name?: string;
  readonly host?: string;
  readonly valid?: boolean;
  readonly validationErrors?: readonly string[];
}

declare const RED: {
  readonly nodes: {
    import(flow: readonly object[], options: { generateIds: boolean }): void;
    eachNode(look: (node: EditorNode) => void): void;
    eachConfig(look: (node: EditorNode) => void): void;
  };
};
