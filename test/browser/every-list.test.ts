import assert from "node:assert/strict";
import { audioAlarmOf } from "../virtual-device/services/deterrent";
import { doorsOf, headsOf, portsOf, startVirtualDevice, type VirtualDevice } from "../virtual-device";
import { afterTests, inBrowser, running, sharedEditor } from "./stage";

const HOSTILE = `<img src=x onerror="window.hacked=1">`;

interface List {
  readonly list: string;
  readonly type: string;
  readonly properties: object;
  /** Where the form tells of the list, and what it shows of a device that answers. */
  readonly note: string;
  readonly shows: string;
  /** The question to the device. */
  readonly path: RegExp;
}

const noteOf = (property: string): string => `.hikflow-field:has(#node-input-${property}) .hikflow-note`;
const valueNote = (name: string): string => `[data-value="${name}"] .hikflow-field .hikflow-note`;
const number = (value: string): object => ({ value, type: "num" });

/** Each with a value that is on the device. */
const LISTS: readonly List[] = [
  {
    list: "channels",
    type: "record",
    properties: { channel: "1", channelType: "num" },
    note: noteOf("channel"),
    shows: HOSTILE,
    path: /InputProxy|Video\/inputs/,
  },
  {
    list: "channels to tick",
    type: "plate-in",
    properties: { channels: [] },
    note: "#hikflow-channels",
    shows: HOSTILE,
    path: /InputProxy|Video\/inputs/,
  },
  {
    list: "streams",
    type: "snapshot",
    properties: { channel: "1", channelType: "num", stream: "main" },
    note: noteOf("stream"),
    shows: "×",
    path: /Streaming/,
  },
  {
    list: "presets",
    type: "ptz",
    properties: { channel: "1", channelType: "num", action: "gotoPreset", values: { preset: number("5") } },
    note: valueNote("preset"),
    shows: HOSTILE,
    path: /PTZCtrl/,
  },
  {
    list: "patrols",
    type: "ptz",
    properties: { channel: "1", channelType: "num", action: "startPatrol", values: { patrol: number("2") } },
    note: valueNote("patrol"),
    shows: HOSTILE,
    path: /PTZCtrl/,
  },
  {
    list: "outputs",
    type: "output",
    properties: { output: "1", outputType: "str", action: "on" },
    note: noteOf("output"),
    shows: "on",
    path: /IO/,
  },
  {
    list: "doors",
    type: "door",
    properties: { kind: "door", number: "1", numberType: "num", action: "open" },
    note: noteOf("number"),
    shows: HOSTILE,
    path: /RemoteControl|IO/,
  },
  {
    list: "audio channels",
    type: "audio",
    properties: { channel: "1", channelType: "num", action: "get", values: {} },
    note: noteOf("channel"),
    shows: "G.711",
    path: /TwoWayAudio/,
  },
  {
    // A channel that no camera behind the recorder has.
    list: "sounds",
    type: "deterrent",
    properties: { channel: "9", channelType: "num", action: "siren", values: { sound: { value: "1", type: "str" } } },
    note: valueNote("sound"),
    shows: HOSTILE,
    path: /AudioAlarm/,
  },
  {
    list: "paths",
    type: "isapi",
    properties: { path: "/ISAPI/System/Video/inputs/channels/1/overlays", pathType: "str" },
    note: noteOf("path"),
    shows: HOSTILE,
    path: /System\/capabilities/,
  },
];
const nodeId = (index: number): string => `node${index}`;

describe("every list of the device in a form", function () {
  this.timeout(120_000).slow(15_000);
  inBrowser();
  let device: VirtualDevice;

  const editor = sharedEditor(async () => {
    device = await startVirtualDevice({ model: "nvr", channels: [HOSTILE, "Yard"] });
    const head = headsOf(device).channels.get(1)!;
    head.presets.set(5, { name: HOSTILE, position: { azimuth: 0, elevation: 0, zoom: 10 } });
    head.patrols.set(2, { name: HOSTILE, stops: [{ preset: 5, delay: 5, speed: 20 }], state: "stopped" });
    portsOf(device).outputs[0]!.active = true;
    Object.assign(audioAlarmOf(device), { offered: true, sounds: [{ id: 1, name: HOSTILE }] });
    doorsOf(device).add(HOSTILE);
    const gone = await startVirtualDevice();
    await gone.close();
    const { host, port, username, password } = device;
    const config = (id: string, at: number, credentials: object): object => ({
      id,
      type: "hikvision-device",
      // A config node whose name is its own id waits for itself.
      name: `the ${id} one`,
      host,
      port: String(at),
      protocol: "http",
      credentials,
    });
    await running().deploy([
      { id: "tab", type: "tab", label: "Test" },
      // Names of their own: what a device has is known for a while in a page, which tests of other files share.
      config("list-online", port, { username, password }),
      config("list-gone", gone.port, { username, password }),
      config("list-refused", port, { username, password: "wrong" }),
      ...LISTS.map(({ type, properties }, index) => ({
        id: nodeId(index),
        z: "tab",
        type: `hikvision-${type}`,
        device: "list-online",
        x: 200 + (index % 2) * 250,
        y: 80 + index * 60,
        wires: [],
        ...properties,
      })),
    ]);
  });
  // What fails is to fail alone.
  afterEach(() => device.faults.clear());
  afterTests(() => device.close());

  // The first: a list that came is known for a while, and would be shown at once.
  it("gives up after ten seconds, in words", async function () {
    this.slow(25_000);
    const { page } = editor();
    const hang = device.fail(/InputProxy|Video\/inputs/, { kind: "hang" });
    await editor().edit(nodeId(0));
    await page.waitForSelector(`${noteOf("channel")} .hikflow-bad:has-text("No answer in time")`, { timeout: 25_000 });
    hang.lift();
    await editor().cancel();
  });

  for (const [index, { list, note, shows, path }] of LISTS.entries()) {
    it(`${list}: of a device that is online, gone, refuses the password, or is slow; names are text`, async () => {
      const { page } = editor();
      const says = (words: string): Promise<unknown> =>
        page.locator(note).filter({ hasText: words }).first().waitFor({ timeout: 20_000 });
      const hang = device.fail(path, { kind: "hang" });
      await editor().edit(nodeId(index));
      await page.locator(`${note} .fa-spinner`).first().waitFor();
      hang.lift();
      await page.selectOption("#node-input-device", "list-gone");
      await says("Unreachable");
      await page.selectOption("#node-input-device", "list-refused");
      await says("Wrong password");
      await page.selectOption("#node-input-device", "list-online");
      await says(shows);
      assert.equal(await page.evaluate(() => "hacked" in globalThis), false);
      await editor().cancel();
    });
  }

  it("sends a refused password once, however many forms are opened", () => {
    assert.equal(device.requests.filter(({ refusal }) => refusal !== undefined).length, 1);
  });

  it("says of an empty list that it is empty: in the field, in the list, below the ticks", async () => {
    const { page } = editor();
    headsOf(device).channels.get(1)!.presets.clear();
    const presets = LISTS.findIndex(({ list }) => list === "presets");
    await editor().edit(nodeId(presets));
    await page.waitForSelector(`${valueNote("preset")}:has-text("The device has none.")`);
    await page.click('[data-value="preset"] .hikflow-pick');
    await page.waitForSelector('[data-value="preset"] .hikflow-list:has-text("The device has none.")');
    await editor().cancel();
  });
});
