/** Runs the tests, several files at a time, and the corpus, and counts: what `npm test` and the second lane of .ci/run share. */
import { existsSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { groups, remember, testFiles } from "./plan.mjs";
import { node, root } from "./project.mjs";
import { worker } from "./worker.mjs";

/**
 * Two for each processor, and two more. What waits for a device, a timer or a program more than half of its time takes one; what keeps
 * a processor busy takes two. More only make each slower.
 */
const PLACES = 2 * (os.availableParallelism() + 1);
const BUSY_PLACES = 2;
const SLOWEST = 10;
/** More broken files than this are no matter of the machine's load. */
const MOST_AGAIN = 3;
/** For the whole run: see plain-stacks.cjs. */
const PLAIN_STACKS = { TEST_PLAIN_STACKS: "1" };

/** @typedef {import("./worker.mjs").Result} Result */

/** Who waits for places, and how many they want: the most urgent first. */
const queue = [];
let free = PLACES;

/**
 * Runs it when that many processes may run at once. All tests of this process share the places, so that two lanes keep the processor
 * busy as one.
 */
function withPlaces(count, urgency, run) {
  return new Promise((resolve, reject) => {
    const start = async () => {
      try {
        resolve(await run());
      } catch (error) {
        reject(error);
      } finally {
        free += count;
        next();
      }
    };
    queue.push({ count, urgency, start });
    queue.sort((a, b) => b.urgency - a.urgency);
    next();
  });
}

function next() {
  while (queue.length > 0 && queue[0].count <= free) {
    const { count, start } = queue.shift();
    free -= count;
    void start();
  }
}

/** Runs a step that is no test and keeps a processor busy: before what waits for a place. */
export const besideTests = (run) => withPlaces(BUSY_PLACES, Infinity, run);

/** @type {Result} */
const nothing = { passed: 0, skipped: 0, failed: [], missing: {} };

/** @returns {Result} of a step that is no test */
export const failures = (failed) => ({ ...nothing, failed });

/**
 * @param {{ files?: readonly string[], args?: readonly string[], lane?: string, nodePath?: string, env?: Record<string, string> }} [options]
 *   files: default all; args: options for mocha; lane: said with each line
 * @returns {Promise<Result>}
 */
export async function tests({ files = testFiles(), args = [], lane, ...options } = {}) {
  const runs = await Promise.all(
    groups(files).map((group) =>
      withPlaces(group.busy ? BUSY_PLACES : 1, group.ms, async () => {
        const run = await worker([...args, ...group.files], { ...options, env: { ...options.env, ...PLAIN_STACKS } });
        tell(group.files, run, lane);
        return run;
      }),
    ),
  );
  if (args.length === 0) {
    await again(runs, lane, options);
    remember(Object.assign({}, ...runs.map(({ times }) => times)));
    tellSlowest(runs, lane);
  }
  return sum(runs);
}

/**
 * A file that fails beside others may only have waited too long for its share of the processor: it runs once more, alone, and with the
 * lines of the sources in its traces. What fails then has failed; what passes counts, and is named, since a test is not to depend on the
 * load.
 */
async function again(runs, lane, options) {
  const files = [...new Set(runs.flatMap(({ broken }) => broken))];
  if (files.length > MOST_AGAIN) {
    console.log("! Too many files failed to run them again: `npm test -- <file>` names the lines of its sources.");
    return;
  }
  const failedAlone = new Map();
  for (const file of files) {
    const alone = await withPlaces(PLACES, 0, () => worker([file], options));
    tell([`${file}, once more and alone`], alone, lane);
    failedAlone.set(file, alone.failed);
    if (alone.failed.length === 0) console.log(`! ${file} passed only alone: it depends on the machine's load.`);
  }
  for (const run of runs.filter(({ broken }) => broken.length > 0)) {
    const failed = run.broken.flatMap((file) => failedAlone.get(file));
    run.passed += Math.max(0, run.failed.length - failed.length);
    run.failed = failed;
  }
}

/** @param {readonly string[]} args for mocha, test files among them; they run in one process, and say what they do */
export async function someTests(args) {
  return worker(["--fail-zero", ...args], { show: true });
}

function tell(group, { passed, skipped, failed, output, seconds }, lane) {
  const where = lane === undefined ? "" : `${lane}: `;
  const names = group.length > 1 ? `${group[0]} and ${group.length - 1} more` : group[0];
  const left = skipped > 0 ? `, ${skipped} skipped` : "";
  const sign = failed.length > 0 ? "✗" : "✓";
  console.log("%s %s%s: %d passed%s (%d s)", sign, where, names, passed, left, Math.round(seconds));
  if (failed.length > 0) console.log(output);
}

function tellSlowest(runs, lane) {
  const slow = runs.flatMap((run) => run.slow).sort((a, b) => b.ms - a.ms);
  console.log("\nThe slowest tests%s:", lane === undefined ? "" : ` of ${lane}`);
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
