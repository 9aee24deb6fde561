/** The examples in the real runtime, with a virtual device at the address that a user would fill in. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import type { NodeAPI } from "node-red";
import { coreNode, helper, inbox, login, nodeById, statuses, until, type FlowNode, type Inbox } from "../support/flow";
import { filesBelow, manifest, readText } from "../support/project";
import { audioOf } from "../virtual-device/services/audio";
import {
  alerts,
  archiveOf,
  headsOf,
  IMKH,
  passPlate,
  portsOf,
  startVirtualDevice,
  type VirtualDevice,
} from "../virtual-device";

const CORE_MODULES = ["common/20-inject", "common/25-catch", "common/90-comment", "function/10-function"]
  .concat(["function/10-switch", "function/15-change", "function/80-template", "function/89-delay"])
  .concat(["network/10-mqtt", "network/21-httpin", "network/21-httprequest", "sequence/17-split", "storage/10-file"])
  .map(coreNode);

const load = createRequire(__filename);
const MINUTE = 60_000;
/** Where downloads go. */
let folder: string;

/** What the http in nodes answer through. */
let web: Server;
const lendServer = (RED: NodeAPI): void => {
  web.removeAllListeners("request").on("request", RED.httpNode as unknown as RequestListener);
};

const registered = Object.keys(manifest["node-red"].nodes);
const person = { channel: 3, drawn: true, regions: [{ id: 1, target: "human" }] } as const;

/** What an example does when it runs, and how that is seen. */
interface Promised {
  /** Of the virtual device; default: nvr. */
  readonly model?: "camera";
  readonly does: string;
  readonly seen: (run: Run) => Promise<void>;
}

