/** What a device reports beside its events: channels, clock, disks. */
import type { Clock } from "../lib/clock";
import { readChannels, type Channel } from "../isapi/channels";
import type { Isapi } from "../isapi/isapi";
import { list, number, text, type XmlNode } from "../isapi/xml";
import { readDeviceClock } from "../time/device-clock";
import type { DeviceTime } from "../time/device-time";
import { offsetText, toWall } from "../time/zone";
import { enumerate, say, type Sentence } from "../lib/sentence";
import { faulty, passed, unanswered, undetermined, type Check } from "./check";
import { table } from "../lib/table";

const STORAGE = "/ISAPI/ContentMgmt/Storage";
const MAX_DRIFT_MS = 30_000;
/** The status of a disk as devices send it. The first ones work; an unknown one is shown as sent. */
const WORKING = table<Sentence>({
  ok: say`works`,
  normal: say`works`,
  idle: say`is idle`,
  sleeping: say`is idle`,
  syncing: say`is being synchronized`,
  formating: say`is being formatted`,
  formatting: say`is being formatted`,
});
const BROKEN = table<Sentence>({
  unformatted: say`is not formatted`,
  error: say`reports an error`,
  offline: say`is not connected`,
  notexist: say`is missing`,
  smartfailed: say`is about to fail`,
});

export interface ChannelFindings {
  readonly checks: readonly Check[];
  readonly channels: readonly Channel[];
}

/** How many there are; on recorders, which of them show no picture. */
export async function checkChannels(
  isapi: Isapi,
  type: string | undefined,
  signal: AbortSignal,
): Promise<ChannelFindings> {
  try {
    const { channels } = await readChannels(isapi, { type, signal });
    const count = passed("channels", channels.length === 1 ? say`1 channel` : say`${channels.length} channels`);
    return { checks: [count, ...online(channels)], channels };
  } catch (error) {
    return { checks: [unanswered("channels", error)], channels: [] };
  }
}

function online(channels: readonly Channel[]): readonly Check[] {
  if (channels.every(({ online: isOnline }) => isOnline === undefined)) return [];
  const silent = channels.filter(({ online: isOnline }) => isOnline === false);
  if (silent.length === 0) return [passed("online", say`All channels show a picture.`)];
  const names = silent.map(({ number: channel, name }) => (name === undefined ? channel : say`${channel} "${name}"`));
  const remedy = say`Look at the recorder's camera list: power, network, and the password it has for the camera.`;
  const text = say`No picture from channel ${enumerate(names)}.`;
  return [faulty("online", text, remedy, { code: "offline", channels: silent.map(({ number: channel }) => channel) })];
}

export interface ClockFindings {
  readonly check: Check;
  /** The device's wall time now, its digits read as UTC, ms; undefined: not known. */
  readonly wallMs?: number;
}

export async function checkClock(isapi: Isapi, clock: Clock, signal: AbortSignal): Promise<ClockFindings> {
  try {
    const { zone, driftMs } = await readDeviceClock(isapi, clock, signal);
    if (driftMs === undefined) return { check: undetermined("clock", say`The device does not report its time.`) };
    return { check: driftCheck(driftMs, zone.offsetAt(clock.now())), wallMs: toWall(zone, clock.now() + driftMs) };
  } catch (error) {
    return { check: unanswered("clock", error) };
  }
}

/** What the `Z` in the times of recordings means, and whether that is a guess; undefined when the device does not answer. */
export async function checkZone(time: Pick<DeviceTime, "frame">, signal: AbortSignal): Promise<Check | undefined> {
  try {
    const { zulu, assumed } = await time.frame({ signal });
    if (assumed)
      return undetermined(
        "zone",
        zulu === "utc"
          ? say`It is guessed that the times of recordings are UTC: nothing recorded lately shows it.`
          : say`It is guessed that the times of recordings are the device's local time: nothing recorded lately shows it.`,
        zulu === "utc"
          ? say`If recordings are hours off, set the device's time zone to "local".`
          : say`If recordings are hours off, set the device's time zone to "UTC".`,
      );
    return passed(
      "zone",
      zulu === "utc"
        ? say`The times of recordings are UTC.`
        : say`The times of recordings are the device's local time.`,
    );
  } catch {
    // The check of its clock tells why.
    return undefined;
  }
}

function driftCheck(driftMs: number, offsetMs: number): Check {
  const at = say`its zone is UTC${offsetText(offsetMs)}`;
  if (Math.abs(driftMs) <= MAX_DRIFT_MS) return passed("clock", say`The clock is right, ${at}.`);
  const much = duration(Math.abs(driftMs));
  const text =
    driftMs > 0
      ? say`The clock is ${much} ahead of this computer's; ${at}.`
      : say`The clock is ${much} behind this computer's; ${at}.`;
  return faulty(
    "clock",
    text,
    say`Set the device's time and time zone, preferably by NTP: recordings and events carry its time.`,
  );
}

export async function checkStorage(isapi: Isapi, signal: AbortSignal): Promise<Check> {
  try {
    const { value } = await isapi.get(STORAGE, { purpose: say`its disks`, signal });
    const disks = [
      ...list(value, "hddList", "hdd").map((disk) => diskOf("disk", disk)),
      ...list(value, "ssdList", "ssd").map((disk) => diskOf("disk", disk)),
      ...list(value, "nasList", "nas").map((disk) => diskOf("nas", disk)),
    ];
    if (disks.length === 0) return undetermined("storage", say`No disk or memory card is in it.`);
    const broken = disks.filter(({ works }) => !works);
    if (broken.length === 0) return passed("storage", diskText(disks));
    const remedy = say`Look at the device's page for storage: it may have to be formatted, or replaced.`;
    return faulty("storage", diskText(broken), remedy, { code: "disk" });
  } catch (error) {
    return unanswered("storage", error);
  }
}

interface Disk {
  readonly works: boolean;
  /** "Disk 1 works, 12.5 of 1907.7 GB free" */
  readonly text: Sentence;
}

function diskOf(what: "disk" | "nas", disk: XmlNode): Disk {
  const [id, status] = [text(disk, "id") ?? "?", text(disk, "status") ?? "ok"];
  const working = WORKING[status.toLowerCase()];
  const state = working ?? BROKEN[status.toLowerCase()] ?? say`reports "${status}"`;
  const name = what === "nas" ? say`Network storage ${id} ${state}` : say`Disk ${id} ${state}`;
  return { works: working !== undefined, text: working === undefined ? name : withFreeSpace(name, disk) };
}

function diskText(disks: readonly Disk[]): Sentence {
  const all = disks.map(({ text }) => text).reduce((before, disk) => say`${before}; ${disk}`);
  return say`${all}.`;
}

function withFreeSpace(state: Sentence, disk: XmlNode): Sentence {
  const [capacity, free] = [number(disk, "capacity"), number(disk, "freeSpace")];
  if (capacity === undefined || free === undefined) return state;
  // Not a fault: the oldest recordings are overwritten.
  if (free === 0) return say`${state}, all ${gigabytes(capacity)} GB in use`;
  return say`${state}, ${gigabytes(free)} of ${gigabytes(capacity)} GB free`;
}

/** Devices count in MB. */
function gigabytes(megabytes: number): number {
  return Math.round(megabytes / 100) / 10;
}

function duration(ms: number): Sentence {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return say`${seconds} seconds`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? say`${minutes} minutes` : say`${Math.round(minutes / 60)} hours`;
}
