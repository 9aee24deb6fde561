/** What the device form saved → what src/device.ts wants. Says in words what is missing. */
import type { NodeDef } from "node-red";
import { type DeviceSettings, FatalError, say, type Sentence, type Tls } from "../../src";

export interface DeviceDef extends NodeDef {
  readonly host?: string;
  readonly port?: string | number;
  readonly protocol?: "http" | "https";
  readonly tls?: "verify" | "pinned" | "insecure";
  readonly fingerprint?: string;
  readonly basic?: boolean;
  readonly timeZone?: "auto" | "utc" | "local";
  readonly eventSource?: "stream" | "push";
  readonly heartbeatTimeout?: string | number;
}

export interface DeviceCredentials {
  username?: string;
  password?: string;
  pushToken?: string;
}

const DEFAULT_HEARTBEAT_TIMEOUT = 30;

/** Throws {@link FatalError} `badRequest` with a sentence that names the field. */
export function deviceSettings(def: DeviceDef, credentials: DeviceCredentials | undefined): DeviceSettings {
  const host = (def.host ?? "").trim().replace(/^\[(.*)\]$/, "$1");
  if (host === "") throw incomplete(say`the host is empty`);
  if (/[\s/@?#]/.test(host))
    throw incomplete(say`"${host}" is not a host name or address: leave out "http://" and any path`);
  const protocol = def.protocol === "https" ? "https" : "http";
  const port = wholeNumber(def.port, protocol === "https" ? 443 : 80);
  if (port === undefined || port < 1 || port > 65_535) throw incomplete(say`the port must be a number from 1 to 65535`);
  const timeout = wholeNumber(def.heartbeatTimeout, DEFAULT_HEARTBEAT_TIMEOUT);
  if (timeout === undefined || timeout < 1) throw incomplete(say`the heartbeat timeout must be a number of seconds`);
  return {
    identity: { id: def.id, name: def.name === "" ? host : def.name, host },
    address: { protocol, host, port },
    credentials: { username: credentials?.username ?? "", password: credentials?.password ?? "" },
    tls: tlsOf(def),
    basic: def.basic === true,
    eventSource: def.eventSource === "push" ? "push" : "stream",
    heartbeatTimeout: timeout,
    timeZone: def.timeZone === "utc" || def.timeZone === "local" ? def.timeZone : "auto",
  };
}

function tlsOf(def: DeviceDef): Tls {
  if (def.protocol !== "https" || def.tls === undefined || def.tls === "verify") return { mode: "verify" };
  if (def.tls === "insecure") return { mode: "insecure" };
  if ((def.fingerprint ?? "").trim() === "") throw incomplete(say`no certificate fingerprint is entered for pinning`);
  return { mode: "pinned", fingerprint: def.fingerprint ?? "" };
}

/** A number that a form or an environment variable may give as text; undefined when it is none. */
function wholeNumber(value: string | number | undefined, fallback: number): number | undefined {
  if (value === undefined || value === "") return fallback;
  const number = typeof value === "number" ? value : Number(value);
  return Number.isInteger(number) ? number : undefined;
}

function incomplete(what: Sentence): FatalError {
  return new FatalError(
    "badRequest",
    say`The device is not set up: ${what}. Open the device's settings and correct it.`,
  );
}
