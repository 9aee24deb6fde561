import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { Fields } from "../../nodes/shared/fields";
import type { ErrorCode } from "../../src/lib/errors";
import { filesBelow, manifest, readText, root } from "../support/project";

const load = createRequire(__filename);

const documents = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"].concat(
  filesBelow("docs")
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
);
/** The names of the nodes as the palette shows them. */
const titles = Object.keys(manifest["node-red"].nodes).map((name) => name.replaceAll("-", " "));

/** Every code has to be here, or this does not compile. */
const CODES: Readonly<Record<ErrorCode, true>> = {
  busy: true,
  noSlots: true,
  offline: true,
  timeout: true,
  protocol: true,
  unauthorized: true,
  locked: true,
  forbidden: true,
  notActivated: true,
  notSupported: true,
  notIsapi: true,
  badRequest: true,
  tls: true,
  disk: true,
  ffmpeg: true,
  notFound: true,
  aborted: true,
};

describe("the documents", () => {
  for (const document of documents) {
    it(`point only at what exists (${document})`, () => {
      assert.deepEqual(
        linksOf(document).filter((link) => !leadsSomewhere(document, link)),
        [],
      );
    });
  }

  it("keep the README short, with a clone, start and test on its first screen", () => {
    const lines = readText("README.md").split("\n");
    assert.ok(lines.length <= 200, `${lines.length} lines`);
    const screen = lines.slice(0, 20).join("\n");
    const clone = `git clone ${manifest.repository.url.replace(/^git\+/, "")}`;
    for (const command of [clone, "npm start", "npm test"]) assert.ok(screen.includes(command), command);
  });

  for (const document of ["docs/nodes.md", "docs/contract.md"]) {
    it(`have a chapter for every node (${document})`, () => {
      const headings = new Set(headingsOf(document));
      const expected = document === "docs/contract.md" ? titles.filter((title) => title !== "device") : titles;
      assert.deepEqual(
        expected.filter((title) => !headings.has(title)),
        [],
      );
    });
  }

  it("name in the contract every property that a form saves", () => {
    const contract = readText("docs/contract.md");
    for (const name of Object.keys(manifest["node-red"].nodes)) {
      const row = contract.split("\n").find((line) => line.startsWith(`| \`hikvision-${name}\``)) ?? "";
      assert.deepEqual(
        savedBy(name).filter((property) => !row.includes(`\`${property}\``)),
        [],
        name,
      );
    }
  });

  it("explain in the contract every code of an error", () => {
    const errors = between(readText("docs/contract.md"), "## Errors", "## The event stream");
    const explained = [...errors.matchAll(/^\| `(\w+)` +\|/gm)].map(([, code]) => code ?? "");
    assert.deepEqual(explained.sort(), Object.keys(CODES).sort());
  });

  it("have a row for every node in the README", () => {
    const readme = readText("README.md");
    for (const title of titles) assert.ok(readme.includes(`| [${title}](docs/nodes.md#${anchor(title)})`), title);
  });

  it("lead through the source along files that are there", () => {
    const guide = readText("CONTRIBUTING.md");
    const named = [...guide.matchAll(/`([\w./-]+\/[\w./-]*|[\w-]+\.(?:ts|mjs|html|json))`/g)].map(
      ([, file]) => file ?? "",
    );
    const known = new Set(["src", "nodes", "test", "scripts"].flatMap(filesBelow).map((name) => path.basename(name)));
    assert.ok(named.length > 80);
    const isThere = (file: string): boolean =>
      existsSync(path.join(root, file)) || (!file.includes("/") && known.has(file));
    assert.deepEqual(
      named.filter((file) => !isThere(file)),
      [],
    );
  });

  it("keep a decision to a page: context, decision, and what would change it", () => {
    for (const file of filesBelow("docs/decisions").filter((name) => name !== "README.md")) {
      const text = readText(`docs/decisions/${file}`);
      assert.ok(text.split("\n").length <= 26, file);
      const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
      assert.deepEqual(headings, ["Context", "Decision", "What would change it"], file);
      assert.ok(readText("docs/decisions/README.md").includes(`](${file})`), file);
    }
  });
});

/** What the form of a node saves, apart from what all have and from the types of values. */
function savedBy(node: string): readonly string[] {
  const { fields } = load(`../../nodes/${node}/fields`) as { fields: Fields };
  return Object.keys(fields);
}

/** Targets of links and pictures within the project. */
function linksOf(document: string): readonly string[] {
  const text = readText(document).replace(/^```[^]*?^```/gm, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)]
    .map(([, link, picture]) => link ?? picture ?? "")
    .filter((target) => !/^[a-z]+:/.test(target));
}

function leadsSomewhere(document: string, link: string): boolean {
  const [file = "", fragment] = link.split("#");
  const target = file === "" ? document : path.posix.join(path.posix.dirname(document), file);
  if (!existsSync(path.join(root, target))) return false;
  return fragment === undefined || headingsOf(target).some((heading) => anchor(heading) === fragment);
}

function headingsOf(document: string): readonly string[] {
  return [...readText(document).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading ?? "");
}

/** As GitHub makes it of a heading. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

function between(text: string, from: string, to: string): string {
  const start = text.indexOf(from);
  const end = text.indexOf(to, start);
  assert.ok(start >= 0 && end > start, `"${from}" … "${to}"`);
  return text.slice(start, end);
}
