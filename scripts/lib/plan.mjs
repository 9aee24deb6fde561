/** Which test files share a process, and which process starts first. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./project.mjs";

/** How long each file took the last time, here. */
const record = path.join(root, "node_modules/.cache/hikflow-test-times.json");

/**
 * Files of one folder share a process up to this long: a start costs a second or two. Those in test/browser share a
 * Node-RED and a browser, too.
 */
const SHARED_MS = { browser: 150_000, other: 40_000 };

/** What a file is thought to take before it has run here: the few that take very long, then by folder. */
const KNOWN_MS = {
  "test/browser/examples.test.ts": 108_000,
  "test/browser/dashboard.test.ts": 70_000,
  "test/browser/every-field.test.ts": 69_000,
  "test/browser/every-form.test.ts": 60_000,
  "test/browser/device-form.test.ts": 57_000,
  "test/browser/every-language.test.ts": 45_000,
  "test/browser/every-list.test.ts": 45_000,
  "test/record/file-recording-job.test.ts": 60_000,
  "test/chaos/matrix.test.ts": 42_000,
  "test/fuzz/fuzz.test.ts": 30_000,
};
const ROOM_MS = { browser: 30_000, package: 4_000, nodes: 3_000 };
const OTHER_MS = 1_000;

/** @returns {string[]} the test files of the project, relative to it, with "/" */
export function testFiles() {
  return readdirSync(path.join(root, "test"), { recursive: true })
    .map((file) => `test/${String(file).replaceAll(path.sep, "/")}`)
    .filter((file) => file.endsWith(".test.ts"))
    .sort();
}

/**
 * @param {readonly string[]} files
 * @returns {string[][]} the longest first, so that none is left alone at the end
 */
export function groups(files) {
  const times = recorded();
  const ms = (file) => times[file] ?? KNOWN_MS[file] ?? ROOM_MS[roomOf(file)] ?? OTHER_MS;
  const open = new Map();
  const all = [];
  for (const file of [...files].sort()) {
    const room = roomOf(file);
    const most = SHARED_MS[room] ?? SHARED_MS.other;
    let group = open.get(room);
    if (!group || group.ms + ms(file) > most) {
      group = { files: [], ms: 0 };
      open.set(room, group);
      all.push(group);
    }
    group.files.push(file);
    group.ms += ms(file);
  }
  return all.sort((a, b) => b.ms - a.ms).map((group) => group.files);
}

/** @param {Readonly<Record<string, number>>} times in ms */
export function remember(times) {
  mkdirSync(path.dirname(record), { recursive: true });
  writeFileSync(record, JSON.stringify({ ...recorded(), ...times }));
}

function recorded() {
  try {
    return JSON.parse(readFileSync(record, "utf8"));
  } catch {
    return {};
  }
}

const roomOf = (file) => file.split("/")[1];
