/** Which test files share a process, and which process starts first. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./project.mjs";

/** How long each file took the last time, here. */
const record = path.join(root, "node_modules/.cache/hikflow-test-times.json");

/**
 * Files that share a process, up to this long: a start costs some seconds of the processor. Those in test/browser share a Node-RED
 * and a browser, too. What asks src/ alone is together, whatever its folder.
 */
const SHARED_MS = { browser: 205_000, src: 60_000, other: 90_000 };
const OWN_ROOM = new Set(["browser", "chaos", "fuzz", "nodes", "package"]);
/** What hardly waits: a browser draws, the fuzzer computes, the fault matrix pours gigabytes. The other tests wait for a device, a timer or a program more than half of their time. */
const BUSY = new Set(["browser", "chaos", "fuzz"]);

/** What a file is thought to take before it has run here: the few that take very long, then by folder. */
const KNOWN_MS = {
  "test/browser/dashboard.test.ts": 137_000,
  "test/chaos/matrix.test.ts": 103_000,
  "test/browser/every-field.test.ts": 76_000,
  "test/record/file-recording-job.test.ts": 61_000,
  "test/browser/examples.test.ts": 48_000,
  "test/nodes/plate-in/plate-in.test.ts": 47_000,
  "test/browser/video.test.ts": 45_000,
  "test/browser/event-in-form.test.ts": 44_000,
  "test/browser/device-form.test.ts": 38_000,
  "test/browser/every-form.test.ts": 38_000,
  "test/nodes/diagnose/diagnose-states.test.ts": 36_000,
  "test/package/examples-run.test.ts": 36_000,
  "test/package/mqtt.test.ts": 34_000,
  "test/browser/every-list.test.ts": 34_000,
  "test/access-list/access-lists.test.ts": 28_000,
  "test/browser/find-devices.test.ts": 26_000,
  "test/browser/past-walk.test.ts": 26_000,
  "test/package/installed.test.ts": 25_000,
  "test/nodes/download/download-mp4.test.ts": 22_000,
  "test/diagnose/diagnose.test.ts": 22_000,
  "test/recordings/coverage.test.ts": 22_000,
  "test/http/real-servers.test.ts": 21_000,
  "test/fuzz/fuzz.test.ts": 21_000,
  "test/history/history.test.ts": 21_000,
  "test/nodes/shared/language.test.ts": 20_000,
  "test/nodes/video/video.test.ts": 20_000,
  "test/package/hostile-readers.test.ts": 20_000,
};
const ROOM_MS = { browser: 9_000, package: 4_000, nodes: 3_000 };
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
 * @returns {{ files: string[], ms: number, busy: boolean }[]} the longest first, so that none is left alone at the end
 */
export function groups(files) {
  const times = recorded();
  const ms = (file) => times[file] ?? KNOWN_MS[file] ?? ROOM_MS[roomOf(file)] ?? OTHER_MS;
  const open = new Map();
  const all = [];
  for (const file of [...files].sort()) {
    const room = OWN_ROOM.has(roomOf(file)) ? roomOf(file) : "src";
    const most = SHARED_MS[room] ?? SHARED_MS.other;
    let group = open.get(room);
    if (!group || group.ms + ms(file) > most) {
      group = { files: [], ms: 0, busy: BUSY.has(room) };
      open.set(room, group);
      all.push(group);
    }
    group.files.push(file);
    group.ms += ms(file);
  }
  return all.sort((a, b) => b.ms - a.ms);
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
