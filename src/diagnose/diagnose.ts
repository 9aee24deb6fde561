/**
 * Why nothing arrives, in words: a list of checks, each told as it ends. What rests on a failed one is not asked,
 * and refused credentials are never sent again: the login remembers them.
 */
import { setMaxListeners } from "node:events";
import type { Clock } from "../lib/clock";
import { AbortedError } from "../lib/errors";
import type { DeviceHttp } from "../http/device-http";
import type { Isapi } from "../isapi/isapi";
import { say } from "../lib/sentence";
import { good, unknown, type Check, type Report } from "./check";
import { checkEvents } from "./events";
import { checkChannels, checkClock, checkStorage } from "./health";
import { checkName, checkPort } from "./connectivity";
import { checkRights } from "./rights";
import { checkStream, SILENT_REMEDY } from "./stream";
import { identify } from "./identification";

export interface DiagnoseOptions {
  readonly isapi: Isapi;
  readonly http: Pick<DeviceHttp, "address" | "login" | "openEndless" | "tls" | "username">;
  /** Canonical event types that somebody waits for; empty: all that the device has. */
  readonly events: readonly string[];
  readonly stream: StreamToCheck;
  readonly clock: Clock;
}

/** How events come. */
export type StreamToCheck =
  /** A stream of ours is open, or the device is to call us: a second one would take a slot away. `heard`: something came by it. */
  | { readonly by: "stream" | "push"; readonly heard: boolean }
  /** None is open, so one is opened to see. */
  | { readonly by: "trial" };

/** Rejects only when stopped. `tell` must not throw. */
export async function diagnose(
  options: DiagnoseOptions,
  stop: AbortSignal,
  tell: (check: Check) => void = () => undefined,
): Promise<Report> {
  const signal = AbortSignal.any([stop]);
  // Every question under way listens to it.
  setMaxListeners(0, signal);
  const { isapi, http, clock } = options;
  const checks: Check[] = [];
  const note = (check: Check): void => {
    checks.push(check);
    tell(check);
  };
  const report = (): Report => ({ ok: checks.every(({ ok }) => ok !== false), checks });

  const name = await checkName(http.address);
  if (name) note(name);
  if (name?.ok === false) return report();
  const port = await checkPort(http.address, clock, signal);
  note(port);
  if (!port.ok) return report();
  const { checks: met, info, known } = await identify(isapi, http, clock, signal);
  met.forEach(note);
  if (!known) return report();

  await Promise.all([
    lookInside(options, info?.type, signal, note),
    checkStorage(isapi, signal).then(note),
    checkRights(isapi, http.username, signal).then(note),
    lookAtStream(options, signal, note),
  ]);
  // What was cut short says nothing about the device.
  if (stop.aborted) throw new AbortedError();
  return { ...report(), ...(info && { device: info }) };
}

/** Channels, clock, and with both of them the events. */
async function lookInside(
  { isapi, events, clock }: DiagnoseOptions,
  type: string | undefined,
  signal: AbortSignal,
  note: (check: Check) => void,
): Promise<void> {
  const [{ checks, channels }, { check, wallMs }] = await Promise.all([
    checkChannels(isapi, type, signal),
    checkClock(isapi, clock, signal),
  ]);
  [...checks, check].forEach(note);
  await checkEvents(isapi, { wanted: events, channels, wallMs }, signal, note);
}

async function lookAtStream(
  { http, stream, clock }: DiagnoseOptions,
  signal: AbortSignal,
  note: (check: Check) => void,
): Promise<void> {
  if (stream.by === "trial") await checkStream(http, clock, signal, note);
  else if (stream.by === "stream") {
    note(good("stream", say`The event stream is open.`));
    if (stream.heard) note(good("heartbeat", say`The device gave a sign of life over it.`));
    else note(unknown("heartbeat", say`Nothing has come over it since it was opened.`, SILENT_REMEDY));
  } else if (stream.heard) note(good("stream", say`The device pushes its events to Node-RED.`));
  else {
    note(
      unknown(
        "stream",
        say`The device is to push its events to Node-RED, and none has come so far.`,
        say`If none comes, look whether the address of the device's settings here stands in the device, under HTTP Listening or Alarm Server.`,
      ),
    );
  }
}
