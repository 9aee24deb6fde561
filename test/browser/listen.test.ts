import assert from "node:assert/strict";
import type { Editor } from "../support/editor";
import { alerts, startVirtualDevice, type VirtualDevice } from "../virtual-device";
import { inBrowser, openEditor, running } from "./stage";
import { until } from "../support/until";

describe("listening in the form", function () {
  this.timeout(120_000).slow(15_000);
  inBrowser();
  let device: VirtualDevice;

  beforeEach(async () => {
    device = await startVirtualDevice({ model: "nvr", channels: ["Gate", "<b>Yard</b>"] });
  });
  afterEach(() => device.close());

  async function opened(type: string): Promise<Editor> {
    const { host, port, username, password } = device;
    const credentials = { username, password };
    await running().deploy([
      { id: "tab", type: "tab", label: "Test" },
      { id: "device", type: "hikvision-device", name: "Yard", host, port: String(port), protocol: "http", credentials },
      { id: "in", z: "tab", type, device: "device", d: true, x: 300, y: 200, wires: [] },
    ]);
    const editor = await openEditor();
    await editor.edit("in");
    return editor;
  }
  const start = "#hikflow-listen > button";
  const heard = "#hikflow-listen .hikflow-results button";
  const ticked = (list: string): string => `#hikflow-${list} .hikflow-tick:has(input:checked)`;

  const streams = (count: number): Promise<void> => until(() => device.streams === count, `${count} streams are open`);

  it("shows events live as text, ticks what is clicked, and ends with the form", async () => {
    const editor = await opened("hikvision-event-in");
    const { page } = editor;
    await page.waitForSelector('.hikflow-group-label[data-group="On this device"]');
    await page.click(start);
    await page.waitForSelector('#hikflow-listen .hikflow-note:has-text("Listening")');
    await device.emit(alerts.motion({ channel: 1 }));
    await device.emit(alerts.lineCrossing({ channel: 2 }));
    await device.emit(alerts.lineCrossing({ channel: 2 }));
    await page.waitForSelector(`${heard}:has-text("×2")`);
    assert.equal(await page.locator(heard).count(), 2);
    assert.match(await page.locator(heard).first().innerText(), /Line crossing · Channel 2 <b>Yard<\/b>/);

    await page.locator(heard).first().focus();
    await page.keyboard.press("Enter");
    assert.match(await page.locator("#hikflow-listen .hikflow-note").innerText(), /Ticked: Line crossing/);
    assert.match(await page.locator(ticked("events")).innerText(), /Line crossing/);
    await device.emit(alerts.access({ code: [5, 9], channel: 2 }));
    await page.click(`${heard}:has-text("Access control · Channel 2 <b>Yard</b> · card unknown")`);
    await editor.done();
    await streams(0);
    const saved = await editor.node("in");
    assert.deepEqual([saved["events"], saved["channels"]], [["linedetection", "AccessControllerEvent/denied"], [2]]);
  });

  it("works before the device is deployed, with what is typed, and says where nothing can come", async () => {
    const editor = await opened("hikvision-event-in");
    const { page } = editor;
    await editor.cancel();
    await editor.editDevice("device");
    await page.fill("#node-config-input-name", "Other");
    await editor.deviceDone();
    await editor.edit("in");
    await page.click(start);
    await page.waitForSelector('#hikflow-listen .hikflow-note:has-text("Listening")');
    await device.emit(alerts.motion({ channel: 1 }));
    await page.waitForSelector(`${heard}:has-text("Motion")`);
    await editor.cancel();
    await streams(0);
    await editor.deploy();
    await device.disconnect();
    await editor.edit("in");
    await page.click(start);
    await page.waitForSelector('#hikflow-listen .hikflow-bad:has-text("Unreachable")');
    await page.click(start);
    assert.match(await page.locator(start).innerText(), /Listen now/);
    await editor.cancel();
  });

  it("shows a plate reader's plates, and nothing else", async () => {
    const editor = await opened("hikvision-plate-in");
    const { page } = editor;
    await page.click(start);
    await page.waitForSelector('#hikflow-listen .hikflow-note:has-text("Listening")');
    await device.emit(alerts.motion({ channel: 1 }));
    await device.emit(alerts.anpr({ channel: 2, plate: "AB123" }));
    await page.waitForSelector(`${heard}:has-text("AB123")`);
    assert.equal(await page.locator(heard).count(), 1);
    await page.click(heard);
    assert.match(await page.locator(ticked("channels")).innerText(), /Yard/);
    await editor.cancel();
    await streams(0);
  });
});
