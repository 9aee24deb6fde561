/** State of the device at the start of the demo: recordings and log of the last 30 hours, visitors of the last days, presets of the PTZ camera, free disk space. */
import { filmOf } from "../film/film";
import {
  accessListsOf,
  archiveOf,
  barriersOf,
  callsOf,
  countingOf,
  disksOf,
  doorsOf,
  downloadsOf,
  headsOf,
  MOUNTED,
} from "../../../test/virtual-device";
import { logMotion } from "./recorder";
import type { ScenarioContext } from "./scenario-context";

const MINUTE_MS = 60_000;
const HOURS = 30;
const HOUR_MS = 60 * MINUTE_MS;
/** Whose visitors have been counted. */
const DAYS = 9;
/** From eight in the morning to seven in the evening, of a usual day. */
const VISITORS = [4, 9, 14, 12, 19, 22, 13, 15, 18, 25, 16, 6];
const OPENS = 8;
/** How long the arm of the gate takes. */
const BARRIER_MS = 1_500;

/** So that a download takes some seconds and its progress can be watched. */
const DOWNLOAD_BYTES_PER_SECOND = 4_000_000;

const PRESETS = [
  ["Home", MOUNTED],
  ["Crossing", { azimuth: 1000, elevation: 60, zoom: 16 }],
  ["Tower", { azimuth: 905, elevation: 150, zoom: 26 }],
  ["Back yard", { azimuth: 2500, elevation: 90, zoom: 12 }],
] as const;

export function setUpDevice(context: ScenarioContext): void {
  const { device } = context;
  barriersOf(device).fit().moveMs = BARRIER_MS;
  doorsOf(device).add("Front door");
  callsOf(device).fit();
  const lists = accessListsOf(device);
  lists.generation = "today";
  lists.add("HK47110").add("12E34", { until: "2030-12-31T23:59:59" }).add("NX88KLM", { list: "blackList" });
  const { number } = context.camera(8);
  const head = headsOf(device).channels.get(number);
  if (head) {
    head.travelMs = 1200;
    PRESETS.forEach(([name, position], index) => head.presets.set(index + 1, { name, position: { ...position } }));
  }
  for (const disk of disksOf(device)) disk.freeSpace = Math.round(disk.capacity * 0.31);
  downloadsOf(device).bytesPerSecond = DOWNLOAD_BYTES_PER_SECOND;
  record(context);
  countVisitors(context);
}

function countVisitors(context: ScenarioContext): void {
  const { device } = context;
  const { crossings } = countingOf(device).fit();
  const channel = context.channel(7);
  const hour = Math.floor(device.time.now() / HOUR_MS) * HOUR_MS;
  for (let ago = DAYS * 24; ago > 0; ago--) {
    const atMs = hour - ago * HOUR_MS;
    const usual = VISITORS[Number(device.time.stamp(atMs).slice(11, 13)) - OPENS] ?? 0;
    const enter = Math.round((usual * (70 + ((ago * 37) % 61))) / 100);
    if (enter > 0) crossings.push({ channel, atMs, enter, exit: Math.round(enter * 0.9) });
  }
}

/** How long a film begins before what happens, and goes on after it. */
const EVENT_MS = 8_000;

/** Of the past: some motions an hour on every camera, half a minute to three minutes long, each in the log and a film that can be played. */
function record({ device }: ScenarioContext): void {
  const archive = archiveOf(device);
  const end = Math.floor(device.time.now() / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
  const { zone } = device.time;
  for (const { number, name } of device.profile.channels) {
    for (let ago = 0; ago < HOURS * 60; ago += 23 + ((ago * 7 + number * 5) % 31)) {
      const seconds = 30 + ((ago * 13 + number * 29) % 150);
      const startMs = end - ago * MINUTE_MS - seconds * 1000;
      const endMs = startMs + seconds * 1000;
      const motion = ago % 3 !== 0;
      if (motion) logMotion(device, number, startMs + EVENT_MS, endMs - EVENT_MS);
      archive.add({
        channel: number,
        startMs,
        endMs,
        recordType: motion ? "motion" : "timing",
        media: filmOf({ channel: number, channelName: name, zone, startMs, endMs }),
      });
    }
  }
}
