/** Every example as a person meets it: imported from the menu, filled in, deployed, and then it does what it promises. */
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
import { inBrowser, oneEditor, openEditor, running } from "./stage";
import { until } from "../support/until";

describe("the examples in the editor", function () {
  this.timeout(60_000).slow(15_000);
  inBrowser();
  const editorOfAll = oneEditor();
  let folder: string;
  let broker: MqttBroker | undefined;
  let device: VirtualDevice | undefined;

  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), "hikflow examples "))));
  after(async () => {
    await broker?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    await device?.close();
    device = undefined;
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

    if (flow.some(({ type }) => type === "ui-base")) {
      // Node-RED also loads what stands beside it in node_modules: there the dashboard may be.
      it(`${name} has no faulty node, and no unknown one but those of a palette that is missing`, async () => {
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
      continue;
    }
    if (wantsBroker && !has("Mosquitto")) {
      it.skip(`${name}${without("Mosquitto")}`);
      continue;
    }
    it(`${name} ${promise?.does ?? ""}`, async () => {
      assert.ok(promise, "test/support/example-promises.ts says nothing of it");
      const editor = await editorOfAll();
      await watchDebug(editor);
      device = await startExampleDevice(promise);
      const example = await ImportedExample.take(editor, manifest.name, name);
      assert.deepEqual(await example.untidy(), []);
      assert.deepEqual(await example.faults(), []);
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
