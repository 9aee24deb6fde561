/** The runner of `npm test`: nothing that goes wrong in a process of tests may be lost. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { packagesFor } from "../support/left-out";
import { readText } from "../support/project";
import { script } from "../support/script";

interface Run {
  readonly passed: number;
  readonly skipped: number;
  readonly failed: readonly string[];
  readonly missing: Readonly<Record<string, readonly string[]>>;
}

describe("a process of tests", function () {
  this.timeout(60_000).slow(10_000);
  let folder: string;
  let worker: (args: readonly string[], options?: { silentMs: number }) => Promise<Run>;

  before(async () => {
    ({ worker } = await script<{ worker: typeof worker }>("lib/worker.mjs"));
    folder = mkdtempSync(path.join(os.tmpdir(), "hikflow run "));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = (lines: readonly string[], silentMs = 50_000): Promise<Run> => {
    const file = path.join(folder, "some.test.ts");
    writeFileSync(file, lines.join("\n"));
    return worker([file], { silentMs });
  };

  describe("that runs to its end", () => {
    let ended: Run;

    before(async () => {
      const support = JSON.stringify(path.join(__dirname, "../support/left-out"));
      ended = await run([
        `const { leaveOut } = require(${support});`,
        `it("one", () => undefined);`,
        `it("two", () => undefined);`,
        `it.skip("three", () => undefined);`,
        `it("four", () => { throw new Error("so it is"); });`,
        `it("five", function () { leaveOut("Mosquitto"); this.skip(); });`,
      ]);
    });

    it("counts what passed, failed and was skipped, and keeps why it failed", () => {
      const { passed, skipped, failed } = ended;
      assert.deepEqual([passed, skipped, failed.length], [2, 2, 1]);
      assert.match(failed[0]!, /^four\n.*so it is/);
    });

    it("tells what the machine lacks, and the packages that bring it", () => {
      assert.deepEqual(ended.missing, { Mosquitto: ["mosquitto"] });
    });
  });

  it("that breaks off is a failure with its file's name, and what passed before counts", async () => {
    const { passed, failed } = await run([`it("one", () => undefined);`, `it("two", () => process.exit(0));`]);
    assert.equal(passed, 1);
    assert.match(failed.join(), /^The tests broke off: .*some\.test\.ts/);
  });

  it("whose file cannot be loaded is a failure with its name", async () => {
    const { failed } = await run([`throw new Error("no such thing");`]);
    assert.match(failed.join(), /some\.test\.ts[^]*no such thing/);
  });

  it("that hangs is ended, and a failure with its name", async () => {
    // Nothing else runs in it any more, and it takes no processor from other tests.
    const hang = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)";
    const { failed } = await run([`it("one", () => { ${hang}; });`], 3_000);
    assert.match(failed.join(), /^The tests hung: .*some\.test\.ts/);
  });
});

describe("the processes of a test run", () => {
  it("run every file once, the longest process first, and those of a browser by themselves", async () => {
    const { groups, testFiles } = await script<{
      groups: (files: readonly string[]) => { files: string[]; ms: number; busy: boolean }[];
      testFiles: () => string[];
    }>("lib/plan.mjs");
    const files = testFiles();
    assert.ok(files.includes("test/package/test-run.test.ts"));
    const all = groups(files);
    assert.deepEqual(all.flatMap((group) => group.files).sort(), files);
    const lengths = all.map(({ ms }) => ms);
    assert.deepEqual(
      lengths,
      [...lengths].sort((a, b) => b - a),
    );
    for (const { files: together } of all) {
      const drawn = together.filter((file) => file.startsWith("test/browser/"));
      assert.ok(drawn.length === 0 || drawn.length === together.length, together.join());
    }
    assert.deepEqual(
      groups(["test/lib/lru.test.ts"]).map((group) => group.files),
      [["test/lib/lru.test.ts"]],
    );
  });
});

describe("what a machine may lack", () => {
  it("is in the list of packages, all of it", () => {
    const sections = [...readText(".ci/packages.txt").matchAll(/^# for (.+)$/gm)].map(([, wanted]) => wanted!);
    const named = sections.flatMap((wanted) => packagesFor(wanted as Parameters<typeof packagesFor>[0]));
    const all = readText(".ci/packages.txt").split("\n");
    assert.deepEqual(
      named,
      all.filter((line) => line !== "" && !line.startsWith("#")),
    );
  });
});
