/** What a device says about itself beside its events: channels, clock, disks. */
import type { Clock } from "../clock";
import { readChannels, type Channel } from "../isapi/channels";
import type { Isapi } from "../isapi/isapi";
import { list, number, text, type XmlNode } from "../isapi/xml";
import { readDeviceClock } from "../time/device-clock";
import { offsetText } from "../time/zone";
import { enumerated, say, type Sentence } from "../words";
import { bad, good, unanswered, unknown, type Check } from "./check";

const STORAGE = "/ISAPI/ContentMgmt/Storage";
const MOST_DRIFT_MS = 30_000;
/** As shown by devices: "ok", "idle" and "sleeping" are fine; "unformatted", "error", "offline", "notexist", "smartFailed" are not. */
const SOUND = /^(ok|normal|idle|sleeping|syncing|formating)$/i;

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
    const count = good("channels", channels.length === 1 ? say`1 channel` : say`${channels.length} channels`);
    return { checks: [count, ...online(channels)], channels };
  } catch (error) {
    return { checks: [unanswered("channels", error)], channels: [] };
  }
}

function online(channels: readonly Channel[]): readonly Check[] {
  if (channels.every(({ online: told }) => told === undefined)) return [];
  const silent = channels.filter(({ online: told }) => told === false);
  if (silent.length === 0) return [good("online", say`All channels show a picture.`)];
  const names = silent.map(({ number: channel, name }) => (name === undefined ? channel : say`${channel} "${name}"`));
  const remedy = say`Look at the recorder's camera list: power, network, and the password it has for the camera.`;
  return [bad("online", say`No picture from channel ${enumerated(names)}.`, remedy, "offline")];
}

export async function checkClock(isapi: Isapi, clock: Clock, signal: AbortSignal): Promise<Check> {
  try {
    const { zone, driftMs } = await readDeviceClock(isapi, clock, signal);
    if (driftMs === undefined) return unknown("clock", say`The device does not tell its time.`);
    const at = say`its zone is UTC${offsetText(zone.offsetAt(clock.now()))}`;
    if (Math.abs(driftMs) <= MOST_DRIFT_MS) return good("clock", say`The clock is right, ${at}.`);
    const much = duration(Math.abs(driftMs));
    const text =
      driftMs > 0
        ? say`The clock is ${much} ahead of this computer's; ${at}.`
        : say`The clock is ${much} behind this computer's; ${at}.`;
    return bad("clock", text, say`Set the device's time and zone, best by NTP: recordings and events carry its time.`);
  } catch (error) {
    return unanswered("clock", error);
  }
}

export async function checkStorage(isapi: Isapi, signal: AbortSignal): Promise<Check> {
  try {
    const { value } = await isapi.get(STORAGE, { purpose: say`its disks`, signal });
    const disks = [
      ...list(value, "hddList", "hdd"),
      ...list(value, "nasList", "nas"),
      ...list(value, "ssdList", "ssd"),
    ];
    if (disks.length === 0) return unknown("storage", say`No disk or memory card is in it.`);
    const broken = disks.filter((disk) => !SOUND.test(text(disk, "status") ?? "ok"));
    if (broken.length === 0) return good("storage", inWords(disks));
    const remedy = say`Look at the device's page for storage: it may have to be formatted, or replaced.`;
    return bad("storage", inWords(broken), remedy, "disk");
  } catch (error) {
    return unanswered("storage", error);
  }
}

function inWords(disks: readonly XmlNode[]): Sentence {
  return disks.map(diskInWords).reduce((before, disk) => say`${before}; ${disk}`);
}

/** "Disk 1: ok, 12.5 of 1907.7 GB free". Full is normal: the oldest is overwritten. */
function diskInWords(disk: XmlNode): Sentence {
  const [capacity, free] = [number(disk, "capacity"), number(disk, "freeSpace")];
  const [id, status] = [text(disk, "id") ?? "?", text(disk, "status") ?? "ok"];
  return capacity === undefined || free === undefined
    ? say`Disk ${id}: ${status}`
    : say`Disk ${id}: ${status}, ${gigabytes(free)} of ${gigabytes(capacity)} GB free`;
}

/** Devices count in MB. */
function gigabytes(megabytes: number): number {
  return Math.round(megabytes / 100) / 10;
}

function duration(ms: number): Sentence {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return say`${seconds} seconds`;
  return seconds < 7200 ? say`${Math.round(seconds / 60)} minutes` : say`${Math.round(seconds / 3600)} hours`;
}
