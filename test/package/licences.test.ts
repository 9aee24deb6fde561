import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { readText, root } from "../support/project";

/** Each lets the package be used and passed on under MIT. */
const FINE = new Set(["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "0BSD", "BlueOak-1.0.0"]);
const MOST_PACKAGES = 10;

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: true;
  readonly name?: string;
}

interface Bill {
  readonly bomFormat: string;
  readonly metadata: { readonly component: { readonly name: string } };
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly licenses?: readonly unknown[];
  }[];
}

/** Name and version of everything that is installed with the package, and its licence. */
function productionTree(): Map<string, string> {
  const { packages } = JSON.parse(readText("package-lock.json")) as { packages: Record<string, Locked> };
  const installed = Object.entries(packages).filter(([place, { dev }]) => place !== "" && dev !== true);
  return new Map(
    installed.map(([place, { name, version, license }]) => [
      `${name ?? place.split("node_modules/").at(-1)}@${version}`,
      license ?? "none",
    ]),
  );
}

describe("what the package brings with it", () => {
  it("has licences that allow everybody to use it, and is no more than ten packages", () => {
    const tree = productionTree();
    assert.ok(tree.size > 0 && tree.size <= MOST_PACKAGES, `${tree.size} packages`);
    assert.deepEqual(
      [...tree].filter(([, license]) => !FINE.has(license)),
      [],
    );
  });

  it("is all in the bill of materials that a release has, each with its licence", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [path.join(root, "scripts/sbom.mjs")]);
    const { bomFormat, metadata, components } = JSON.parse(stdout) as Bill;
    assert.equal(bomFormat, "CycloneDX");
    assert.equal(metadata.component.name, "@hikflow/node-red-hikvision");
    assert.deepEqual(
      components.map(({ version }) => version).sort(),
      [...productionTree().keys()].map((name) => name.slice(name.lastIndexOf("@") + 1)).sort(),
    );
    for (const { name, licenses } of components) assert.ok(licenses && licenses.length > 0, name);
  }).timeout(60_000);
});
