import assert from "node:assert/strict";
import { DebugSidebar } from "../support/debug-sidebar";
import type { Editor } from "../support/editor";
import { alerts, startVirtualDevice, type VirtualDevice, type VirtualDeviceOptions } from "../virtual-device";
import { inBrowser, openEditor, running } from "./stage";

const DEFAULTS = {
  name: "",
  version: 1,
  events: [],
  channels: [],
  targets: [],
  regions: [],
  emit: "edges",
  offDelay: 10,
  pictures: true,
  connection: false,
};
const HOSTILE = `<img src=x onerror="window.hacked=1">__name__$t(x)`;

describe("the form of event-in", function () {
  this.timeout(120_000).slow(15_000);
  inBrowser();
  let device: VirtualDevice;

  async function start(options: VirtualDeviceOptions = {}): Promise<void> {
    device = await startVirtualDevice({ model: "nvr", channels: ["Gate", "Yard", "Door"], ...options });
  }
  afterEach(() => device.close());

  async function deploy(eventIn: Record<string, unknown> = {}, config: Record<string, unknown> = {}): Promise<void> {
    const { host, port, username, password } = device;
    const credentials = { username, password, ...(config["credentials"] as object | undefined) };
    await running().deploy([
      { id: "tab", type: "tab", label: "Test" },
      {
        id: "device",
        type: "hikvision-device",
        name: "Yard",
        host,
        port: String(port),
        protocol: "http",
        ...config,
        credentials,
      },
      {
        id: "in",
        z: "tab",
        type: "hikvision-event-in",
        device: "device",
        ...DEFAULTS,
        x: 300,
        y: 200,
        wires: [["debug"]],
        ...eventIn,
      },
      {
        id: "debug",
        z: "tab",
        type: "debug",
        active: true,
        tosidebar: true,
        complete: "true",
        targetType: "full",
        x: 600,
        y: 200,
        wires: [],
      },
    ]);
  }

  async function opened(options = {}): Promise<Editor> {
    const editor = await openEditor(options);
    await editor.edit("in");
    return editor;
  }

  const tick = (list: string, value: string): string => `#hikflow-${list} .hikflow-tick[data-value="${value}"] input`;
  const note = "#hikflow-channels .hikflow-note";

  it("saves what is ticked, and the flow gets exactly that", async () => {
    await start();
    await deploy();
    const editor = await opened();
    const { page } = editor;
    await page.waitForSelector(tick("channels", "2"));
    assert.match(await page.locator("#hikflow-events .hikflow-count").innerText(), /All events/);
    await page.fill("#hikflow-events .hikflow-search", "crossing");
    assert.equal(await page.locator("#hikflow-events .hikflow-tick:visible").count(), 1);
    await page.check(tick("events", "linedetection"));
    await page.check(tick("channels", "2"));
    await page.check(tick("channels", "device"));
    await page.fill("#node-input-offDelay", "2");
    await page.uncheck("#node-input-pictures");
    await editor.done();
    const saved = await editor.node("in");
    assert.deepEqual(saved["events"], ["linedetection"]);
    assert.deepEqual(saved["channels"], ["device", 2]);
    assert.equal(saved["pictures"], false);
    await editor.deploy();

    const sidebar = await DebugSidebar.open(running().url);
    await page.waitForFunction(
      () => document.querySelector(".red-ui-flow-node-status-label")?.textContent === "connected",
    );
    await device.emit(alerts.lineCrossing({ channel: 1 }));
    await device.emit(alerts.motion({ channel: 2 }));
    await device.emit(alerts.lineCrossing({ channel: 2 }));
    const { msg } = await sidebar.find(({ id }) => id === "debug");
    sidebar.close();
    const { topic } = JSON.parse(msg) as { topic: string };
    assert.equal(topic, "Yard/2/linedetection");

    await editor.edit("in");
    assert.equal(await page.isChecked(tick("events", "linedetection")), true);
    assert.equal(await page.inputValue("#node-input-offDelay"), "2");
    await page.waitForSelector(tick("channels", "3"));
    assert.equal(await page.isChecked(tick("channels", "2")), true);
    assert.equal(await page.isChecked(tick("channels", "3")), false);
    await editor.done();
    assert.equal(await editor.changed("in"), false);
  });

  it("keeps what the device or the table does not have", async () => {
    await start();
    await deploy({ events: ["VMD", "newFirmwareThing"], channels: [2, 12], targets: ["human"], regions: ["1", "x2"] });
    const editor = await opened();
    const { page } = editor;
    await page.waitForSelector(tick("channels", "3"));
    assert.equal(await page.isChecked(tick("events", "newFirmwareThing")), true);
    const lost = page.locator('#hikflow-channels .hikflow-tick[data-value="12"]');
    assert.match(await lost.innerText(), /not on the device now/);
    await editor.done();
    assert.equal(await editor.changed("in"), false);
    await editor.edit("in");
    await page.fill("#hikflow-channels .hikflow-add input", "16");
    await page.press("#hikflow-channels .hikflow-add input", "Enter");
    await page.fill("#hikflow-channels .hikflow-add input", "101");
    await page.click("#hikflow-channels .hikflow-add button");
    await editor.done();
    const saved = await editor.node("in");
    assert.deepEqual(saved["channels"], [2, 12, 16]);
    assert.deepEqual(saved["events"], ["VMD", "newFirmwareThing"]);
    assert.deepEqual(saved["regions"], ["1", "x2"]);
  });

  it("shows what a new node has for what an older flow lacks, and saves it as shown", async () => {
    await start();
    const lacking = Object.fromEntries(Object.keys(DEFAULTS).map((property) => [property, undefined]));
    await deploy(lacking);
    const editor = await opened();
    assert.deepEqual(await editor.faults("in"), []);
    assert.equal(await editor.page.inputValue("#node-input-emit"), "edges");
    assert.equal(await editor.page.isChecked("#node-input-pictures"), true);
    await editor.done();
    const saved = await editor.node("in");
    for (const [property, value] of Object.entries(DEFAULTS)) {
      if (property !== "version") assert.deepEqual(String(saved[property]), String(value), property);
    }
  });

  it("tells why there is no list: device off, wrong password (tried once), slow", async () => {
    await start();
    await deploy({}, { credentials: { password: "wrong" } });
    const editor = await opened();
    await editor.page.waitForSelector(`${note} .hikflow-bad`);
    assert.match(await editor.page.locator(note).innerText(), /Wrong password/);
    await editor.cancel();
    await editor.edit("in");
    await editor.cancel();
    assert.equal(device.requests.filter(({ credentials }) => credentials).length, 1);

    await editor.empty();
    await deploy();
    const hang = device.fail(/InputProxy|Video\/inputs/, { kind: "hang" });
    await editor.load();
    await editor.edit("in");
    await editor.page.waitForSelector(`${note} .fa-spinner`);
    await editor.cancel();
    hang.lift();

    await device.disconnect();
    await editor.edit("in");
    await editor.page.waitForSelector(`${note} .hikflow-bad`);
    assert.match(await editor.page.locator(note).innerText(), /Unreachable/);
    await editor.cancel();
  });

  it("shows names of a hostile device as text", async () => {
    await start({ channels: [HOSTILE] });
    await deploy();
    const editor = await opened();
    const entry = editor.page.locator('#hikflow-channels .hikflow-tick[data-value="1"]');
    await entry.waitFor();
    assert.ok((await entry.innerText()).includes(HOSTILE));
    assert.equal(await editor.page.evaluate(() => "hacked" in globalThis), false);
    await editor.cancel();
  });

  it("puts away what the chosen events cannot have", async () => {
    await start();
    await deploy();
    const { page } = await opened();
    const shown = async (): Promise<boolean[]> =>
      Promise.all(["#node-input-offDelay", "#hikflow-targets"].map((part) => page.locator(part).isVisible()));
    assert.deepEqual(await shown(), [true, true]);
    await page.check(tick("events", "ANPR"));
    assert.deepEqual(await shown(), [false, true]);
    await page.uncheck(tick("events", "ANPR"));
    await page.check(tick("events", "diskfull"));
    assert.deepEqual(await shown(), [true, false]);
  });

  it("works without a mouse", async () => {
    await start();
    await deploy();
    const editor = await opened();
    const { page } = editor;
    await page.focus("#hikflow-events .hikflow-search");
    await page.keyboard.type("motion");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Space");
    // The list is one stop: the next is what follows it.
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate("document.activeElement.closest('.hikflow-add') !== null"), true);
    await page.keyboard.press("Shift+Tab");
    assert.equal(await page.evaluate("document.activeElement.checked"), true);
    await editor.done();
    assert.deepEqual((await editor.node("in"))["events"], ["VMD"]);
  });

  it("takes active hours and starts only, and saves none while they are off", async () => {
    await start();
    await deploy();
    const editor = await opened();
    const { page } = editor;
    assert.equal(await page.locator("#hikflow-hours").isVisible(), false);
    await page.selectOption("#node-input-emit", "starts");
    assert.equal(await page.locator("#node-input-offDelay").isVisible(), false);
    await page.check("#node-input-hours-on");
    await page.fill("#node-input-hours-from", "21:30");
    for (const day of ["6", "7"]) await page.uncheck(`#hikflow-days input[value="${day}"]`);
    await editor.done();
    const saved = await editor.node("in");
    assert.equal(saved["emit"], "starts");
    assert.deepEqual(saved["hours"], { from: "21:30", to: "06:00", days: [1, 2, 3, 4, 5], zone: "device" });
    await editor.edit("in");
    await page.fill("#node-input-hours-to", "");
    assert.match(await page.locator("#hikflow-hours-reason").innerText(), /both times/);
    await page.uncheck("#node-input-hours-on");
    await editor.done();
    assert.equal((await editor.node("in"))["hours"], undefined);
    assert.deepEqual(await editor.faults("in"), []);
  });

  it("follows the dark scheme: no light background stays", async () => {
    await start();
    await deploy();
    const editor = await opened({ dark: true });
    const { dark, brightest } = await editor.page.evaluate(() => {
      const lightness = (element: Element): number => {
        const [r = 0, g = 0, b = 0, alpha = 1] = (getComputedStyle(element).backgroundColor.match(/[\d.]+/g) ?? []).map(
          Number,
        );
        return alpha === 0 ? 0 : (r + g + b) / 3;
      };
      const parts = [...document.querySelectorAll(".hikflow, .hikflow *:not(input[type=checkbox])")];
      return {
        dark: lightness(document.querySelector(".red-ui-tray")!) < 80,
        brightest: Math.max(...parts.map(lightness)),
      };
    });
    if (dark) assert.ok(brightest < 110, `a background of lightness ${brightest}`);
    await editor.cancel();
  });
});

/** Runs in the browser. */
interface Element {
  readonly textContent: string;
}
declare const document: {
  querySelector(selector: string): Element | null;
  querySelectorAll(selector: string): Iterable<Element>;
};
declare function getComputedStyle(element: Element): { readonly backgroundColor: string };
