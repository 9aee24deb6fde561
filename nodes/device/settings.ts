/** What the device form saved → what src/device.ts wants. Says in words what is missing. */
import type { NodeDef } from "node-red";
import { type DeviceSettings, FatalError, say, type Sentence, type Tls } from "../../src";
import { type Bounds, PORT_NUMBER } from "../shared/fields";
import { DEFAULT_PORTS, fields, HEARTBEAT_TIMEOUT } from "./fields";

export interface DeviceDef extends NodeDef {
  readonly host?: string;
  readonly port?: string | number;
  readonly protocol?: (typeof fields.protocol.options)[number];
  readonly tls?: (typeof fields.tls.options)[number];
  readonly fingerprint?: string;
  readonly basic?: boolean;
  readonly http?: (typeof fields.http.options)[number];
  readonly picturePorts?: string | number | readonly number[];
  readonly timeZone?: (typeof fields.timeZone.options)[number];
  readonly eventSource?: (typeof fields.eventSource.options)[number];
  readonly heartbeatTimeout?: string | number;
}

export interface DeviceCredentials {
  username?: string;
  password?: string;
  pushToken?: string;
}

/** Throws {@link FatalError} `badRequest` with a sentence that names the field. */
export function deviceSettings(def: DeviceDef, credentials: DeviceCredentials | undefined): DeviceSettings {
  const host = (def.host ?? "").trim().replace(/^\[(.*)\]$/, "$1");
  if (host === "") throw incomplete(say`the host is empty`);
  if (/[\s/@?#]/.test(host))
    throw incomplete(say`"${host}" is not a host name or address: leave out "http://" and any path`);
  const protocol = def.protocol === "https" ? "https" : "http";
  const port = within(PORT_NUMBER, def.port, DEFAULT_PORTS[protocol]);
  if (port === undefined) throw incomplete(say`the port must be a number from 1 to 65535`);
  const picturePorts = portsOf(def.picturePorts);
  if (picturePorts.includes(undefined)) throw incomplete(say`the picture ports must be numbers from 1 to 65535`);
  const timeout = within(HEARTBEAT_TIMEOUT, def.heartbeatTimeout, fields.heartbeatTimeout.value);
  if (timeout === undefined) throw incomplete(say`the heartbeat timeout must be a number of seconds`);
  return {
    identity: { id: def.id, name: def.name === "" ? host : def.name, host },
    address: { protocol, host, port },
    credentials: { username: credentials?.username ?? "", password: credentials?.password ?? "" },
    tls: tlsOf(def),
    basic: def.basic === true,
    http: def.http === "lenient" ? "lenient" : "strict",
    picturePorts: picturePorts.filter((one) => one !== undefined),
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

/** Undefined for what is no port. */
function portsOf(value: DeviceDef["picturePorts"] = ""): readonly (number | undefined)[] {
  const parts = Array.isArray(value) ? value.map(String) : String(value as string | number).split(/[\s,;]+/);
  return parts.filter((part) => part !== "").map((part) => within(PORT_NUMBER, part, 0));
}

/** A whole number that a form or an environment variable may give as text; undefined when it is none, or out of bounds. */
function within({ min, max }: Bounds, value: string | number | undefined, fallback: number): number | undefined {
  if (value === undefined || value === "") return fallback;
  const number = Number(value);
  return Number.isInteger(number) && number >= min && number <= max ? number : undefined;
}

function incomplete(what: Sentence): FatalError {
  return new FatalError(
    "badRequest",
    say`The device is not set up: ${what}. Open the device's settings and correct it.`,
  );
}