const promised: Readonly<Record<string, Promised>> = {
  "01-motion-picture-message": {
    does: "sends a mail with a fresh picture of the channel that saw motion, and nothing to Telegram without a token",
    async seen({ device, shown, node }) {
      const mails = shown("mail");
      await device.emit(alerts.motion({ channel: 2 }));
      const { topic, attachments } = (await mails.next()) as Mail;
      assert.match(topic, /^Motion at Driveway, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
      assert.deepEqual([...attachments[0].content.subarray(0, 2)], [0xff, 0xd8]);
      assert.match(attachments[0].filename, /_2_.*\.jpg$/);
      assert.match(String(statuses(node("as a Telegram photo").id).at(-1)?.text), /TELEGRAM_TOKEN/);
    },
  },
  "02-intrusion-people-only": {
    does: "tells of people and keeps silent about vehicles",
    async seen({ device, shown }) {
      const texts = shown("text");
      await device.emit(alerts.intrusion({ ...person, regions: [{ id: 2, target: "vehicle" }] }));
      await device.emit(alerts.intrusion(person));
      const message = await texts.next();
      assert.equal(message["payload"], "Somebody is at Front door, area 1");
      assert.ok(Buffer.isBuffer(message["picture"]));
    },
  },
  "03-line-crossing-counter": {
    does: "counts per camera and target, and starts anew at midnight",
    async seen({ device, shown, press }) {
      const counts = shown("counts");
      await device.emit(alerts.lineCrossing(person));
      assert.deepEqual(plain(await counts.payload()), { "Front door": { total: 1, human: 1 } });
      await device.emit(alerts.lineCrossing({ channel: 1, regions: [{ id: 1, target: "vehicle" }] }));
      assert.deepEqual(plain((await counts.payload())["Gate"]), { total: 1, vehicle: 1 });
      press("at midnight");
      assert.deepEqual(plain(await counts.payload()), {});
    },
  },
  "04-people-density-and-counting": {
    does: "tells how many are there, whether that is too many, and who is inside",
    async seen({ device, shown }) {
      const [now, crowded, inside] = [shown("now"), shown("crowded"), shown("inside")];
      await device.emit(alerts.density({ channel: 1, readings: [{ people: 4, level: 1, regionName: "Hall" }] }));
      assert.equal((await now.payload())["people"], 4);
      await device.emit(alerts.density({ channel: 1, readings: [{ people: 31, level: 3, regionName: "Hall" }] }));
      const message = await crowded.next();
      assert.deepEqual([message["topic"], (message["payload"] as { people: number }).people], ["Hall", 31]);
      assert.equal(crowded.all.length, 1);
      await device.emit(alerts.peopleCounting({ channel: 1, enter: 9, exit: 4 }));
      assert.deepEqual(plain(await inside.payload()), { enter: 9, exit: 4, inside: 5 });
    },
  },
  "05-plate-gate": {
    does: "opens for plates of either list, to the letter, and for no other",
    async seen({ device, shown }) {
      const [opened, denied] = [shown("opened"), shown("denied")];
      await passPlate(device, { channel: 1, plate: "12345" });
      assert.equal((await denied.payload())["plate"], "12345");
      await passPlate(device, { channel: 1, plate: "0012345" });
      await until(() => portsOf(device).outputs[0]?.active === true, "the gate opens");
      assert.equal((await opened.next())["plate"], "0012345");
      assert.equal(portsOf(device).outputs[0]?.active, false);
      await passPlate(device, { channel: 1, plate: "ON1LIST", list: "whiteList" });
      assert.equal((await opened.next())["plate"], "ON1LIST");
      await passPlate(device, { channel: 1, plate: "AB123CD", list: "blackList" });
      assert.equal((await denied.payload())["plate"], "AB123CD");
      assert.equal(opened.all.length, 2);
    },
  },
  "06-ptz-tour-on-event": {
    model: "camera",
    does: "sends the camera to both presets and home, each after it has arrived",
    async seen({ device, shown }) {
      const head = headOf(device);
      const [gate, door] = [at(100, 50), at(300, 20)];
      head.presets.set(1, { name: "Gate", position: gate });
      head.presets.set(2, { name: "Door", position: door });
      head.home = at(0, 0);
      const done = shown("where it is");
      await device.emit(alerts.alarmInput({ port: 1 }));
      assert.deepEqual(await done.payload(), { done: "gotoPreset", preset: 1 });
      assert.deepEqual(await done.payload(), { done: "gotoPreset", preset: 2 });
      assert.deepEqual(await done.payload(), { done: "gotoHome" });
    },
  },
  "07-ptz-pad": {
    does: "moves, stores a preset and lists it",
    async seen({ device, shown, press }) {
      const done = shown("done");
      press("▶ right");
      await until(() => headOf(device).moving, "the camera moves");
      assert.equal((await done.payload())["done"], "move");
      assert.equal(headOf(device).moving, false);
      press("store as preset 5");
      assert.equal((await done.payload())["preset"], 5);
      press("list presets");
      assert.deepEqual((await done.next())["payload"], [{ preset: 5, name: "Door" }]);
    },
  },
  "08-snapshot-wall": {
    does: "shows a page whose pictures come fresh from the device, and says why one does not",
    async seen({ device, web }) {
      const page = await fetch(new URL("/hikvision-wall", web));
      assert.match(await page.text(), /hikvision-wall\//);
      const picture = await fetch(new URL("/hikvision-wall/2", web));
      assert.deepEqual([picture.status, picture.headers.get("content-type")], [200, "image/jpeg"]);
      assert.deepEqual([...new Uint8Array(await picture.arrayBuffer()).subarray(0, 2)], [0xff, 0xd8]);
      assert.ok(device.requests.some(({ path }) => /channels\/202\/picture/.test(path)));
      const none = await fetch(new URL("/hikvision-wall/77", web));
      assert.equal(none.status, 503);
      assert.match(await none.text(), /77/);
    },
  },
  "09-find-and-download": {
    does: "finds what was recorded in the last hour, downloads it with progress, and gives an address to watch it",
    async seen({ device, shown, press }) {
      const [found, files, progress] = [shown("found"), shown("file"), shown("progress")];
      const watch = shown("RTSP address");
      const bytes = recorded(device, Date.now() - 20 * MINUTE, Date.now() - MINUTE);
      press("the last hour");
      assert.equal(((await found.next())["payload"] as unknown[]).length, 1);
      const file = await files.payload(10_000);
      assert.deepEqual(readFileSync(String(file["path"])), bytes);
      assert.equal((await progress.payload())["total"], bytes.length);
      await until(() => (progress.all.at(-1)?.["payload"] as { percent: number }).percent === 100, "100 %");
      assert.match(String((await watch.next())["payload"]), /^rtsp:.*\/Streaming\/tracks\/101/);
    },
  },
  "10-clip-around-event": {
    does: "saves the recording around an intrusion",
    async seen({ device, shown }) {
      const clips = shown("saved");
      const bytes = recorded(device, Date.now() - 10 * MINUTE, Date.now() - 5_000);
      await device.emit(alerts.intrusion({ channel: 1, dateTime: device.time.stamp(device.time.now() - MINUTE) }));
      const { path: file } = await clips.payload(10_000);
      assert.deepEqual(readFileSync(String(file)), bytes);
    },
  },
  "11-record-while-alarm-input": {
    does: "records from the input's start to its end",
    async seen({ device, shown }) {
      const states = shown("state");
      await device.emit(alerts.alarmInput({ port: 1 }));
      assert.equal((await states.payload())["state"], "started");
      await device.emit(alerts.alarmInput({ port: 1, state: "inactive" }));
      assert.equal((await states.payload())["state"], "stopped");
      const asked = device.requests.filter(({ method }) => method === "PUT").map(({ path }) => path);
      assert.deepEqual(asked.length, 2);
    },
  },
  "12-announcement": {
    does: "plays a tone of a second through the device",
    async seen({ device, shown, press }) {
      const spoken = shown("spoken");
      press("tone");
      assert.equal((await spoken.payload(5_000))["seconds"], 1);
      const heard = audioOf(device).channels[0]?.heard ?? [];
      // G.711: a byte for each of the 8000 samples.
      assert.equal(Buffer.concat(heard.map(({ bytes }) => bytes)).length, 8_000);
    },
  },
  "13-playback-url": {
    does: "gives the addresses, and the lines that players want",
    async seen({ shown, press }) {
      const [go2rtc, mediamtx, past] = [shown("go2rtc"), shown("MediaMTX"), shown("address of a time")];
      press("live");
      const address = "rtsp://127\\.0\\.0\\.1:\\d+/Streaming/Channels/101";
      assert.match(String((await go2rtc.next())["payload"]), new RegExp(`^streams:\\n  channel1: ${address}`));
      assert.match(String((await mediamtx.next())["payload"]), new RegExp(`\\n    source: ${address}`));
      press("ten minutes ago, for one minute");
      assert.match(String((await past.next())["payload"]), /\/Streaming\/tracks\/101.*starttime=.*endtime=/i);
    },
  },
  "14-health-report": {
    does: "puts the devices' reports together in words",
    async seen({ shown, press }) {
      const reports = shown("report");
      press("every morning at 7");
      const report = String((await reports.next(20_000))["payload"]);
      assert.match(report, /^Yard:/m);
      assert.match(report, /^Shop:/m);
    },
  },
  "15-many-devices-mqtt": {
    does: "publishes each event under the device's name, without pictures",
    async seen({ device, shown }) {
      const published = shown("to MQTT");
      await device.emit(alerts.intrusion(person));
      const messages: Record<string, unknown>[] = [];
      while (messages.length < 2) {
        const message = await published.next();
        if (!String(message["topic"]).endsWith("/connection")) messages.push(message);
      }
      assert.deepEqual(messages.map(({ topic }) => topic).sort(), [
        "hikvision/Shop/3/fielddetection",
        "hikvision/Yard/3/fielddetection",
      ]);
      for (const { payload } of messages) {
        assert.deepEqual((payload as { targets: unknown }).targets, ["human"]);
        assert.ok(!("pictures" in (payload as object)));
      }
    },
  },
};

interface Mail extends Record<string, unknown> {
  readonly topic: string;
  readonly attachments: readonly [{ readonly filename: string; readonly content: Buffer }];
}

describe("the examples, running", function () {
  this.slow(4_000);
  let device: VirtualDevice;

  before(async () => {
    await new Promise<void>((resolve) => helper.startServer(() => resolve()));
    folder = mkdtempSync(path.join(os.tmpdir(), "hikflow examples "));
    web = createServer().listen(0, "127.0.0.1");
    await once(web, "listening");
  });
  after(async () => {
    await new Promise<void>((resolve) => helper.stopServer(() => resolve()));
    rmSync(folder, { recursive: true, force: true });
    web.close();
    web.closeAllConnections();
  });
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  it("many devices over a real MQTT broker: the consumer gets each event once", async function () {
    this.timeout(20_000);
    const broker = await startBroker();
    if (!broker) this.skip();
    try {
      device = await startVirtualDevice({ model: "nvr", heartbeat: { ms: 100 } });
      const flow = JSON.parse(readText("examples/15-many-devices-mqtt.json")) as FlowNode[];
      const { node, shown } = await deploy(device, flow, broker.port);
      const consumed = shown("event");
      const subscribed = (): boolean => statuses(node("shared").id).at(-1)?.fill === "green";
      await until(() => subscribed() && device.streams === 2, "broker and devices are there", 10_000);
      const channels = [1, 2, 3, 4, 5, 6, 7, 8];
      for (const channel of channels) {
        await device.emit(alerts.intrusion({ channel }));
        await device.emit(alerts.lineCrossing({ channel }));
      }
      const wanted = ["Yard", "Shop"].flatMap((name) =>
        channels.flatMap((channel) =>
          ["fielddetection", "linedetection"].map((type) => `hikvision/${name}/${channel}/${type}`),
        ),
      );
      const events = (): string[] =>
        consumed.all.map(({ topic }) => String(topic)).filter((topic) => !topic.endsWith("/connection"));
      await until(() => events().length >= wanted.length, "all events have come");
      await new Promise((resolve) => setTimeout(resolve, 300)); // for what would come twice
      assert.deepEqual(events().sort(), wanted.sort());
    } finally {
      await helper.unload();
      await broker.stop();
    }
  });

  for (const file of filesBelow("examples")) {
    const flow = JSON.parse(readText(`examples/${file}`)) as FlowNode[];
    const missing = flow.filter(({ type }) => type.startsWith("hikvision-") && !registered.includes(type.slice(10)));
    if (missing.length > 0) {
      it.skip(`${file}: there is no ${missing[0]?.type ?? ""} in package.json yet`);
      continue;
    }

    const promise = promised[file.replace(/\.json$/, "")];
    const start = (): Promise<VirtualDevice> =>
      startVirtualDevice({ model: promise?.model ?? "nvr", heartbeat: { ms: 100 } });
    it(`${file} deploys with every node`, async () => {
      device = await start();
      await deploy(device, flow);
      assert.deepEqual(
        flow.filter(({ id, type }) => type !== "tab" && !helper.getNode(id)),
        [],
      );
    });

    if (promise) {
      it(`${file} ${promise.does}`, async () => {
        device = await start();
        const run = await deploy(device, flow);
        await until(() => listeners(flow) === 0 || device.streams === devices(flow), "the event stream is open");
        await promise.seen(run);
      });
    }
  }
});

/** Mosquitto of the system, on a free port; undefined where there is none. */
async function startBroker(): Promise<{ port: number; stop: () => Promise<void> } | undefined> {
  if (spawnSync("mosquitto", ["-h"]).error) return undefined;
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  const settings = path.join(folder, "mosquitto.conf");
  writeFileSync(settings, `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
  const broker = spawn("mosquitto", ["-c", settings], { stdio: "ignore" });
  const stop = async (): Promise<void> => {
    const gone = once(broker, "exit");
    broker.kill();
    await gone;
  };
  return { port, stop };
}

interface Run {
  readonly device: VirtualDevice;
  /** Where the http in nodes answer. */
  readonly web: string;
  readonly node: (name: string) => ReturnType<typeof nodeById>;
  /** What a debug node shows from now on. */
  readonly shown: (name: string) => Inbox;
  /** The button of an inject node. */
  readonly press: (name: string) => void;
}

/** @param broker the port of an MQTT broker; without one, what is published goes to the test */
async function deploy(device: VirtualDevice, flow: readonly FlowNode[], broker?: number): Promise<Run> {
  const modules = [lendServer, ...registered.map((name) => load(`../../nodes/${name}`) as unknown), ...CORE_MODULES];
  const credentials = Object.fromEntries(
    flow.filter(({ type }) => type === "hikvision-device").map(({ id }) => [id, login(device)]),
  );
  await helper.load(
    modules as never,
    flow.map((node) => substitute(device, node, broker)),
    credentials,
  );
  const node = (name: string): ReturnType<typeof nodeById> => {
    const [found, second] = flow.filter((candidate) => candidate["name"] === name && candidate.type !== "comment");
    assert.ok(found && !second, `one node "${name}"`);
    return nodeById(found.id);
  };
  return {
    device,
    web: `http://127.0.0.1:${(web.address() as AddressInfo).port}`,
    node,
    shown: (name) => inbox(node(name).id),
    press: (name) => node(name).receive({}),
  };
}

/** What a test puts in the place of what is outside: the device, the debug sidebar, the broker, and time. */
function substitute(device: VirtualDevice, node: FlowNode, broker: number | undefined): FlowNode {
  switch (node.type) {
    case "hikvision-device":
      return { ...node, host: device.host, port: device.port };
    case "debug":
      return { ...node, type: "helper" };
    case "mqtt-broker":
      return { ...node, broker: "127.0.0.1", port: String(broker ?? node["port"]) };
    case "mqtt out":
    case "mqtt in":
      return broker === undefined ? { ...node, type: "helper" } : node;
    case "hikvision-download":
      return { ...node, directory: folder };
    case "delay":
      return { ...node, timeout: "1", timeoutUnits: "milliseconds" };
    default:
      return node;
  }
}

function devices(flow: readonly FlowNode[]): number {
  return flow.filter(({ type }) => type === "hikvision-device").length;
}

function listeners(flow: readonly FlowNode[]): number {
  return flow.filter(({ type }) => /^hikvision-(event|plate)-in$/.test(type)).length;
}

function headOf(device: VirtualDevice) {
  const head = headsOf(device).channels.get(1);
  assert.ok(head);
  return head;
}

function at(azimuth: number, elevation: number) {
  return { azimuth, elevation, zoom: 10 };
}

/** Puts a recording of channel 1 into the device. */
function recorded(device: VirtualDevice, startMs: number, endMs: number): Buffer {
  const media = Buffer.concat([IMKH, Buffer.alloc(50_000, 7)]);
  archiveOf(device).add({ startMs, endMs, media });
  return media;
}

/** Objects of a function node have the prototypes of its sandbox. */
function plain(value: unknown): unknown {
  return structuredClone(value);
}
