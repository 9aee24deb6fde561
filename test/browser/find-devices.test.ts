import assert from "node:assert/strict";
import type { Editor } from "../support/editor";
import { startVirtualDevice, type VirtualDevice, type VirtualDeviceOptions } from "../virtual-device";
import { inBrowser, NETWORK, openEditor, running } from "./stage";
import { until } from "../support/until";

const TAB = { id: "tab", type: "tab", label: "Test" };
const SERIAL = "VC-2CD4B-V20260101AAWR000000007";

describe("finding devices in the form", function () {
  this.timeout(120_000).slow(15_000);
  inBrowser();
  const open: VirtualDevice[] = [];

  before(function () {
    if (process.platform !== "linux") this.skip(); // only there any 127.x.y.z is this computer
  });
  afterEach(async () => {
    for (const device of open.splice(0)) await device.close();
  });

  async function start(options: VirtualDeviceOptions = {}): Promise<VirtualDevice> {
    const { sadp, ...rest } = options;
    const device = await startVirtualDevice({
      serial: `VC-2CD4B-V20260101AAWR10000000${open.length}`,
      macAddress: `02:00:5e:10:03:0${open.length}`,
      sadp: { interface: NETWORK, ...sadp },
      ...rest,
    });
    open.push(device);
    return device;
  }

  async function newDevice(): Promise<Editor> {
    await running().deploy([TAB]);
    const editor = await openEditor();
    await editor.editNewDevice();
    return editor;
  }
  const rows = "#hikflow-found .hikflow-results button";
  const note = "#hikflow-found .hikflow-note";

  async function values({ page }: Editor, ...names: string[]): Promise<string[]> {
    return Promise.all(names.map((name) => page.inputValue(`#node-config-input-${name}`)));
  }

  it("lists what answers as it answers; one key fills the form, and the connection works", async () => {
    const device = await start({ name: "Yard" });
    await start({ sadp: { misbehave: "late", fields: { DeviceDescription: "<img src=x onerror=alert(1)>" } } });
    await start({ activated: false, sadp: { fields: { DeviceDescription: "Fresh", IPv4Address: "192.0.2.64" } } });
    const editor = await newDevice();
    const { page } = editor;
    await page.focus("#hikflow-find");
    await page.keyboard.press("Enter");
    await page.waitForSelector(`${rows}:has-text("VC-2CD4B-V")`);
    assert.match(await page.locator(note).innerText(), /Searching/);
    const fresh = page.locator(rows, { hasText: "Fresh" });
    assert.match(await fresh.innerText(), /192\.0\.2\.64[\s\S]*not activated/);
    await page.waitForSelector(`${rows}:has-text("<img src=x")`);
    assert.equal(await page.locator("#hikflow-found img").count(), 0);

    await page.locator(rows, { hasText: "VC-2CD4B-V" }).focus();
    await page.keyboard.press("Enter");
    assert.deepEqual(await values(editor, "host", "port", "protocol", "name"), [
      device.host,
      String(device.port),
      "http",
      "VC-2CD4B-V",
    ]);
    assert.equal(await page.locator("#hikflow-reason-host").isVisible(), false);
    assert.match(await page.locator(note).innerText(), /Filled in: 127\.0\.0\.1/);
    await page.keyboard.type(device.username); // there the focus is
    await page.fill("#node-config-input-password", device.password);
    await page.click("#hikflow-test");
    await page.waitForSelector("#hikflow-test:not([disabled])");
    await page.locator("#hikflow-test-report details.hikflow-well > summary").click(); // what is well is folded
    assert.match(await page.locator("#hikflow-test-report").innerText(), /VC-2CD4B-V, "Yard"/);
    await editor.deviceCancel();
    await editor.cancel();
  });

  it("fills in HTTPS where a device has nothing else, and leaves a name alone", async () => {
    const device = await start({ tls: true });
    const editor = await newDevice();
    await editor.page.fill("#node-config-input-name", "Gate");
    await editor.page.click("#hikflow-find");
    await editor.page.click(rows);
    assert.deepEqual(await values(editor, "port", "protocol", "name"), [String(device.port), "https", "Gate"]);
    await editor.deviceCancel();
    await editor.cancel();
  });

  it("says what is set up already, and offers a device that is known at its new address", async () => {
    const other = await start();
    const device = await start({ serial: SERIAL, sadp: { interface: "127.0.0.1" } });
    const flow = (id: string, name: string, { host, port, username, password }: VirtualDevice): object[] => [
      {
        id,
        type: "hikvision-device",
        name,
        host,
        port: String(port),
        protocol: "http",
        credentials: { username, password },
      },
      { id: `in-${id}`, z: "tab", type: "hikvision-event-in", device: id, x: 300, y: 200, wires: [] },
    ];
    await running().deploy([TAB, ...flow("gate", "Gate", device), ...flow("yard", "<i>Yard</i>", other)]);
    await until(() => device.streams > 0 && other.streams > 0, "the event streams are open");
    await device.close();
    const moved = await start({ serial: SERIAL, host: "127.0.0.2", name: "Gate" });
    const was = `127.0.0.1:${device.port}`;

    const editor = await openEditor();
    const { page } = editor;
    await editor.editDevice("gate");
    await page.click("#hikflow-find");
    await page.waitForSelector(`${rows}:has-text("already set up as <i>Yard</i>")`);
    await page.waitForSelector("#hikflow-move");
    assert.match(
      await page.locator(".hikflow-moved").innerText(),
      new RegExp(`This device is now at 127\\.0\\.0\\.2 \\(was ${was.replace(/\./g, "\\.")}\\)`),
    );
    await page.click("#hikflow-move");
    assert.deepEqual(await values(editor, "host", "port", "name"), ["127.0.0.2", String(moved.port), "Gate"]);
    assert.match(await page.locator(note).innerText(), /asks for the password again/);
    await page.click("#hikflow-test");
    await page.waitForSelector('#hikflow-test-report:has-text("Enter the password again")');
    assert.equal(moved.requests.length, 0);
    await page.fill("#node-config-input-password", moved.password);
    await page.click("#hikflow-test");
    await page.waitForSelector("#hikflow-test-report:has-text('\"Gate\"')");
    await editor.deviceCancel();
    await running().deploy([TAB]);
  });

  it("says that nothing was found, where it searched, and what the reason may be", async () => {
    const editor = await newDevice();
    const { page } = editor;
    await page.click("#hikflow-find");
    await page.waitForSelector(`${note}:has-text("No device answered")`);
    const text = await page.locator(note).innerText();
    assert.ok(text.includes(`test0 (${NETWORK})`), text);
    assert.match(text, /VLAN[\s\S]*Docker[\s\S]*37020/);
    await editor.deviceCancel();
    await editor.cancel();
  });

  it("stops when told, and when the form closes", async () => {
    const device = await start();
    const editor = await newDevice();
    const { page } = editor;
    await page.click("#hikflow-find");
    await page.waitForSelector(rows);
    assert.equal(await page.getAttribute("#hikflow-find", "aria-pressed"), "true");
    await page.click("#hikflow-find");
    assert.match(await page.locator(note).innerText(), /Found: 1/);
    const heard = device.inquiries;
    await page.click("#hikflow-find");
    await until(() => device.inquiries > heard, "the search goes on");
    await editor.deviceCancel();
    const before = device.inquiries;
    await page.waitForTimeout(3_000);
    assert.equal(device.inquiries, before);
    await editor.cancel();
  });
});
