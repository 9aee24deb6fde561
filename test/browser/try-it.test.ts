import assert from "node:assert/strict";
import {
  archiveOf,
  headsOf,
  passPlate,
  startVirtualDevice,
  stillFilm,
  streamsOf,
  type VirtualDevice,
  type FaultHandle,
} from "../virtual-device";
import { afterTests, inBrowser, running, sharedEditor } from "./stage";
import { until } from "../support/until";

const HOSTILE = `<img src=x onerror="window.hacked=1">`;
const NODES: readonly [id: string, properties: object][] = [
  ["ptz", { channel: "1", channelType: "num", action: "move", values: { pan: { value: "30", type: "num" } } }],
  ["snapshot", { channel: "1", channelType: "num", stream: "main", streamType: "str" }],
  ["playback-url", { channel: "1", channelType: "num", stream: "main", kind: "live", withCredentials: true }],
  ["recordings", { start: "2026-01-02 00:00", end: "2026-01-03 00:00" }],
  ["download", { start: "2026-01-02 00:00", end: "2026-01-03 00:00" }],
  ["plate-in", { channels: [] }],
];

describe("trying a node in its form", function () {
  this.timeout(120_000).slow(15_000);
  inBrowser();
  let device: VirtualDevice;
  const head = () => headsOf(device).channels.get(1)!;

  const editor = sharedEditor(async () => {
    device = await startVirtualDevice({ model: "nvr", channels: ["Gate", HOSTILE], films: stillFilm });
    const { host, port, username, password } = device;
    await running().deploy([
      { id: "tab", type: "tab", label: "Test" },
      {
        id: "device",
        type: "hikvision-device",
        name: "Yard",
        host,
        port: String(port),
        protocol: "http",
        timeZone: "utc",
        credentials: { username, password },
      },
      ...NODES.map(([type, properties], index) => ({
        id: type,
        z: "tab",
        type: `hikvision-${type}`,
        device: "device",
        x: 300,
        y: 80 + index * 60,
        wires: [],
        ...properties,
      })),
    ]);
  });
  // What fails is to fail alone.
  afterEach(() => device.faults.clear());
  afterTests(() => device.close());

  const button = (question: string): string => `#hikflow-try-${question}`;
  const answer = (question: string): string => `#hikflow-try-${question}-answer`;
  async function press(question: string): Promise<string> {
    const { page } = editor();
    await page.click(button(question));
    await page.waitForSelector(`${button(question)}[aria-busy="false"]`);
    const said = await page.locator(answer(question)).innerText();
    const shown = await page.evaluate(
      (password) => document.documentElement.outerHTML.includes(password),
      device.password,
    );
    assert.ok(!shown, "the password stands in the page");
    return said;
  }

  it("moves a camera until Stop is pressed, or the form closes", async () => {
    const { page } = editor();
    await editor().edit("ptz");
    await page.click(button("ptz"));
    await until(() => head().moving, "the camera moves");
    assert.match(await page.locator(button("ptz")).innerText(), /Stop/);
    await page.click(button("ptz"));
    await page.waitForSelector(`${answer("ptz")}:has-text("Stopped.")`);
    assert.equal(head().moving, false);

    await page.click(button("ptz"));
    await until(() => head().moving, "the camera moves again");
    await editor().cancel();
    await until(() => !head().moving, "the camera stops");
  });

  it("says what was done, what stands in the way, and why the device refuses", async () => {
    const { page } = editor();
    await editor().edit("ptz");
    const input = (name: string): string => `[data-value="${name}"] .red-ui-typedInput-input`;
    const type = async (name: string, text: string): Promise<void> => {
      await page.fill(input(name), text);
      await page.locator(input(name)).press("End");
    };
    await type("pan", "300");
    assert.match(await press("ptz"), /Pan: Enter a number from -100 to 100/);
    await type("pan", "0");
    assert.match(await press("ptz"), /Done: Move/);
    await page.selectOption("#node-input-action", "msg");
    assert.match(await press("ptz"), /The message decides/);
    await page.selectOption("#node-input-action", "status");
    assert.match(await press("ptz"), /Not supported by device: VN-7708-V/);
    await page.selectOption("#node-input-action", "gotoPreset");
    await type("preset", "94");
    assert.match(await press("ptz"), /Wrong setting or message:[\s\S]*confirm/);
    assert.equal(head().restarts, 0);
    head().presets.set(7, { name: HOSTILE, position: { azimuth: 0, elevation: 0, zoom: 10 } });
    await page.selectOption("#node-input-action", "listPresets");
    assert.ok((await press("ptz")).includes(HOSTILE));
    await page.evaluate(() => $("#node-input-channel").typedInput("type", "msg"));
    assert.match(await press("ptz"), /Channel comes from the flow|Channel: /);
    await editor().cancel();
    assert.equal(await page.evaluate(() => "hacked" in globalThis), false);
  });

  it("shows which moment a time in words is now, by the device's clock", async () => {
    const { page } = editor();
    await editor().edit("recordings");
    const field = ".hikflow-field:has(#node-input-start)";
    await page.fill(`${field} .red-ui-typedInput-input`, "yesterday 07:30");
    await page.locator(`${field} .red-ui-typedInput-input`).press("End");
    await page.waitForSelector(`${field} .hikflow-note:has-text("07:30:00 now, by the device's clock")`);
    await page.fill(`${field} .red-ui-typedInput-input`, "tomorrow");
    await page.locator(`${field} .red-ui-typedInput-input`).press("End");
    assert.match(await page.locator(`${field} .hikflow-reason`).innerText(), /yesterday, today 07:30/);
    await editor().cancel();
  });

  it("shows the picture with its size, the reason on failure, and works before the device is deployed", async () => {
    const { page } = editor();
    await editor().edit("snapshot");
    await press("snapshot");
    await page.waitForSelector(`${answer("snapshot")} .hikflow-note:has-text("×")`);
    assert.match(await page.locator(answer("snapshot")).innerText(), /^\d+ × \d+ · [\d.]+ kB · \d/);
    const refusal = device.fail(/picture/, { kind: "answer", status: 200, contentType: "image/jpeg", body: "no" });
    assert.match(await press("snapshot"), /is no picture/);
    refusal.lift();
    await editor().cancel();

    await editor().editDevice("device");
    await page.fill("#node-config-input-name", "Other");
    await editor().deviceDone();
    await editor().edit("snapshot");
    const asked = page.waitForRequest(/hikvision\/form\/try\/snapshot/);
    await page.click(button("snapshot"));
    assert.ok(!(await asked).url().includes("?"));
    await page.waitForSelector(`${answer("snapshot")} .hikflow-note:has-text("×")`);
    await editor().cancel();
    await editor().deploy();
  });

  it("shows the address, which follows the form, without the password", async () => {
    const { page } = editor();
    Object.assign(streamsOf(device).get(101) ?? {}, { codec: "H.265", smart: true });
    await editor().edit("playback-url");
    const said = await press("playback-url");
    assert.match(said, /rtsp:\/\/127\.0\.0\.1:\d+\/Streaming\/Channels\/101/);
    assert.match(said, /puts user name and password into it/);
    assert.match(said, /H\.265\+/);
    await page.fill(".hikflow-field:has(#node-input-channel) .red-ui-typedInput-input", "2");
    await page.locator(".hikflow-field:has(#node-input-channel) .red-ui-typedInput-input").press("End");
    await page.waitForSelector(`${answer("playback-url")} code:has-text("/201?")`);
    await page.click(`${answer("playback-url")} button`);
    assert.match(await press("playback"), /H\.264, 64 × 64[^]*after [\d.]+ s[^]*PCMU/);
    await page.fill(".hikflow-field:has(#node-input-channel) .red-ui-typedInput-input", "1");
    await page.locator(".hikflow-field:has(#node-input-channel) .red-ui-typedInput-input").press("End");
    assert.equal(await page.locator(answer("playback")).innerText(), "");
    await editor().cancel();
  });

  it("shows what a range holds, and can be cut off", async () => {
    const { page } = editor();
    const start = Date.UTC(2026, 0, 2, 8);
    for (let index = 0; index < 23; index++)
      archiveOf(device).add({ channel: 2, startMs: start + index * 60_000, endMs: start + index * 60_000 + 60_000 });
    for (const question of ["recordings", "download"]) {
      await editor().edit(question);
      const said = await press(question);
      assert.match(said, /Recordings\s+23\s+Size\s+94\.2 kB\s+From\s+2026-01-02 \d\d:00:00\s+To\s+2026-01-02/);
      assert.match(said, /by schedule\s+4\.1 kB[\s\S]*and 3 more/);
      await editor().cancel();
    }
    const hang: FaultHandle = device.fail(/search/, { kind: "hang" });
    await editor().edit("recordings");
    await page.click(button("recordings"));
    await until(() => hang.hits > 0, "the search is under way");
    await page.click(button("recordings"));
    assert.equal(await page.locator(answer("recordings")).innerText(), "");
    hang.lift();
    await editor().cancel();
  });

  it("says in words why something was recorded, also where the device has words of its own", async () => {
    const { page } = editor();
    for (const [hour, recordType] of ["CMR", "MOTION", "ownWord"].entries())
      archiveOf(device).add({
        startMs: Date.UTC(2026, 1, 2, hour),
        endMs: Date.UTC(2026, 1, 2, hour, 30),
        recordType,
      });
    await editor().edit("recordings");
    for (const [name, time] of [
      ["start", "2026-02-01"],
      ["end", "2026-02-04"],
    ] as const)
      await page.fill(`.hikflow-field:has(#node-input-${name}) .red-ui-typedInput-input`, time);
    assert.match(await press("recordings"), /by schedule[^]*motion[^]*ownWord/);
    await page.selectOption("#node-input-action", "days");
    assert.match(await press("recordings"), /February 2026/);
    const recorded = page.locator(`${answer("recordings")} .hikflow-recorded`);
    assert.deepEqual(await recorded.allInnerTexts(), ["2"]);
    await editor().cancel();
  });

  it("shows the last plates of the device's list, and ticks the channel of one", async () => {
    const { page } = editor();
    await editor().edit("plate-in");
    assert.match(await press("plates"), /lists no plates/);
    await passPlate(device, { plate: "OLD", channel: 1 }, { stream: false, agoMs: 60_000 });
    await passPlate(device, { plate: "NEW", channel: 2 }, { stream: false });
    assert.match(await press("plates"), /NEW[\s\S]*OLD/);
    await page.click(`${answer("plates")} button:has-text("NEW")`);
    assert.equal(await page.isChecked('#hikflow-channels .hikflow-tick[data-value="2"] input'), true);
    await editor().cancel();
  });
});

/** Runs in the browser. */
declare const document: { readonly documentElement: { readonly outerHTML: string } };
declare const $: (selector: string) => { typedInput(what: string, value: string): void };
