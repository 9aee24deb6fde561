import assert from "node:assert/strict";
import type { ErrorCode } from "../../src/lib/errors";
import { filesBelow, manifest, readText } from "../support/project";

type Texts = ReadonlyMap<string, string>;

const REFERENCE = "en-US";
const NAMESPACE = `${manifest.name}/`;
const nodes = Object.keys(manifest["node-red"].nodes);
/** Every one that has a catalogue, in package.json yet or not. */
const translated = filesBelow(`locales/${REFERENCE}`)
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.slice(0, -5));
const languages = [...new Set(filesBelow("locales").map((file) => file.split("/")[0] ?? ""))];
const reference = new Map(nodes.map((node) => [node, texts(REFERENCE, node)]));

/** Every code has to be here, or this does not compile. */
const codes: Readonly<Record<ErrorCode, true>> = {
  unauthorized: true,
  locked: true,
  forbidden: true,
  notActivated: true,
  notSupported: true,
  notIsapi: true,
  badRequest: true,
  busy: true,
  noSlots: true,
  offline: true,
  timeout: true,
  tls: true,
  protocol: true,
  aborted: true,
  disk: true,
  ffmpeg: true,
  notFound: true,
};

/** Texts that are the same in another language: names, and words that it has taken over. */
const NAMES = "ISAPI SHA-256 MP4 MKV PoE PTZ Buffer /data/recordings".split(" ");
const GERMAN =
  "Port Host Stream Sub Name Format Smart Zoom Home Preset Presets Heatmap Tag online offline Details".split(" ");
const SAME: Readonly<Record<string, readonly string[]>> = {
  de: [...NAMES, ...GERMAN, "Unicast", "Multicast", "Download"],
  "zh-CN": NAMES,
};

