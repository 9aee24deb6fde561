import assert from "node:assert/strict";
import { createRequire } from "node:module";
import type { Fields } from "../../nodes/shared/fields";
import { filesBelow, manifest, readText } from "../support/project";
import { script } from "../support/script";

const load = createRequire(__filename);

type ExampleNode = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

/** What every node has beside its own properties. */
const COMMON = ["id", "type", "z", "g", "x", "y", "wires"];
/** Of Node-RED itself. */
const CORE = [
  "tab",
  "comment",
  "inject",
  "debug",
  "catch",
  "function",
  "switch",
  "change",
  "template",
  "delay",
  "join",
].concat([
  "link in",
  "link out",
  "link call",
  "http in",
  "http response",
  "http request",
  "file in",
  "file",
  "csv",
  "mqtt in",
  "mqtt out",
  "mqtt-broker",
  "status",
  "complete",
]);
/** The examples that need another package, and what they take of it. */
const DASHBOARD = "16-dashboard.json";
const TILE = "17-camera-tile.json";
const OF_THE_DASHBOARD = /^ui-(base|theme|page|group|template|gauge|chart|text)$/;
/** Their channel comes with the message. */
const BY_MESSAGE: ReadonlySet<string> = new Set(["a fresh picture", "its picture"]);
/** RFC 5737's network for documentation, and this computer. */
const HARMLESS_ADDRESS = /^(192\.0\.2\.\d+|127\.0\.0\.1)$/;

const files = filesBelow("examples").filter((file) => file.endsWith(".json"));
const examples = new Map(files.map((file) => [file, JSON.parse(readText(`examples/${file}`)) as ExampleNode[]]));

