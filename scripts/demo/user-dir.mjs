/** The demo's Node-RED folder: the flow as shipped, unless the user has changed it. */
import { randomBytes } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { root } from "../lib/project.mjs";

const DEVICE_NODE = "demo-device";
const DASHBOARD = "@flowfuse/node-red-dashboard";
/** Shown beside the demo's own flow: the dashboard, and those that wait for a button. */
const EXAMPLES = ["16-dashboard", "07-ptz-pad", "13-playback-url"];

/**
 * @param {string} userDir made if it is not there
 * @param {{ host: string, port: number, username: string, password: string }} device where the demo's device node points to
 * @returns {{ credentialSecret: string, kept: boolean }} kept: the flow there was changed by the user and left alone
 */
export function prepareUserDir(userDir, device) {
  const flowFile = path.join(userDir, "flows.json");
  const lastWritten = path.join(userDir, "flows-as-shipped.json");
  mkdirSync(userDir, { recursive: true });
  linkDashboard(userDir);

  const present = readJson(flowFile);
  const kept = present !== undefined && !isDeepStrictEqual(present, readJson(lastWritten));
  const flow = pointAt(kept ? present : shippedFlow(userDir), device);
  writeJson(flowFile, flow);
  if (!kept) {
    writeJson(lastWritten, flow);
    // Node-RED takes readable credentials and encrypts them at the first deploy, together with the user's own.
    const { username, password } = device;
    writeJson(path.join(userDir, "flows_cred.json"), { [DEVICE_NODE]: { username, password } });
  }
  return { credentialSecret: secretOf(userDir), kept };
}

/** Node-RED looks for other palettes in its user directory; the project has this one in its own node_modules. */
function linkDashboard(userDir) {
  const link = path.join(userDir, "node_modules", DASHBOARD);
  // Left alone: one that the user has installed there.
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) unlinkSync(link);
  if (existsSync(link)) return;
  mkdirSync(path.dirname(link), { recursive: true });
  symlinkSync(path.join(root, "node_modules", DASHBOARD), link, "junction");
}

/** What Node-RED encrypts the credentials with: the user may add a camera of their own. */
function secretOf(userDir) {
  const file = path.join(userDir, "credential-secret");
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString("hex"), { mode: 0o600 });
  return readFileSync(file, "utf8");
}

function shippedFlow(userDir) {
  const recordings = path.join(userDir, "recordings");
  return [...readJson(fileOf("flows.json")), ...EXAMPLES.flatMap(example)].map((node) =>
    node.type === "hikvision-download" ? { ...node, directory: recordings, directoryType: "str" } : node,
  );
}

/** An example as it is after the user has filled in the device; the folder for recordings is filled in above. */
function example(name) {
  return readJson(fileOf(`../../examples/${name}.json`))
    .filter(
      ({ type, name: text }) => type !== "hikvision-device" && !(type === "comment" && text.startsWith("FILL IN")),
    )
    .map((node) => ("device" in node ? { ...node, device: DEVICE_NODE } : node));
}

function fileOf(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** The device gets another free port at each start. */
function pointAt(flow, { host, port }) {
  return flow.map((node) => (node.id === DEVICE_NODE ? { ...node, host, port } : node));
}

function writeJson(file, value) {
  writeFileSync(file, `${JSON.stringify(value, null, 4)}\n`);
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
