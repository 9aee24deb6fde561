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
 * @returns {Promise<import("./tests.mjs").Result>} a failed build or check is a failure, too
 */
export async function suite(args) {
  await installIfNeeded();
  try {
    await build();
  } catch (error) {
    return { passed: 0, failed: [error.message] };
  }
  const [problems, tests] = await Promise.all([failedChecks(), mocha(args, { coverage: true })]);
  const captured = await corpus();
  return sum([tests, captured, { passed: 0, failed: problems }]);
}

/** One after the other: together with the tests they keep two cores busy. */
async function failedChecks() {
  const failed = [];
  for (const [name, script, args] of checks) {
    const { ok, output } = await node(tool(script), args, { quiet: true });
    if (!ok) failed.push(`${name}\n${output}`);
  }
  return failed;
}