describe("the examples", () => {
  it("are numbered without a gap", () => {
    assert.ok(files.length > 0);
    files.forEach((file, index) =>
      assert.match(file, new RegExp(`^${String(index + 1).padStart(2, "0")}-[a-z-]+\\.json$`)),
    );
  });

  it("use every node there is", () => {
    const used = new Set([...examples.values()].flat().map(({ type }) => type));
    for (const node of Object.keys(manifest["node-red"].nodes)) assert.ok(used.has(`hikvision-${node}`), node);
  });

  it("share device and dashboard, so that a second one adds no other; all else has an id of its own", () => {
    const shared = new Map<string, string>();
    const ids = new Set<string>();
    for (const node of [...examples.values()].flat()) {
      const { id, type } = node;
      if (/^(hikvision-device|ui-base|ui-theme)$/.test(type)) {
        assert.equal(shared.get(id) ?? JSON.stringify(node), JSON.stringify(node), id);
        shared.set(id, JSON.stringify(node));
      } else assert.ok(!ids.has(id), id);
      ids.add(id);
    }
    assert.equal([...shared.values()].filter((node) => node.includes("hikvision-device")).length, 2);
    for (const [file, nodes] of examples) {
      const [first] = nodes.filter(({ type }) => type === "hikvision-device");
      assert.equal(first?.id, "hikflow-example-device", file);
    }
  });

  it("say of every node that needs a channel where it is to be entered", () => {
    for (const [file, nodes] of examples) {
      if (file === DASHBOARD) continue;
      const note = String(nodes.find(({ name }) => String(name).startsWith("FILL IN"))?.["info"]);
      for (const { name, channel, type } of nodes)
        if (channel === "1" && !BY_MESSAGE.has(String(name)))
          assert.ok(note.includes(`*${String(name)}*`), `${file}: ${type} "${String(name)}"`);
    }
  });

  it("have a dashboard that is what its parts make, and that says which package it needs", async () => {
    const { dashboardFlow } = await script<{ dashboardFlow: () => object[] }>("demo/dashboard/flow.mjs");
    assert.deepEqual(examples.get(DASHBOARD), dashboardFlow(), "run node scripts/demo/dashboard-example.mjs");
    const note = examples.get(DASHBOARD)?.find(({ type }) => type === "comment");
    assert.match(String(note?.["info"]), /@flowfuse\/node-red-dashboard/);
  });

  for (const [file, nodes] of examples) {
    describe(file, () => {
      it("is a tab that says what it does, with a comment on what to fill in", () => {
        const [tab, ...rest] = nodes;
        assert.equal(tab?.type, "tab");
        assert.ok(String(tab["info"]).length > 20);
        assert.ok(rest.some(({ type, name }) => type === "comment" && String(name).startsWith("FILL IN")));
      });

      it("needs nothing but Node-RED and this package", () => {
        const strangers = nodes
          .map(({ type }) => type)
          .filter((type) => !type.startsWith("hikvision-") && !CORE.includes(type))
          .filter((type) => ![DASHBOARD, TILE].includes(file) || !OF_THE_DASHBOARD.test(type));
        assert.deepEqual(strangers, []);
      });

      it("has every property of the nodes, and no other", () => {
        for (const node of nodes.filter(({ type }) => type.startsWith("hikvision-"))) {
          const own = Object.keys(node).filter((key) => !COMMON.includes(key));
          const { properties, absent } = form(node.type);
          const expected = properties.filter((name) => !absent.has(name) || own.includes(name));
          assert.deepEqual(own.sort(), expected.sort(), node.type);
        }
      });

      it("has only choices that the forms offer", () => {
        for (const node of nodes.filter(({ type }) => type.startsWith("hikvision-"))) {
          for (const [property, offered] of form(node.type).choices)
            assert.ok(offered.includes(String(node[property])), `${node.type}: ${property} ${String(node[property])}`);
        }
      });

      it("is wired to nodes and devices that are there", () => {
        const ids = new Set(nodes.map(({ id }) => id));
        for (const { device, wires = [], scope } of nodes) {
          const mentioned = [device ?? [], wires, scope ?? []].flat(3) as string[];
          for (const id of mentioned) assert.ok(ids.has(id), id);
        }
      });

      it("names no secret and no real address", () => {
        for (const node of nodes) assert.ok(!("credentials" in node), node.type);
        const text = readText(`examples/${file}`);
        for (const [address] of text.matchAll(/\b\d{1,3}(\.\d{1,3}){3}\b/g)) assert.match(address, HARMLESS_ADDRESS);
        assert.doesNotMatch(text, /"(password|token|username)": "[^"]/i);
        assert.doesNotMatch(text, /\w:\/\/[^/\s"]+:[^/\s"]+@/);
      });
    });
  }
});

interface Form {
  readonly properties: readonly string[];
  /** Properties that a new node does not have. */
  readonly absent: ReadonlySet<string>;
  /** What the selects of the form offer, by property: the options of fields.ts. */
  readonly choices: ReadonlyMap<string, readonly string[]>;
}

/** As fields.ts and the selects of form.html have it; the ptz form makes its select of actions by itself. */
function form(type: string): Form {
  const node = type.replace("hikvision-", "");
  const { fields } = load(`../../nodes/${node}/fields`) as { fields: Fields };
  const own = Object.entries(fields).flatMap(([name, { literal }]) => (literal ? [name, `${name}Type`] : [name]));
  const properties = ["name", "version", ...(node === "device" ? [] : ["device"]), ...own];
  const html = readText(`nodes/${node}/form.html`);
  const selects = [...html.matchAll(/<select id="node-(?:config-)?input-(\w+)">([^]*?)<\/select>/g)];
  const choices = new Map<string, string[]>();
  for (const [, name = "", options = ""] of selects) {
    const offered = [...options.matchAll(/<option value="([^"]*)"/g)].map(([, value]) => value ?? "");
    if (offered.length === 0) continue;
    assert.deepEqual(offered, fields[name]?.options, `${type}: ${name}`);
    choices.set(name, offered);
  }
  const absent = new Set(Object.keys(fields).filter((name) => fields[name]?.value === undefined));
  return { properties, absent, choices };
}
