import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Page } from "playwright-core";
import { DebugSidebar } from "../support/debug-sidebar";
import type { Editor } from "../support/editor";
import { manifest } from "../support/project";
import {
  accessListsOf,
  alerts,
  archiveOf,
  countingOf,
  callsOf,
  doorsOf,
  headsOf,
  passPlate,
  pastOf,
  startVirtualDevice,
  stillFilm,
  type VirtualDevice,
} from "../virtual-device";
import { brightestInDark, namelessFields, stickingOut } from "./looks";
import { afterTests, inBrowser, running, sharedEditor } from "./stage";
import { until } from "../support/until";

const types = Object.keys(manifest["node-red"].nodes).filter((node) => node !== "device");
const LONG = "A very long name that somebody gave to the camera at the back entrance";
const UNBROKEN = "Rückwärtiger_Eingang_".repeat(5);
const DARKEST_LIGHT = 110;

interface Use {
  /** A person fills in the form. */
  fill(page: Page): Promise<void>;
  readonly saved: Readonly<Record<string, unknown>>;
  /** What stands in the message at a debug node. */
  readonly message: RegExp;
  /** What makes an input node send; the others get a message. */
  readonly happens?: () => Promise<unknown>;
}

describe("every form", function () {
  this.timeout(120_000).slow(25_000);
  inBrowser();
  let device: VirtualDevice;
  let sidebar: DebugSidebar;
  const files = mkdtempSync(path.join(os.tmpdir(), "hikflow forms "));

  const editor = sharedEditor(async () => {
    device = await startVirtualDevice({ model: "nvr", channels: ["Gate", LONG, UNBROKEN], films: stillFilm });
    headsOf(device)
      .channels.get(2)!
      .presets.set(5, { name: LONG, position: { azimuth: 0, elevation: 0, zoom: 10 } });
    archiveOf(device).add({ channel: 2, startMs: Date.UTC(2026, 0, 2, 8), endMs: Date.UTC(2026, 0, 2, 9) });
    const lists = accessListsOf(device);
    lists.generation = "today";
    lists.add("BAD1", { list: "blackList" });
    doorsOf(device).add("Main entrance").add(LONG);
    pastOf(device).log.push({ atMs: Date.UTC(2026, 0, 2, 8, 10), what: "Alarm/motionStart/2" });
    const crossing = { channel: 2, atMs: Date.UTC(2026, 0, 2, 8, 10), enter: 3, exit: 1 };
    countingOf(device).fit().crossings.push(crossing);
    callsOf(device).fit();
    const { host, port, username, password } = device;
    await running().deploy([
      { id: "tab", type: "tab", label: "Test" },
      {
        id: "device",
        type: "hikvision-device",
        name: LONG,
        host,
        port: String(port),
        protocol: "http",
        timeZone: "utc",
        credentials: { username, password },
      },
      ...types.flatMap((name, index) => [
        {
          id: `go-${name}`,
          z: "tab",
          type: "inject",
          props: [],
          repeat: "",
          once: false,
          x: 1400,
          y: 40 + index * 40,
          wires: [[]],
        },
        {
          id: `debug-${name}`,
          z: "tab",
          type: "debug",
          active: true,
          tosidebar: true,
          complete: "true",
          targetType: "full",
          x: 1800,
          y: 40 + index * 40,
          wires: [],
        },
      ]),
    ]);
    sidebar = await DebugSidebar.open(running().url);
  });
  afterTests(async () => {
    sidebar.close();
    await device.close();
    rmSync(files, { recursive: true, force: true });
  });

  const field = (property: string): string => `.hikflow-field:has(#node-input-${property})`;
  async function type(page: Page, property: string, text: string): Promise<void> {
    await page.fill(`${field(property)} .red-ui-typedInput-input`, text);
    await page.locator(`${field(property)} .red-ui-typedInput-input`).press("End");
  }
  /** Takes an entry out of the list that comes from the device. */
  async function choose(page: Page, place: string, value: string): Promise<void> {
    await page.click(`${place} .hikflow-pick`);
    await page.click(`${place} .hikflow-list li:has(.hikflow-value:text-is("${value}"))`);
  }
  const channel = (page: Page): Promise<void> => choose(page, field("channel"), "2");
  const tick = (page: Page, list: string, value: string): Promise<void> =>
    page.check(`#hikflow-${list} .hikflow-tick[data-value="${value}"] input`);

  const uses: Readonly<Record<string, Use>> = {
    "event-in": {
      fill: async (page) => {
        await tick(page, "events", "linedetection");
        await tick(page, "channels", "2");
        await page.uncheck("#node-input-pictures");
      },
      saved: { events: ["linedetection"], channels: [2], pictures: false },
      message: /"type":"linedetection"/,
      happens: () => device.emit(alerts.lineCrossing({ channel: 2 })),
    },
    "plate-in": {
      fill: async (page) => {
        await tick(page, "channels", "2");
        await page.fill("#node-input-dropRepeats", "1");
        await page.uncheck("#node-input-pictures");
      },
      saved: { channels: [2], dropRepeats: "1" },
      message: /"plate":"AB123CD"/,
      happens: () => passPlate(device, { plate: "AB123CD", channel: 2 }),
    },
    snapshot: {
      fill: async (page) => {
        await channel(page);
        await choose(page, field("stream"), "sub");
        await type(page, "width", "640");
        await page.selectOption("#node-input-returns", "dataUrl");
        await type(page, "property", "picture");
      },
      saved: { channel: "2", channelType: "num", stream: "sub", width: "640", returns: "dataUrl", property: "picture" },
      message: /"snapshot":\{"channel":2,"stream":2.*"picture":"data:image\/jpeg;base64,/,
    },
    ptz: {
      fill: async (page) => {
        await channel(page);
        await page.selectOption("#node-input-action", "gotoPreset");
        await choose(page, '[data-value="preset"] .hikflow-field', "5");
        await type(page, "property", "order");
      },
      saved: { channel: "2", action: "gotoPreset", property: "order" },
      message: /"order":\{"done":"gotoPreset","preset":5/,
    },
    output: {
      fill: async (page) => {
        await choose(page, field("output"), "1");
        await page.selectOption("#node-input-action", "on");
      },
      saved: { output: "1", action: "on" },
      message: /"output":1,"state":"on"/,
    },
    "playback-url": {
      fill: async (page) => {
        await channel(page);
        await page.selectOption("#node-input-transport", "multicast");
      },
      saved: { channel: "2", kind: "live", transport: "multicast" },
      message: /rtsp:\/\/127\.0\.0\.1:\d+\/Streaming\/Channels\/201\?transportmode=multicast/,
    },
    video: {
      fill: async (page) => {
        await channel(page);
        await page.fill("#node-input-expires", "60");
        await page.click("#hikflow-try-video");
        await page.waitForSelector('#hikflow-try-video-answer :text("H.264")');
      },
      saved: { channel: "2", kind: "live", stream: "", expires: "60" },
      message: /"url":"\/hikvision\/video\/[\w.-]+\/video\.mp4","mime":"video\/mp4; codecs=/,
    },
    recordings: {
      fill: async (page) => {
        await channel(page);
        await type(page, "start", "2026-01-02 00:00");
        await type(page, "end", "2026-01-03 00:00");
      },
      saved: { channel: "2", start: "2026-01-02 00:00", end: "2026-01-03 00:00" },
      message: /"payload":\[\{"name":"ch01_00000000001"/,
    },
    download: {
      fill: async (page) => {
        await channel(page);
        await type(page, "start", "2026-01-02 00:00");
        await type(page, "end", "2026-01-03 00:00");
        await type(page, "directory", files);
        await type(page, "filename", "{channel}_{name}");
      },
      saved: { channel: "2", directory: files, filename: "{channel}_{name}" },
      message: /2_ch01_00000000001/,
    },
    record: {
      fill: async (page) => {
        await channel(page);
        await type(page, "duration", "60");
      },
      saved: { channel: "2", where: "device", action: "start", duration: "60" },
      message: /"state":"started"/,
    },
    audio: {
      fill: async (page) => {
        await choose(page, field("channel"), "1");
        await page.selectOption("#node-input-action", "get");
      },
      saved: { channel: "1", action: "get" },
      message: /"codec":"/,
    },
    deterrent: {
      fill: async (page) => {
        // No recorder has any of it for its cameras: a channel of which it says nothing, and a stop of nothing.
        await type(page, "channel", "9");
        await page.selectOption("#node-input-action", "siren");
        await page.fill('[data-value="times"] .red-ui-typedInput-input', "3");
        await page.selectOption("#node-input-action", "stop");
      },
      saved: { channel: "9", action: "stop", values: {} },
      message: /"done":"stop"/,
    },
    arm: {
      fill: async (page) => {
        await page.selectOption("#node-input-action", "off");
        await tick(page, "channels", "2");
        await tick(page, "events", "VMD");
      },
      saved: { what: "detection", action: "off", channels: [2], events: ["VMD"], rollback: true },
      message: /"what":"detection","armed":false,"items":\[\{"channel":2,"type":"VMD"/,
    },
    isapi: {
      fill: async (page) => {
        await page.selectOption("#node-input-method", "change");
        await page.check("#node-input-dryRun");
        await choose(page, field("path"), "/ISAPI/System/Video/inputs/channels/2/overlays");
        await page.click(`${field("body")} .red-ui-typedInput-type-select`);
        await page.click('.red-ui-typedInput-options:visible [value="json"]');
        await page.fill(`${field("body")} .red-ui-typedInput-input`, '{"fontSize":"32*32"}');
      },
      saved: {
        method: "change",
        path: "/ISAPI/System/Video/inputs/channels/2/overlays",
        pathType: "str",
        body: '{"fontSize":"32*32"}',
        bodyType: "json",
        dryRun: true,
        confirm: false,
      },
      message: /"changed":\["fontSize"\],"refused":\[\]/,
    },
    door: {
      fill: async (page) => {
        await page.selectOption("#node-input-kind", "door");
        await choose(page, field("number"), "2");
        await page.selectOption("#node-input-action", "holdOpen");
      },
      saved: { kind: "door", number: "2", numberType: "num", action: "holdOpen" },
      message: /"done":"holdOpen","kind":"door","number":2,"state":"open"/,
    },
    history: {
      fill: async (page) => {
        await page.selectOption("#node-input-source", "log");
        await until(async () => /log/.test(await page.innerText("#hikflow-offered")), "what the device offers");
        await type(page, "start", "2026-01-02 08:00");
        await type(page, "end", "2026-01-02 10:00");
        await tick(page, "events", "VMD");
        await tick(page, "channels", "2");
        await page.click("#hikflow-try-history");
        await page.locator("#hikflow-try-history-answer td:text-is('Motion')").waitFor();
      },
      saved: { source: "log", events: ["VMD"], channels: [2], targets: [], newest: "", pictures: false },
      message: /"type":"VMD"[^]*"complete":true/,
    },
    statistics: {
      fill: async (page) => {
        await channel(page);
        await type(page, "start", "2026-01-02 08:00");
        await type(page, "end", "2026-01-02 10:00");
        await page.click("#hikflow-try-statistics");
        await page.locator("#hikflow-try-statistics-answer td:text-is('3')").waitFor();
      },
      saved: { channel: "2", channelType: "num", kind: "people", interval: "hour", action: "read", confirm: false },
      message: /"enter":3,"exit":1\}/,
    },
    call: {
      fill: async (page) => {
        await page.fill("#node-input-pollInterval", "2");
        await page.check("#node-input-pictures");
        await page.selectOption("#node-input-action", "msg");
      },
      saved: { pollInterval: "2", pictures: true, action: "msg" },
      message: /"state":"ringing".*"pictures":\[\{"name"/,
      happens: () => Promise.resolve((callsOf(device).status = "ring")),
    },
    "plate-list": {
      fill: async (page) => {
        await choose(page, field("channel"), "1");
        await page.selectOption("#node-input-list", "block");
        await page.selectOption("#node-input-action", "list");
        await page.click("#hikflow-try-plate-list");
        await page.waitForSelector('#hikflow-try-plate-list-answer:has-text("BAD1")');
      },
      saved: { channel: "1", channelType: "num", list: "block", action: "list", dryRun: false, confirm: false },
      message: /"plate":"BAD1","list":"block"/,
    },
    diagnose: {
      fill: (page) => tick(page, "events", "VMD"),
      saved: { events: ["VMD"] },
      message: /"checks":\[/,
    },
  };

  async function looksGood(open: Editor): Promise<void> {
    assert.deepEqual(await namelessFields(open), []);
    assert.deepEqual(await stickingOut(open, 360), [], "in a tray of 400 pixels");
    const brightest = await brightestInDark(open);
    if (brightest !== undefined) assert.ok(brightest < DARKEST_LIGHT, `a background of lightness ${brightest}`);
  }

  /** By node: its id, and what was saved of it. */
  const made = new Map<string, { readonly id: string; readonly saved: Readonly<Record<string, unknown>> }>();
  const madeOf = (name: string) => {
    const found = made.get(name);
    assert.ok(found, "it was not saved");
    return found;
  };

  for (const [index, name] of types.entries()) {
    it(`${name}: dragged, filled, and saved, it looks good and has what was filled in`, async () => {
      const use = uses[name];
      assert.ok(use, "a new node needs a use here");
      const { page } = editor();
      const id = await editor().drag(`hikvision-${name}`, 220 + (index % 2) * 250, 60 + Math.floor(index / 2) * 60);
      await editor().edit(id);
      await page.fill("#node-input-name", "My node");
      await use.fill(page);
      await looksGood(editor());
      await editor().done();
      const saved = await editor().node(id);
      for (const [property, value] of Object.entries({ ...use.saved, name: "My node", device: "device", version: 1 }))
        assert.deepEqual(saved[property], value, property);
      assert.deepEqual(await editor().faults(id), []);
      made.set(name, { id, saved });
    });
  }

  it("all can be deployed together", async () => {
    for (const [name, { id }] of made) {
      await editor().wire(id, `debug-${name}`);
      if (!uses[name]?.happens) await editor().wire(`go-${name}`, id);
    }
    await editor().deploy();
  });

  for (const name of types) {
    it(`${name}: reopened and saved again, it is as it was, and deployed it does what was filled in`, async () => {
      const use = uses[name];
      const { id, saved } = madeOf(name);
      await editor().edit(id);
      assert.equal(await editor().page.inputValue("#node-input-name"), "My node");
      await editor().done();
      // Node-RED moves a node when it draws a label that has grown.
      const apart = { wires: [], x: 0 };
      assert.deepEqual({ ...(await editor().node(id)), ...apart }, { ...saved, ...apart });
      assert.equal(await editor().changed(id), false);

      if (use?.happens) {
        await until(() => device.streams === 1, "the event stream");
        await use.happens();
      } else {
        assert.equal((await fetch(new URL(`inject/go-${name}`, running().url), { method: "POST" })).status, 200);
      }
      await sidebar.find(({ id: from, msg }) => from === `debug-${name}` && use?.message.test(msg) === true, 30_000);
    });
  }

  it("a node that lacks its settings, as in a flow written by hand, is named as a new one is", async () => {
    const names = await editor().page.evaluate(
      (all) =>
        all.map((type) => {
          const { nodes } = RED.nodes.import([{ id: `bare-${type}`, type, z: "tab", x: 300, y: 300, wires: [] }]);
          const names = nodes.map((node) => RED.utils.getNodeLabel(node));
          for (const { id } of nodes) RED.nodes.remove(id);
          return names.join();
        }),
      types.map((name) => `hikvision-${name}`),
    );
    assert.equal(names.length, types.length);
    for (const name of names) assert.doesNotMatch(name, /undefined|hikvision-|^$/);
  });
});

/** What stands in the browser. */
declare const RED: {
  readonly nodes: {
    import(flow: readonly object[]): { readonly nodes: readonly { readonly id: string }[] };
    remove(id: string): void;
  };
  readonly utils: { getNodeLabel(node: object): string };
};
