/** What `npm test` runs: install, build, the checks of the code beside the tests, the corpus. */
import { build } from "./build.mjs";
import { installIfNeeded } from "./install.mjs";
import { node, tool } from "./project.mjs";
import { corpus, mocha, sum } from "./tests.mjs";

const checks = [
  ["types", "typescript/bin/tsc", ["-p", "tsconfig.check.json"]],
  ["types of the forms", "typescript/bin/tsc", ["-p", "nodes/editor/tsconfig.json"]],
  ["format", "prettier/bin/prettier.cjs", ["--check", "--log-level=warn", "."]],
  ["lint", "eslint/bin/eslint.js", ["--max-warnings=0", "."]],
];

/**
 * @param {readonly string[]} args for mocha
 * @returns {Promise<import("./tests.mjs").Counts>} a failed build or check counts as one failure
 */
export async function suite(args) {
  await installIfNeeded();
  try {
    await build();
  } catch (error) {
    console.error(error.message);
    return { passed: 0, failed: 1 };
  }
  const [problems, tests] = await Promise.all([failedChecks(), mocha(args, { coverage: true })]);
  const captured = await corpus();
  for (const problem of problems) console.error(problem);
  return sum([tests, captured, { passed: 0, failed: problems.length }]);
}

/** One after the other: together with the tests they keep two cores busy. */
async function failedChecks() {
  const failed = [];
  for (const [name, script, args] of checks) {
    const { ok, output } = await node(tool(script), args, { quiet: true });
    if (!ok) failed.push(`✗ ${name}\n${output}`);
  }
  return failed;
}
