/** Devices in every state that the diagnosis distinguishes, and what it has to find. */
import assert from "node:assert/strict";
import type { Check, CheckId, Report } from "../../src/diagnose/check";
import {
  ALWAYS,
  detectionsOff,
  disksOf,
  fingerprint,
  PAGES,
  schedulesOf,
  status,
  triggersOf,
  usersOf,
  type VirtualDevice,
  type VirtualDeviceOptions,
} from "../virtual-device";

export interface Entered {
  readonly password?: string;
  readonly tls?: "pinned" | "insecure";
  readonly fingerprint?: string;
}

export interface State {
  /** "whose password is wrong", after "a camera". */
  readonly title: string;
  readonly options?: VirtualDeviceOptions;
  readonly arrange?: (device: VirtualDevice) => void | Promise<void>;
  /** What the settings hold that is not the device's own. */
  readonly entered?: (device: VirtualDevice) => Entered;
  readonly events?: readonly string[];
  /** An event node has the stream open. */
  readonly listening?: true;
  readonly finds: Partial<Check> & { readonly id: CheckId; readonly text?: never };
  readonly says: RegExp;
  /** Ids of all that is wrong; default: none. */
  readonly wrong?: readonly CheckId[];
  /** Requests with refused credentials, however often it is asked; default: none. */
  readonly refused?: number;
}

const everyChannel = (device: VirtualDevice, change: (channel: number) => void): void =>
  device.profile.channels.forEach(({ number }) => change(number));

const XML = { kind: "answer", status: 200, contentType: "application/xml" } as const;
const USER_CHECK_INACTIVE =
  "<userCheck><statusValue>401</statusValue><statusString>x</statusString><isActivated>false</isActivated></userCheck>";
const NOT_ACTIVATED_401 = {
  ...XML,
  status: 401,
  headers: { "WWW-Authenticate": 'Digest realm="x", nonce="1", qop="auth"' },
  body: USER_CHECK_INACTIVE,
} as const;

const OLD = ["Event/triggers", "System/time", "ContentMgmt/Storage", "Security/users", "Event/schedules"];

