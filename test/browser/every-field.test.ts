/**
 * What a form saves is what its node reads: every field of every form is changed in the editor, deployed, and seen to have its effect.
 * The editor speaks German: since all forms are opened here, and with all choices, their words are read, too.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fields as arm } from "../../nodes/arm/fields";
import { actionValues as audioValues, fields as audio } from "../../nodes/audio/fields";
import { fields as call } from "../../nodes/call/fields";
import { fields as deterrent } from "../../nodes/deterrent/fields";
import { fields as diagnose } from "../../nodes/diagnose/fields";
import { fields as door } from "../../nodes/door/fields";
import { fields as download } from "../../nodes/download/fields";
import { fields as eventIn } from "../../nodes/event-in/fields";
import { fields as history } from "../../nodes/history/fields";
import { fields as isapi } from "../../nodes/isapi/fields";
import { fields as output } from "../../nodes/output/fields";
import { fields as plateIn } from "../../nodes/plate-in/fields";
import { fields as plateList } from "../../nodes/plate-list/fields";
import { fields as playbackUrl } from "../../nodes/playback-url/fields";
import { fields as ptz } from "../../nodes/ptz/fields";
import { fields as record } from "../../nodes/record/fields";
import { fields as recordings } from "../../nodes/recordings/fields";
import type { Fields } from "../../nodes/shared/fields";
import { fields as snapshot } from "../../nodes/snapshot/fields";
import { fields as statistics } from "../../nodes/statistics/fields";
import { fields as video } from "../../nodes/video/fields";
import { DebugSidebar } from "../support/debug-sidebar";
import { manifest } from "../support/project";
import { until } from "../support/until";
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
  storePicture,
  triggersOf,
  type VirtualDevice,
} from "../virtual-device";
import { audioOf } from "../virtual-device/services/audio";
import { audioAlarmOf } from "../virtual-device/services/deterrent";
import { greyJpeg } from "../virtual-device/jpeg";
import { afterTests, inBrowser, running, sharedEditor } from "./stage";
import { foreignWords } from "./words";

interface Use {
  readonly title: string;
  readonly type: string;
  /** Default: the recorder. */
  readonly on?: "camera";
  /** Selects, boxes (true, false), and what is typed, by property. A text of a field that a flow may compute is its fixed value. */
  readonly enter: Readonly<Record<string, string | boolean>>;
  /** Ticks of the lists that are no input elements: `events`, `channels`, `targets`, `lists`, `days`. */
  readonly tick?: Readonly<Record<string, readonly string[]>>;
  /** Values of the chosen action. */
  readonly values?: Readonly<Record<string, string>>;
  /** What stands in the message at a debug node. */
  readonly message: RegExp;
  /** Sent to the node. */
  readonly props?: readonly object[];
  /** What makes an input node send; the others get a message. */
  readonly happens?: () => Promise<unknown>;
  /** What the device has done. */
  readonly done?: () => void;
}

const FIELDS: Readonly<Record<string, Fields>> = {
  arm,
  audio,
  call,
  deterrent,
  diagnose,
  door,
  download,
  "event-in": eventIn,
  history,
  isapi,
  output,
  "plate-in": plateIn,
  "plate-list": plateList,
  "playback-url": playbackUrl,
  ptz,
  record,
  recordings,
  snapshot,
  statistics,
  video,
};
/** What a form shows in other fields. */
const SHOWN_AS: Readonly<Record<string, string>> = { regions: "regions-text", hours: "hours-on" };
const debug = (id: string): object => ({
  id,
  z: "tab",
  type: "debug",
  active: true,
  tosidebar: true,
  complete: "true",
  targetType: "full",
  wires: [],
});
const config = (id: string, { host, port, username, password }: VirtualDevice): object => ({
  id,
  type: "hikvision-device",
  // A config node whose name is its own id waits for itself.
  name: `the ${id}`,
  host,
  port: String(port),
  protocol: "http",
  timeZone: "utc",
  credentials: { username, password },
});
const LANGUAGE = { language: "de" };
const CLIP_START = Date.UTC(2026, 0, 2, 8);
const CLIP_END = Date.UTC(2026, 0, 2, 9);

