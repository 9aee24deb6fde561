/** Runs mocha and the corpus, and counts: what `npm test` and the second lane of .ci/run share. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { node, root, run, tool } from "./project.mjs";

/**
 * @typedef {{ passed: number, failed: number }} Counts
 * @param {readonly string[]} args for mocha; without a test file among them all files run
 * @param {{ coverage?: boolean, nodePath?: string, env?: Record<string, string> }} [options] nodePath: another Node than this one
 * @returns {Promise<Counts>} a run that broke off or left something open counts as one failure more
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
    if (!existsSync(counts)) return { passed: 0, failed: 1 };
    const { passes, failures } = JSON.parse(readFileSync(counts, "utf8"));
    return { passed: passes, failed: ok ? failures : Math.max(1, failures) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Replays the captured payloads where they lie beside the project; without them it says so and counts nothing.
 * @returns {Promise<Counts>}
 */
export async function corpus() {
  const folder = path.join(root, "../shared/fixtures");
  if (!existsSync(folder)) {
    console.log("No captured payloads in ../shared/fixtures: their replay is left out.");
    return { passed: 0, failed: 0 };
  }
  const { ok, output } = await node("scripts/corpus.mjs", [folder], { quiet: true });
  console.log(output);
  const line = /(\d+) passed, (\d+) failed/.exec(output);
  const failed = Number(line?.[2] ?? 0);
  return { passed: Number(line?.[1] ?? (ok ? 1 : 0)), failed: ok ? failed : Math.max(1, failed) };
}

/** @returns {Counts} */
export function sum(all) {
  const total = (key) => all.reduce((count, counts) => count + counts[key], 0);
  return { passed: total("passed"), failed: total("failed") };
}

/** The last line of a run, which tools read, and its exit code. */
export function report({ passed, failed }) {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
