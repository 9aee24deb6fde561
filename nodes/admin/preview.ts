/** "What is there?" of the forms: what a range of recordings holds, and the last plates of a device's list. Bounded: a look, no export. */
import {
  channelNumber,
  type HikvisionError,
  isHikvisionError,
  type ListedPlate,
  newestPlates,
  type PlateEntry,
  type Recording,
} from "../../src";
import type { EventSummary } from "./listen";
import type { TryAnswer } from "./try";
import { NO_MESSAGE, withTimeWords } from "../shared/typed-values";
import { fields as downloadFields } from "../download/fields";
import { fields as plateListFields } from "../plate-list/fields";
import { fields as historyFields } from "../history/fields";
import { historyQuery } from "../history/input";
import { fields as recordingsFields } from "../recordings/fields";
import { rangeOf, searchOf } from "../recordings/input";
import { settingsOf } from "../shared/settings";
import { fields as statisticsFields } from "../statistics/fields";
import { readStatistics } from "../statistics/input";

const MOST_RECORDINGS = 20;
const MOST_COUNTS = 100;
const MOST_EVENTS = 100;
const MOST_PLATES = 10;
const MOST_ENTRIES = 20;
/** Recorders answer for one channel after the other. */
const MOST_CHANNELS = 32;
/** The channel keeps no list; another may. */
const WITHOUT_LIST: ReadonlySet<string> = new Set(["notSupported", "notFound", "forbidden", "badRequest"]);

export const previewRecordings: TryAnswer = async (device, { saved, reader }, signal) => {
  const { recordings } = device;
  const read = withTimeWords(reader(saved, recordingsFields), recordingsFields, device, signal);
  const search = await searchOf(saved, read, NO_MESSAGE);
  if (saved["action"] === "days") return { dates: await recordings.dates({ ...search, signal }) };
  const found = await recordings.search({ ...search, signal });
  return { ...overview(found), zone: await recordings.zone(search.channel, signal) };
};

/** As a download would find them. */
export const previewDownloads: TryAnswer = async (device, { saved, reader }, signal) => {
  const read = withTimeWords(reader(saved, downloadFields), downloadFields, device, signal);
  const range = await rangeOf(read, NO_MESSAGE);
  const found = await device.downloads.resolver.range(range, signal);
  return { ...overview(found), zone: await device.recordings.zone(range.channel, signal) };
};

/** Times as on the device's own clock. */
function overview(found: readonly Recording[]): object {
  const ends = found.map(({ endLocal }) => endLocal).sort((a, b) => Date.parse(a) - Date.parse(b));
  return {
    count: found.length,
    bytes: found.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
    unsized: found.filter(({ bytes }) => bytes === null).length,
    start: found[0]?.startLocal,
    end: ends.at(-1),
    rows: found.slice(0, MOST_RECORDINGS).map(({ channel, startLocal, endLocal, bytes, recordType, open }) => ({
      channel,
      start: startLocal,
      end: endLocal,
      bytes,
      recordType,
      open,
    })),
  };
}

/** Of the form's channels, or of all; newest first, in the shape of what is listened to. */
export const previewPlates: TryAnswer = async ({ plates, facts }, { saved }, signal) => {
  const ticked = Array.isArray(saved["channels"]) ? saved["channels"].map(Number).filter(Number.isInteger) : [];
  const channels = ticked.length > 0 ? ticked : (await facts.channels(signal)).map(({ number }) => number);
  const found: ListedPlate[] = [];
  let refusal: HikvisionError | undefined;
  for (const channel of channels.slice(0, MOST_CHANNELS)) {
    try {
      found.push(...(await newestPlates(plates, channel, MOST_PLATES, signal)));
    } catch (error) {
      if (!isHikvisionError(error) || !WITHOUT_LIST.has(error.code)) throw error;
      refusal ??= error;
    }
  }
  if (found.length === 0 && refusal) throw refusal;
  found.sort((a, b) => Date.parse(b.time) - Date.parse(a.time));
  return { plates: found.slice(0, MOST_PLATES).map((plate) => summaryOf(plate, facts.nameOf(plate.channel))) };
};

/** What the form's list holds. */
export const previewPlateList: TryAnswer = async ({ accessLists }, { saved, reader }, signal) => {
  const channel = channelNumber(await reader(saved, plateListFields)("channel", NO_MESSAGE));
  const list = saved["list"] === "block" ? "block" : "allow";
  const command = { channel, list, action: "list", plates: undefined } as const;
  const entries = (await accessLists.run(command, signal)) as readonly PlateEntry[];
  return {
    count: entries.length,
    rows: entries.slice(0, MOST_ENTRIES).map(({ plate, name, card, until }) => ({ plate, name, card, until })),
  };
};

function summaryOf({ channel, capture, time }: ListedPlate, channelName: string | undefined): EventSummary {
  return {
    type: "ANPR",
    channel,
    ...(channelName !== undefined && { channelName }),
    targets: [],
    regions: [],
    active: true,
    plate: capture.plate,
    receivedAt: time,
  };
}

/** Always reads, whatever the form's action. */
export const previewStatistics: TryAnswer = async (device, { saved, reader }, signal) => {
  const read = withTimeWords(reader(saved, statisticsFields), statisticsFields, device, signal);
  const settings = settingsOf(saved, statisticsFields);
  const { payload, statistics } = await readStatistics(device, settings, read, NO_MESSAGE, signal);
  if (Buffer.isBuffer(payload)) return { ...statistics, picture: payload.toString("base64") };
  const rows = payload as readonly unknown[];
  return { ...statistics, rows: rows.slice(0, MOST_COUNTS), more: Math.max(0, rows.length - MOST_COUNTS) };
};

/** The latest ones, without their pictures. */
export const previewHistory: TryAnswer = async (device, { saved, reader }, signal) => {
  const read = withTimeWords(reader(saved, historyFields), historyFields, device, signal);
  const settings = settingsOf(saved, historyFields);
  const query = await historyQuery({ ...settings, pictures: false }, read, NO_MESSAGE);
  const { rows, reason } = await device.history.search({ ...query, signal });
  return {
    count: rows.length,
    ...(reason && { reason }),
    rows: rows.slice(-MOST_EVENTS).map(({ time, type, channel, text, person, pictures }) => ({
      time,
      type,
      channel,
      who: person?.name ?? person?.employee,
      text,
      pictures: pictures?.length ?? 0,
    })),
  };
};
