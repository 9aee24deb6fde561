/** What each example does when it runs, and how that is seen: told once for the runtime alone and for the editor. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  accessListsOf,
  alerts,
  archiveOf,
  callsOf,
  detectionsOff,
  barriersOf,
  countingOf,
  doorsOf,
  headsOf,
  IMKH,
  passPlate,
  pastOf,
  portsOf,
  schedulesOf,
  startVirtualDevice,
  stillFilm,
  storePicture,
  type Head,
  type VirtualDevice,
} from "../virtual-device";
import { audioOf } from "../virtual-device/services/audio";
import { audioAlarmOf, isLit, lightOf } from "../virtual-device/services/deterrent";
import { greyJpeg } from "../virtual-device/jpeg";
import { overlaysOf } from "../virtual-device/services/overlays";
import { loadOf } from "../virtual-device/services/status";
import type { FlowNode } from "./flow";
import { until } from "./until";

const MINUTE = 60_000;
const person = { channel: 3, withPictures: true, regions: [{ id: 1, target: "human" }] } as const;

/** An example that runs: the virtual device is at the address that a user would fill in. */
export interface ExampleRun {
  readonly device: VirtualDevice;
  /** Where the http in nodes answer. */
  readonly web: string;
  /** What a debug node shows from now on. */
  readonly shown: (name: string) => Shown;
  /** The text under a node. */
  readonly status: (name: string) => Promise<string | undefined>;
  /** The button of an inject node. */
  readonly press: (name: string) => Promise<void>;
}

/** Of a debug node: the property it is set to, or the message. */
export interface Shown {
  /** The next one; fails after `ms` (default 15000). */
  readonly next: (ms?: number) => Promise<unknown>;
  /** How many have come so far. */
  readonly count: () => number;
}

export interface ExamplePromise {
  /** Of the virtual device; default: nvr. */
  readonly model?: "camera";
  /** It is night where the device stands. */
  readonly night?: true;
  /** What the device has before the flow starts: what it does not offer then, a node asks for again only minutes later. */
  readonly has?: (device: VirtualDevice) => void;
  readonly does: string;
  readonly seen: (run: ExampleRun) => Promise<void>;
}

/** The device that an example's promise is played on. */
export async function startExampleDevice(promise: ExamplePromise | undefined): Promise<VirtualDevice> {
  const zone = promise?.night && { zone: oneAtNight() };
  const options = { model: promise?.model ?? "nvr", heartbeat: { ms: 100 }, films: stillFilm, ...zone } as const;
  const device = await startVirtualDevice(options);
  promise?.has?.(device);
  return device;
}

/** POSIX, of a place where it is past one o'clock at night now. */
function oneAtNight(): string {
  const behind = new Date().getUTCHours() - 1;
  return `NGT${behind > 12 ? behind - 24 : behind}:00:00`;
}

/** Alert streams that the flow opens: its device nodes, all filled in with the same device, share one. */
export function streamsWanted(flow: readonly FlowNode[]): number {
  return flow.some(({ type }) => /^hikvision-((event|plate)-in|call)$/.test(type)) ? 1 : 0;
}

