/**
 * Why no events arrive: a list of checks, each reported as it ends. What depends on a failed one is not asked,
 * and refused credentials are never sent again: the login remembers them.
 */
import type { Clock } from "../lib/clock";
import { AbortedError } from "../lib/errors";
import type { DeviceHttp } from "../http/device-http";
import type { Isapi } from "../isapi/isapi";
import { say, type Sentence } from "../lib/sentence";
import { passed, undetermined, type Check, type Report } from "./check";
import { checkEvents } from "./events";
import { checkChannels, checkClock, checkStorage, checkZone } from "./health";
import { checkName, checkPort } from "./connectivity";
import { checkRights } from "./rights";
import type { DeviceTime } from "../time/device-time";
import { checkStream, SILENT_REMEDY } from "./stream";
import { identify } from "./identification";
import { withSignals } from "../lib/signals";

export interface DiagnoseOptions {
  readonly isapi: Isapi;
  readonly http: Pick<DeviceHttp, "address" | "login" | "openEndless" | "request" | "tls" | "username">;
  /** Canonical event types that somebody waits for; empty: all that the device has. */
  readonly events: readonly string[];
  readonly stream: StreamToCheck;
  readonly clock: Clock;
  /** How the device writes the times of its recordings. */
  readonly time: Pick<DeviceTime, "frame">;
}

/** How events arrive. */
export type StreamToCheck =
  /** A stream is open already, or the device pushes: a second one would take a slot. `heard`: something came by it. */
  | { readonly by: "stream" | "push"; readonly heard: boolean; readonly endings?: number | undefined }
  /** None is open, so one is opened for the check. */
  | { readonly by: "own" };

/** Rejects only when stopped. `tell` must not throw. */
export function diagnose(
  options: DiagnoseOptions,
  stop: AbortSignal,
  tell: (check: Check) => void = () => undefined,
): Promise<Report> {
  return withSignals([stop], (signal) => checkAll(options, signal, tell));
}

async function checkAll(options: DiagnoseOptions, signal: AbortSignal, tell: (check: Check) => void): Promise<Report> {
  const { isapi, http, clock } = options;
  const checks: Check[] = [];
  const add = (check: Check): void => {
    checks.push(check);
    tell(check);
  };
  const report = (): Report => ({ ok: checks.every(({ ok }) => ok !== false), checks });

  const name = await checkName(http.address);
  if (name) add(name);
  if (name?.ok === false) return report();
  const port = await checkPort(http.address, clock, signal);
  add(port);
  if (!port.ok) return report();
  const { checks: identified, info, known } = await identify(isapi, http, clock, signal);
  identified.forEach(add);
  if (!known) return report();

  await Promise.all([
    checkInside(options, info?.type, signal, add),
    checkRecordings(options, signal, add),
    checkRights(isapi, http.username, signal).then(add),
    checkEventStream(options, signal, add),
  ]);
  // Checks that were stopped say nothing about the device.
  if (signal.aborted) throw new AbortedError();
  return { ...report(), ...(info && { device: info }) };
}

/** Channels, clock, and with both of them the events. */
async function checkInside(
  { isapi, events, clock }: DiagnoseOptions,
  type: string | undefined,
  signal: AbortSignal,
  add: (check: Check) => void,
): Promise<void> {
  const [{ checks, channels }, { check, wallMs }] = await Promise.all([
    checkChannels(isapi, type, signal),
    checkClock(isapi, clock, signal),
  ]);
  [...checks, check].forEach(add);
  await checkEvents(isapi, { wanted: events, channels, wallMs }, signal, add);
}

/** Its disks, and where there are any, what the times of its recordings mean. */
async function checkRecordings(
  { isapi, time }: DiagnoseOptions,
  signal: AbortSignal,
  add: (check: Check) => void,
): Promise<void> {
  const storage = await checkStorage(isapi, signal);
  add(storage);
  if (storage.ok !== true) return;
  const zone = await checkZone(time, signal);
  if (zone) add(zone);
}

async function checkEventStream(
  { http, stream, clock }: DiagnoseOptions,
  signal: AbortSignal,
  add: (check: Check) => void,
): Promise<void> {
  if (stream.by === "own") await checkStream(http, clock, signal, add);
  else if (stream.by === "stream") {
    add(passed("stream", openStream(stream.endings ?? 0)));
    if (stream.heard) add(passed("heartbeat", say`The device sends data over it.`));
    else add(undetermined("heartbeat", say`Nothing has come over it since it was opened.`, SILENT_REMEDY));
  } else if (stream.heard) add(passed("stream", say`The device pushes its events to Node-RED.`));
  else {
    add(
      undetermined(
        "stream",
        say`The device is to push its events to Node-RED, and none has come so far.`,
        say`If none comes, check that the address shown in the device's settings here is entered in the device, under HTTP Listening or Alarm Server.`,
      ),
    );
  }
}

function openStream(endings: number): Sentence {
  if (endings === 0) return say`The event stream is open.`;
  return endings === 1
    ? say`The event stream is open. The device has ended it once; it was opened again.`
    : say`The event stream is open. The device has ended it ${endings} times; it was opened again each time.`;
}
