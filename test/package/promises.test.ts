import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { readText, root } from "../support/project";

/** `test/x.test.ts`, with or without the words of a title. */
const NAMED = /`(test\/[^`]+)`(?:: "([^"]+)")?/g;

for (const document of ["SECURITY.md", "docs/reliability.md"])
  describe(`${document}, which names a test for each promise`, () => {
    const named = [...readText(document).matchAll(NAMED)];

    it("names tests that there are", () => {
      assert.ok(named.length > 10, `${named.length} tests`);
      assert.deepEqual(
        named.map(([, file = ""]) => file).filter((file) => !existsSync(path.join(root, file))),
        [],
      );
    });

    it("calls each by words of its title", () => {
      const stale = named.filter(([, file = "", title]) => title !== undefined && !readText(file).includes(title));
      assert.deepEqual(
        stale.map(([words]) => words),
        [],
      );
    });
  });

describe("the promises", () => {
  it("speak of each room of src/ that moves, changes or shows something", () => {
    const all = readText("SECURITY.md") + readText("docs/reliability.md");
    for (const room of ["access-list", "arm", "audio", "call", "control", "deterrent", "door", "io", "ptz", "video"])
      assert.match(all, new RegExp(`\`test/(?:nodes/)?${room}/`), room);
  });
});