export const STATES: readonly State[] = [
  {
    title: "that works",
    events: ["VMD"],
    finds: { id: "login", ok: true },
    says: /^Digest MD5, user name and password are right/,
  },
  {
    title: "that offers SHA-256",
    options: { auth: { algorithms: ["MD5", "SHA-256"], nameAlgorithm: true } },
    finds: { id: "login", ok: true },
    says: /^Digest SHA-256/,
  },
  {
    title: "that offers Basic only, over plain HTTP",
    options: { auth: { schemes: ["basic"] } },
    finds: { id: "login", ok: false, code: "unauthorized" },
    says: /only Basic authentication, which would send the password readable/,
    wrong: ["login"],
  },
  {
    title: "whose password is another",
    entered: () => ({ password: "wrong" }),
    finds: { id: "login", ok: false, code: "unauthorized" },
    says: /refuses the user name or password \(4 tries left/,
    wrong: ["login"],
    refused: 1,
  },
  {
    title: "that has locked the user",
    options: { auth: { lockAfter: 1 } },
    arrange: async (device) => {
      await (await fetch(device.url, { headers: { authorization: "Basic eDp5" } })).text();
      assert.ok(device.authenticator.locked);
    },
    finds: { id: "login", ok: false, code: "locked" },
    says: /locked this user for about 30 minutes/,
    wrong: ["login"],
    refused: 1,
  },
  {
    title: "that is not activated",
    options: { activated: false },
    finds: { id: "activated", ok: false, code: "notActivated" },
    says: /not activated/i,
    wrong: ["activated"],
  },
  {
    title: "whose 401 says that it is not activated",
    arrange: (device) => void device.fail(/./, NOT_ACTIVATED_401, { stage: "login" }),
    finds: { id: "activated", ok: false, code: "notActivated" },
    says: /not activated/i,
    wrong: ["activated"],
  },
  {
    title: "that lets everybody in, because it is not activated",
    arrange: (device) => {
      device.fail(/deviceInfo/, { ...XML, body: "<DeviceInfo><model>X</model></DeviceInfo>" }, { stage: "login" });
      device.fail(/userCheck/, { ...XML, body: USER_CHECK_INACTIVE.replace("401", "200") }, { stage: "login" });
    },
    finds: { id: "activated", ok: false, code: "notActivated" },
    says: /not activated/i,
    wrong: ["activated"],
  },
  {
    title: "whose stream is not for this user, told by 401",
    options: { auth: { refusedPath: /alertStream/ } },
    finds: { id: "stream", ok: false, code: "forbidden" },
    says: /^The user may not use the event stream/,
    wrong: ["stream"],
  },
  {
    title: "that wants MD5 without qop",
    options: { auth: { qop: null } },
    finds: { id: "login", ok: true },
    says: /^Digest MD5 \(RFC 2069\), user name and password are right/,
  },
  {
    title: "that is off",
    arrange: (device) => device.disconnect(),
    finds: { id: "port", ok: false, code: "offline" },
    says: /the connection is refused/,
    wrong: ["port"],
  },
  {
    title: "at whose address a router answers",
    arrange: (device) => void device.fail(/./, PAGES.router, { stage: "login" }),
    finds: { id: "isapi", ok: false, code: "notIsapi" },
    says: /^Something else answers at this address: "Home router"\.$/,
    wrong: ["isapi"],
  },
  {
    title: "whose ISAPI is off",
    arrange: (device) => {
      const page = { ...PAGES.html404, headers: { Server: "App-webs/" } };
      device.fail(/./, page, { stage: "login" });
    },
    finds: { id: "isapi", ok: false, code: "notIsapi" },
    says: /^A Hikvision device answers, but it does not speak ISAPI/,
    wrong: ["isapi"],
  },
  {
    title: "whose certificate is self-signed",
    options: { tls: true },
    finds: { id: "tls", ok: false, code: "tls" },
    says: /uses a self-signed certificate/,
    wrong: ["tls"],
  },
  {
    title: "whose certificate is pinned",
    options: { tls: true },
    entered: (device) => ({ tls: "pinned", fingerprint: fingerprint(device.certificate ?? "") }),
    finds: { id: "tls", ok: true },
    says: /entered fingerprint/,
  },
  {
    title: "whose certificate is not checked",
    options: { tls: true },
    entered: () => ({ tls: "insecure" }),
    finds: { id: "tls", ok: null },
    says: /not checked/,
  },
  {
    title: "that has no event connection left",
    options: { slots: 0 },
    finds: { id: "stream", ok: false, code: "noSlots" },
    says: /All event connections of the device are taken/,
    wrong: ["stream"],
  },
  {
    title: "whose stream is open and silent",
    options: { heartbeat: null, slots: 1 },
    listening: true,
    finds: { id: "heartbeat", ok: null },
    says: /Nothing has come/,
  },
  {
    title: "whose stream is open with heartbeats, and that has no other slot",
    options: { slots: 1 },
    listening: true,
    finds: { id: "heartbeat", ok: true },
    says: /sends data over it/,
  },
  {
    title: "that cannot know the event",
    events: ["loitering"],
    finds: { id: "supported", ok: false, code: "notSupported", event: "loitering" },
    says: /^Loitering is not among the events/,
    wrong: ["supported"],
  },
  {
    title: "whose detection is off",
    arrange: (device) => everyChannel(device, (channel) => detectionsOff(device).add(`motionDetection/${channel}`)),
    events: ["VMD", "linedetection"],
    finds: { id: "detection", ok: false, event: "VMD" },
    says: /^Motion on channel 1.* is switched off/,
    wrong: ["detection"],
  },
  {
    title: "that does not send the event",
    arrange: (device) => {
      triggersOf(device).find(({ id }) => id === "VMD-1")!.methods = ["record"];
    },
    events: ["VMD"],
    finds: { id: "linkage", ok: false, event: "VMD", channels: [1] },
    says: /^Motion on channel 1 is not sent to Node-RED/,
    wrong: ["linkage"],
  },
  {
    title: "that does not send an event that is on, though nobody named it",
    arrange: (device) => {
      triggersOf(device).find(({ id }) => id === "VMD-1")!.methods = ["record"];
    },
    finds: { id: "linkage", ok: false, event: "VMD", channels: [1] },
    says: /^Motion on channel 1 is not sent to Node-RED/,
    wrong: ["linkage"],
  },
  {
    title: "that is armed all week",
    events: ["fielddetection"],
    finds: { id: "schedule", ok: true, event: "fielddetection" },
    says: /^Intrusion on channel 1.* is armed at all times/,
  },
  {
    title: "that is never armed",
    arrange: (device) => everyChannel(device, (channel) => schedulesOf(device).set(`fieldDetections/${channel}`, [])),
    events: ["fielddetection"],
    finds: { id: "schedule", ok: false, event: "fielddetection" },
    says: /is never armed/,
    wrong: ["schedule"],
  },
  {
    title: "that is armed on another day only",
    arrange: (device) => {
      const day = ((new Date().getUTCDay() + 3) % 7) + 1;
      const block = ALWAYS.filter((one) => one.day === day);
      everyChannel(device, (channel) => schedulesOf(device).set(`motionDetections/${channel}`, block));
    },
    events: ["VMD"],
    finds: { id: "schedule", ok: null, event: "VMD" },
    says: /is not armed at this time, only at others/,
  },
  {
    title: "whose user is an operator with the right to events",
    arrange: (device) => void Object.assign(usersOf(device)[0]!, { level: "Operator" }),
    finds: { id: "rights", ok: true },
    says: /has the right to receive events/,
  },
  {
    title: "whose user lacks the right to events",
    arrange: (device) => void Object.assign(usersOf(device)[0]!, { level: "Operator", mayReceiveEvents: false }),
    finds: { id: "rights", ok: false, code: "forbidden" },
    says: /lacks the right to receive events/,
    wrong: ["rights"],
  },
  {
    title: "whose clock is two hours behind",
    options: { driftMs: -2 * 3_600_000 },
    finds: { id: "clock", ok: false },
    says: /2 hours behind .* UTC\+0[12]:00/,
    wrong: ["clock"],
  },
  {
    title: "with a broken disk",
    arrange: (device) => void disksOf(device).push({ status: "error", capacity: 1000, freeSpace: 500 }),
    finds: { id: "storage", ok: false, code: "disk" },
    says: /^Disk [12] reports an error\.$/,
    wrong: ["storage"],
  },
  {
    title: "with old firmware, which has only the old stream and none of the newer paths",
    options: { legacyStream: true },
    arrange: (device) => OLD.forEach((path) => device.fail(new RegExp(`^/ISAPI/${path}`), status("notSupport"))),
    events: ["VMD"],
    finds: { id: "stream", ok: true },
    says: /opens/,
  },
];

/** The report is what the state calls for, and no refused login was sent twice. */
export function assertFinds(state: State, report: Report, device: VirtualDevice): void {
  const { finds, says, wrong = [], refused = 0 } = state;
  const shown = JSON.stringify(report.checks, null, 1);
  const check = report.checks.find(({ id, event, ok }) => {
    return id === finds.id && event === (finds.event ?? event) && ok === finds.ok;
  });
  assert.ok(check, `no such "${finds.id}" in ${shown}`);
  assert.deepEqual({ ...check, ...finds }, check);
  assert.match(String(check.text), says);
  const found = report.checks.filter(({ ok }) => ok === false).map(({ id }) => id);
  assert.deepEqual([...new Set(found)], wrong, shown);
  assert.equal(report.ok, wrong.length === 0);
  for (const { ok, code, remedy, text, id } of report.checks) {
    assert.ok(ok !== false || code !== undefined || remedy !== undefined, `"${id}" (${String(text)}) says what to do`);
  }
  // Whoever is locked out or mistyped must not be locked out for longer. A nonce of an earlier device at the same port is no refusal.
  const attempts = device.requests.filter(
    ({ credentials, authorized, refusal, path }) =>
      credentials && !authorized && refusal !== undefined && refusal !== "unknownNonce" && path !== "/",
  );
  assert.equal(attempts.length, refused, "requests with refused credentials");
}
