/**
 * `npm test`: installs what is missing, builds, then checks the code (lint, format, types) beside the tests, which get
 * the arguments (`npm test -- --grep heartbeat`). The last line is "N passed, N failed"; a failed check counts as one.
 */
import { installIfNeeded } from "./lib/install.mjs";
import { node, tool } from "./lib/project.mjs";
import { corpus, countLine, mocha } from "./lib/tests.mjs";

const checks = [
  ["types", "typescript/bin/tsc", ["-p", "tsconfig.check.json"]],
  ["types of the forms", "typescript/bin/tsc", ["-p", "nodes/editor/tsconfig.json"]],
  ["format", "prettier/bin/prettier.cjs", ["--check", "--log-level=warn", "."]],
  ["lint", "eslint/bin/eslint.js", ["--max-warnings=0", "."]],
];

/** One after the other: together with the tests they keep two cores busy. */
async function failedChecks() {
  const failed = [];
  for (const [name, script, args] of checks) {
    const { ok, output } = await node(tool(script), args, { quiet: true });
    if (!ok) failed.push(`✗ ${name}\n${output}`);
  }
  return failed;
}

await installIfNeeded();
const { build } = await import("./lib/build.mjs");
try {
  await build();
} catch (error) {
  console.error("%s\n0 passed, 1 failed", error.message);
  process.exit(1);
}

const args = process.argv.slice(2);
const [problems, tests] = await Promise.all([failedChecks(), mocha(args, { coverage: true })]);
const captured = await corpus();
if (!captured) console.log("No captured payloads beside the project (../shared/fixtures): that test was left out.");
for (const problem of problems) console.error(problem);
console.log(countLine([tests, ...(captured ? [captured] : []), { passed: 0, failed: problems.length }]));
process.exitCode = tests.failed + (captured?.failed ?? 0) + problems.length > 0 ? 1 : 0;
