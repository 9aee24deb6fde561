import assert from "node:assert/strict";
import { filesBelow, manifest, readText } from "../support/project";
import { inBrowser, openEditor, running } from "./stage";

const DEVICE_LABEL = `${manifest.name}/device:hikvision-device.label.device`;

describe("in the editor", function () {
  this.timeout(60_000).slow(15_000);
  inBrowser();

  it("every example can be imported, has no unknown node, and no node that the editor marks as faulty", async () => {
    await running().deploy([{ id: "tab", type: "tab", label: "Test" }]);
    const { page } = await openEditor();
    const flows = filesBelow("examples").map((file) => JSON.parse(readText(`examples/${file}`)) as object[]);
    const faulty = await page.evaluate((all) => {
      for (const flow of all) RED.nodes.import(flow, { generateIds: true });
      const found: string[] = [];
      const look = ({ type, name, valid, validationErrors }: EditorNode): void => {
        if (type === "unknown" || valid === false)
          found.push(`${type} "${name ?? ""}": ${(validationErrors ?? []).join(", ")}`);
      };
      RED.nodes.eachNode(look);
      RED.nodes.eachConfig(look);
      return found;
    }, flows);
    assert.deepEqual(faulty, []);
    const tabs = await page.evaluate(() => RED.nodes.getWorkspaceOrder().length);
    assert.equal(tabs, flows.length + 1);
  });

  for (const [language, label] of [
    ["de", "Gerät"],
    ["zh-CN", "设备"],
  ] as const) {
    it(`forms and help speak ${language}`, async () => {
      await running().deploy([{ id: "tab", type: "tab", label: "Test" }]);
      const editor = await openEditor({ language });
      assert.equal(await editor.page.evaluate((key) => RED._(key), DEVICE_LABEL), label);
      await editor.edit(await editor.drag("hikvision-event-in"));
      assert.ok((await editor.page.innerText(".hikflow")).includes(label));
      await editor.cancel();
    });
  }
});

interface EditorNode {
  readonly type: string;
  readonly name?: string;
  readonly valid?: boolean;
  readonly validationErrors?: readonly string[];
}

/** What stands in the browser. */
declare const RED: {
  _(key: string): string;
  nodes: {
    import(flow: readonly object[], options: { generateIds: boolean }): void;
    eachNode(look: (node: EditorNode) => void): void;
    eachConfig(look: (node: EditorNode) => void): void;
    getWorkspaceOrder(): readonly string[];
  };
};
