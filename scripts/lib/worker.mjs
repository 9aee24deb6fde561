/** mocha in a process of its own, and what came of it, also where it broke off or hung. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { root, tool } from "./project.mjs";

/** No test or hook has a longer time limit than two minutes: who says nothing for this long hangs. */
const SILENT_MS = 180_000;
const LOOK_MS = 1_000;

/**
 * @typedef {{ passed: number, skipped: number, failed: string[], missing: Record<string, string[]> }} Result failed: what,
 *   and why; missing: what this machine lacks, and the Debian packages that bring it
 * @typedef {Result & { output: string, times: Record<string, number>, slow: { title: string, ms: number }[], seconds: number, broken: string[] }} Run
 *   broken: the files in which a test failed; none where the run broke off
 *
 * @param {readonly string[]} args for mocha: options and files
 * @param {{ nodePath?: string, env?: Record<string, string>, show?: boolean, silentMs?: number }} [options] nodePath: another Node than this one;
 *   show: the output at once
 * @returns {Promise<Run>}
 */
export async function worker(args, options = {}) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "hikflow-test-"));
  const notes = path.join(folder, "notes");
  const reporter = path.join(root, "scripts/lib/reporter.cjs");
  const began = performance.now();
  try {
    const end = await ended([tool("mocha/bin/mocha.js"), "--reporter", reporter, ...args], notes, options);
    return { ...resultOf(read(notes), end, args), output: end.output, seconds: (performance.now() - began) / 1000 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const running = new Set();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(signal, () => {
    for (const child of running) kill(child);
    process.exit(1);
  });
}

/** Its whole group, so that no browser or Node-RED of a test outlives it. */
function kill(child) {
  try {
    if (process.platform === "win32") child.kill("SIGKILL");
    else process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nothing is left of it.
  }
}

function ended(args, notes, { nodePath = process.execPath, env, show = false, silentMs = SILENT_MS }) {
  return new Promise((resolve) => {
    const child = spawn(nodePath, args, {
      cwd: root,
      env: { ...process.env, ...env, TEST_NOTES: notes },
      stdio: show ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
      detached: process.platform !== "win32",
    });
    running.add(child);
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text) => (output += text));
    child.stderr?.setEncoding("utf8").on("data", (text) => (output += text));
    let hung = false;
    let saidMs = Date.now();
    const watch = setInterval(() => {
      if (existsSync(notes)) saidMs = Math.max(saidMs, statSync(notes).mtimeMs);
      if (Date.now() - saidMs < silentMs) return;
      hung = true;
      kill(child);
    }, LOOK_MS);
    const done = (code) => {
      clearInterval(watch);
      running.delete(child);
      kill(child);
      resolve({ ok: code === 0, hung, output });
    };
    child.once("error", (error) => {
      output += error.message;
      done(1);
    });
    child.once("exit", (code) => {
      // A process that outlived it may hold the pipes open.
      kill(child);
      setImmediate(() => done(code));
    });
  });
}

function read(notes) {
  if (!existsSync(notes)) return [];
  return readFileSync(notes, "utf8")
    .split("\n")
    .flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
}

function resultOf(notes, { ok, hung, output }, args) {
  const ends = (kind) => notes.filter(({ end }) => end === kind);
  const failed = ends("failed").map(({ what }) => what);
  const last = notes.findLast(({ file }) => file)?.file;
  const files = args.filter((arg) => arg.endsWith(".test.ts"));
  const where = `${files.join(", ")}${last === undefined ? "" : `, last heard of ${last}`}`;
  const tail = output.split("\n").slice(-30).join("\n");
  if (hung) failed.push(`The tests hung: ${where}\n${tail}`);
  else if (ends("all").length === 0) failed.push(`The tests broke off: ${where}\n${tail}`);
  else if (!ok && failed.length === 0) failed.push(`The tests left something open: ${where}\n${tail}`);
  const times = {};
  for (const { file, ms } of ends("suite")) if (file !== "") times[file] = (times[file] ?? 0) + ms;
  return {
    passed: ends("passed").length,
    skipped: ends("skipped").length,
    failed,
    missing: Object.fromEntries(notes.flatMap(({ lacks, packages }) => (lacks ? [[lacks, packages]] : []))),
    times,
    broken: failed.length === ends("failed").length ? [...new Set(ends("failed").map(({ file }) => file))] : [],
    slow: ends("passed").map(({ title, ms }) => ({ title, ms })),
  };
}
