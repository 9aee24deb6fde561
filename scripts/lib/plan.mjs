/** Which test files share a process, and which process starts first. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./project.mjs";

/** How long each file took the last time, here. */
const record = path.join(root, "node_modules/.cache/hikflow-test-times.json");

/**
 * Files share a process, since a start costs some seconds of the processor. Those in test/browser share a Node-RED, a browser and a page
 * of the editor for each language, too; those without an editor are apart, and so are those that want a language besides English. What
 * asks src/ alone is together, whatever its folder. A process takes this part of what its room has left, so that the last ones
 * are short, and all end at about the same time; less than so many milliseconds are not worth a start.
 */
const SHARE = { nodes: 1 / 3, package: 1 / 2, src: 1 / 4 };
const LEAST_MS = 40_000;
const OWN_ROOM = new Set(["browser", "chaos", "fuzz", "nodes", "package"]);
const BROWSER_ROOMS = {
  "without an editor": ["dashboard", "video"],
  "in other languages": ["device-form", "every-field", "every-help", "every-language", "repair"],
};
/** What hardly waits: a browser draws, the fuzzer computes, the fault matrix pours gigabytes. The other tests wait for a device, a timer or a program more than half of their time. */
const BUSY = new Set(["browser", "chaos", "fuzz"]);

/** What a file is thought to take before it has run here: the few that take very long, then by folder. */
const KNOWN_MS = {
  "test/browser/dashboard.test.ts": 94_000,
  "test/chaos/matrix.test.ts": 72_000,
  "test/record/file-recording-job.test.ts": 49_000,
  "test/browser/every-field.test.ts": 46_000,
  "test/nodes/plate-in/plate-in.test.ts": 43_000,
  "test/browser/video.test.ts": 40_000,
  "test/browser/every-form.test.ts": 37_000,
  "test/browser/device-form.test.ts": 25_000,
  "test/browser/every-list.test.ts": 25_000,
  "test/browser/find-devices.test.ts": 22_000,
  "test/browser/examples.test.ts": 21_000,
  "test/package/examples-run.test.ts": 19_000,
  "test/nodes/diagnose/diagnose-states.test.ts": 18_000,
  "test/nodes/video/video.test.ts": 17_000,
  "test/rtsp/rtsp-session.test.ts": 15_500,
  "test/nodes/admin/routes.test.ts": 14_500,
  "test/package/mqtt.test.ts": 14_000,
  "test/http/real-servers.test.ts": 13_000,
  "test/access-list/access-lists.test.ts": 13_000,
  "test/nodes/admin/permission.test.ts": 13_000,
  "test/nodes/output/output.test.ts": 13_000,
  "test/fuzz/fuzz.test.ts": 12_500,
  "test/browser/past-walk.test.ts": 12_000,
  "test/recordings/download/playback-transfer.test.ts": 12_000,
  "test/nodes/download/download-rtsp.test.ts": 12_000,
  "test/browser/try-it.test.ts": 11_000,
  "test/discovery/network.test.ts": 11_000,
};
const ROOM_MS = { browser: 7_000, package: 4_000, nodes: 3_000 };
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
  const rooms = new Map();
  for (const file of [...files].sort()) {
    const room = processOf(file);
    rooms.set(room, [...(rooms.get(room) ?? []), { file, ms: ms(file) }]);
  }
  const all = [...rooms].flatMap(([room, members]) => {
    const shares = inShares(members, SHARE[room] ?? 1);
    return shares.map((share) => ({ ...share, busy: BUSY.has(roomOf(members[0].file)) }));
  });
  return all.sort((a, b) => b.ms - a.ms);
}

/** Neighbours stay together. */
function inShares(members, share) {
  const shares = [];
  let left = sumOf(members);
  for (const { file, ms } of members) {
    let last = shares.at(-1);
    if (!last || (last.ms >= LEAST_MS && last.ms + ms > last.most)) {
      last = { files: [], ms: 0, most: Math.max(LEAST_MS, left * share) };
      shares.push(last);
    }
    last.files.push(file);
    last.ms += ms;
    left -= ms;
  }
  return shares;
}

const sumOf = (members) => members.reduce((sum, { ms }) => sum + ms, 0);

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

/** What files must have in common to share a process. */
function processOf(file) {
  const room = roomOf(file);
  if (!OWN_ROOM.has(room)) return "src";
  const name = path.posix.basename(file, ".test.ts");
  const [own] = Object.entries(BROWSER_ROOMS).find(([, names]) => names.includes(name)) ?? [];
  return room === "browser" && own !== undefined ? own : room;
}
