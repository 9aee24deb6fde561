/**
 * THE table of details: what an alert may say beyond the facts that all alerts have. Decoder, payload, tracker, deduplicator and
 * the test of event-in's help follow it. A new kind is a reader file with its type, and here a line of the interface and a row.
 */
/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters -- K ties the name of a kind to its type */
import { readAccess, type Access } from "./access";
import { readPlates, type PlateReading } from "./anpr";
import { readCounting, type Counting } from "./counting";
import { readDensity, type Density } from "./density";
import { readFaces, type Face } from "./faces";
import type { Fields } from "./fields";
import { readObjects, type CapturedObject } from "./objects";
import { readRadar, type Radar } from "./radar";
import type { Region } from "./regions";
import { readSound, type Sound } from "./sound";
import { readThermal, type Thermal } from "./thermal";

/** Kinds by their property of `msg.payload`. Plain data: a deep copy of a notification copies them. */
interface DetailTypes {
  density: Density;
  counting: Counting;
  anpr: PlateReading;
  access: Access;
  faces: Face[];
  objects: CapturedObject[];
  thermal: Thermal;
  radar: Radar;
  sound: Sound;
}

export type Details = Partial<DetailTypes>;
type DetailName = keyof DetailTypes;

/** What one message says of a kind. */
interface DetailItem<T> {
  readonly detail: T;
  /** Where it was, instead of the alert's regions. */
  readonly regions?: Region[];
}

interface DetailKind<T> {
  /** None when the alert says nothing of this kind. */
  readonly read: (alert: Fields) => readonly DetailItem<T>[];
  /** True: every item is a message of its own. False: the first belongs to each message of the alert. */
  readonly separate: boolean;
  /** True: an alert with it reports something done, also where firmware stamps it inactive. */
  readonly reports: boolean;
  /** What tells two notifications of the same moment apart; without it, they are the same. */
  readonly identity?: (detail: T) => string | number | undefined;
  /** One with every field, for the documentation. */
  readonly sample: T;
}

/** Rows in the documented order of the payload. */
export const DETAILS: { readonly [K in DetailName]: DetailKind<DetailTypes[K]> } = {
  density: {
    read: readDensity,
    separate: true,
    reports: true,
    identity: ({ people }) => people,
    sample: { level: 1, people: 5, frames: 5, source: "trigger", regionId: "1", regionName: "Entrance" },
  },
  counting: {
    read: readCounting,
    separate: false,
    reports: true,
    sample: {
      enter: 70,
      exit: 75,
      pass: 9,
      method: "timeRange",
      start: "2026-03-01T12:00:00+01:00",
      end: "2026-03-01T12:15:00+01:00",
      children: { enter: 1, exit: 2 },
    },
  },
  anpr: {
    read: readPlates,
    separate: true,
    reports: true,
    identity: ({ plate }) => plate,
    sample: {
      plate: "AB123C",
      confidence: 98,
      confidenceScale: 100,
      characterConfidence: [99, 99, 98, 97, 99, 98],
      country: "TUR",
      region: "12",
      direction: "approach",
      lane: 1,
      plateType: "private",
      plateColor: "white",
      list: "allow",
      vehicle: { type: "car", color: "green", raw: { vehicleType: "3" } },
      rect: { x: 0.413, y: 0.241, width: 0.026, height: 0.01 },
    },
  },
  access: {
    read: readAccess,
    separate: false,
    reports: true,
    identity: ({ major, minor, serial }) => `${major}/${minor}/${String(serial)}`,
    sample: {
      kind: "denied",
      granted: false,
      reason: "card expired",
      door: 1,
      reader: 1,
      person: { name: "Kim Example", employee: "1001", card: "0012345678", type: "normal" },
      verifyMode: "card",
      attendance: "checkIn",
      mask: false,
      helmet: false,
      serial: 4711,
      major: 5,
      minor: 8,
    },
  },
  faces: {
    read: readFaces,
    separate: false,
    reports: false,
    sample: [
      {
        name: "Kim Example",
        similarity: 92.4,
        age: 32,
        gender: "female",
        glasses: "no",
        mask: false,
        score: 50,
        box: { x: 0.575, y: 0.4, width: 0.087, height: 0.194 },
      },
    ],
  },
  objects: {
    read: readObjects,
    separate: false,
    reports: false,
    sample: [{ target: "human", box: { x: 0.2, y: 0.3, width: 0.1, height: 0.4 } }],
  },
  thermal: {
    read: readThermal,
    separate: false,
    reports: false,
    sample: { temperature: 57.6, threshold: 40, unit: "celsius", rule: "highest temp is higher than" },
  },
  radar: {
    read: readRadar,
    separate: false,
    reports: false,
    sample: { target: "human", angle: 101.49, distance: 24.59, speed: -0.2 },
  },
  sound: { read: readSound, separate: false, reports: false, sample: { kind: "audioSteepRise" } },
};

export const DETAIL_NAMES = Object.keys(DETAILS) as readonly DetailName[];

/** By what one message of an alert differs from its siblings. */
export type MessageDetails = Details & { regions?: Region[] };

interface AlertDetails {
  /** What all messages of the alert say; undefined: nothing. */
  readonly shared: Details | undefined;
  /** One for each message; empty: the alert is one message. */
  readonly separate: readonly MessageDetails[];
  readonly reports: boolean;
}

export function readDetails(alert: Fields): AlertDetails {
  let shared: Details | undefined;
  let separate = NONE;
  let reports = false;
  for (const name of DETAIL_NAMES) {
    const messages = messagesOf(name, alert);
    if (messages.length === 0) continue;
    reports ||= DETAILS[name].reports;
    if (DETAILS[name].separate) separate = separate.length === 0 ? messages : [...separate, ...messages];
    else shared = { ...shared, ...messages[0] };
  }
  return { shared, separate, reports };
}

const NONE: readonly MessageDetails[] = [];

function messagesOf<K extends DetailName>(name: K, alert: Fields): readonly MessageDetails[] {
  const items = DETAILS[name].read(alert);
  if (items.length === 0) return NONE;
  return items.map(({ detail, regions }) => {
    const message: MessageDetails = regions ? { regions } : {};
    message[name] = detail;
    return message;
  });
}

/** The details of a notification alone, in the documented order. */
export function pickDetails(from: Details): Details {
  const picked: Details = {};
  putDetails(from, picked);
  return picked;
}

/** Puts the details of a notification into `to`, in the documented order. */
export function putDetails(from: Details, to: Details): void {
  for (const name of DETAIL_NAMES) pick(name, from, to);
}

function pick<K extends DetailName>(name: K, from: Details, to: Details): void {
  if (from[name] !== undefined) to[name] = from[name];
}

/** Does a detail say that something was done, whatever state the alert has? */
export function hasReport(details: Details): boolean {
  for (const name of DETAIL_NAMES) if (details[name] !== undefined && DETAILS[name].reports) return true;
  return false;
}

/** Same details, same text. */
export function detailIdentity(details: Details): string {
  let identity = "";
  for (const name of DETAIL_NAMES) if (details[name] !== undefined) identity += `|${name}:${identityOf(name, details)}`;
  return identity;
}

function identityOf<K extends DetailName>(name: K, details: Details): string {
  const detail = details[name];
  return detail === undefined ? "" : String(DETAILS[name].identity?.(detail) ?? "");
}
