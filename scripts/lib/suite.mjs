/** What `npm test` runs: install, build, the checks of the code beside the tests, the corpus. */
import { statSync } from "node:fs";
import path from "node:path";
import { ensureBuilt } from "./build.mjs";
import { installIfNeeded } from "./install.mjs";
import { testFiles } from "./plan.mjs";
import { root, run, tool } from "./project.mjs";
import { besideTests, corpus, failures, someTests, sum, tests } from "./tests.mjs";

const cache = (name) => `node_modules/.cache/hikflow-${name}`;
const byContent = (name) => ["--cache", "--cache-strategy", "content", "--cache-location", cache(name)];
/** The slowest takes two minutes, beside the tests. */
const CHECK_MS = 900_000;
/** Name, and what Node.js runs. */
const checks = [
  // With more room for what is new, its garbage is collected less often: a tenth of its time.
  ["types and lint", ["--max-semi-space-size=128", "scripts/lib/code.mjs"]],
  ["format", [tool("prettier/bin/prettier.cjs"), "--check", "--log-level=warn", ...byContent("format"), "."]],
];

/** @typedef {import("./tests.mjs").Result} Result a failed build or check is a failure, too */

/** @returns {Promise<Result>} */
export async function suite() {
  const problem = await prepared();
  if (problem) return problem;
  return sum(await Promise.all([besideTests(checked), tests()]));
}

/**
 * Some tests, without the checks.
 * @param {readonly string[]} args for mocha: files, folders, or options by which tests of all files are chosen
 * @returns {Promise<Result>}
 */
export async function part(args) {
  const problem = await prepared();
  if (problem) return problem;
  console.log("Tests alone: `npm test` checks types, format and lint, too.");
  const isFolder = (arg) => statSync(path.join(root, arg), { throwIfNoEntry: false })?.isDirectory() === true;
  const folders = args.filter(isFolder).map((folder) => `${path.posix.normalize(folder).replace(/\/$/, "")}/`);
  const options = args.filter((arg) => !isFolder(arg));
  if (options.some((arg) => arg.endsWith(".test.ts"))) return someTests(args);
  const files = testFiles().filter((file) => folders.length === 0 || folders.some((folder) => file.startsWith(folder)));
  const result = await tests({ files, args: options });
  return result.passed + result.failed.length > 0 ? result : failures(["No test is meant by that."]);
}

/** Installs and builds what is missing. @returns {Promise<Result | undefined>} what went wrong */
export async function prepared() {
  await installIfNeeded();
  try {
    await ensureBuilt();
    return undefined;
  } catch (error) {
    return failures([error.message]);
  }
}

/** One after the other; then the corpus. */
async function checked() {
  const failed = [];
  for (const [name, args] of checks) {
    const { ok, output } = await run(process.execPath, args, { quiet: true, timeoutMs: CHECK_MS });
    if (!ok) failed.push(`${name}\n${output}`);
  }
  return sum([failures(failed), await corpus()]);
}
