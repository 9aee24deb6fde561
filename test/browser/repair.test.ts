import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import { DebugSidebar } from "../support/debug-sidebar";
import type { Editor } from "../support/editor";
import { alerts, startVirtualDevice, status, triggersOf, type VirtualDevice } from "../virtual-device";
import { inBrowser, openEditor, running } from "./stage";
import { until } from "../support/until";

const TAB = { id: "tab", type: "tab", label: "Test" };

describe("the repair in the device dialog", function () {
  this.timeout(120_000).slow(30_000);
  inBrowser();
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  async function start(model: VirtualDevice["profile"]["model"], ...silent: string[]): Promise<VirtualDevice> {
    const device = await startVirtualDevice({ model, name: "Yard" });
    ends.push(() => device.close());
    for (const trigger of triggersOf(device)) if (silent.includes(trigger.id)) trigger.methods = ["record"];
    return device;
  }

  /** An event-in in the flow, and the dialog of its new device, filled in. */
  async function newDevice(editor: Editor, device: VirtualDevice): Promise<string> {
    const eventIn = await editor.editNewDevice(200, 300);
    await editor.fillDevice(device);
    return eventIn;
  }

  async function wire({ page }: Editor, from: string, to: string): Promise<void> {
    const middle = async (port: Locator): Promise<[number, number]> => {
      const box = await port.boundingBox();
      assert.ok(box);
      return [box.x + box.width / 2, box.y + box.height / 2];
    };
    await page.mouse.move(...(await middle(page.locator(`[id="${from}"] .red-ui-flow-port-output`))));
    await page.mouse.down();
    await page.mouse.move(...(await middle(page.locator(`[id="${to}"] .red-ui-flow-port-input`))), { steps: 10 });
    await page.mouse.up();
  }

  async function test({ page }: Editor): Promise<string> {
    await page.click("#hikflow-test");
    await page.waitForSelector("#hikflow-test:not([disabled])");
    return page.locator("#hikflow-test-report").innerText();
  }

  /** By keyboard alone, as the focus goes. */
  async function press({ page }: Editor, button: string, next: string): Promise<string> {
    assert.equal(await page.evaluate("document.activeElement.id"), button.slice(1));
    await page.keyboard.press("Enter");
    await page.waitForSelector(`${next}:not([disabled])`);
    await page.waitForSelector("#hikflow-test:not([disabled])");
    return page.locator("#hikflow-repair-report").innerText();
  }

  function puts(device: VirtualDevice): number {
    return device.requests.filter(({ method }) => method === "PUT").length;
  }

  it("goes from no events to events, by Test connection and Repair alone", async () => {
    const device = await start("camera", "VMD-1");
    await running().deploy([TAB]);
    const editor = await openEditor();
    const { page } = editor;
    const sidebar = await DebugSidebar.open(running().url);
    ends.push(() => sidebar.close());
    const eventIn = await newDevice(editor, device);
    await editor.deviceDone();
    await editor.done();
    await wire(editor, eventIn, await editor.add("debug", 500, 300));
    await editor.deploy();
    await until(() => device.streams === 1, "the event stream is open");

    await device.emit(alerts.motion());
    await device.emit(alerts.tampering());
    await sidebar.find(({ msg }) => msg.includes("tamperdetection"));
    await assert.rejects(
      sidebar.find(({ msg }) => msg.includes('"VMD"'), 1),
      /Nothing of that kind among 1 messages/,
    );

    await editor.editDevice(String((await editor.node(eventIn))["device"]));
    assert.match(await test(editor), /Motion on channel 1 is not sent to Node-RED/);
    await page.focus("#hikflow-repair");
    const plan = await press(editor, "#hikflow-repair", "#hikflow-repair-add");
    assert.match(plan, /would be added[^]*Motion, channel 1[^]*What exactly/);
    assert.equal(await page.locator("#hikflow-repair-report pre").isVisible(), false);
    await page.click("#hikflow-repair-report summary");
    assert.match(
      await page.locator("#hikflow-repair-report details").innerText(),
      /PUT \/ISAPI\/Event\/triggers\/VMD-1\/notifications\s+\+ <EventTriggerNotification>\s+\+ <id>center<\/id>/,
    );
    assert.equal(puts(device), 0);
    await page.focus("#hikflow-repair-add");
    assert.match(
      await press(editor, "#hikflow-repair-add", "#hikflow-repair-undo"),
      /Motion, channel 1\s+It is sent from now on/,
    );
    await editor.deviceDone();
    await device.emit(alerts.motion());
    await sidebar.find(({ msg }) => msg.includes('"VMD"'));

    await editor.editDevice(String((await editor.node(eventIn))["device"]));
    await test(editor);
    await page.focus("#hikflow-repair-undo");
    assert.match(
      await page.locator("#hikflow-repair-report").innerText(),
      /since Node-RED was started: Motion, channel 1/,
    );
    await page.keyboard.press("Enter");
    await page.waitForSelector("#hikflow-repair-report >> text=It is as it was before");
    assert.match(await test(editor), /Motion on channel 1 is not sent to Node-RED/);
    await editor.deviceCancel();
  });

  it("repairs a recorder that is not deployed yet, tells of each channel, and undoes it", async () => {
    const device = await start("nvr", "VMD-1", "VMD-3", "linedetection-2");
    const before = triggersOf(device).map(({ entries }) => entries);
    await running().deploy([TAB]);
    const editor = await openEditor();
    const { page } = editor;
    await newDevice(editor, device);
    await test(editor);
    await page.focus("#hikflow-repair");
    await press(editor, "#hikflow-repair", "#hikflow-repair-add");
    await page.keyboard.press("Tab");
    await press(editor, "#hikflow-repair-leave", "#hikflow-repair");
    assert.equal(puts(device), 0);

    await press(editor, "#hikflow-repair", "#hikflow-repair-add");
    device.fail("/ISAPI/Event/triggers/VMD-3/notifications", status("lowPrivilege"), { method: "PUT" });
    assert.match(
      await press(editor, "#hikflow-repair-add", "#hikflow-repair-undo"),
      /Motion, channel 1\s+It is sent[^]*Motion, channel 3\s+No permission: [^]*Line crossing, channel 2\s+It is sent/,
    );
    assert.match(
      await press(editor, "#hikflow-repair-undo", "#hikflow-repair"),
      /channel 1\s+It is as it was[^]*channel 3\s+Nothing of it was there[^]*channel 2\s+It is as it was/,
    );
    assert.deepEqual(
      triggersOf(device).map(({ entries }) => entries),
      before,
    );
    await editor.deviceCancel();
    await editor.cancel();
  });

  it("offers nothing where all is sent, and says so where somebody was faster", async () => {
    const device = await start("camera", "VMD-1");
    await running().deploy([TAB]);
    const editor = await openEditor({ language: "de" });
    const { page } = editor;
    await newDevice(editor, device);
    await test(editor);
    const trigger = triggersOf(device).find(({ id }) => id === "VMD-1");
    assert.ok(trigger);
    trigger.methods = ["center"];
    await page.focus("#hikflow-repair");
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=Inzwischen wird alles davon gesendet");
    await test(editor);
    assert.equal(await page.locator("#hikflow-repair").count(), 0);
    await editor.deviceCancel();
    await editor.cancel();
  });
});
