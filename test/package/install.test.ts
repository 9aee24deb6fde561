import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { script } from "../support/script";

interface Entry {
  readonly version: string;
  readonly optional?: true;
}

type Tree = Readonly<Record<string, Entry>>;

describe("what is installed", () => {
  let folder: string;
  let isInstalled: (folder: string) => boolean;

  before(async () => {
    ({ isInstalled } = await script<{ isInstalled: typeof isInstalled }>("lib/install.mjs"));
  });
  beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), "hikflow install "))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const wanted: Tree = {
    "": { version: "1.0.0" },
    "node_modules/a": { version: "1.0.0" },
    "node_modules/for-another-system": { version: "2.0.0", optional: true },
  };
  const write = (file: string, packages: Tree): void => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), JSON.stringify({ packages }));
  };

  for (const [title, present, expected] of [
    ["nothing yet", undefined, false],
    ["all of it, but for what is for another system", { "node_modules/a": { version: "1.0.0" } }, true],
    ["another version", { "node_modules/a": { version: "0.9.0" } }, false],
    ["not all of it", {}, false],
    ["more than is wanted", { "node_modules/a": { version: "1.0.0" }, "node_modules/b": { version: "1.0.0" } }, true],
  ] as const) {
    it(`is ${expected ? "enough" : "not enough"}: ${title}`, () => {
      write("package-lock.json", wanted);
      if (present) write("node_modules/.package-lock.json", present);
      assert.equal(isInstalled(folder), expected);
    });
  }

  it("is not enough where npm's note is broken", () => {
    write("package-lock.json", wanted);
    write("node_modules/.package-lock.json", {});
    writeFileSync(path.join(folder, "node_modules/.package-lock.json"), '{"packages":');
    assert.equal(isInstalled(folder), false);
  });
});
