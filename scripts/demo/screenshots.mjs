/** Makes the pictures of the README (docs/images/) from the demo, in the browser of the tests. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startVirtualNvr } from "./device.mjs";
import { startNodeRed } from "./node-red.mjs";
import { prepareUserDir } from "./user-dir.mjs";
import { buildIfNeeded } from "../lib/build.mjs";
import { installIfNeeded } from "../lib/install.mjs";
import { root } from "../lib/project.mjs";

const images = path.join(root, "docs/images");
const EVENTS_MS = 25_000;
const ANIMATION_MS = 700;
const WIDE = { width: 1360, height: 620 };
const TALL = { width: 1280, height: 1180 };
const DESK = { width: 1280, height: 640 };
const PHONE = { width: 390, height: 780 };
/** Device and browser stand where it is about eleven now, so that the pictures are seen by day. Both count west of Greenwich. */
const WEST = new Date().getUTCHours() - 11;
const ZONE = { device: `DAY${WEST}:00:00`, browser: `Etc/GMT${WEST < 0 ? WEST : `+${WEST}`}` };
/** Time for the pictures of a page to come. */
const PAGE_MS = 9_000;
const PAGES = [
  ["wall", "dashboard-cameras.jpg", {}],
  ["ptz", "dashboard-ptz.jpg", { dark: true }],
  ["wall", "dashboard-phone-cameras.jpg", { phone: true }],
  ["events", "dashboard-phone-events.jpg", { phone: true, dark: true }],
  ["ptz", "dashboard-phone-ptz.jpg", { phone: true }],
];

await installIfNeeded();
await buildIfNeeded();
mkdirSync(images, { recursive: true });
const userDir = mkdtempSync(path.join(os.tmpdir(), "hikflow-pictures-"));
const device = await startVirtualNvr({ zone: ZONE.device });
const { credentialSecret } = prepareUserDir(userDir, device);
const nodeRed = await startNodeRed({ userDir, credentialSecret, port: 0 });
const { require: requireTypeScript } = await import("tsx/cjs/api");
const { launchBrowser } = requireTypeScript("../../test/support/browser.ts", import.meta.url);
const browser = await launchBrowser();
try {
  const page = await browser.newPage({ viewport: WIDE, deviceScaleFactor: 1.5 });
  await open(page);
  await flow(page);
  await form(page, "demo-events", "event-in.png");
  for (const [name, file, options] of PAGES) await dashboard(name, file, options);
} finally {
  await browser.close();
  await nodeRed.stop();
  await device.close();
  rmSync(userDir, { recursive: true, force: true });
}
process.exit(0);

async function open(page) {
  await page.goto(nodeRed.url);
  await page.waitForSelector('.red-ui-palette-node[data-palette-type="hikvision-event-in"]', { state: "attached" });
  await page.waitForSelector("#red-ui-loading-progress", { state: "hidden" });
  await page.evaluate(() => globalThis.RED.sidebar.show("debug"));
}

/** The flow with its messages, after some have come. */
async function flow(page) {
  await sleep(EVENTS_MS);
  await page.screenshot({ path: path.join(images, "flow.png") });
}

/** A page of the dashboard. */
async function dashboard(name, file, { phone = false, dark = false }) {
  const page = await browser.newPage({
    viewport: phone ? PHONE : DESK,
    deviceScaleFactor: phone ? 2 : 1.25,
    colorScheme: dark ? "dark" : "light",
    timezoneId: ZONE.browser,
  });
  await page.goto(`${nodeRed.url}dashboard/${name}`);
  await sleep(PAGE_MS);
  await page.screenshot({ path: path.join(images, file), type: "jpeg", quality: 78 });
  await page.close();
}

/** The form of one node. */
async function form(page, id, file) {
  await page.setViewportSize(TALL);
  await page.evaluate((node) => globalThis.RED.editor.edit(globalThis.RED.nodes.node(node)), id);
  await page.waitForSelector(".red-ui-tray");
  await sleep(ANIMATION_MS);
  await page.locator(".red-ui-tray").screenshot({ path: path.join(images, file) });
  await page.click("#node-dialog-cancel");
  await sleep(ANIMATION_MS);
}
