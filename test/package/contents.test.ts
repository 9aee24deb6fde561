import assert from "node:assert/strict";
import { npm } from "../support/npm";
import { filesBelow, manifest, readText, root } from "../support/project";

describe("the package's files", function () {
  this.timeout(60_000).slow(10_000);
  let packed: ReadonlySet<string>;

  before(async () => {
    const output = await npm(["pack", "--dry-run", "--json", "--ignore-scripts"], root);
    const [report] = JSON.parse(output) as [{ files: { path: string }[] }];
    packed = new Set(report.files.map((file) => file.path));
    assert.ok(packed.has("dist/src/index.js"), 'dist/ is not built: run "npm run build" first');
  });

  const nodes = Object.keys(manifest["node-red"].nodes);

  it("hold every node with its form", () => {
    for (const node of nodes) {
      assert.ok(packed.has(`dist/nodes/${node}/${node}.js`), node);
      assert.ok(packed.has(`dist/nodes/${node}/${node}.html`), node);
    }
  });

  it("list the config node first: the other forms need its code", () => {
    assert.equal(nodes[0], "device");
  });

  it("hold a catalogue and a help text for every node and language", () => {
    const languages = new Set(filesBelow("locales").map((file) => file.split("/")[0]));
    assert.ok(languages.has("en-US"));
    for (const language of languages) {
      for (const node of nodes) {
        assert.ok(packed.has(`dist/nodes/${node}/locales/${language}/${node}.json`), `${language} ${node}.json`);
        assert.ok(packed.has(`dist/nodes/${node}/locales/${language}/${node}.html`), `${language} ${node}.html`);
      }
    }
  });

  it("hold the icon of every node in the palette", () => {
    for (const file of filesBelow("icons")) {
      const node = file.replace(/\.svg$/, "");
      assert.ok(packed.has(`dist/nodes/${node}/icons/${file}`), file);
    }
  });

  it("hold the sentences of every language", () => {
    for (const file of filesBelow("locales").filter((name) => /(sentences|access-codes)\.json$/.test(name)))
      assert.ok(packed.has(`dist/locales/${file}`), file);
  });

  for (const folder of ["examples", "resources"]) {
    it(`hold everything of ${folder}/`, () => {
      for (const file of filesBelow(folder)) assert.ok(packed.has(`${folder}/${file}`), file);
    });
  }

  it("hold what a reader looks for", () => {
    for (const file of ["README.md", "LICENSE", "CHANGELOG.md"]) assert.ok(packed.has(file), file);
  });

  it("hold no test, no source and no tool of development", () => {
    const rooms = /^(dist|examples|resources)\/|^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;
    const others = [...packed].filter((file) => !rooms.test(file) || /\.(ts|tsbuildinfo|test\.js|map)$/.test(file));
    assert.deepEqual(others, []);
  });

  it("hold the code of all forms inside the device form, and nothing that only Node.js has", () => {
    const html = readText("dist/nodes/device/device.html");
    assert.ok(!html.includes("<!-- editor -->"), "the placeholder is still there");
    assert.match(html, /window\.hikflow ?= ?\{/);
    assert.doesNotMatch(html, /\brequire\w*\(|undici|["']node:/);
  });
});
