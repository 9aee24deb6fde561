/** docs/past.md, step by step, with the clicks counted that it promises. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { has, without } from "../support/left-out";
import { momentFilm } from "../support/moment-film";
import { manifest, readText } from "../support/project";
import { until } from "../support/until";
import {
  archiveOf,
  countingOf,
  downloadsOf,
  pastOf,
  rtspOf,
  startVirtualDevice,
  storePicture,
  type VirtualDevice,
} from "../virtual-device";
import { greyJpeg } from "../virtual-device/jpeg";
import { CountedWalk } from "./counted-walk";
import { afterTests, inBrowser, running } from "./stage";

const WALK = readText("docs/past.md");
const HOUR = 3_600_000;

(has("ffmpeg") ? describe : describe.skip)(`four questions to the past${without("ffmpeg")}`, function () {
  this.timeout(120_000).slow(60_000);
  inBrowser();
  let device: VirtualDevice;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "hikflow-past-"));
    device = await startVirtualDevice({
      model: "nvr",
      channels: ["Gate"],
      heartbeat: { ms: 100 },
      films: momentFilm(2),
    });
  });
  afterTests(async () => {
    await device.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("take the clicks that their description counts, and are answered", async () => {
    const midnight =
      Date.parse(`${device.time.stamp().slice(0, 10)}T00:00:00Z`) - device.time.offsetAt(Date.now()) * 1000;
    countingOf(device)
      .fit()
      .crossings.push({ atMs: midnight - 18 * HOUR, enter: 5 });
    archiveOf(device).zulu = "local";
    archiveOf(device).add({ startMs: midnight - 17 * HOUR, endMs: midnight - 16 * HOUR, name: "morning" });
    archiveOf(device).add({ startMs: midnight - 2 * HOUR, endMs: midnight, name: "night" });
    // By what it records at this moment it is certain what it means by its times, also in the hour after midnight.
    archiveOf(device).add({ startMs: Date.now() - 120_000, endMs: Date.now(), name: "now" });
    Object.assign(rtspOf(device), { keySeconds: 2, clock: "range", fastest: 200 });
    // A device that refuses downloads needs no ffmpeg for its MP4.
    downloadsOf(device).form = "none";
    const past = pastOf(device);
    past.recordTypes = { eventTypes: "VMD", behaviors: "linedetection,fielddetection" };
    const startMs = midnight - HOUR;
    const pictureUrl = storePicture(device, greyJpeg(16, 16));
    past.records.push({ channel: 1, type: "linedetection", startMs, endMs: startMs + 1000, pictureUrl });

    const walk = await CountedWalk.begin();
    const { editor } = walk;
    const { page } = editor;
    const type = async (field: string, text: string): Promise<void> => {
      await page.click(field);
      await page.fill(field, text);
      await page.locator(field).press("End");
    };
    const typed = (property: string): string => `.hikflow-field:has(#node-input-${property}) .red-ui-typedInput-input`;
    const open = async (ids: readonly string[], name: string): Promise<void> => {
      await editor.edit(await walk.show(ids, name));
    };
    const answer = async (question: string): Promise<string> => {
      await page.click(`#hikflow-try-${question}`);
      await page.waitForSelector(`#hikflow-try-${question}[aria-busy="false"]`, { timeout: 30_000 });
      return page.locator(`#hikflow-try-${question}-answer`).innerText();
    };
    const chosenDevice = (): Promise<unknown> => page.selectOption("#node-input-device", { label: "Yard" });
    const text = async (where: string): Promise<string> => (await fetch(`${running().url}${where}`)).text();

    const visitors = await editor.importExample(manifest.name, "30-visitors-of-last-week");
    await walk.stepDone();
    await open(visitors, "each day");
    await page.click("#node-input-btn-device-edit");
    await page.waitForSelector("#node-config-dialog-ok");
    const { host, port, username, password } = device;
    for (const [field, value] of Object.entries({ host, port: String(port), username, password }))
      await type(`#node-config-input-${field}`, value);
    await page.waitForTimeout(500);
    await editor.deviceDone();
    assert.match(await answer("statistics"), /5/);
    await editor.done();
    await walk.stepDone();
    await editor.deploy();
    await walk.stepDone();
    assert.match(await text("visitors"), /5 visitors last week/);

    await editor.edit(await editor.drag("hikvision-snapshot", 100, 500));
    await chosenDevice();
    await type(typed("time"), "yesterday 07:32");
    assert.match(await answer("snapshot"), /^64 × 64 .*:32:0/);
    await editor.done();
    await walk.stepDone();

    const night = await editor.importExample(manifest.name, "31-last-night-at-the-gate");
    await walk.stepDone();
    await open(night, "last night");
    assert.match(await answer("history"), /Line crossing[^]*▣/);
    await editor.done();
    await walk.stepDone();
    await editor.deploy();
    await walk.stepDone();
    assert.match(await text("last-night"), /1 times at the gate last night[^]*<img src="data:image\/jpeg;base64,/);

    const download = await editor.drag("hikvision-download", 400, 550);
    const inject = await editor.drag("inject", 100, 550);
    await editor.wire(inject, download);
    await editor.edit(download);
    await chosenDevice();
    await type(typed("channel"), "1");
    await type(typed("start"), "yesterday 23:00");
    await type(typed("end"), "yesterday 23:00:20");
    await page.selectOption("#node-input-deliverAs", "mp4");
    await type(typed("directory"), folder);
    assert.match(await answer("download"), /23:00:00/);
    await editor.done();
    await walk.stepDone();
    await editor.deploy();
    await page.click(`.red-ui-flow-node[id="${inject}"] .red-ui-flow-node-button-button`);
    await walk.stepDone();
    const files = (): string[] => readdirSync(folder).filter((name) => name.endsWith(".mp4"));
    await until(() => files().length === 1, "the clip", 30_000);
    const clip = readFileSync(path.join(folder, files()[0] ?? "")).toString("latin1");
    const moments = [...clip.matchAll(/moment=(\d{13})/g)].map(([, digits]) => Number(digits) - (midnight - HOUR));
    assert.deepEqual([moments.length, moments[0], moments.at(-1)], [100, 0, 19_800]);

    walk.check(WALK);
  });
});
