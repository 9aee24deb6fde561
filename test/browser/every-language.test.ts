/** The forms in the languages of the editor, as a person sees them; test/browser/every-field.test.ts reads all of them in German. */
import assert from "node:assert/strict";
import { inBrowser, openEditor, running } from "./stage";
import { foreignWords } from "./words";

/** Few: what they share, and most words. */
const NODES = { "event-in": "node1", download: "node2" };

describe("the editor's languages", function () {
  this.timeout(120_000).slow(40_000);
  inBrowser();

  for (const language of ["zh-CN"]) {
    it(`the forms speak ${language}`, async () => {
      const device = { id: "device", type: "hikvision-device", name: "D", host: "127.0.0.1", port: "1" };
      const placed = Object.entries(NODES).map(([node, id], index) => ({
        id,
        z: "tab",
        type: `hikvision-${node}`,
        device: "device",
        x: 200,
        y: 80 + index * 60,
        wires: [],
      }));
      await running().deploy([{ id: "tab", type: "tab", label: "Test" }, device, ...placed]);
      const editor = await openEditor({ language });
      for (const [node, id] of Object.entries(NODES)) {
        await editor.edit(id);
        assert.deepEqual(await foreignWords(editor, node), [], node);
        await editor.cancel();
      }
      await editor.editDevice("device");
      assert.deepEqual(await foreignWords(editor, "device"), [], "device");
      await editor.deviceCancel();
    });
  }
});
