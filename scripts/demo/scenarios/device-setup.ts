/** State of the device at the start of the demo: recordings of the last 30 hours, presets of the PTZ camera, free disk space; and what it records from then on. */
import { filmOf } from "../film/film";
import {
  accessListsOf,
  archiveOf,
  barriersOf,
  callsOf,
  disksOf,
  doorsOf,
  downloadsOf,
  headsOf,
  MOUNTED,
} from "../../../test/virtual-device";
import type { ScenarioContext } from "./scenario-context";

const MINUTE_MS = 60_000;
const HOURS = 30;
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
}

/** Of the past: some motions an hour on every camera, half a minute to three minutes long, each a film that can be played. */
function record({ device }: ScenarioContext): void {
  const archive = archiveOf(device);
  const end = Math.floor(device.time.now() / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
  const { zone } = device.time;
  for (const { number, name } of device.profile.channels) {
    for (let ago = 0; ago < HOURS * 60; ago += 23 + ((ago * 7 + number * 5) % 31)) {
      const seconds = 30 + ((ago * 13 + number * 29) % 150);
      const startMs = end - ago * MINUTE_MS - seconds * 1000;
      const endMs = startMs + seconds * 1000;
      archive.add({
        channel: number,
        startMs,
        endMs,
        recordType: ago % 3 === 0 ? "timing" : "motion",
        media: filmOf({ channel: number, channelName: name, zone, startMs, endMs }),
      });
    }
  }
}