describe("every field of every form", function () {
  this.timeout(120_000).slow(30_000);
  inBrowser();
  let device: VirtualDevice;
  let camera: VirtualDevice;
  let sidebar: DebugSidebar;
  const files = mkdtempSync(path.join(os.tmpdir(), "hikflow fields "));

  const editor = sharedEditor(async () => {
    device = await startVirtualDevice({ model: "nvr", channels: ["Gate", "Yard"], films: stillFilm });
    headsOf(device)
      .channels.get(2)!
      .presets.set(5, { name: "Door", position: { azimuth: 0, elevation: 0, zoom: 10 } });
    const lists = accessListsOf(device);
    lists.generation = "today";
    lists.channel = 2;
    lists.add("BAD1", { list: "blackList" });
    doorsOf(device).add("Main entrance").add("Back door");
    countingOf(device)
      .fit()
      .crossings.push({ channel: 2, atMs: Date.UTC(2026, 0, 2, 8, 10), enter: 3, exit: 1 });
    countingOf(device).heatMap = greyJpeg(16, 16);
    callsOf(device).fit();
    const past = pastOf(device);
    past.hasTargets = true;
    past.targets.push({ channel: 2, target: "human", startMs: CLIP_START, endMs: CLIP_END });
    past.recordTypes = { eventTypes: "VMD", behaviors: "linedetection" };
    const pictureUrl = storePicture(device, greyJpeg(16, 16));
    past.records.push({ channel: 2, type: "VMD", startMs: CLIP_START, endMs: CLIP_END, pictureUrl });
    for (const recordType of ["motion", "timing"])
      archiveOf(device).add({ channel: 2, startMs: CLIP_START, endMs: CLIP_END, recordType });
    camera = await startVirtualDevice({ model: "camera" });
    headsOf(camera)
      .channels.get(1)!
      .presets.set(5, { name: "Door", position: { azimuth: 0, elevation: 0, zoom: 10 } });
    await running().deploy([
      { id: "tab", type: "tab", label: "Test" },
      { id: "catch", z: "tab", type: "catch", scope: null, x: 900, y: 20, wires: [["caught"]] },
      { ...debug("caught"), x: 1100, y: 20 },
      config("recorder", device),
      config("camera", camera),
      ...uses.flatMap(({ type, on = "recorder", happens, props = [] }, index) => [
        {
          id: `node${index}`,
          z: "tab",
          type: `hikvision-${type}`,
          device: on,
          // All in sight, so that they can be clicked on.
          x: 110 + (index % 4) * 200,
          y: 40 + Math.floor(index / 4) * 40,
          wires: [[`debug${index}`], [`debug${index}`]],
        },
        { ...debug(`debug${index}`), x: 1200, y: 60 + index * 40 },
        ...(happens
          ? []
          : [
              {
                id: `go${index}`,
                z: "tab",
                type: "inject",
                props,
                repeat: "",
                once: false,
                x: 1400,
                y: 60 + index * 40,
                wires: [[`node${index}`]],
              },
            ]),
      ]),
    ]);
    sidebar = await DebugSidebar.open(running().url);
  }, LANGUAGE);
  afterTests(async () => {
    sidebar.close();
    await device.close();
    await camera.close();
    rmSync(files, { recursive: true, force: true });
  });

  const uses: readonly Use[] = [
    {
      title: "event in",
      type: "event-in",
      enter: {
        "regions-text": "1",
        emit: "all",
        "hours-on": true,
        "hours-from": "00:00",
        "hours-to": "23:59",
        "hours-zone": "local",
        offDelay: "2",
        pictures: false,
        connection: true,
      },
      tick: { events: ["linedetection"], channels: ["2"], targets: ["human"] },
      message: /"type":"linedetection".*"state":"end".*"synthetic":true/,
      happens: () => device.emit(alerts.lineCrossing({ channel: 2, regions: [{ id: 1, target: "human" }] })),
    },
    {
      title: "plate in",
      type: "plate-in",
      enter: { minConfidence: "50", dropRepeats: "1", pollInterval: "2", backfill: false, pictures: false },
      tick: { channels: ["2"], lists: ["allow"] },
      message: /"plate":"AB123CD".*"list":"allow"/,
      happens: () => passPlate(device, { plate: "AB123CD", channel: 2, list: "whiteList", confidence: 90 }),
    },
    {
      title: "snapshot",
      type: "snapshot",
      enter: { channel: "2", stream: "sub", width: "640", height: "360", returns: "dataUrl", property: "picture" },
      message: /"snapshot":\{"channel":2,"stream":2.*"picture":"data:image\/jpeg;base64,/,
      done: () => assert.ok(asked(/channels\/202\/picture\?.*videoResolutionWidth=640&videoResolutionHeight=360/)),
    },
    {
      title: "snapshot, of a past moment",
      type: "snapshot",
      enter: { channel: "2", time: "2026-01-02T08:10:01Z", returns: "dataUrl" },
      message: /"stream":1,"time":"2026-01-02T08:10:01\.000Z","shift":0[^]*"payload":"data:image\/jpeg;base64,/,
    },
    {
      title: "ptz, a move",
      type: "ptz",
      enter: { channel: "2", action: "momentary", clamp: true, property: "moved" },
      values: { pan: "60", tilt: "-20", zoom: "0", duration: "0.5" },
      message: /"moved":\{"done":"momentary","pan":60,"tilt":-20,"zoom":0,"duration":0\.5/,
    },
    {
      title: "ptz, a preset by its name",
      type: "ptz",
      on: "camera",
      enter: { action: "gotoPreset" },
      values: { preset: "Door", wait: "true", confirm: "true" },
      message: /"done":"gotoPreset","preset":5/,
    },
    {
      title: "ptz, a stored preset",
      type: "ptz",
      enter: { channel: "2", action: "setPreset" },
      values: { preset: "7", name: "Fence", confirm: "true" },
      message: /"done":"setPreset","preset":7/,
      done: () => assert.equal(headsOf(device).channels.get(2)!.presets.get(7)?.name, "Fence"),
    },
    {
      title: "ptz, a patrol",
      type: "ptz",
      enter: { channel: "2", action: "setPatrol" },
      values: { patrol: "3", name: "Night", steps: '[{"preset":5,"seconds":8,"speed":10}]', confirm: "true" },
      message: /"done":"setPatrol","patrol":3/,
    },
    {
      title: "ptz, a part of the picture",
      type: "ptz",
      enter: { channel: "2", action: "zoomToBox" },
      values: { box: '{"x":0.1,"y":0.1,"width":0.3,"height":0.3}' },
      message: /"done":"zoomToBox"/,
    },
    {
      title: "ptz, the park action",
      type: "ptz",
      on: "camera",
      enter: { action: "park" },
      values: { enabled: "true", seconds: "30", to: "preset 2", confirm: "true" },
      message: /"done":"park","enabled":true,"seconds":30,"to":"preset 2"/,
    },
    {
      title: "ptz, a target",
      type: "ptz",
      on: "camera",
      enter: { action: "track" },
      values: { x: "0.2", y: "0.3", box: '{"x":0.1,"y":0.1,"width":0.3,"height":0.3}' },
      message: /"done":"track","box"/,
    },
    {
      title: "ptz, limits",
      type: "ptz",
      on: "camera",
      enter: { action: "limits" },
      values: { on: "true" },
      message: /"done":"limits","on":true/,
    },
    {
      title: "ptz, a switch",
      type: "ptz",
      on: "camera",
      enter: { action: "aux" },
      values: { aux: "wiper", on: "false" },
      message: /"done":"aux","aux":"wiper","on":false/,
    },
    {
      title: "ptz, the serial port",
      type: "ptz",
      on: "camera",
      enter: { action: "serial" },
      values: { port: "1", data: "[255,1]" },
      message: /"done":"serial"/,
    },
    {
      title: "output",
      type: "output",
      enter: { output: "Output 1", action: "pulse", duration: "0.2" },
      message: /"output":1,"state":"off"/,
    },
    {
      title: "output, on",
      type: "output",
      enter: { action: "on" },
      message: /"output":1,"state":"on"/,
    },
    {
      title: "playback url, live",
      type: "playback-url",
      enter: { channel: "2", stream: "sub", transport: "multicast", withCredentials: true },
      message: /rtsp:\/\/[^@"]+@127\.0\.0\.1:\d+\/Streaming\/Channels\/202\?transportmode=multicast/,
    },
    {
      title: "playback url, by time",
      type: "playback-url",
      enter: { kind: "time", channel: "2", start: "2026-01-02 09:10", end: "2026-01-02 09:20" },
      message: /Streaming\/tracks\/201\/?\?starttime=20260102T\d\d1000Z&endtime=20260102T\d\d2000Z/,
    },
    {
      title: "playback url, a recording",
      type: "playback-url",
      enter: { kind: "recording", recording: "ch01_00000000001" },
      message: /rtsp:\/\/.*ch01_00000000001/,
    },
    {
      title: "video, live",
      type: "video",
      enter: { channel: "2", stream: "sub", expires: "60" },
      message: /"url":"\/hikvision\/video\/[\w.-]+\/video\.mp4","mime":"video\/mp4; codecs=/,
    },
    {
      title: "video, by time",
      type: "video",
      enter: { kind: "time", channel: "2", start: "2026-01-02 09:10", end: "2026-01-02 09:20" },
      message: /"codec":"H\.264","duration":600/,
    },
    {
      title: "video, a recording",
      type: "video",
      enter: { kind: "recording", recording: "ch01_00000000001" },
      message: /"codec":"H\.264","duration":3600/,
    },
    {
      title: "recordings, the days that have any",
      type: "recordings",
      enter: { action: "days", channel: "2", start: "2026-01-01", end: "2026-02-01" },
      message: /"payload":\["2026-01-02"\]/,
    },
    {
      title: "recordings",
      type: "recordings",
      enter: {
        channel: "2",
        start: "2026-01-02 00:00",
        end: "2026-01-03 00:00",
        recordType: "motion",
        newest: "1",
        clip: true,
      },
      message: /"payload":\[\{"name":"ch01_00000000001"[^[]*\]/,
    },
    {
      title: "download",
      type: "download",
      enter: {
        channel: "2",
        start: "2026-01-02 00:00",
        end: "2026-01-03 00:00",
        before: "3",
        after: "4",
        directory: files,
        filename: "{channel}_{name}",
        existing: "overwrite",
      },
      message: /2_ch01_00000000001/,
    },
    {
      title: "download, in the message",
      type: "download",
      enter: { channel: "2", start: "2026-01-02 00:00", end: "2026-01-03 00:00", deliverAs: "buffer" },
      message: /"download":\{/,
    },
    {
      title: "record, on the device",
      type: "record",
      enter: { channel: "2", action: "start", duration: "1" },
      message: /"state":"stopped","where":"device","channel":2/,
    },
    {
      title: "record, into a file",
      type: "record",
      enter: {
        where: "file",
        channel: "2",
        action: "msg",
        stream: "sub",
        duration: "2",
        directory: files,
        filename: "{channel}_rec",
        container: "mkv",
      },
      props: [{ p: "action", v: "start", vt: "str" }],
      // Where there is no ffmpeg, it says so.
      message: /"state":"stopped","where":"file","channel":2,"path":"[^"]*2_rec\.mkv"|"code":"ffmpeg"/,
    },
    {
      title: "audio, its settings",
      type: "audio",
      enter: { channel: "2", action: "set" },
      values: { enabled: "true", speakerVolume: "30", microphoneVolume: "40", noiseReduction: "false" },
      message: /"enabled":true,"speakerVolume":30,"microphoneVolume":40,"noiseReduction":false/,
      done: () => assert.match(audioOf(device).channels[1]!.document, /<speakerVolume>30<\/speakerVolume>/),
    },
    {
      title: "deterrent, a voice clip",
      type: "deterrent",
      on: "camera",
      enter: { channel: "2", action: "siren" },
      values: { sound: "Warning,this is a restricted area", times: "2" },
      message: /"done":"siren","sound":"Warning,this is a restricted area"/,
      done: () => assert.deepEqual(audioAlarmOf(camera).played.slice(0, 2), ["2", "2"]),
    },
    {
      title: "deterrent, the white light",
      type: "deterrent",
      on: "camera",
      enter: { action: "light" },
      values: { brightness: "30", duration: "0.2" },
      message: /"done":"light","brightness":30,"seconds":0\.\d/,
    },
    {
      title: "arm, the linkage of chosen events, told without rollback",
      type: "arm",
      enter: { what: "center", action: "msg", rollback: false },
      tick: { channels: ["2"], events: ["regionExiting"] },
      props: [{ p: "action", v: "off", vt: "str" }],
      message:
        /"what":"center","armed":false,"items":\[\{"channel":2,"type":"regionExiting","before":true,"after":false/,
      done: () =>
        assert.ok(
          !triggersOf(device)
            .find(({ id }) => id === "regionExiting-2")
            ?.methods.includes("center"),
        ),
    },
    {
      title: "isapi, a document as text",
      type: "isapi",
      enter: { path: "/ISAPI/System/deviceInfo", returns: "text" },
      message: /"payload":"<\?xml.*"isapi":\{"method":"GET","path":"\/ISAPI\/System\/deviceInfo"/,
    },
    {
      title: "isapi, what a change would be",
      type: "isapi",
      enter: {
        method: "change",
        path: "/ISAPI/System/Video/inputs/channels/2/overlays",
        body: "settings",
        dryRun: true,
      },
      props: [{ p: "settings", v: '{"fontSize":"32*32"}', vt: "json" }],
      message: /"changed":\["fontSize"\],"refused":\[\]/,
      done: () =>
        assert.ok(!device.requests.some(({ method, path: to }) => method === "PUT" && to.includes("overlays"))),
    },
    {
      title: "isapi, what needs to be confirmed",
      type: "isapi",
      on: "camera",
      enter: { method: "PUT", path: "/ISAPI/System/reboot", confirm: true },
      message: /"isapi":\{"method":"PUT","path":"\/ISAPI\/System\/reboot"/,
    },
    {
      title: "door, held open for a time",
      type: "door",
      enter: { kind: "door", number: "2", action: "open", duration: "1" },
      message: /"done":"open","kind":"door","number":2,"state":"closed"/,
      done: () => assert.deepEqual(doorsOf(device).moves, ["2 alwaysOpen", "2 resume"]),
    },
    {
      title: "door, the state of a barrier",
      type: "door",
      enter: { kind: "barrier", action: "status" },
      message: /"done":"status","kind":"barrier","number":1,"state":"unknown"/,
    },
    {
      title: "history, the newest events of a channel with pictures",
      type: "history",
      enter: { source: "events", start: "2026-01-02", end: "2026-01-03", newest: "1", pictures: true },
      tick: { events: ["VMD"], channels: ["2"] },
      message: /"type":"VMD"[^]*"data":\{"type":"Buffer"/,
    },
    {
      title: "history, people",
      type: "history",
      enter: { start: "2026-01-02", end: "2026-01-03" },
      tick: { targets: ["human"] },
      message: /"type":"human"[^]*"sources":\["targets"\]/,
    },
    {
      title: "statistics, people of a channel and a range by day",
      type: "statistics",
      enter: { channel: "2", start: "2026-01-02", end: "2026-01-03", interval: "day" },
      message: /"enter":3,"exit":1\}[^]*"interval":"day"/,
    },
    {
      title: "statistics, a heat map",
      type: "statistics",
      enter: { kind: "heatmap" },
      message: /"kind":"heatmap"/,
    },
    {
      title: "statistics, the counter set to zero",
      type: "statistics",
      enter: { action: "reset", confirm: true },
      message: /"done":"reset","channel":1/,
      done: () => assert.equal(countingOf(device).resets, 1),
    },
    {
      title: "call, a ring with its picture",
      type: "call",
      enter: { pollInterval: "2", pictures: true, action: "msg" },
      message: /"state":"ringing".*"pictures":\[\{"name"/,
      happens: () => Promise.resolve((callsOf(device).status = "ring")),
    },
    {
      title: "call, rejected",
      type: "call",
      enter: { action: "reject" },
      message: /"done":"reject","status":"idle"/,
      done: () => assert.deepEqual(callsOf(device).signals, ["reject"]),
    },
    {
      title: "plate list, what a replacement would be",
      type: "plate-list",
      enter: { channel: "2", list: "block", action: "replace", dryRun: true, confirm: true },
      props: [{ p: "payload", v: "[]", vt: "json" }],
      message: /"removed":\["BAD1"\]/,
      done: () => assert.deepEqual(accessListsOf(device).plates, ["!BAD1"]),
    },
    {
      title: "diagnose",
      type: "diagnose",
      enter: {},
      tick: { events: ["VMD"] },
      message: /"checks":\[/,
    },
  ];

  const asked = (request: RegExp): boolean => device.requests.some(({ path: asked }) => request.test(asked));

  /** By node: what no form shows in this language. */
  const foreign = new Map<string, string[]>();

  it("is entered by one of these tests, differently from a new node", () => {
    const missing = Object.entries(FIELDS).flatMap(([type, fields]) => {
      const entered = uses.filter((use) => use.type === type);
      return Object.entries(fields)
        .filter(([property, { value }]) => {
          if (property === "values") return !entered.some(({ values }) => values);
          const name = SHOWN_AS[property] ?? property;
          const given = entered.flatMap(({ enter: typed, tick }) => [typed[name], tick?.[property]]);
          return !given.some((one) => one !== undefined && String(one) !== String(value));
        })
        .map(([property]) => `${type}.${property}`);
    });
    assert.deepEqual(missing, []);
    const names = Object.keys(manifest["node-red"].nodes).filter((name) => name !== "device");
    assert.deepEqual(
      names.filter((name) => !(name in FIELDS)),
      [],
    );
    assert.deepEqual(
      Object.keys(audioValues["set"] ?? {}),
      Object.keys(uses.find(({ title }) => title.startsWith("audio"))?.values ?? {}),
    );
  });

  for (const [index, { title, enter: entered, tick = {}, values = {}, type }] of uses.entries()) {
    it(`${title}: takes what is entered, and saves it`, async () => {
      await editor().edit(`node${index}`);
      const first = ["where", "kind", "deliverAs", "action"].filter((property) => entered[property] !== undefined);
      await editor().page.evaluate(enterAll, {
        fields: [...new Set([...first, ...Object.keys(entered)])].map((name) => [name, entered[name] ?? ""] as const),
        ticks: Object.entries(tick).flatMap(([list, ticked]) => ticked.map((value) => [list, value] as const)),
        values: Object.entries(values),
      });
      foreign.set(type, [...(foreign.get(type) ?? []), ...(await foreignWords(editor(), type))]);
      await editor().done();
      assert.deepEqual(await editor().faults(`node${index}`), []);
      const saved = await editor().node(`node${index}`);
      for (const property of Object.keys(FIELDS[type] ?? {}))
        if (entered[property] !== undefined) assert.equal(String(saved[property]), String(entered[property]), property);
      for (const [name, value] of Object.entries(values))
        assert.equal((saved["values"] as Record<string, { value: string }>)[name]?.value, value, name);
    });
  }

  for (const type of Object.keys(FIELDS)) {
    it(`${type}: its form speaks German, whatever is chosen`, () => assert.deepEqual(foreign.get(type), []));
  }

  it("device: its form speaks German", async () => {
    await editor().editDevice("recorder");
    assert.deepEqual(await foreignWords(editor(), "device"), []);
    await editor().deviceCancel();
  });

  it("can be deployed", () => editor().deploy());

  for (const [index, { title, message, happens, done }] of uses.entries()) {
    it(`${title}: does what was entered`, async () => {
      if (happens) {
        await until(() => device.streams === 1, "the event stream");
        await happens();
      } else {
        assert.equal((await fetch(new URL(`inject/go${index}`, running().url), { method: "POST" })).status, 200);
      }
      const failed = `"source":{"id":"node${index}"`;
      const { id, msg } = await sidebar.find(
        ({ id: from, msg: shown }) =>
          (from === `debug${index}` && message.test(shown)) || (from === "caught" && shown.includes(failed)),
        30_000,
      );
      assert.ok(id !== "caught" || message.test(msg), msg);
      done?.();
    });
  }
});

interface Entered {
  readonly fields: readonly (readonly [property: string, value: string | boolean])[];
  readonly ticks: readonly (readonly [list: string, value: string])[];
  readonly values: readonly (readonly [name: string, value: string])[];
}

/**
 * Runs in the browser: sets what a person would, with the events that this makes, all at once. By hand it is done in
 * test/browser/every-form.test.ts.
 */
async function enterAll({ fields, ticks, values }: Entered): Promise<void> {
  const changed = (element: Element): void => {
    for (const event of ["input", "change"]) element.dispatchEvent(new Event(event, { bubbles: true }));
  };
  const enter = (selector: string, value: string | boolean): void => {
    const input = $(selector);
    const element = input[0];
    if (!element) throw new Error(`no ${selector}`);
    if (typeof value === "boolean") {
      if (element.checked !== value) element.click();
      if (element.checked !== value) throw new Error(`${selector} cannot be set to ${value}`);
    } else if (element.tagName === "SELECT" || input.is(":visible")) {
      element.value = value;
      changed(element);
      if (element.value !== value) throw new Error(`${selector} cannot be set to ${value}`);
    } else {
      input.typedInput("value", value).trigger("change");
      if (input.typedInput("value") !== value) throw new Error(`${selector} cannot be set to ${value}`);
    }
  };
  for (const [property, value] of fields) enter(`#node-input-${property}`, value);
  for (const [list, value] of ticks) {
    const selector = `#hikflow-${list} .hikflow-tick[data-value="${value}"] input`;
    // What the device has comes from it.
    for (const end = Date.now() + 20_000; !document.querySelector(selector) && Date.now() < end;)
      await new Promise((resolve) => setTimeout(resolve, 10));
    enter(selector, true);
  }
  for (const [name, value] of values) enter(`#hikflow-value-${name}`, value);
}

interface Element {
  readonly tagName: string;
  readonly checked: boolean;
  value: string;
  click(): void;
  dispatchEvent(event: globalThis.Event): void;
}
interface Input {
  readonly 0?: Element;
  is(selector: string): boolean;
  typedInput(name: "value"): string;
  typedInput(name: "value", value: string): Input;
  trigger(event: string): void;
}
declare const document: { querySelector(selector: string): Element | null };
declare const $: (selector: string) => Input;
