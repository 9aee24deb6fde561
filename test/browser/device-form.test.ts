import assert from "node:assert/strict";
import type { Editor, EditorOptions } from "../support/editor";
import {
  fingerprint,
  startVirtualDevice,
  triggersOf,
  type VirtualDevice,
  type VirtualDeviceOptions,
} from "../virtual-device";
import { inBrowser, openEditor, running } from "./stage";

const TAB = { id: "tab", type: "tab", label: "Test" };

describe("the device dialog", function () {
  this.timeout(120_000).slow(15_000);
  inBrowser();
  const open: VirtualDevice[] = [];

  async function start(options: VirtualDeviceOptions = {}): Promise<VirtualDevice> {
    const device = await startVirtualDevice(options);
    open.push(device);
    return device;
  }
  afterEach(async () => {
    for (const device of open.splice(0)) await device.close();
  });

  /** The dialog of an empty device that is not deployed yet, opened by the "+" of an event-in's form. */
  async function newDevice(options?: EditorOptions): Promise<Editor> {
    await running().deploy([TAB]);
    const editor = await openEditor(options);
    await editor.editNewDevice();
    return editor;
  }

  async function fill(editor: Editor, device: VirtualDevice, password = device.password): Promise<void> {
    if (device.secure) await editor.page.selectOption("#node-config-input-protocol", "https");
    const { host, port, username } = device;
    await editor.fillDevice({ host, port, username, password });
  }

  async function report({ page }: Editor): Promise<string> {
    await page.click("#hikflow-test");
    await page.waitForSelector("#hikflow-test:not([disabled])");
    const folded = page.locator("#hikflow-test-report details.hikflow-well > summary");
    if (await folded.isVisible()) await folded.click();
    return page.locator("#hikflow-test-report").innerText();
  }

  it("tests the connection before anything is deployed, then again with the stored password", async () => {
    const device = await start({ name: "Yard" });
    const editor = await newDevice();
    await fill(editor, device);
    assert.match(await report(editor), /Login\s+Digest[\s\S]*Device\s+VC-2CD4B-V, "Yard"[\s\S]*Sign of life/);
    await editor.deviceDone();
    await editor.done();
    await editor.deploy();

    const id = String((await editor.node((await editor.ids())[0]!))["device"]);
    await editor.editDevice(id);
    assert.equal(await editor.page.inputValue("#node-config-input-password"), "__PWRD__");
    assert.match(await report(editor), /VC-2CD4B-V, "Yard"/);
    await editor.page.fill("#node-config-input-port", "1");
    assert.match(await report(editor), /Enter the password again/);
    await editor.deviceCancel();
  });

  it("says in words what is wrong: nothing there, a wrong password, something else there", async () => {
    const device = await start();
    const editor = await newDevice();
    await fill(editor, device, "wrong");
    assert.match(await report(editor), /refuses the user name or password/);
    assert.equal(device.requests.filter(({ credentials }) => credentials).length, 1);

    device.fail(
      /./,
      { kind: "answer", status: 200, contentType: "text/html", body: "<html>router</html>" },
      { stage: "login" },
    );
    assert.match(await report(editor), /ISAPI|Hikvision/);

    await device.disconnect();
    assert.match(await report(editor), /unreachable|refused|nothing/i);
    await editor.deviceCancel();
    await editor.cancel();
  });

  it("says it in the language of the editor, whatever the browser and Node-RED speak", async () => {
    const device = await start({ tls: true });
    triggersOf(device).find(({ id }) => id === "VMD-1")!.methods = ["record"];
    const editor = await newDevice({ language: "de" });
    await fill(editor, device);
    assert.match(
      await report(editor),
      /Zertifikat\s+.* verwendet ein selbstsigniertes Zertifikat[\s\S]*Installieren Sie im Gerät/,
    );
    await editor.page.selectOption("#node-config-input-tls", "insecure");
    const told = await report(editor);
    assert.match(told, /Anmeldung\s+Digest \S+, Benutzername und Passwort stimmen\./);
    assert.match(told, /Bewegung auf Kanal 1 wird nicht an Node-RED gesendet\.\s+Haken Sie im Gerät/);
    await editor.page.selectOption("#node-config-input-tls", "pinned");
    assert.match(await report(editor), /kein Fingerabdruck eines Zertifikats/);
    await editor.deviceCancel();
    await editor.cancel();
  });

  it("counts what needs attention, shows it first, and folds what is fine", async () => {
    const device = await start({ model: "nvr" });
    const silent = ["VMD-1", "linedetection-2"];
    for (const trigger of triggersOf(device)) if (silent.includes(trigger.id)) trigger.methods = ["record"];
    const editor = await newDevice();
    const { page } = editor;
    await fill(editor, device);
    await page.click("#hikflow-test");
    await page.waitForSelector("#hikflow-test:not([disabled])");
    const shown = page.locator("#hikflow-test-report");
    const rows = await shown.locator("li").evaluateAll((all) => all.map((row) => row.dataset["check"]));
    const summary = await shown.locator(".hikflow-summary").innerText();
    assert.ok(summary.startsWith(`2 of ${rows.length} need attention.`), summary);
    assert.deepEqual(rows.slice(0, 2), ["linkage", "linkage"]);
    assert.equal(await shown.locator('li[data-check="login"]').isVisible(), false);
    await shown.locator("details.hikflow-well > summary").click();
    assert.equal(await shown.locator('li[data-check="login"]').isVisible(), true);

    await page.locator("#hikflow-test-report li").nth(1).getByText("Repair …").click();
    await page.locator("#hikflow-test-report li").nth(1).getByText("Add on the device").click();
    await page.waitForSelector("#hikflow-test-report li:nth-child(2) >> text=It is sent from now on");
    const methods = (id: string): readonly string[] => triggersOf(device).find((trigger) => trigger.id === id)!.methods;
    const row = await shown.locator("li").nth(1).innerText();
    const [repaired, left] = row.includes("Motion") ? silent : [...silent].reverse();
    assert.ok(methods(repaired!).includes("center"));
    assert.ok(!methods(left!).includes("center"));
    await editor.deviceCancel();
    await editor.cancel();
  });

  it("shows a self-made certificate and trusts exactly this one", async () => {
    const device = await start({ tls: true, name: "Yard" });
    const editor = await newDevice();
    await fill(editor, device);
    assert.match(await report(editor), /certificate/i);
    await editor.page.click("#hikflow-certificate");
    await editor.page.waitForSelector("#hikflow-trust");
    const shown = await editor.page.locator("#hikflow-certificate-shown").innerText();
    assert.ok(shown.includes(fingerprint(device.certificate!)), shown);
    await editor.page.click("#hikflow-trust");
    assert.equal(await editor.page.inputValue("#node-config-input-tls"), "pinned");
    assert.equal(await editor.page.inputValue("#node-config-input-fingerprint"), fingerprint(device.certificate!));
    assert.match(await report(editor), /"Yard"/);
    await editor.deviceCancel();
    await editor.cancel();
  });

  it("says beside a field why it is refused", async () => {
    const editor = await newDevice();
    const { page } = editor;
    const cases: [string, string, RegExp][] = [
      ["host", "http://camera", /without "http/],
      ["host", "", /Enter the device's host/],
      ["port", "70000", /from 1 to 65535/],
      ["port", "8o", /Enter a number/],
    ];
    for (const [property, value, reason] of cases) {
      await page.fill(`#node-config-input-${property}`, value);
      assert.match(await page.locator(`#hikflow-reason-${property}`).innerText(), reason);
      assert.equal(await page.getAttribute(`#node-config-input-${property}`, "aria-invalid"), "true");
    }
    await page.fill("#node-config-input-host", "${CAMERA}");
    await page.fill("#node-config-input-port", "");
    for (const property of ["host", "port"]) {
      assert.equal(await page.locator(`#hikflow-reason-${property}`).isVisible(), false);
    }
    await page.selectOption("#node-config-input-protocol", "https");
    await page.selectOption("#node-config-input-tls", "pinned");
    await page.fill("#node-config-input-fingerprint", "12:34");
    assert.match(await page.locator("#hikflow-reason-fingerprint").innerText(), /64 hexadecimal digits/);
    await page.selectOption("#node-config-input-tls", "verify");
    assert.equal(await page.locator("#node-config-input-fingerprint").isVisible(), false);
    await editor.deviceCancel();
    await editor.cancel();
  });

  it("takes a pasted address apart into the fields", async () => {
    const editor = await newDevice();
    const { page } = editor;
    const paste = async (text: string): Promise<string[]> => {
      await page.fill("#node-config-input-host", text);
      await page.press("#node-config-input-host", "Tab");
      const fields = ["protocol", "host", "port", "username", "password"];
      return Promise.all(fields.map((field) => page.inputValue(`#node-config-input-${field}`)));
    };
    assert.deepEqual(await paste("http://viewer@camera.example:8080/doc/page/login.asp"), [
      "http",
      "camera.example",
      "8080",
      "viewer",
      "",
    ]);
    assert.match(await page.locator(".hikflow-field:has(#node-config-input-host)").innerText(), /taken apart/);
    assert.deepEqual(await paste("https://u%40x:p%2Fw@[2001:db8::5]/"), ["https", "2001:db8::5", "", "u@x", "p/w"]);
    assert.deepEqual((await paste("192.0.2.9:81")).slice(1, 3), ["192.0.2.9", "81"]);
    assert.deepEqual((await paste("2001:db8::7")).slice(1, 3), ["2001:db8::7", "81"]);
    await editor.deviceCancel();
    await editor.cancel();
  });

  it("takes over the device's own name where none is given", async () => {
    const device = await start({ name: "Yard" });
    const editor = await newDevice();
    const { page } = editor;
    await fill(editor, device);
    await report(editor);
    assert.equal(await page.inputValue("#node-config-input-name"), "Yard");
    await page.fill("#node-config-input-name", "Mine");
    await report(editor);
    assert.equal(await page.inputValue("#node-config-input-name"), "Mine");
    await editor.deviceCancel();
    await editor.cancel();
  });

  it("lets the port follow the protocol, and no browser fill in the password", async () => {
    const editor = await newDevice();
    const { page } = editor;
    assert.equal(await page.getAttribute("#node-config-input-port", "placeholder"), "80");
    await page.selectOption("#node-config-input-protocol", "https");
    assert.equal(await page.getAttribute("#node-config-input-port", "placeholder"), "443");
    assert.equal(await page.getAttribute("#node-config-input-password", "autocomplete"), "new-password");
    assert.equal(await page.locator("#node-config-input-heartbeatTimeout").isVisible(), false);
    await page.click(".hikflow summary");
    assert.equal(await page.inputValue("#node-config-input-heartbeatTimeout"), "30");
    await editor.deviceCancel();
    await editor.cancel();
  });
});
