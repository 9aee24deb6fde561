/**
 * Access control (`AccessControllerEvent` of terminals, door controllers and door stations): who, where, and what happened. What
 * happened is told by the class and code alone: no field says "granted". Absent fields are normal: an event of a door has no person.
 */
import { say, translatableName, type Sentence } from "../../lib/sentence";
import { table } from "../../lib/table";
import { ACCESS_CODES } from "./access-codes";
import type { Fields } from "./fields";

/** In the order in which forms show them. */
export const ACCESS_KINDS = [
  "granted",
  "denied",
  "doorbell",
  "doorOpened",
  "doorClosed",
  "doorForced",
  "doorHeldOpen",
  "unlocked",
  "locked",
  "exitButton",
  "remoteOpen",
  "tamper",
  "other",
] as const;

export type AccessKind = (typeof ACCESS_KINDS)[number];

export interface Person {
  name?: string;
  /** The number of the employee or resident, as text. */
  employee?: string;
  /** The number of the card, as sent. */
  card?: string;
  /** `normal`, `visitor`, `blackList`, `administrators`, `operator`: as the device spelled it. */
  type?: string;
}

export interface Access {
  kind: AccessKind;
  /** Of `granted` and `denied`. */
  granted?: boolean;
  /** What the code means, in English; absent where nobody knows. */
  reason?: string;
  /** From 1. */
  door?: number;
  /** From 1. */
  reader?: number;
  person?: Person;
  /** How somebody identified himself, as the device spelled it: `card`, `faceOrFpOrCardOrPw`. */
  verifyMode?: string;
  /** `checkIn`, `checkOut`, `breakOut`, `breakIn`, `overtimeIn`, `overtimeOut`. */
  attendance?: string;
  mask?: boolean;
  helmet?: boolean;
  /** The device's own number of the event. */
  serial?: number;
  /** The class: 1 alarm, 2 exception, 3 operation, 5 event. */
  major: number;
  /** The code within the class. */
  minor: number;
}

/** Codes of class 5 by which somebody was let in. */
const GRANTED: ReadonlySet<number> = new Set([
  1, 2, 16, 38, 40, 43, 46, 54, 57, 60, 63, 66, 69, 72, 75, 77, 101, 105, 153, 159, 179, 181, 229,
]);
/** Codes of class 5 by which somebody was not. */
const DENIED: ReadonlySet<number> = new Set([
  3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 36, 39, 41, 42, 44, 45, 47, 48, 49, 55, 56, 58, 59, 61, 62, 64, 65, 67,
  68, 70, 71, 73, 74, 76, 78, 79, 80, 94, 102, 103, 104, 112, 113, 117, 118, 119, 120, 130, 132, 148, 150, 151, 152,
  154, 155, 160, 162, 163, 168, 169, 170, 171, 180,
]);
const KINDS = table<AccessKind>({
  "1/1028": "tamper",
  "1/1030": "tamper",
  "1/1039": "tamper",
  "1/1054": "tamper",
  "1/1058": "tamper",
  "3/1024": "remoteOpen",
  "3/1051": "denied",
  "5/21": "unlocked",
  "5/22": "locked",
  "5/23": "exitButton",
  "5/25": "doorOpened",
  "5/26": "doorClosed",
  "5/27": "doorForced",
  "5/28": "doorHeldOpen",
  "5/37": "doorbell",
  // A call to the centre: terminals send it when somebody rings.
  "5/51": "doorbell",
  "5/214": "unlocked",
});

/** None when the alert is about something else, or names no code. */
export function readAccess(alert: Fields): readonly { detail: Access }[] {
  const event = alert.in("accesscontrollerevent");
  if (event.isEmpty) return NONE;
  const major = event.number("majoreventtype", "major");
  const minor = event.number("subeventtype", "minor");
  if (major === undefined || minor === undefined) return NONE;
  return [{ detail: accessOf(event, major, minor) }];
}

/** What the code means, where somebody knows; else the code itself. */
export function accessText({ reason, major, minor }: Access): Sentence {
  return reason === undefined ? say`Event ${`${major}/${minor}`}` : translatableName(reason);
}

const NONE: readonly { detail: Access }[] = [];

function accessOf(event: Fields, major: number, minor: number): Access {
  const kind = kindOf(major, minor);
  const access: Access = { kind, major, minor };
  if (kind === "granted" || kind === "denied") access.granted = kind === "granted";
  set(access, "reason", ACCESS_CODES[`${major}/${minor}`]);
  set(access, "door", counted(event, "doorno"));
  set(access, "reader", counted(event, "cardreaderno"));
  set(access, "person", personOf(event));
  set(access, "verifyMode", event.known("currentverifymode"));
  const attendance = event.known("attendancestatus");
  set(access, "attendance", attendance === "undefined" ? undefined : attendance);
  set(access, "mask", yesOrNo(event.word("mask")));
  set(access, "helmet", yesOrNo(event.word("helmet")));
  set(access, "serial", event.number("serialno"));
  return access;
}

function kindOf(major: number, minor: number): AccessKind {
  if (major === 5 && GRANTED.has(minor)) return "granted";
  if (major === 5 && DENIED.has(minor)) return "denied";
  return KINDS[`${major}/${minor}`] ?? "other";
}

function personOf(event: Fields): Person | undefined {
  const person: Person = {};
  set(person, "name", event.text("name"));
  set(person, "employee", event.known("employeenostring", "employeeno"));
  set(person, "card", event.known("cardno"));
  set(person, "type", event.known("usertype"));
  // A type alone is what firmware fills in where nobody was.
  return person.name === undefined && person.employee === undefined && person.card === undefined ? undefined : person;
}

/** Devices count from 1; 0 stands for none. */
function counted(event: Fields, name: string): number | undefined {
  const value = event.number(name);
  return value !== undefined && value >= 1 ? value : undefined;
}

function yesOrNo(word: string | undefined): boolean | undefined {
  if (word === "yes" || word === "true") return true;
  return word === "no" || word === "false" ? false : undefined;
}

function set<T, K extends keyof T>(to: T, name: K, value: T[K] | undefined): void {
  if (value !== undefined) to[name] = value;
}
