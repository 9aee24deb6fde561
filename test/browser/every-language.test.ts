/** The forms in the languages of the editor, as a person sees them. */
import assert from "node:assert/strict";
import { manifest, readText } from "../support/project";
import { inBrowser, openEditor, running } from "./stage";

const nodes = Object.keys(manifest["node-red"].nodes);
/** One that every form speaks: that the other has the same keys and words of its own is asked of the catalogues alone. */
const LANGUAGES = { de: ["Gerät", nodes], "zh-CN": ["设备", ["event-in", "download", "device"]] } as const;

/** The short texts of a catalogue, by key. */
function texts(language: string, node: string): Map<string, string> {
  const flat = (value: unknown, key: string): [string, string][] =>
    typeof value === "string"
      ? [[key, value]]
      : Object.entries(value as object).flatMap(([name, inner]) => flat(inner, `${key}.${name}`));
  return new Map(flat(JSON.parse(readText(`locales/${language}/${node}.json`)), ""));
}

/** English texts that this language has in words of its own. */
function english(language: string, node: string): Set<string> {
  const own = texts(language, node);
  const entries = [...texts("en-US", node)].filter(([key, text]) => own.get(key) !== text);
  const words = new Set([...own.values()]);
  return new Set(entries.map(([, text]) => text).filter((text) => !words.has(text)));
}

describe("the editor's languages", function () {
  this.timeout(90_000).slow(40_000);
  inBrowser();

  for (const [language, [word, spoken]] of Object.entries(LANGUAGES)) {
    it(`the forms speak ${language}`, async () => {
      const device = { id: "device", type: "hikvision-device", name: "D", host: "127.0.0.1", port: "1" };
      const places = spoken
        .filter((node) => node !== "device")
        .map((node, index) => ({
          node,
          id: `node${index}`,
          x: 200 + (index % 2) * 250,
          y: 80 + Math.floor(index / 2) * 60,
        }));
      await running().deploy([
        { id: "tab", type: "tab", label: "Test" },
        device,
        ...places.map(({ node, ...place }) => ({
          ...place,
          z: "tab",
          type: `hikvision-${node}`,
          device: "device",
          wires: [],
        })),
      ]);
      const editor = await openEditor({ language });
      const read = async (node: string): Promise<void> => {
        const lines = (await editor.tray.locator(".hikflow").innerText()).split("\n").map((line) => line.trim());
        const options = await editor.tray.locator(".hikflow option").allInnerTexts();
        assert.ok(lines.includes(word) || node === "device", `${node}: ${lines.join(" | ")}`);
        const foreign = new Set([...english(language, node), ...english(language, "device")]);
        const left = [...lines, ...options].filter((line) => foreign.has(line) || /hikvision-|label\.|__/.test(line));
        assert.deepEqual(left, [], node);
      };
      for (const { node, id } of places) {
        await editor.edit(id);
        await read(node);
        await editor.cancel();
      }
      await editor.editDevice("device");
      await read("device");
      await editor.deviceCancel();
    });
  }
});
