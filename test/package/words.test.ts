import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { filesBelow, readText, root } from "../support/project";

/** Folders of one particular machine; put together here so that this file does not name one. */
const MACHINE_PATHS = new RegExp(
  ["work/(main|shared)", "root/", "home/[a-z]", "Users/[A-Za-z]"].map((p) => `(?<![\\w.])/${p}`).join("|"),
);

describe("what the project says", () => {
  const rooms = ["src", "nodes", "test", "bench", "scripts", "docs", "examples", "locales", ".ci"];
  const files = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "package.json"].concat(
    rooms.flatMap((room) => filesBelow(room).map((file) => `${room}/${file}`)),
  );

  it("names no folder of a machine it was written on", () => {
    const guilty = files.filter(
      (file) => /\.(md|json|html|[cm]?[jt]s)$/.test(file) && MACHINE_PATHS.test(readText(file)),
    );
    assert.deepEqual(guilty, []);
  });

  it("nor in its history", function () {
    if (!existsSync(path.join(root, ".git"))) this.skip(); // an unpacked archive has none
    const log = execFileSync("git", ["log", "--format=%B"], { cwd: root, encoding: "utf8" });
    assert.doesNotMatch(log, MACHINE_PATHS);
  });
});
