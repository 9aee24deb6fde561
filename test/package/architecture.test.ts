import assert from "node:assert/strict";
import path from "node:path";
import ts from "typescript";
import { filesBelow, readText } from "../support/project";

describe("the architecture", () => {
  const files = ["src", "nodes"]
    .flatMap((room) => filesBelow(room).map((file) => `${room}/${file}`))
    .filter((file) => file.endsWith(".ts"));
  const known = new Set(files);
  const imports = new Map(files.map((file) => [file, importsOf(file, known)]));

  it("has no import cycle, types included", () => {
    assert.ok(files.length > 100);
    assert.deepEqual(cycles(imports), []);
  });

  it("lets nodes/ reach src/ through src/index.ts only", () => {
    const around = files
      .filter((file) => file.startsWith("nodes/"))
      .flatMap((file) => (imports.get(file) ?? []).map((target) => `${file} → ${target}`))
      .filter((line) => / → src\//.test(line) && !line.endsWith(" → src/index.ts"));
    assert.deepEqual(around, []);
  });

  it("keeps src/ free of nodes/", () => {
    const back = files
      .filter((file) => file.startsWith("src/"))
      .filter((file) => imports.get(file)?.some((target) => target.startsWith("nodes/")));
    assert.deepEqual(back, []);
  });
});

/** The project's own files that a file imports, `import type` and re-exports included. */
function importsOf(file: string, known: ReadonlySet<string>): readonly string[] {
  return ts
    .preProcessFile(readText(file), true, true)
    .importedFiles.filter(({ fileName }) => fileName.startsWith("."))
    .map(({ fileName }) => path.posix.join(path.posix.dirname(file), fileName))
    .flatMap((target) => [`${target}.ts`, `${target}/index.ts`].filter((candidate) => known.has(candidate)));
}

/** Groups of files that import each other, found as strongly connected components (Tarjan). */
function cycles(imports: ReadonlyMap<string, readonly string[]>): readonly string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): number => {
    const own = order.size;
    order.set(file, own);
    lowest.set(file, own);
    stack.push(file);
    for (const target of imports.get(file) ?? []) {
      if (!order.has(target)) lowest.set(file, Math.min(lowest.get(file) ?? own, visit(target)));
      else if (stack.includes(target)) lowest.set(file, Math.min(lowest.get(file) ?? own, order.get(target) ?? own));
    }
    if (lowest.get(file) === own) {
      const group = stack.splice(stack.indexOf(file));
      if (group.length > 1) found.push(group.sort());
    }
    return lowest.get(file) ?? own;
  };
  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return found;
}
