import assert from "node:assert/strict";
import type { Editor } from "../support/editor";
import { alerts, hostAddresses, hostsOf, startVirtualDevice, type VirtualDevice } from "../virtual-device";
import { inBrowser, openEditor, running } from "./stage";
import { until } from "../support/until";

const TAB = { id: "tab", type: "tab", label: "Test" };
const ADDRESS = /^http:\/\/127\.0\.0\.1:\d+\/hikvision\/push\/[0-9a-f]{32}$/;

describe("the push part of the device dialog", function () {
  this.timeout(120_000).slow(20_000);
  inBrowser();
  let device: VirtualDevice;

  beforeEach(async () => {
    device = await startVirtualDevice({ model: "camera", name: "Yard" });
  });
  afterEach(() => device.close());

  /** The dialog of a new device, set to push. */
  async function newDevice(): Promise<Editor> {
    await running().deploy([TAB]);
    const editor = await openEditor();
    const { page } = editor;
    await editor.editNewDevice();
    await editor.fillDevice(device);
    await page.click(".hikflow summary");
    assert.equal(await page.locator("#hikflow-push-address").isVisible(), false);
    await page.selectOption("#node-config-input-eventSource", "push");
    await page.waitForSelector("#hikflow-push-write:not([disabled])");
    await page.fill("#hikflow-push-host", "127.0.0.1");
    return editor;
  }

  async function report({ page }: Editor, button: string, wanted: RegExp): Promise<void> {
    await page.click(button);
    await page.waitForSelector("#hikflow-push-write:not([disabled])");
    assert.match(await page.locator("#hikflow-push-report").innerText(), wanted);
  }

  async function address({ page }: Editor): Promise<string> {
    return page.locator("#hikflow-push-address").innerText();
  }

  it("makes an address, writes it into the device after showing what changes, and events come; then takes it out", async () => {
    const before = [...hostsOf(device).places];
    const editor = await newDevice();
    const { page } = editor;
    const made = await address(editor);
    assert.match(made, ADDRESS);
    await report(editor, "#hikflow-push-write", /Place 1\s+free → http:\/\/127\.0\.0\.1[\s\S]*Place 3\s+free\s/);
    assert.deepEqual(hostAddresses(device), []);
    await report(editor, "#hikflow-push-confirm", /place 1 now/);
    assert.deepEqual(hostAddresses(device), [made]);

    await editor.deviceDone();
    await editor.done();
    await editor.deploy();
    await until(() => device.requests.some(({ path }) => path.endsWith("/deviceInfo")), "the node starts");
    assert.deepEqual(await device.pushToHosts(alerts.motion()), [200]);

    const id = String((await editor.node((await editor.ids())[0]!))["device"]);
    await editor.editDevice(id);
    assert.equal(await page.inputValue("#node-config-input-pushToken"), "__PWRD__");
    await page.waitForSelector("#hikflow-push-write:not([disabled])");
    await page.fill("#hikflow-push-host", "127.0.0.1");
    assert.doesNotMatch(await address(editor), /[0-9a-f]{32}/);
    assert.match(await page.locator("#hikflow-push-note").innerText(), /was shown when it was made/);
    await report(editor, "#hikflow-push-write", /has this address already/);
    await report(editor, "#hikflow-push-remove", /back what stood there before/);
    assert.deepEqual(hostsOf(device).places, before);
    await report(editor, "#hikflow-push-remove", /Nothing was changed/);
    await page.click("#hikflow-push-new");
    assert.match(await address(editor), ADDRESS);
    assert.notEqual(await address(editor), made);
    await editor.deviceCancel();
    assert.deepEqual(await device.pushToHosts(alerts.motion()), []);
  });

  it("warns of an address that no device can reach, and says why the device refuses", async () => {
    const editor = await newDevice();
    const { page } = editor;
    assert.equal(await page.locator("#hikflow-push-loopback").isVisible(), true);
    await page.fill("#hikflow-push-host", "192.0.2.10");
    assert.equal(await page.locator("#hikflow-push-loopback").isVisible(), false);
    hostsOf(device).places.forEach((place, index, places) => {
      places[index] = place.replace("0.0.0.0", "192.0.2.50");
    });
    await report(editor, "#hikflow-push-write", /taken/);
    await page.fill("#node-config-input-password", "wrong");
    await report(editor, "#hikflow-push-write", /Wrong password/);
    await editor.deviceCancel();
    await editor.cancel();
  });

  it("makes no address where the event stream is used", async () => {
    const editor = await newDevice();
    await editor.page.selectOption("#node-config-input-eventSource", "stream");
    assert.equal(await editor.page.inputValue("#node-config-input-pushToken"), "");
    await editor.deviceCancel();
    await editor.cancel();
  });
});