describe("the catalogues", () => {
  it("are there for every node in the reference language", () => {
    assert.ok(languages.includes(REFERENCE));
    for (const node of nodes) assert.ok((reference.get(node)?.size ?? 0) > 0, node);
  });

  for (const language of languages.filter((name) => name !== REFERENCE)) {
    for (const node of translated) {
      it(`have the same keys and placeholders in ${language} (${node})`, () => {
        const other = texts(language, node);
        const wanted = texts(REFERENCE, node);
        assert.deepEqual([...other.keys()].sort(), [...wanted.keys()].sort());
        for (const [key, text] of wanted) assert.deepEqual(placeholders(other.get(key)), placeholders(text), key);
      });

      it(`leave nothing in English in ${language} (${node})`, () => {
        const other = texts(language, node);
        const left = [...texts(REFERENCE, node)].filter(
          ([key, text]) =>
            /[A-Za-z]{2}/.test(text.replace(/__\w+?__/g, "")) &&
            other.get(key) === text &&
            !SAME[language]?.includes(text),
        );
        assert.deepEqual(left, []);
      });

      it(`have the same samples and properties in the ${language} help (${node})`, () => {
        const [wanted, other] = [help(REFERENCE, node), help(language, node)];
        assert.deepEqual(other.samples, wanted.samples);
        assert.deepEqual(other.properties, wanted.properties);
      });

      it(`leave no sentence of the help in English in ${language} (${node})`, () => {
        const wanted = new Set(help(REFERENCE, node).prose);
        const left = help(language, node).prose.filter((line) => wanted.has(line));
        assert.deepEqual(
          left.filter((line) => !SAME[language]?.includes(line)),
          [],
        );
      });
    }
  }

  for (const node of nodes) {
    it(`know every text of the ${node} form`, () => {
      const html = readText(`dist/nodes/${node}/${node}.html`);
      const keys = [
        ...[...html.matchAll(/data-i18n="([^"]+)"/g)].flatMap(([, list]) => (list ?? "").split(";")),
        ...all(formCode(node), /(?:\._\(|labelWithChannel\(node, |words\(node, )["`](hikvision-[\w.-]+)/g),
      ].map((key) => key.replace(/^\[[^\]]*\]/, ""));
      assert.ok(keys.length > 0);
      for (const key of keys) {
        // A label such as node._(`hikvision-ptz.action.${action}`).
        if (key.endsWith(".")) assertGroup(key, node);
        else assertKnown(key, node);
      }
    });

    it(`have a name for every port of the ${node} node`, () => {
      const form = readText(`dist/nodes/${node}/${node}.html`);
      const count = (name: string): number => Number(new RegExp(`\\b${name}: (\\d)`).exec(form)?.[1] ?? 0);
      if (count("inputs") > 0) assertKnown(`hikvision-${node}.port.input`, node);
      if (count("outputs") > 0) assertKnown(`hikvision-${node}.port.output`, node);
      if (count("outputs") > 1) assertKnown(`hikvision-${node}.port.second`, node);
    });

    it(`know every text that the ${node} node sends`, () => {
      const source = readText(`nodes/${node}/${node}.ts`);
      for (const key of all(source, /RED\._\(\s*['"`]([^'"`$]+)['"`]/g)) assertKnown(key, node);
    });
  }

  it("know every text of the shared form code", () => {
    const source = filesBelow("nodes")
      .filter((file) => /^editor\/.*\.ts$|^[\w-]+\/form[\w-]*\.ts$/.test(file))
      .map((file) => readText(`nodes/${file}`))
      .join("\n");
    const fixed = all(source, /\bt\(\s*["']([^"']+)["']/g);
    const computed = all(source, /\bt\(\s*`([^`$]+)\.\$\{/g);
    assert.ok(fixed.length > 0);
    for (const key of fixed) assertKnown(`hikvision-device.${key}`, "device");
    for (const group of computed) assertGroup(`hikvision-device.${group}.`, "device");
  });

  it("have a status text for every error code and every word a node shows", () => {
    const sources = filesBelow("nodes").filter(
      (file) => /\.ts$/.test(file) && !/^editor\/|\/form[\w-]*\.ts$/.test(file),
    );
    const shown = sources.flatMap((file) => all(readText(`nodes/${file}`), /\bshow\(\w+, "\w+", "([A-Za-z]+)"\)/g));
    assert.ok(shown.length > 0);
    for (const word of [...Object.keys(codes), ...shown]) assertKnown(`hikvision-device.status.${word}`, "device");
  });
});

/** What a form does, without what all forms share. */
function formCode(node: string): string {
  return filesBelow(`nodes/${node}`)
    .filter((file) => /^form[\w-]*\.ts$/.test(file))
    .map((file) => readText(`nodes/${node}/${file}`))
    .join("\n");
}

/** A catalogue as "a.b.c" → text. */
function texts(language: string, node: string): Texts {
  const found = new Map<string, string>();
  const walk = (value: unknown, path: string): void => {
    if (typeof value === "string") found.set(path, value);
    else for (const [key, inner] of Object.entries(value as object)) walk(inner, path === "" ? key : `${path}.${key}`);
  };
  walk(JSON.parse(readText(`locales/${language}/${node}.json`)), "");
  return found;
}

interface Help {
  /** The indented lines: messages as they are sent. */
  readonly samples: readonly string[];
  /** Names and types of properties and actions: ": channel (number) :"; labels of the form have capitals. */
  readonly properties: readonly string[];
  /** What is left when code and names are taken away. */
  readonly prose: readonly string[];
}

function help(language: string, node: string): Help {
  const lines = readText(`locales/${language}/${node}.html`)
    .split("\n")
    .filter((line) => !line.startsWith("<"));
  const property = /^: ([a-z]\w*(?:, [a-z]\w*)*(?: \([a-z| ]+\))?) :/;
  const prose = lines
    .filter((line) => !line.startsWith("    "))
    .map((line) =>
      line
        .replace(property, "")
        .replace(/`[^`]*`|\]\([^)]*\)|\*[^*]*\*/g, "")
        .replace(/[^\p{L} ]+/gu, " ")
        .trim(),
    );
  return {
    samples: lines.filter((line) => line.startsWith("    ")),
    properties: lines.flatMap((line) => property.exec(line)?.[1] ?? []),
    // "WAV", "true", "UTC" alone are no English.
    prose: prose.filter((line) => /[a-z]{3}/.test(line)),
  };
}

/** @param key as the editor takes it: with a namespace before ":", else of the node's own catalogue */
function assertKnown(key: string, node: string): void {
  const [namespace, name] = key.includes(":") ? (key.split(":") as [string, string]) : [NAMESPACE + node, key];
  if (!namespace.startsWith(NAMESPACE)) {
    assert.equal(namespace, "node-red", key);
    return;
  }
  assert.ok(reference.get(namespace.slice(NAMESPACE.length))?.has(name), `no text for ${key}`);
}

function assertGroup(prefix: string, node: string): void {
  const keys = [...(reference.get(node)?.keys() ?? [])];
  assert.ok(
    keys.some((key) => key.startsWith(prefix)),
    `no text below ${prefix}`,
  );
}

function placeholders(text = ""): string[] {
  return (text.match(/__\w+?__/g) ?? []).sort();
}

function all(source: string, pattern: RegExp): string[] {
  return [...source.matchAll(pattern)].map(([, key]) => key ?? "");
}
