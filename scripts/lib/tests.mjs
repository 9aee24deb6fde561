/** Runs mocha and the corpus, and counts: what `npm test` and the second lane of .ci/run share. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { node, root, run, tool } from "./project.mjs";

/**
 * @typedef {{ passed: number, failed: string[] }} Result failed: what, and why
 * @param {readonly string[]} args for mocha; without a test file among them all files run
 * @param {{ coverage?: boolean, nodePath?: string, env?: Record<string, string> }} [options] nodePath: another Node than this one
 * @returns {Promise<Result>} a run that broke off or left something open is a failure, too
 */
export async function mocha(args, options = {}) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "hikflow-test-"));
  const counts = path.join(folder, "counts.json");
  const reporter = path.join(root, "scripts/lib/reporter.cjs");
  const coverage = options.coverage ? [tool("c8/bin/c8.js"), process.execPath] : [];
  const files = args.some((arg) => arg.endsWith(".test.ts")) ? [] : ["test/**/*.test.ts"];
  const program = [tool("mocha/bin/mocha.js"), "--reporter", reporter, "--fail-zero", ...args, ...files];
  try {
    const { ok } = await run(options.nodePath ?? process.execPath, [...coverage, ...program], {
      env: { ...options.env, TEST_COUNTS: counts },
    });
    if (!existsSync(counts)) return { passed: 0, failed: ["The tests broke off."] };
    const { passed, failed } = JSON.parse(readFileSync(counts, "utf8"));
    return { passed, failed: ok || failed.length > 0 ? failed : ["The tests left something open."] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Replays the captured payloads where they lie beside the project; without them it says so and counts nothing.
 * @returns {Promise<Result>}
 */
export async function corpus() {
  const folder = path.join(root, "../shared/fixtures");
  if (!existsSync(folder)) {
    console.log("No captured payloads in ../shared/fixtures: their replay is left out.");
    return { passed: 0, failed: [] };
  }
  const { ok, output } = await node("scripts/corpus.mjs", [folder], { quiet: true });
  console.log(output);
  const passed = Number(/(\d+) passed, \d+ failed/.exec(output)?.[1] ?? 0);
  return { passed, failed: ok ? [] : [`The captured payloads:\n${output}`] };
}

/** @returns {Result} */
export function sum(all) {
  return {
    passed: all.reduce((count, { passed }) => count + passed, 0),
    failed: all.flatMap(({ failed }) => failed),
  };
}

/** What failed, once more where it is found; the last line of a run, which tools read; its exit code. */
export function report({ passed, failed }) {
  for (const what of failed) console.log(`\n✗ ${what}`);
  console.log(`\n${passed} passed, ${failed.length} failed`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}
