/**
 * Why nothing arrives, in words: a list of checks, each told as it ends. What rests on a failed one is not asked,
 * and refused credentials are never sent again: the login remembers them.
 */
import { setMaxListeners } from "node:events";
import type { Clock } from "../clock";
import { AbortedError } from "../errors";
import type { DeviceHttp } from "../http/device-http";
import type { Isapi } from "../isapi/isapi";
import { say } from "../words";
import { good, unknown, type Check, type Report } from "./check";
import { checkEvents } from "./events";
import { checkChannels, checkClock, checkStorage } from "./health";
import { checkName, checkPort } from "./reach";
import { checkStream } from "./stream";
import { meet } from "./who";

export interface DiagnoseOptions {
  readonly isapi: Isapi;
  readonly http: Pick<DeviceHttp, "address" | "login" | "openEndless" | "tls">;
  /** Event types that somebody waits for; empty: all that the device has. */
  readonly events: readonly string[];
  /** "open": one runs and counts; "push": the device is to call us; "try": open one, since none is open. */
  readonly stream: "open" | "push" | "try";
  readonly clock: Clock;
}

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
  const { checks: met, info, known } = await meet(isapi, http, signal);
  met.forEach(note);
  if (!known) return report();

  await Promise.all([
    lookInside(options, info?.type, signal, note),
    checkClock(isapi, clock, signal).then(note),
    checkStorage(isapi, signal).then(note),
    lookAtStream(options, signal, note),
  ]);
  // What was cut short says nothing about the device.
  if (stop.aborted) throw new AbortedError();
  return { ...report(), ...(info && { device: info }) };
}

async function lookInside(
  { isapi, events }: DiagnoseOptions,
  type: string | undefined,
  signal: AbortSignal,
  note: (check: Check) => void,
): Promise<void> {
  const { checks, channels } = await checkChannels(isapi, type, signal);
  checks.forEach(note);
  await checkEvents(isapi, events, channels, signal, note);
}

async function lookAtStream(
  { http, stream, clock }: DiagnoseOptions,
  signal: AbortSignal,
  note: (check: Check) => void,
): Promise<void> {
  if (stream === "open") note(good("stream", say`The event stream is open.`));
  else if (stream === "try") await checkStream(http, clock, signal, note);
  else {
    note(
      unknown(
        "stream",
        say`The device is to push its events to Node-RED; only an event shows that it does.`,
        say`If none come, look whether the address of the device's settings here stands in the device, under HTTP Listening or Alarm Server.`,
      ),
    );
  }
}
