import assert from "node:assert/strict";
import type { Editor } from "../support/editor";
import { startVirtualDevice, type VirtualDevice } from "../virtual-device";
import { inBrowser, openEditor, running } from "./stage";

describe("the lists in the forms", function () {
  this.timeout(120_000).slow(15_000);
  inBrowser();
  let device: VirtualDevice;

  beforeEach(async () => {
    device = await startVirtualDevice({ model: "nvr", channels: ["Gate", "Yard"] });
    device.profile.channels[1]!.online = false;
  });
  afterEach(() => device.close());

  async function opened(type: string, properties: object): Promise<Editor> {
    const { host, port, username, password } = device;
    const credentials = { username, password };
    await running().deploy([
      { id: "tab", type: "tab", label: "Test" },
      { id: "device", type: "hikvision-device", name: "Yard", host, port: String(port), protocol: "http", credentials },
      { id: "node", z: "tab", type, device: "device", x: 300, y: 200, wires: [], ...properties },
    ]);
    const editor = await openEditor();
    await editor.edit("node");
    return editor;
  }
  const field = (property: string): string => `.hikflow-field:has(#node-input-${property})`;

  it("say of a channel whether it is online, and of its streams what they are", async () => {
    const editor = await opened("hikvision-snapshot", { channel: "2", channelType: "num", stream: "sub" });
    const { page } = editor;
    await page.waitForSelector(`${field("stream")} .hikflow-note:has-text("×")`);
    assert.match(await page.locator(`${field("channel")} .hikflow-note`).innerText(), /Yard\s+offline/);
    const sub = await page.locator(`${field("stream")} .hikflow-note`).innerText();

    await page.click(`${field("stream")} .hikflow-pick`);
    await page.click(`${field("stream")} .hikflow-list li:has-text("main")`);
    assert.notEqual(await page.locator(`${field("stream")} .hikflow-note`).innerText(), sub);
    await editor.done();
    assert.equal((await editor.node("node"))["stream"], "main");
  });

  it("keep a stream that the device does not have, and say so", async () => {
    const editor = await opened("hikvision-snapshot", { channel: "1", channelType: "num", stream: "third" });
    await editor.page.waitForSelector(`${field("stream")} .hikflow-note:has-text("not on the device")`);
    await editor.done();
    assert.equal((await editor.node("node"))["stream"], "third");
  });

  it("offer audio channels with their codec, and take a typed one", async () => {
    const editor = await opened("hikvision-audio", { channel: "1", channelType: "num", action: "get", values: {} });
    const { page } = editor;
    await page.waitForSelector(`${field("channel")} .hikflow-note:has-text("G.711")`);
    await page.fill(`${field("channel")} .red-ui-typedInput-input`, "");
    await page.locator(`${field("channel")} .red-ui-typedInput-input`).pressSequentially("7");
    await page.waitForSelector(`${field("channel")} .hikflow-note:has-text("not on the device")`);
    await editor.done();
    assert.equal((await editor.node("node"))["channel"], "7");
  });

  it("work by the keyboard alone: arrows choose, Escape leaves the list and not the form", async () => {
    const editor = await opened("hikvision-snapshot", { channel: "1", channelType: "num" });
    const { page } = editor;
    const list = page.locator(`${field("channel")} .hikflow-list`);
    await page.waitForSelector(`${field("channel")} .hikflow-note:has-text("Gate")`);
    await page.focus(`${field("channel")} .hikflow-pick`);
    await page.keyboard.press("Enter");
    await list.waitFor({ state: "visible" });
    await page.keyboard.press("Escape");
    await list.waitFor({ state: "hidden" });
    await page.keyboard.press("Enter");
    await list.waitFor({ state: "visible" });
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await list.waitFor({ state: "hidden" });
    assert.match(await page.locator(`${field("channel")} .hikflow-note`).innerText(), /Yard/);
    await editor.done();
    assert.equal((await editor.node("node"))["channel"], "2");
  });

  it("and the whole form around them can be filled in without a mouse", async () => {
    const editor = await opened("hikvision-snapshot", { channel: "1", channelType: "num", stream: "main" });
    const { page } = editor;
    await page.waitForSelector(`${field("channel")} .hikflow-note:has-text("Gate")`);
    await page.focus("#node-input-name");
    await page.keyboard.type("By hand");
    /** To what matches, by Tab alone. */
    const tabTo = async (selector: string): Promise<void> => {
      for (let steps = 0; steps < 12; steps++) {
        await page.keyboard.press("Tab");
        if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector)) return;
      }
      assert.fail(`Tab does not lead to ${selector}`);
    };
    await tabTo("#node-input-device");
    await tabTo(`${field("channel")} input`);
    await page.keyboard.press("Control+A");
    await page.keyboard.type("2");
    await tabTo(`${field("stream")} .hikflow-pick`);
    await page.keyboard.press("Enter");
    await page.keyboard.press("s");
    await page.keyboard.press("Enter");
    await tabTo(`${field("width")} input`);
    await page.keyboard.type("640");
    await tabTo("#hikflow-try-snapshot");
    await page.keyboard.press("Enter");
    await page.waitForSelector('#hikflow-try-snapshot[aria-busy="false"]');
    assert.notEqual(await page.locator("#hikflow-try-snapshot-answer").innerText(), "");
    await page.keyboard.press("Control+Enter");
    await page.waitForSelector("#node-dialog-ok", { state: "detached" });
    const { name, channel, stream, width } = await editor.node("node");
    assert.deepEqual([name, channel, stream, width], ["By hand", "2", "sub", "640"]);
  });
});

/** Runs in the browser. */
declare const document: { readonly activeElement: { matches(selector: string): boolean } | null };
