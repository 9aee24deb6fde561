/**
 * Pictures of every form, light and dark, to be looked at: `node scripts/demo/form-pictures.mjs [folder]`.
 * NODE_RED_PATH names another Node-RED, run by the Node that runs this. Only Node-RED 5 has a dark scheme of its own.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { require as requireTypeScript } from "tsx/cjs/api";
import { buildIfNeeded } from "../lib/build.mjs";
import { root } from "../lib/project.mjs";

const load = (file) => requireTypeScript(path.join(root, "test", file), import.meta.url);
const { launchBrowser } = load("support/browser.ts");
const { Editor } = load("support/editor.ts");
const { installLinked } = load("support/linked-package.ts");
const { manifest } = load("support/project.ts");
const { RunningNodeRed } = load("support/running-node-red.ts");
const { archiveOf, passPlate, startVirtualDevice } = load("virtual-device/index.ts");

const target = path.resolve(process.argv[2] ?? path.join(root, ".demo/forms"));
/** Node-RED's own parts of a tray, above and below the form. */
const FRAME = 280;

await buildIfNeeded();
const folder = mkdtempSync(path.join(os.tmpdir(), "hikflow-forms-"));
installLinked(folder);
const device = await startVirtualDevice({ model: "nvr" });
await addRecordingsAndPlates();
const nodeRed = await RunningNodeRed.start(folder);
const browser = await launchBrowser();
try {
  await nodeRed.deploy(flow());
  for (const dark of [false, true]) await takeAll(dark);
  console.log(`The pictures are in ${target}`);
} finally {
  await browser.close();
  await nodeRed.stop();
  await device.close();
  rmSync(folder, { recursive: true, force: true });
}

async function takeAll(dark) {
  const editor = await Editor.open(browser, nodeRed.url, { dark });
  // For the tests it draws nothing.
  await editor.page.addStyleTag({ content: "html { opacity: 1 !important; }" });
  mkdirSync(target, { recursive: true });
  const file = (name) => path.join(target, `${name}-${dark ? "dark" : "light"}.png`);
  await editor.page.screenshot({ path: file("flow") });
  for (const name of nodes()) {
    await editor.edit(name);
    await tryIt(editor);
    await take(editor, file(name));
    await editor.cancel();
  }
  await editor.editDevice("device");
  await editor.page.click(".hikflow summary");
  await editor.page.click("#hikflow-test");
  await editor.page.waitForSelector("#hikflow-test:not([disabled])");
  await take(editor, file("device"));
  await editor.leave();
}

/** Lets the form show what its buttons find. */
async function tryIt({ page }) {
  for (const button of await page.locator("button[id^=hikflow-try-]").all()) {
    await button.click();
    await page.waitForSelector('button[id^=hikflow-try-][aria-busy="true"]', { state: "detached" });
  }
}

/** The whole form, however long, in one picture. */
async function take({ page, tray }, file) {
  const before = page.viewportSize();
  const height = await tray.locator(".hikflow").evaluate((form) => form.scrollHeight);
  await page.setViewportSize({ ...before, height: Math.max(600, height + FRAME) });
  await page.waitForTimeout(300);
  await tray.screenshot({ path: file });
  await page.setViewportSize(before);
}

/** What the forms find: recordings of the last hours, plates. */
async function addRecordingsAndPlates() {
  const hour = 3_600_000;
  const first = Date.now() - 30 * hour;
  for (let index = 0; index < 30; index++) {
    const startMs = first + index * hour;
    archiveOf(device).add({ startMs, endMs: startMs + hour, recordType: index % 3 === 0 ? "motion" : "timing" });
  }
  for (const [index, plate] of ["AB123CD", "M-XY 4711", "京A12345"].entries())
    await passPlate(device, { plate, channel: index + 1 }, { stream: false, agoMs: index * hour });
}

/** What a form needs beside its channel to find something. */
function special(name) {
  if (name === "ptz") return { action: "absolute", values: { azimuth: { value: "90", type: "num" } } };
  if (name === "download") return { start: new Date(Date.now() - 86_400_000).toISOString() };
  return {};
}

function nodes() {
  return Object.keys(manifest["node-red"].nodes).filter((name) => name !== "device");
}

function flow() {
  const { host, port, username, password } = device;
  const credentials = { username, password };
  return [
    { id: "tab", type: "tab", label: "Forms" },
    { id: "device", type: "hikvision-device", name: "Yard", host, port: String(port), protocol: "http", credentials },
    ...nodes().map((name, index) => ({
      id: name,
      z: "tab",
      type: `hikvision-${name}`,
      device: "device",
      channel: "1",
      ...special(name),
      x: 200 + (index % 3) * 230,
      y: 80 + Math.floor(index / 3) * 80,
      wires: [],
    })),
  ];
}
