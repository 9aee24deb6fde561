/** The dashboard example, used in a browser as a person does, against a virtual recorder. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { drawnFilms } from "../../scripts/demo";
import { launchBrowser } from "../support/browser";
import type { FlowNode } from "../support/flow";
import { installLinked } from "../support/linked-package";
import { leaveOut } from "../support/left-out";
import { readText, root } from "../support/project";
import { RunningNodeRed, UNUSED_NODES } from "../support/running-node-red";
import {
  accessListsOf,
  alerts,
  archiveOf,
  detectionsOff,
  barriersOf,
  countingOf,
  downloadsOf,
  headsOf,
  IMKH,
  passPlate,
  pastOf,
  rtspOf,
  startVirtualDevice,
  type VirtualDevice,
} from "../virtual-device";
import { until } from "../support/until";

const PACKAGE = "@flowfuse/node-red-dashboard";
const PAGES = ["wall", "events", "plates", "gate", "ptz", "recordings", "people", "health", "alarm"];
/** Pages that show first what was there when they were left. */
const BEGUN_ANEW = new Set(["health", "recordings"]);
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
/** The channel that the example marks as PTZ. */
const ROOF = 8;

describe("the dashboard", function () {
  this.timeout(120_000).slow(15_000); // on a busy computer one page takes a minute
  let browser: Browser | undefined;
  let nodeRed: RunningNodeRed;
  let device: VirtualDevice;
  let folder: string | undefined;
  /** One for all: each start of a page reads, compiles and draws the whole dashboard, the first twice as long. */
  let page: Page;
  const complaints: string[] = [];

  before(async function () {
    if (!existsSync(path.join(root, "node_modules", PACKAGE))) this.skip();
    try {
      browser = await launchBrowser();
    } catch (error) {
      console.log(`The tests of the dashboard are left out: ${(error as Error).message}`);
      leaveOut("Chromium");
      this.skip();
    }
    folder = mkdtempSync(path.join(os.tmpdir(), "hikflow dashboard "));
    installLinked(folder, [PACKAGE]);
    device = await startVirtualDevice({ model: "nvr", heartbeat: { ms: 500 }, films: drawnFilms });
    // As recorders have it, and as it is assumed where nothing was recorded lately.
    archiveOf(device).zulu = "local";
    barriersOf(device).fit();
    accessListsOf(device).generation = "today";
    const { username, password } = device;
    nodeRed = await RunningNodeRed.start(folder, { settings: { nodesExcludes: UNUSED_NODES } });
    await nodeRed.deploy(filledIn(device, folder), { "hikflow-example-device": { username, password } });
    await until(() => device.streams === 1, "the event stream is open", 10_000);
    page = await newPage(browser);
  });
  after(async () => {
    await browser?.close();
    if (folder === undefined) return;
    await nodeRed.stop();
    await device.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function newPage(from: Browser): Promise<Page> {
    const opened = await from.newPage();
    // What is not seen is not drawn, by the processor that runs the tests. It is laid out, and can be clicked on.
    await opened.addInitScript(() => {
      document.addEventListener("DOMContentLoaded", () => {
        const style = document.createElement("style");
        // Nor does anything move, which would be laid out sixty times a second.
        style.textContent =
          "html { opacity: 0; } *, ::before, ::after { transition: none !important; animation: none !important; }";
        document.head.append(style);
      });
    });
    opened.on("pageerror", (error) => complaints.push(error.message));
    opened.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    return opened;
  }
  /** Within a page that is open by way of the menu of the dashboard, which takes a fraction of what a start takes. */
  const visit = async (name: string, asLeft: boolean): Promise<void> => {
    if ((BEGUN_ANEW.has(name) && !asLeft) || !page.url().startsWith(`${nodeRed.url}dashboard/`)) {
      await page.goto(`${nodeRed.url}dashboard/${name}`);
      return;
    }
    await page.evaluate(
      async ([wanted, other]) => {
        const { $router: router } = document.querySelector("#app").__vue_app__.config.globalProperties;
        // What stands there is begun anew, also where it is the page that shows.
        if (router.currentRoute.value.path === wanted) await router.push(other);
        await router.push(wanted);
      },
      [`/dashboard/${name}`, `/dashboard/${name === "gate" ? "people" : "gate"}`] as const,
    );
  };
  const playsVideo = (): Promise<boolean> =>
    page.evaluate(() => MediaSource.isTypeSupported('video/mp4; codecs="avc1.42C01E"'));
  /** `asLeft`: it may show first what was there when it was left. */
  const open = async (
    name: string,
    options: { phone?: boolean; dark?: boolean; asLeft?: boolean } = {},
  ): Promise<void> => {
    assert.ok(browser);
    if (page.isClosed()) page = await newPage(browser);
    await page.setViewportSize(options.phone ? PHONE : DESKTOP);
    await page.emulateMedia({ colorScheme: options.dark ? "dark" : "light" });
    await visit(name, options.asLeft ?? false);
    await page.waitForSelector(name === "people" ? ".nrdb-ui-gauge" : ".hik");
  };
  afterEach(async function () {
    if (!browser) return;
    // What failed is to fail alone.
    if (this.currentTest?.state === "failed") await page.close();
    // What a page remembers of its visitor.
    if (!page.isClosed()) await page.evaluate(() => localStorage.clear());
    assert.deepEqual(complaints.splice(0), [], "the browser's console");
  });

  it("shows a picture of each camera, another one later, and a large one on a click", async () => {
    await open("wall");
    const picture = (channel: number): Promise<string> =>
      page.locator(`[data-channel="${channel}"] img`).evaluate((image) => (image as unknown as { src: string }).src);
    const first = await picture(3);
    assert.match(first, /^data:image\/jpeg;base64,/);
    await page.waitForFunction((eight) => document.querySelectorAll(".hik-camera > img").length === eight, 8);
    await until(async () => (await picture(3)) !== first, "another picture");
    const opened = Date.now();
    await page.click('[data-channel="3"]');
    await page.waitForSelector(".hik-large img");
    await until(() => device.requests.some(({ path: asked }) => asked.endsWith("/301/picture")), "the main stream");
    await page.keyboard.press("Escape");
    await page.waitForSelector(".hik-large[open]", { state: "detached" });
    const large = (): number => device.requests.filter(({ path: asked }) => asked.endsWith("/301/picture")).length;
    // One every 2.5 s while it is open, and what was under way.
    const most = 3 + (Date.now() - opened) / 2_500;
    assert.ok(large() <= most, `${large()} large ones, not ${most} at the most`);
  });

  it("shows the large picture above everything, closes it by button and Back, and gives the focus back", async () => {
    await open("wall");
    const tile = page.locator('[data-channel="2"]');
    await tile.locator("img").waitFor();
    const open2 = async (): Promise<void> => {
      await tile.focus();
      await page.keyboard.press("Enter");
      await page.waitForSelector(".hik-large[open] img");
    };
    const closed = async (): Promise<void> => {
      await page.waitForSelector(".hik-large[open]", { state: "detached" });
      await until(() => tile.evaluate((element) => element === document.activeElement), "the focus is back");
      assert.match(page.url(), /\/dashboard\/wall$/);
    };
    await open2();
    const top = await page.evaluate(() => document.elementFromPoint(30, 30)?.closest("dialog")?.className);
    assert.equal(top, "hik-large", "above the bar of the page");
    await page.click('.hik-large [aria-label="Close"]');
    await closed();
    await open2();
    await page.goBack();
    await closed();
  });

  it("plays live video in the large picture, and lets the camera go when that is closed", async function () {
    await open("wall");
    if (!(await playsVideo())) this.skip();
    await page.locator('[data-channel="3"]').click();
    await page.waitForFunction('document.querySelector(".hik-large video")?.currentTime > 1');
    await page.locator(".hik-large video").waitFor();
    await page.keyboard.press("Escape");
    await page.waitForSelector(".hik-large[open]", { state: "detached" });
    await until(() => rtspOf(device).sessions.size === 0, "the session ends", 10_000);
  });

  it("fills the page with the cameras", async () => {
    await open("wall");
    await page.waitForSelector(".hik-wall-full");
    const boxes = await page
      .locator(".hik-camera")
      .evaluateAll((all) => all.map((one) => (one as unknown as Element).getBoundingClientRect()));
    assert.equal(boxes.length, 8);
    const right = Math.max(...boxes.map((box) => box.right));
    const bottom = Math.max(...boxes.map((box) => box.bottom));
    assert.ok(right > DESKTOP.width - 60 && right <= DESKTOP.width, `right ${right}`);
    assert.ok(bottom > DESKTOP.height - 60 && bottom <= DESKTOP.height, `bottom ${bottom}`);
  });

  it("says which camera is offline, and shows it again when it is back", async () => {
    const garden = device.profile.channels[3]!;
    await open("wall");
    garden.online = false;
    const tile = page.locator('[data-channel="4"]');
    await tile.locator(".hik-off small").waitFor();
    assert.match(await tile.innerText(), /Camera offline[^]*Garden[^]*offline/);
    garden.online = true;
    await tile.locator("img").waitFor();
  });

  it("asks the device for nothing while nobody looks at the cameras", async () => {
    await open("people");
    await page.waitForTimeout(1_000);
    const pictures = (): number => device.requests.filter(({ path: asked }) => asked.endsWith("/picture")).length;
    const before = pictures();
    await page.waitForTimeout(3_000);
    assert.equal(pictures(), before);
  });

  it("lists events, newest first, with pictures, also those from before it was opened, and filters them", async () => {
    await device.emit(alerts.lineCrossing({ channel: 2, withPictures: true, regions: [{ id: 1, target: "vehicle" }] }));
    await open("events");
    await page.locator('[data-type="linedetection"] img').first().waitFor();
    await device.emit(alerts.intrusion({ channel: 3, withPictures: true }));
    await page.locator('.hik-event[data-type="fielddetection"]').first().waitFor();
    assert.match(
      await page.locator(".hik-event").first().innerText(),
      /Intrusion[^]*now[^]*Front door · person[^]*today[^]*\d\d:\d\d:\d\d/,
    );
    const shown = async (): Promise<string[]> => [...new Set(await page.locator(".hik-event strong").allInnerTexts())];
    await page.selectOption('[aria-label="Kind"]', "Line crossing");
    await until(async () => String(await shown()) === "Line crossing", "only line crossings");
    await page.selectOption('[aria-label="Kind"]', "");
    await page.selectOption('[aria-label="Camera"]', "Front door");
    await until(async () => String(await shown()) === "Intrusion", "only the front door");
    await page.selectOption('[aria-label="Camera"]', "");
    await page.check(".hik-timeline label input");
    await until(async () => String(await shown()) === "Intrusion", "only people");
  });

  it("has one row for an event, with its length and the picture of its start", async () => {
    await open("events");
    const rows = page.locator('.hik-event[data-type="regionEntrance"]');
    const region = { id: 1, target: "vehicle" };
    await device.emit(alerts.regionEntrance({ channel: 5, regions: [region], withPictures: true }));
    await rows.locator("img").waitFor();
    assert.match(await rows.innerText(), /now/);
    await device.emit(alerts.regionEntrance({ channel: 5, regions: [region], state: "inactive" }));
    await rows.locator(".hik-word", { hasText: /^\d+ s$/ }).waitFor();
    assert.deepEqual([await rows.count(), await rows.locator("img").count()], [1, 1]);
    await page.reload();
    await rows.locator(".hik-word", { hasText: /^\d+ s$/ }).waitFor();
    assert.equal(await rows.count(), 1);
  });

  it("plays what is recorded of an event over its picture, and says so where nothing is", async function () {
    const now = Date.now();
    archiveOf(device).add({ channel: 6, startMs: now - 300_000, endMs: now });
    for (const channel of [6, 2])
      await device.emit(alerts.regionExiting({ channel, withPictures: true, regions: [{ id: 1, target: "human" }] }));
    await open("events", { phone: true, dark: true });
    const rows = page.locator('.hik-event[data-type="regionExiting"]');
    const large = page.locator(".hik-large[open]");
    await rows.filter({ hasText: "Driveway" }).locator("img").first().click();
    await large.locator('[role="status"]', { hasText: "Not recorded" }).waitFor();
    const about = await large.locator(".hik-name").evaluate((name) => ({ color: getComputedStyle(name).color }));
    assert.equal(about.color, "rgb(255, 255, 255)", "on black");
    assert.ok((await large.locator(".hik-name").boundingBox())!.height < 120, "a bar, not over all");
    await page.keyboard.press("Escape");
    await large.waitFor({ state: "detached" });
    if (!(await playsVideo())) this.skip();
    await rows.filter({ hasText: "Loading bay" }).locator("img").first().click();
    await page.waitForFunction('document.querySelector(".hik-large video")?.currentTime > 1');
    await large.locator("video").waitFor();
    const played = rtspOf(device).requests.findLast(({ method }) => method === "PLAY");
    assert.match(played?.url ?? "", /tracks\/601/);
    const length = await page.evaluate('document.querySelector(".hik-large video").duration');
    assert.equal(length, 15);
    await page.keyboard.press("Escape");
    await large.waitFor({ state: "detached" });
    await until(() => rtspOf(device).sessions.size === 0, "the session ends", 10_000);
  });

  it("shows numbers in the rows of plates and counts", async () => {
    await open("events");
    await device.emit(alerts.peopleCounting({ channel: 7, enter: 9, exit: 4 }));
    await passPlate(device, { plate: "B-MX 123", channel: 1 });
    await page.locator(".hik-event", { hasText: "9 entered · 4 left" }).first().waitFor();
    await page.locator(".hik-event", { hasText: "B-MX 123" }).first().waitFor();
  });

  it("keeps a hundred events and no more", async () => {
    const patient = { timeout: 90_000 }; // a busy computer takes a burst of events slowly
    // With no page open: the list would be sent and drawn with each.
    await page.goto("about:blank");
    for (let i = 0; i < 110; i++) await device.emit(alerts.peopleCounting({ channel: 7, enter: i, exit: 0 }));
    await open("events");
    await page.locator(".hik-event", { hasText: "109 entered" }).waitFor(patient);
    assert.equal(await page.locator(".hik-quiet", { hasText: " of " }).innerText(patient), "100 of 100");
  });

  it("opens the gate, changes the camera's list, and writes down who did what", async () => {
    const [lists, { moves }] = [accessListsOf(device), barriersOf(device)];
    await open("gate");
    const first = page.locator(".hik-gate-log li").first();
    await page.click(".hik-open");
    await first.filter({ hasText: /Opened by hand[^]*gate: open/ }).waitFor();
    assert.deepEqual(moves, ["1 open"]);
    await page.fill('[aria-label="Plate for the list"]', "AB 123 CD");
    await page.keyboard.press("Enter");
    await page.locator('[data-listed="AB123CD"]').waitFor();
    assert.deepEqual(lists.plates, ["AB123CD"]);
    await passPlate(device, { plate: "AB123CD", channel: 1, list: "whiteList" });
    await first.filter({ hasText: /Passed AB123CD[^]*on the allow list/ }).waitFor();
    await page.click('[aria-label="Take AB123CD off"]');
    await page.locator('[data-listed="AB123CD"]').waitFor({ state: "detached" });
    assert.deepEqual(lists.plates, []);
    const happened = await page.locator(".hik-gate-log li > :nth-child(2)").allInnerTexts();
    assert.match(
      happened.join(),
      /^Taken off the list AB123CD,Passed AB123CD,Put on the list AB 123 CD,Opened by hand/,
    );
  });

  it("allows a plate from the log, by name, and denies it again", async () => {
    const verdict = (plate: string): Promise<string> =>
      page.locator(`[data-plate="${plate}"] .hik-word`).first().innerText();
    await open("plates");
    await passPlate(device, { plate: "0012345", channel: 1, withPictures: true });
    await page.locator('[data-plate="0012345"] img').waitFor();
    assert.equal(await verdict("0012345"), "Denied");
    await page.locator('[data-plate="0012345"] button').click();
    await page.locator(".hik-allowed", { hasText: "0012345" }).waitFor();
    await page.fill('[aria-label="Plate"]', "12-e 34");
    await page.keyboard.press("Enter");
    await page.locator(".hik-allowed", { hasText: "12E34" }).waitFor();
    await passPlate(device, { plate: "12E34", channel: 1, withPictures: true });
    await page.locator('[data-plate="12E34"]').waitFor();
    assert.equal(await verdict("12E34"), "Allowed");
    await page.locator('[data-plate="12E34"] button').click();
    await page.locator(".hik-allowed", { hasText: "12E34" }).waitFor({ state: "detached" });
    await passPlate(device, { plate: "N-X 88", channel: 1, vehicleType: "SUVMPV" });
    await page.locator('[data-plate="N-X 88"]').waitFor();
    assert.match(await page.locator('[data-plate="N-X 88"]').innerText(), /on no list[^]*SUV(?!MPV)/);
    await page.fill('[aria-label="Plate"]', "nx88");
    await page.keyboard.press("Enter");
    await page.locator('[data-plate="N-X 88"] button', { hasText: "Deny" }).waitFor();
    await passPlate(device, { plate: "NX88KLM", channel: 1, list: "blackList" });
    await page.locator('[data-plate="NX88KLM"]').waitFor();
    assert.equal(await verdict("NX88KLM"), "Denied");
  });

  describe("the pad", () => {
    const head = () => headsOf(device).channels.get(ROOF)!;
    const held = async (): Promise<void> => {
      await page.locator(".hik-view img").waitFor();
      await page.locator('[data-way="right"]').hover();
      await page.mouse.down();
      await until(() => head().moving, "it moves");
    };

    it("moves the camera while a button is held, which its picture shows, and stops it on release", async () => {
      await open("ptz");
      const before = head().position.azimuth;
      await held();
      const picture = () =>
        page.locator(".hik-view img").evaluate((image) => (image as unknown as { src: string }).src);
      const first = await picture();
      await page.waitForTimeout(2_000); // longer than one move lasts: it was renewed
      assert.ok(head().moving);
      await page.mouse.up();
      await until(() => !head().moving, "it stands");
      assert.ok(head().position.azimuth > before + 200);
      await until(async () => (await picture()) !== first, "another picture");
    });

    it("shows the moving camera live while it is held, and lets it go soon after", async function () {
      await open("ptz", { phone: true });
      if (!(await playsVideo())) this.skip();
      await held();
      await page.waitForFunction('document.querySelector(".hik-view video")?.currentTime > 0.5');
      await page.locator(".hik-view video").waitFor();
      await page.mouse.up();
      await page.locator(".hik-view video").waitFor({ state: "detached" });
      assert.ok(await page.locator(".hik-view img").isVisible());
      await until(() => rtspOf(device).sessions.size === 0, "the session ends", 10_000);
    });

    it("stops when the browser vanishes", async () => {
      await open("ptz");
      await held();
      await page.close();
      await until(() => !head().moving, "it stands", 4_000);
    });

    it("takes the keyboard, presets and home", async () => {
      head().presets.set(1, { name: "Crossing", position: { azimuth: 1000, elevation: 60, zoom: 16 } });
      head().presets.set(2, { name: "Home", position: { azimuth: 900, elevation: 100, zoom: 10 } });
      await open("ptz");
      await page.focus(".hik-pad");
      const { elevation } = head().position;
      await page.keyboard.down("ArrowUp");
      await until(() => head().moving && head().position.elevation > elevation, "it goes up");
      await page.keyboard.up("ArrowUp");
      await until(() => !head().moving, "it stands");
      await page.click("text=Crossing");
      await until(() => head().position.zoom === 16, "at the preset");
      await page.click('[aria-label="Home"]');
      await until(() => head().position.azimuth === 900, "at home");
    });
  });

  describe("recordings", () => {
    const BYTES = 3_000_000;
    const begin = Date.now() - 10 * 60_000;
    const search = async (): Promise<void> => {
      // Where it shows already, it is searched anew there, as a person does.
      if (page.isClosed() || !page.url().endsWith("/recordings")) await open("recordings");
      await page.fill('[aria-label="Day"]', device.time.stamp(begin).slice(0, 10));
      await page.click("text=Search");
      await page.locator(".hik-file").first().waitFor();
    };
    before(() => {
      if (!browser) return;
      for (const minute of [0, 1])
        archiveOf(device).add({
          startMs: begin + minute * 120_000,
          endMs: begin + minute * 120_000 + 60_000,
          name: `file${minute}`,
          media: { bytes: BYTES, head: IMKH },
        });
    });

    it("are played in their row, at another place and speed", async function () {
      await search();
      if (!(await playsVideo())) this.skip();
      const file = page.locator('[data-name="file1"]');
      await file.locator("button", { hasText: "Play" }).click();
      const beyond = (seconds: number): Promise<unknown> =>
        page.waitForFunction(`document.querySelector(".hik-player video")?.currentTime > ${seconds}`);
      await beyond(0.5);
      await page.evaluate('document.querySelector(".hik-player video").currentTime = 30');
      await beyond(30.5);
      await file.locator("button", { hasText: "4×" }).click();
      await beyond(34);
      await file.locator("button", { hasText: "Close" }).click();
      await until(() => rtspOf(device).sessions.size === 0, "the session ends", 10_000);
    });

    it("are found, and downloaded with a progress that moves", async () => {
      downloadsOf(device).bytesPerSecond = 1_000_000;
      await search();
      const file = page.locator('[data-name="file0"]');
      await file.locator("text=Download").click();
      const seen = new Set<number>();
      await until(
        async () => {
          seen.add(Number(await file.locator("progress").getAttribute("value")));
          return /Saved as/.test(await file.innerText());
        },
        "saved",
        40_000,
      );
      const between = [...seen].filter((percent) => percent > 0 && percent < 100);
      assert.ok(between.length >= 3, `progress: ${[...seen].join(", ")}`);
      assert.deepEqual(
        between,
        between.toSorted((a, b) => a - b),
      );
    });

    it("come to the browser that asked for them", async () => {
      downloadsOf(device).bytesPerSecond = 0;
      await search();
      const arrived = page.waitForEvent("download", { timeout: 30_000 });
      await page.locator('[data-name="file0"]').locator("text=Download").click();
      const { size } = statSync(await (await arrived).path());
      assert.equal(size, BYTES);
      assert.equal((await fetch(`${nodeRed.url}hikvision-file/0000`)).status, 404);
      assert.match(await page.locator('[data-name="file0"]').innerText(), /by schedule/);
    });

    it("stop when they are cancelled", async () => {
      downloadsOf(device).bytesPerSecond = 500_000;
      await search();
      const file = page.locator('[data-name="file1"]');
      await file.locator("text=Download").click();
      await file.locator("text=/[1-9]\\d* %/").waitFor();
      await file.locator("text=Cancel").click();
      await file.locator("text=Cancelled").waitFor();
      await until(() => downloadsOf(device).running === 0, "the device is free");
    });

    it("are found by the calendar, and played from the timeline with its events", async function () {
      const yesterday = device.time.stamp(begin - 86_400_000).slice(0, 10);
      archiveOf(device).add({ startMs: begin - 86_400_000, endMs: begin - 86_400_000 + 3_600_000, name: "past" });
      pastOf(device).log.push({ atMs: begin - 86_400_000 + 600_000, what: "Alarm/fieldDetectionStart/1" });
      await open("recordings");
      // The calendar begins with the month of this computer, which may be another than the device's.
      await page.locator("[data-day]").first().waitFor();
      if ((await page.locator(`[data-day="${yesterday}"]`).count()) === 0)
        await page.click('[aria-label="Month before"]');
      await page.locator(`[data-day="${yesterday}"].hik-recorded`).click();
      await page.locator('[data-name="past"]').waitFor();
      const mark = page.locator(".hik-mark");
      await mark.waitFor();
      const time = device.time.stamp(begin - 86_400_000 + 600_000).slice(11, 19);
      assert.equal(await mark.getAttribute("aria-label"), `Play ${time} Intrusion`);
      await page.locator(".hik-day", { hasText: "1 event" }).waitFor();
      if (!(await page.evaluate(() => MediaSource.isTypeSupported('video/mp4; codecs="avc1.42C01E"')))) this.skip();
      await mark.click();
      await page.waitForFunction('document.querySelector(".hik-day video")?.currentTime > 0.5');
      await page.locator(".hik-day button", { hasText: "Close" }).click();
      await until(() => rtspOf(device).sessions.size === 0, "the session ends", 10_000);
    });

    it("have an address for a player, without a password", async () => {
      await search();
      const file = page.locator('[data-name="file0"]');
      await file.locator("text=Address").click();
      const address = await file.locator(".hik-address").inputValue();
      assert.match(address, /^rtsp:\/\/127\.0\.0\.1/);
      assert.ok(!address.includes("@"));
    });
  });

  it("counts people", async () => {
    await open("people");
    await device.emit(alerts.density({ channel: 7, readings: [{ people: 5, regionId: 1 }] }));
    await device.emit(alerts.peopleCounting({ channel: 7, enter: 31, exit: 12 }));
    await page.locator(".nrdb-ui-gauge", { hasText: "5" }).waitFor();
    for (const [id, count] of Object.entries({ enter: "31", exit: "12", inside: "19" }))
      await page.locator(`#nrdb-ui-widget-hikdash-${id}`, { hasText: count }).waitFor();
    await device.emit(alerts.peopleCounting({ channel: 7, enter: 1, exit: 5 }));
    await page.locator("#nrdb-ui-widget-hikdash-inside", { hasText: /\D0$/ }).waitFor();
  });

  it("shows who came in yesterday and last week, as the camera remembers", async () => {
    const counting = countingOf(device).fit();
    const midnight = Date.parse(`${device.time.stamp(Date.now()).slice(0, 10)}T00:00:00Z`);
    const offset = Date.parse(`${device.time.stamp(Date.now()).slice(0, 19)}Z`) - device.time.now();
    const dayMs = 86_400_000;
    const at = (daysAgo: number, hour: number): number => midnight - offset - daysAgo * dayMs + hour * 3_600_000;
    counting.crossings.push(
      { channel: 7, atMs: at(1, 9), enter: 5, exit: 2 },
      { channel: 7, atMs: at(3, 12), enter: 7 },
    );
    await open("people");
    await page.locator(".hik-people-past", { hasText: "5 came in, 2 left" }).waitFor();
    await page.locator(".hik-people-past", { hasText: "12 came in, 2 left" }).waitFor();
    const bars = (chart: string): Promise<number> => page.locator(`[data-chart="${chart}"] li`).count();
    assert.deepEqual([await bars("yesterday"), await bars("week")], [24, 7]);
    await page.locator('[data-chart="yesterday"] li[title="5 in, 2 out"]', { hasText: "09" }).waitFor();
  });

  it("tells what is wrong with the device, trouble first, and that events come", async () => {
    device.profile.channels[3]!.online = false;
    await open("health");
    await page.locator("[data-check]").first().waitFor();
    assert.match(await page.locator("[data-check]").first().innerText(), /trouble[^]*Garden/);
    assert.match(await page.locator(".hik-bar").innerText(), /events: online/);
    device.profile.channels[3]!.online = true;
  });

  it("disarms all cameras, arms them again, and tells what stayed as it was and why", async () => {
    const off = (): string[] => [...detectionsOff(device)].filter((one) => one.startsWith("motion")).sort();
    await open("alarm");
    await page.click("text=Home");
    await page.locator("[data-armed]", { hasText: "All disarmed" }).waitFor();
    assert.equal(off().length, 8);
    device.profile.channels[3]!.online = false;
    await page.click("text=Everybody left");
    await page.locator(".hik-left li", { hasText: "Garden" }).first().waitFor();
    assert.match(await page.locator("[data-armed]").innerText(), /^Armed in part: \d+ of \d+$/);
    assert.deepEqual(off(), ["motionDetection/4"]);
    device.profile.channels[3]!.online = true;
    await page.click("text=Everybody left");
    await page.locator("[data-armed]", { hasText: "All armed" }).waitFor();
    assert.deepEqual(off(), []);
  });

  it("silences light and siren by a switch that stays, and says why there is none at a recorder", async () => {
    await open("alarm");
    const siren = page.getByRole("button", { name: "Siren", exact: true });
    await siren.click();
    await page.locator('[role="status"]', { hasText: "address" }).waitFor();
    await page.click("text=Silence all");
    await page.locator("text=Silent: nothing sounds").waitFor();
    assert.ok(await siren.isDisabled());
    await page.reload();
    await page.locator("text=Silent: nothing sounds").click();
    await page.locator("text=Silence all").waitFor();
  });

  it("fits on a phone: nothing is wider than the screen", async () => {
    for (const name of PAGES) {
      await open(name, { phone: true, asLeft: true });
      await page.waitForTimeout(500);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= PHONE.width, `${name}: ${width}`);
    }
  });

  it("shows the arrows of its lists and the icons of its dates, also in the dark", async () => {
    for (const dark of [false, true]) {
      await open("recordings", { dark, asLeft: true });
      const styles = await page
        .locator(".hik select, .hik input[type=date]")
        .evaluateAll((all) =>
          all.map((one) => getComputedStyle(one)).map((style) => [style.backgroundImage, style.colorScheme]),
        );
      assert.match(String(styles[0]?.[0]), /gradient/);
      assert.ok(styles.every(([, scheme]) => scheme === (dark ? "dark" : "light")));
    }
  });

  it("is dark where the system is, and as somebody chose", async () => {
    const brightness = (): Promise<number> =>
      page
        .locator(".v-card")
        .first()
        .evaluate((card) => {
          const [red = 0, green = 0, blue = 0] =
            getComputedStyle(card).backgroundColor.match(/\d+/g)?.map(Number) ?? [];
          return (red + green + blue) / 3;
        });
    await open("wall", { dark: true });
    await until(async () => (await brightness()) < 60, "dark");
    await page.click(".hik-scheme");
    await until(async () => (await brightness()) > 200, "light");
    await page.reload();
    await page.waitForSelector(".hik");
    await until(async () => (await brightness()) > 200, "still light");
  });
});

/** The example as somebody fills it in. */
function filledIn({ host, port }: VirtualDevice, folder: string): FlowNode[] {
  const flow = JSON.parse(readText("examples/16-dashboard.json")) as FlowNode[];
  return flow.map((node) => {
    if (node.type === "hikvision-device") return { ...node, host, port };
    const directory = { directory: path.join(folder, "recordings"), directoryType: "str" };
    return node.type === "hikvision-download" ? { ...node, ...directory } : node;
  });
}

/** In the browser. */
declare const localStorage: { clear(): void };
interface Router {
  readonly currentRoute: { readonly value: { readonly path: string } };
  push(path: string): Promise<void>;
}
declare const document: {
  querySelector(selector: "#app"): {
    readonly __vue_app__: { readonly config: { readonly globalProperties: { readonly $router: Router } } };
  };
  querySelectorAll(selector: string): { readonly length: number };
  readonly documentElement: { readonly scrollWidth: number };
  readonly head: { append(element: object): void };
  createElement(name: string): { textContent: string };
  addEventListener(event: string, hear: () => void): void;
  readonly activeElement: unknown;
  elementFromPoint(x: number, y: number): Element | null;
};
interface Element {
  readonly className: string;
  closest(selector: string): Element | null;
  getBoundingClientRect(): { readonly right: number; readonly bottom: number };
}
declare function getComputedStyle(element: unknown): {
  readonly backgroundColor: string;
  readonly backgroundImage: string;
  readonly colorScheme: string;
  readonly color: string;
};
