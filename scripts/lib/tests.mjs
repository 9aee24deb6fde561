/** Runs the tests, several files at a time, and the corpus, and counts: what `npm test` and the second lane of .ci/run share. */
import { existsSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { groups, remember, testFiles } from "./plan.mjs";
import { node, root } from "./project.mjs";
import { worker } from "./worker.mjs";

/** One more than processors: a test now and then waits for a timer or a device. More only make each slower. */
const WORKERS = os.availableParallelism() + 1;
const SLOWEST = 10;
/** More broken files than this are no matter of the machine's load. */
const MOST_AGAIN = 3;

/** @typedef {import("./worker.mjs").Result} Result */

/** @type {Result} */
const nothing = { passed: 0, skipped: 0, failed: [], missing: {} };

/** @returns {Result} of a step that is no test */
export const failures = (failed) => ({ ...nothing, failed });

/**
 * @param {{ files?: readonly string[], args?: readonly string[], nodePath?: string, env?: Record<string, string> }} [options]
 *   files: default all; args: options for mocha
 * @returns {Promise<Result>}
 */
export async function tests({ files = testFiles(), args = [], ...options } = {}) {
  const waiting = groups(files);
  const runs = [];
  const work = async () => {
    for (let group = waiting.shift(); group; group = waiting.shift()) {
      const run = await worker([...args, ...group], options);
      runs.push(run);
      tell(group, run);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  if (args.length === 0) await again(runs, options);
  if (args.length === 0) {
    remember(Object.assign({}, ...runs.map(({ times }) => times)));
    tellSlowest(runs);
  }
  return sum(runs);
}

/**
 * A file that fails beside others may only have waited too long for its share of the processor: it runs once more, alone. What
 * fails then has failed; what passes counts, and is named, since a test is not to depend on the load.
 */
async function again(runs, options) {
  const files = [...new Set(runs.flatMap(({ broken }) => broken))];
  if (files.length > MOST_AGAIN) return;
  for (const file of files) {
    const alone = await worker([file], options);
    tell([`${file}, once more and alone`], alone);
    if (alone.failed.length > 0) continue;
    console.log(`! ${file} passed only alone: it depends on the machine's load.`);
    for (const run of runs.filter(({ broken }) => broken.includes(file))) {
      run.broken = run.broken.filter((one) => one !== file);
      if (run.broken.length === 0) {
        run.passed += run.failed.length;
        run.failed = [];
      }
    }
  }
}

/** @param {readonly string[]} args for mocha, test files among them; they run in one process, and say what they do */
export async function someTests(args) {
  return worker(["--fail-zero", ...args], { show: true });
}

function tell(group, { passed, skipped, failed, output, seconds }) {
  const names = group.length > 1 ? `${group[0]} and ${group.length - 1} more` : group[0];
  const left = skipped > 0 ? `, ${skipped} skipped` : "";
  console.log("%s %s: %d passed%s (%d s)", failed.length > 0 ? "✗" : "✓", names, passed, left, Math.round(seconds));
  if (failed.length > 0) console.log(output);
}

function tellSlowest(runs) {
  const slow = runs.flatMap((run) => run.slow).sort((a, b) => b.ms - a.ms);
  console.log("\nThe slowest tests:");
  for (const { title, ms } of slow.slice(0, SLOWEST)) console.log("  %s s  %s", (ms / 1000).toFixed(1), title);
}

/**
 * Replays the captured payloads where they lie beside the project; without them it says so and counts nothing.
 * @returns {Promise<Result>}
 */
export async function corpus() {
  const folder = path.join(root, "../shared/fixtures");
  if (!existsSync(folder)) {
    console.log("No captured payloads in ../shared/fixtures: their replay is left out.");
    return nothing;
  }
  const { ok, output } = await node("scripts/corpus.mjs", [folder], { quiet: true });
  console.log(output);
  const passed = Number(/(\d+) passed, \d+ failed/.exec(output)?.[1] ?? 0);
  return { ...nothing, passed, failed: ok ? [] : [`The captured payloads:\n${output}`] };
}

/** @returns {Result} */
export function sum(all) {
  const total = (count) => all.reduce((before, result) => before + result[count], 0);
  return {
    passed: total("passed"),
    skipped: total("skipped"),
    failed: all.flatMap(({ failed }) => failed),
    missing: Object.assign({}, ...all.map(({ missing }) => missing)),
  };
}

/** What failed, once more where it is found; what is missing; the last line of a run, which tools read; its exit code. */
export function report({ passed, skipped, failed, missing }) {
  for (const what of failed) console.log(`\n✗ ${what}`);
  const lacks = Object.keys(missing);
  if (lacks.length > 0) {
    const packages = [...new Set(Object.values(missing).flat())].sort();
    console.log(
      `\nTests were left out, since this machine has no ${lacks.sort().join(", no ")}. To run them too, on Debian:`,
    );
    console.log(`  sudo apt-get install -y --no-install-recommends ${packages.join(" ")}`);
  }
  const left = skipped > 0 ? `, ${skipped} skipped` : "";
  console.log(`\n${passed} passed, ${failed.length} failed${left}`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}