/** By the example's file, without ".json". */
export const promises: Readonly<Record<string, ExamplePromise>> = {
  "01-motion-picture-message": {
    does: "sends a mail with a fresh picture of the channel that saw motion, and nothing to Telegram without a token",
    async seen({ device, shown, status }) {
      const mails = shown("mail");
      await device.emit(alerts.motion({ channel: 2 }));
      const { topic, attachments } = (await mails.next()) as Mail;
      assert.match(topic, /^Motion at Driveway, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
      assert.deepEqual([...attachments[0].content.subarray(0, 2)], [0xff, 0xd8]);
      assert.match(attachments[0].filename, /_2_.*\.jpg$/);
      await until(async () => /TELEGRAM_TOKEN/.test((await status("as a Telegram photo")) ?? ""), "its status");
    },
  },
  "02-intrusion-people-only": {
    does: "tells of people and keeps silent about vehicles",
    async seen({ device, shown }) {
      const texts = shown("text");
      await device.emit(alerts.intrusion({ ...person, regions: [{ id: 2, target: "vehicle" }] }));
      await device.emit(alerts.intrusion(person));
      assert.equal(await texts.next(), "Somebody is at Front door, area 1");
    },
  },
  "03-line-crossing-counter": {
    does: "counts per camera and target, and starts anew at midnight",
    async seen({ device, shown, press }) {
      const counts = shown("counts");
      await device.emit(alerts.lineCrossing(person));
      assert.deepEqual(plain(await counts.next()), { "Front door": { total: 1, human: 1 } });
      await device.emit(alerts.lineCrossing({ channel: 1, regions: [{ id: 1, target: "vehicle" }] }));
      assert.deepEqual(plain(((await counts.next()) as { Gate: object }).Gate), { total: 1, vehicle: 1 });
      await press("at midnight");
      assert.deepEqual(plain(await counts.next()), {});
    },
  },
  "04-people-density-and-counting": {
    does: "tells how many are there, whether that is too many, and who is inside",
    async seen({ device, shown }) {
      const [now, crowded, inside] = [shown("now"), shown("crowded"), shown("inside")];
      await device.emit(alerts.density({ channel: 1, readings: [{ people: 4, level: 1, regionName: "Hall" }] }));
      assert.equal(((await now.next()) as Message<{ people: number }>).payload.people, 4);
      await device.emit(alerts.density({ channel: 1, readings: [{ people: 31, level: 3, regionName: "Hall" }] }));
      assert.equal(((await now.next()) as Message<unknown>).topic, "Hall");
      assert.equal(((await crowded.next()) as { people: number }).people, 31);
      assert.equal(crowded.count(), 1);
      await device.emit(alerts.peopleCounting({ channel: 1, enter: 9, exit: 4 }));
      const { payload } = (await inside.next()) as Message<object>;
      assert.deepEqual(plain(payload), { enter: 9, exit: 4, inside: 5 });
    },
  },
  "05-plate-gate": {
    does: "opens for plates of either list, to the letter, and for no other",
    async seen({ device, shown }) {
      const [opened, denied] = [shown("opened"), shown("denied")];
      const isOpen = (): boolean | undefined => portsOf(device).outputs[0]?.active;
      await passPlate(device, { channel: 1, plate: "12345" });
      assert.equal(await denied.next(), "12345");
      await passPlate(device, { channel: 1, plate: "0012345" });
      await until(() => isOpen() === true, "the gate opens");
      assert.equal(await opened.next(), "0012345");
      assert.equal(isOpen(), false);
      await passPlate(device, { channel: 1, plate: "ON1LIST", list: "whiteList" });
      assert.equal(await opened.next(), "ON1LIST");
      await passPlate(device, { channel: 1, plate: "AB123CD", list: "blackList" });
      assert.equal(await denied.next(), "AB123CD");
      assert.equal(opened.count(), 2);
    },
  },
  "06-ptz-tour-on-event": {
    model: "camera",
    does: "sends the camera to both presets and home, each after it has arrived",
    async seen({ device, shown }) {
      const head = headOf(device);
      head.presets.set(1, { name: "Gate", position: at(100, 50) });
      head.presets.set(2, { name: "Door", position: at(300, 20) });
      head.home = at(0, 0);
      const done = shown("where it is");
      await device.emit(alerts.alarmInput({ port: 1 }));
      const first = { done: "gotoPreset", preset: 1, azimuth: 10, elevation: 5, zoom: 1 };
      assert.deepEqual(await done.next(), first);
      const second = { done: "gotoPreset", preset: 2, azimuth: 30, elevation: 2, zoom: 1 };
      assert.deepEqual(await done.next(), second);
      assert.deepEqual(await done.next(), { done: "gotoHome" });
    },
  },
  "07-ptz-pad": {
    does: "moves, stores a preset and lists it",
    async seen({ device, shown, press }) {
      const done = shown("done");
      await press("▶ right");
      await until(() => headOf(device).moving, "the camera moves");
      assert.equal(((await done.next()) as { done: string }).done, "move");
      assert.equal(headOf(device).moving, false);
      await press("store as preset 5");
      assert.equal(((await done.next()) as { preset: number }).preset, 5);
      await press("list presets");
      assert.deepEqual(await done.next(), [{ preset: 5, name: "Door" }]);
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
    async seen({ device, shown, status, press }) {
      const [found, files, watch] = [shown("found"), shown("file"), shown("RTSP address")];
      const bytes = recorded(device, Date.now() - 20 * MINUTE, Date.now() - MINUTE);
      await press("the last hour");
      assert.equal(((await found.next()) as unknown[]).length, 1);
      const file = (await files.next(10_000)) as { path: string };
      assert.deepEqual(readFileSync(file.path), bytes);
      await until(async () => (await status("progress")) === "100 %", "100 %");
      assert.match(String(await watch.next()), /^rtsp:.*\/Streaming\/tracks\/101/);
    },
  },
  "10-clip-around-event": {
    does: "saves the recording around an intrusion",
    async seen({ device, shown }) {
      const clips = shown("saved");
      const bytes = recorded(device, Date.now() - 10 * MINUTE, Date.now() - 5_000);
      await device.emit(alerts.intrusion({ channel: 1, dateTime: device.time.stamp(device.time.now() - MINUTE) }));
      assert.deepEqual(readFileSync(String(await clips.next(10_000))), bytes);
    },
  },
  "11-record-while-alarm-input": {
    does: "records from the input's start to its end",
    async seen({ device, shown }) {
      const states = shown("state");
      await device.emit(alerts.alarmInput({ port: 1 }));
      assert.equal(((await states.next()) as { state: string }).state, "started");
      await device.emit(alerts.alarmInput({ port: 1, state: "inactive" }));
      assert.equal(((await states.next()) as { state: string }).state, "stopped");
      assert.equal(device.requests.filter(({ method }) => method === "PUT").length, 2);
    },
  },
  "12-announcement": {
    does: "plays a tone of a second through the device",
    async seen({ device, shown, press }) {
      const spoken = shown("spoken");
      await press("tone");
      assert.equal(((await spoken.next()) as Message<{ seconds: number }>).payload.seconds, 1);
      const heard = audioOf(device).channels[0]?.received ?? [];
      // G.711: a byte for each of the 8000 samples.
      assert.equal(Buffer.concat(heard.map(({ bytes }) => bytes)).length, 8_000);
    },
  },
  "13-playback-url": {
    does: "gives the addresses, and the lines that players want",
    async seen({ device, shown, press }) {
      recorded(device, Date.now() - 60 * MINUTE, Date.now() - 1_000);
      const [go2rtc, mediamtx, past] = [shown("go2rtc"), shown("MediaMTX"), shown("address of a time")];
      await press("live");
      const address = "rtsp://127\\.0\\.0\\.1:\\d+/Streaming/Channels/101";
      assert.match(String(await go2rtc.next()), new RegExp(`^streams:\\n  channel1: ${address}`));
      assert.match(String(await mediamtx.next()), new RegExp(`\\n    source: ${address}`));
      await press("ten minutes ago, for one minute");
      assert.match(String(await past.next()), /\/Streaming\/tracks\/101.*starttime=.*endtime=/i);
    },
  },
  "14-health-report": {
    does: "puts the devices' reports together in words",
    async seen({ shown, press }) {
      const reports = shown("report");
      await press("every morning at 7");
      const report = String(await reports.next(20_000));
      assert.match(report, /^Yard:/m);
      assert.match(report, /^Shop:/m);
    },
  },
  "15-many-devices-mqtt": {
    does: "brings each event once to the consumer, under the device's name, without pictures",
    async seen({ device, shown }) {
      const events = shown("event");
      await device.emit(alerts.intrusion(person));
      const arrived: Message<{ targets?: unknown }>[] = [];
      while (arrived.length < 2) {
        const message = (await events.next()) as Message<object>;
        if (!message.topic.endsWith("/connection")) arrived.push(message);
      }
      assert.deepEqual(arrived.map(({ topic }) => topic).sort(), [
        "hikvision/Shop/3/fielddetection",
        "hikvision/Yard/3/fielddetection",
      ]);
      for (const { payload } of arrived) {
        assert.deepEqual(plain(payload.targets), ["human"]);
        assert.ok(!("pictures" in payload));
      }
    },
  },
  "16-dashboard": {
    does: "sends an event and a plate to their pages",
    async seen({ device, shown }) {
      const [events, plates] = [shown("event timeline"), shown("plate log")];
      await device.emit(alerts.intrusion(person));
      await passPlate(device, { plate: "0012345", channel: 1, withPictures: true });
      await events.next();
      await plates.next();
    },
  },
  "17-camera-tile": {
    does: "shows the picture of the last event, and the last five events",
    async seen({ device, shown }) {
      const tiles = shown("camera tile");
      for (let count = 1; count <= 6; count++) {
        await device.emit(alerts.lineCrossing({ channel: 1, regions: [{ id: 1, target: "human" }] }));
        await device.emit(alerts.lineCrossing({ channel: 1, state: "inactive" }));
        for (const state of ["start", "end"]) {
          const { payload } = (await tiles.next()) as Message<{ what: string; state: string; picture: string }[]>;
          assert.deepEqual([payload[0]?.what, payload[0]?.state], ["Line crossing", state]);
          assert.match(String(payload[0]?.picture), /^data:image\/jpeg;base64,/);
          assert.equal(payload.length, Math.min(5, 2 * count - (state === "start" ? 1 : 0)));
        }
      }
    },
  },
  "18-load-of-a-recorder": {
    does: "brings load and memory as numbers for a gauge",
    async seen({ device, shown, press }) {
      Object.assign(loadOf(device), { cpu: 42, memoryUsed: 300, memoryFree: 100 });
      const [cpu, memory] = [shown("CPU in percent"), shown("memory in percent")];
      await press("every minute");
      assert.deepEqual([await cpu.next(), await memory.next()], [42, 75]);
    },
  },
  "19-text-in-the-picture": {
    model: "camera",
    does: "puts the measured value into the picture, and renames the camera",
    async seen({ device, shown, press }) {
      const [texts, names] = [shown("what became of it"), shown("what it is called")];
      await press("a temperature");
      const text = "TextOverlayList/TextOverlay[1]/displayText";
      assert.deepEqual(((await texts.next()) as { changed: string[] }).changed, [
        text,
        "TextOverlayList/TextOverlay[1]/enabled",
      ]);
      assert.match(overlaysOf(device).get(1) ?? "", /<displayText>21\.5 °C</);
      await press("a name");
      assert.deepEqual(((await names.next()) as { after: object }).after, { name: "Gate" });
      assert.equal(device.profile.channels[0]?.name, "Gate");
    },
  },
  "23-reboot-at-night": {
    does: "restarts a device whose memory is nearly full, and leaves others alone",
    async seen({ device, shown, press }) {
      const [percent, restarted] = [shown("memory in percent"), shown("restarted")];
      const asked = (): number => device.requests.filter(({ path }) => path === "/ISAPI/System/reboot").length;
      Object.assign(loadOf(device), { memoryUsed: 300, memoryFree: 100 });
      await press("at three in the morning");
      assert.equal(await percent.next(), 75);
      assert.equal(asked(), 0);
      Object.assign(loadOf(device), { memoryUsed: 475, memoryFree: 25 });
      await press("at three in the morning");
      assert.equal(await percent.next(), 95);
      assert.equal((plain(await restarted.next()) as { path: string }).path, "/ISAPI/System/reboot");
      assert.equal(
        device.requests.some(({ path, method }) => method === "PUT" && path === "/ISAPI/System/reboot"),
        true,
      );
    },
  },
  "24-day-and-night-by-the-sun": {
    model: "camera",
    does: "sets the picture to day at noon and to night at midnight, and gives it back to the camera's own sensor",
    async seen({ device, shown, press }) {
      const now = shown("what it is now");
      for (const [button, word] of [
        ["try noon in June", "day"],
        ["try midnight in June", "night"],
        ["by its own sensor", "auto"],
      ] as const) {
        await press(button);
        assert.equal(await now.next(), word);
        assert.match(lightOf(device).filter, new RegExp(`<IrcutFilterType>${word}<`));
      }
      await press("every five minutes");
      assert.match(String(await now.next()), /^(?:day|night)$/);
    },
  },
  "29-live-tiles": {
    does: "serves a page, and addresses of video for its tiles",
    async seen({ web }) {
      const served = async (address: string): Promise<string> => (await fetch(web + address)).text();
      const page = await served("/camera-tiles");
      assert.match(page, /hikvision\/video\/player\.js/);
      const { url, codec } = JSON.parse(await served("/camera-tiles/video?channel=1")) as {
        url: string;
        codec: string;
      };
      assert.equal(codec, "H.264");
      assert.match(url, /^\/hikvision\/video\/[\w.-]+\/video\.mp4$/);
    },
  },
  "21-drive-away-at-night": {
    model: "camera",
    night: true,
    does: "lights the yard, sounds the siren at the second crossing, and is silent and as before at the press of a switch",
    async seen({ device, shown, press }) {
      const [stopped, over] = [shown("what was stopped"), shown("siren is over")];
      const [audio, light] = [audioAlarmOf(device), lightOf(device)];
      const before = [light.light, light.filter];
      const human = { channel: 1, regions: [{ id: 1, target: "human" }] } as const;
      const cross = async (): Promise<void> => {
        await device.emit(alerts.lineCrossing(human));
        await device.emit(alerts.lineCrossing({ channel: 1, state: "inactive" }));
      };
      await device.emit(alerts.intrusion(human));
      await until(() => isLit(device), "the yard is lit");
      await cross();
      await cross();
      await until(() => audio.playing, "the siren");
      await press("silence all");
      assert.equal(((await stopped.next()) as { done: string }).done, "stop");
      assert.deepEqual([isLit(device), light.light, light.filter], [false, ...before]);
      assert.equal(((await over.next()) as { sound: string }).sound, "Siren");
      assert.deepEqual(audio.played, ["1"]);
      const writes = (): number => device.requests.filter(({ method }) => method === "PUT").length;
      const sofar = writes();
      await device.emit(alerts.intrusion({ ...human, state: "inactive" }));
      await device.emit(alerts.intrusion(human));
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.equal(writes(), sofar, "it stays silent");
      await press("active again");
      await cross();
      await until(() => isLit(device), "the yard is lit again");
    },
  },
  "20-everybody-left": {
    does: "arms eight cameras at once, tells which stayed disarmed or blind and why, and disarms them again",
    async seen({ device, shown, status, press }) {
      const off = detectionsOff(device);
      for (const { number } of device.profile.channels)
        for (const kind of ["motionDetection", "FieldDetection", "LineDetection"]) off.add(`${kind}/${number}`);
      device.profile.channels[4]!.online = false;
      schedulesOf(device).set("lineDetections/2", []);
      const [stands, stayed] = [shown("how it stands"), shown("what stayed as it was, and why")];
      await press("everybody left");
      assert.equal(await stands.next(), "Armed in part: 21 of 24");
      const reasons = plain(await stayed.next()) as string[];
      assert.equal(reasons.length, 4);
      assert.match(reasons[0] ?? "", /^linedetection on camera 2: Its arming schedule is empty/);
      assert.match(reasons[1] ?? "", /^\w+ on camera 5: The camera behind the recorder is offline/);
      assert.deepEqual([...off].sort(), ["FieldDetection/5", "LineDetection/5", "motionDetection/5"]);
      // The runtime alone gives the key of the words.
      const partly = async (): Promise<boolean> =>
        /partly armed|status\.mixed$/.test((await status("all cameras")) ?? "");
      await until(partly, "the status of the node");
      device.profile.channels[4]!.online = true;
      await press("everybody left");
      assert.equal(await stands.next(), "All armed: 24 of 24");
      assert.equal(off.size, 0);
      await press("home");
      assert.equal(await stands.next(), "All disarmed: 0 of 24");
      assert.equal(off.size, 24);
      await press("is it armed?");
      assert.equal(await stands.next(), "All disarmed: 0 of 24");
    },
  },
  "30-visitors-of-last-week": {
    model: "camera",
    has(device) {
      countingOf(device).fit();
    },
    does: "shows the visitors of the last seven days as a page, by the camera's own count",
    async seen({ device, web, shown, press }) {
      const counting = countingOf(device);
      const midnight =
        Date.parse(`${device.time.stamp().slice(0, 10)}T00:00:00Z`) - device.time.offsetAt(Date.now()) * 1000;
      for (const [days, enter] of [
        [1, 5],
        [2, 7],
        [0, 99],
      ] as const)
        counting.crossings.push({ atMs: midnight + 6 * 60 * MINUTE - days * 24 * 60 * MINUTE, enter });
      const visitors = shown("visitors per day");
      await press("show them");
      const rows = (await visitors.next()) as { visitors: number; percent: number }[];
      assert.deepEqual(plain(rows.map((row) => row.visitors)), [0, 0, 0, 0, 0, 7, 5]);
      assert.equal(rows.at(-1)?.percent, 71);
      const page = await (await fetch(new URL("visitors", web))).text();
      assert.match(page, /<h1>12 visitors last week<\/h1>/);
      assert.equal(page.match(/class="day"/g)?.length, 7);
    },
  },
  "31-last-night-at-the-gate": {
    does: "shows everybody at the gate last night, with the pictures that the device has stored",
    async seen({ device, web, shown, press }) {
      const past = pastOf(device);
      past.recordTypes = { eventTypes: "VMD", behaviors: "linedetection,fielddetection" };
      const midnight =
        Date.parse(`${device.time.stamp().slice(0, 10)}T00:00:00Z`) - device.time.offsetAt(Date.now()) * 1000;
      const picture = greyJpeg(16, 16);
      for (const [hours, channel] of [
        [-3, 1],
        [-2, 2],
        [-12, 1],
      ] as const) {
        const startMs = midnight + hours * 60 * MINUTE;
        const pictureUrl = storePicture(device, picture);
        past.records.push({ channel, type: "linedetection", startMs, endMs: startMs + 1000, pictureUrl });
      }
      const there = shown("who was there");
      await press("show it");
      const rows = (await there.next()) as { time: string; what: string; picture: string }[];
      assert.deepEqual(plain(rows.map(({ time, what }) => `${time} ${what}`)), ["21:00:00 Line crossing"]);
      const page = await (await fetch(new URL("last-night", web))).text();
      assert.match(page, /<h1>1 times at the gate last night<\/h1>/);
      assert.ok(page.includes(`<img src="data:image/jpeg;base64,${picture.toString("base64")}"`));
    },
  },
  "22-gate-and-door": {
    model: "camera",
    has(device) {
      barriersOf(device).fit();
      doorsOf(device).add("Front door");
    },
    does: "opens the barrier to a plate of the list, keeps it shut to another, writes both down, and opens the door",
    async seen({ device, shown, press }) {
      const { moves } = barriersOf(device);
      const doors = doorsOf(device);
      const [visits, log, door] = [shown("who came"), shown("the last hundred"), shown("door")];
      await passPlate(device, { plate: "ZZ999ZZ" });
      const unlisted = (await visits.next()) as Record<string, unknown>;
      assert.deepEqual([unlisted["plate"], unlisted["opened"], moves], ["ZZ999ZZ", false, []]);
      await passPlate(device, { plate: "AB123CD" });
      const guest = (await visits.next()) as Record<string, unknown>;
      assert.deepEqual([guest["who"], guest["opened"], guest["state"], moves], ["Anna", true, "open", ["1 open"]]);
      await press("show the log");
      assert.deepEqual(
        ((await log.next()) as { plate: string }[]).map(({ plate }) => plate),
        ["AB123CD", "ZZ999ZZ"],
      );
      await press("open the door");
      assert.deepEqual(plain(await door.next()), { done: "open", kind: "door", number: 1, state: "open" });
      assert.deepEqual(doors.moves, ["1 open"]);
    },
  },
  "27-doorbell": {
    model: "camera",
    has(device) {
      callsOf(device).fit();
      doorsOf(device).add("Front door");
    },
    does: "shows who rings, answers, opens the door and hangs up, and tells of a ring that was missed",
    async seen({ device, shown, status, press }) {
      const [station, doors] = [callsOf(device), doorsOf(device)];
      const [rings, call, door, missed] = [shown("somebody rings"), shown("the call"), shown("door"), shown("missed")];
      station.status = "ring";
      const { state, pictures } = (await rings.next()) as { state: string; pictures: { data: Buffer }[] };
      assert.equal(state, "ringing");
      assert.deepEqual([...pictures[0]!.data.subarray(0, 2)], [0xff, 0xd8]);
      await until(async () => /PUSH_URL/.test((await status("as a push")) ?? ""), "its status");
      await press("answer");
      assert.deepEqual(plain(await call.next()), { done: "answer", status: "onCall" });
      await press("open");
      assert.equal(((await door.next()) as { state: string }).state, "open");
      assert.deepEqual(plain(await call.next()), { done: "hangUp", status: "idle" });
      assert.deepEqual(doors.moves, ["1 open"]);
      station.status = "ring";
      await rings.next();
      station.status = "idle";
      assert.equal(((await missed.next()) as { state: string }).state, "missed");
    },
  },
  "28-who-came-in": {
    model: "camera",
    does: "writes down who was let in or turned away and why, and shows it on a page",
    async seen({ device, shown, web }) {
      const rows = shown("who came in");
      const anna = { name: "Anna <b>", employeeNoString: "1001", doorNo: 1, serialNo: 1 };
      await device.emit(alerts.access({ code: [5, 75], more: anna }));
      const { time, ...row } = plain(await rows.next()) as { time: string };
      assert.match(time, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
      assert.deepEqual(row, { who: "Anna <b>", door: 1, what: "let in", reason: "face accepted" });
      await device.emit(alerts.access({ code: [5, 22], more: { doorNo: 1, serialNo: 2 } }));
      await device.emit(alerts.access({ code: [5, 8], more: { cardNo: "0012345", doorNo: 2, serialNo: 3 } }));
      assert.equal(((await rows.next()) as { what: string }).what, "turned away");
      const page = await (await fetch(new URL("/who-came-in", web))).text();
      assert.match(page, /0012345<\/td><td>2<\/td><td>turned away<\/td><td>card expired[^]*Anna &lt;b&gt;<\/td><td>1/);
    },
  },
  "25-gate-in-ten-minutes": {
    model: "camera",
    has(device) {
      barriersOf(device).fit();
      const lists = accessListsOf(device);
      lists.generation = "today";
      lists.add("OLD1", { until: "2020-01-01T00:00:00" });
    },
    does: "opens to a plate of the camera's list while it is valid, or of its own, and writes down visits, presses and new plates",
    async seen({ device, shown, press }) {
      const { moves } = barriersOf(device);
      const lists = accessListsOf(device);
      const log = shown("who came");
      const next = async (): Promise<Record<string, unknown>> => (await log.next()) as Record<string, unknown>;
      const visit = async (plate: string): Promise<unknown[]> => {
        await passPlate(device, { plate });
        const row = await next();
        return [row["plate"], row["opened"], row["who"]];
      };
      assert.deepEqual(await visit("AB123CD"), ["AB123CD", false, undefined]);
      await press("a plate to add");
      const added = await next();
      assert.deepEqual([added["what"], lists.plates], ["added to the list", ["AB123CD", "OLD1"]]);
      assert.deepEqual(await visit("OLD1"), ["OLD1", false, undefined]);
      assert.deepEqual(moves, []);
      await passPlate(device, { plate: "AB123CD", lane: 2 }, { agoMs: -20_000 });
      const anna = await next();
      assert.deepEqual([anna["plate"], anna["opened"], anna["state"], moves], ["AB123CD", true, "open", ["1 open"]]);
      lists.generation = "none";
      assert.deepEqual(await visit("0012345"), ["0012345", true, "Parcel service"]);
      await press("open the gate");
      assert.deepEqual([(await next())["what"], moves.length], ["button", 3]);
      const rows = shown("the last two hundred");
      await press("show the log");
      assert.equal(((await rows.next()) as unknown[]).length, 6);
    },
  },
  "26-plates-from-a-table": {
    model: "camera",
    has(device) {
      const lists = accessListsOf(device);
      lists.generation = "today";
      lists.add("OLD1").add("AB123CD").add("BAD1", { list: "blackList" });
    },
    does: "shows what a table would change of the camera's list, and changes that and no more; the list goes to a file and back",
    async seen({ device, shown, press }) {
      const lists = accessListsOf(device);
      const [would, did] = [shown("what it would be"), shown("what changed")];
      const expected = { added: ["0012345"], changed: [], removed: ["OLD1"], unchanged: ["AB123CD"], failed: [] };
      await press("show what would change");
      assert.deepEqual(plain(await would.next()), expected);
      assert.deepEqual(lists.plates, ["!BAD1", "AB123CD", "OLD1"]);
      await press("every night at three");
      assert.deepEqual(plain(await did.next()), expected);
      assert.deepEqual(lists.plates, ["!BAD1", "0012345", "AB123CD"]);
      assert.equal(lists.of("0012345")?.until, "2030-12-31T23:59:59");

      const written = shown("what is in the file");
      await press("write the list to a file");
      const lines = String(await written.next())
        .trim()
        .split("\r\n");
      assert.equal(lines[0], "plate;name;from;until;card");
      assert.equal(lines.length, 3);
      lists.add("NEW1");
      await press("show what the file would change");
      const unchanged = ["AB123CD", "0012345"];
      const back = { added: [], changed: [], removed: ["NEW1"], unchanged, failed: [] };
      assert.deepEqual(plain(await would.next()), back);
    },
  },
};

interface Message<Payload> {
  readonly topic: string;
  readonly payload: Payload;
}

interface Mail {
  readonly topic: string;
  readonly attachments: readonly [{ readonly filename: string; readonly content: Buffer }];
}

function headOf(device: VirtualDevice): Head {
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
