/** What the device form saved → what src/device.ts wants. Says in words what is missing. */
import type { NodeDef } from "node-red";
import { type DeviceSettings, FatalError, say, type Sentence, type Tls } from "../../src";
import { PORT_NUMBER } from "../shared/fields";
import { type Settings, settingsOf } from "../shared/settings";
import { propertiesOf, textIn } from "../shared/unknown-values";
import { DEFAULT_PORTS, fields } from "./fields";

/** Of a name in DNS; addresses are shorter. */
const MAX_HOST = 255;

export interface DeviceDef extends NodeDef {
  readonly host?: unknown;
  readonly port?: unknown;
  readonly protocol?: unknown;
  readonly tls?: unknown;
  readonly fingerprint?: unknown;
  readonly basic?: unknown;
  readonly http?: unknown;
  readonly picturePorts?: unknown;
  readonly timeZone?: unknown;
  readonly eventSource?: unknown;
  readonly heartbeatTimeout?: unknown;
}

export interface DeviceCredentials {
  username?: string;
  password?: string;
  pushToken?: string;
}

/** Throws {@link FatalError} `badRequest` with a sentence that names the field. */
export function deviceSettings(
  def: DeviceDef,
  credentials: DeviceCredentials | undefined,
  warn?: (sentence: Sentence) => void,
): DeviceSettings {
  const { port, ...rest } = def;
  const settings = settingsOf(rest, fields, warn);
  const { protocol, basic, eventSource, timeZone } = settings;
  const host = withoutBrackets(settings.host.trim());
  if (host === "") throw incomplete(say`the host is empty`);
  if (host.length > MAX_HOST || /[\s/@?#]/.test(host))
    throw incomplete(say`"${host.slice(0, 80)}" is not a host name or address: leave out "http://" and any path`);
  const { username, password } = propertiesOf(credentials);
  return {
    identity: { id: def.id, name: typeof def.name === "string" && def.name !== "" ? def.name : host, host },
    address: { protocol, host, port: portOf(port, DEFAULT_PORTS[protocol]) },
    credentials: { username: textIn(username) ?? "", password: textIn(password) ?? "" },
    tls: tlsOf(settings),
    basic,
    http: settings.http,
    picturePorts: portsOf(settings.picturePorts),
    eventSource,
    heartbeatTimeout: settings.heartbeatTimeout,
    timeZone,
  };
}

function withoutBrackets(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}

function tlsOf({ protocol, tls, fingerprint }: Settings<typeof fields>): Tls {
  if (protocol !== "https" || tls === "verify") return { mode: "verify" };
  if (tls === "insecure") return { mode: "insecure" };
  if (fingerprint.trim() === "") throw incomplete(say`no certificate fingerprint is entered for pinning`);
  return { mode: "pinned", fingerprint };
}

/** A whole number that a form or an environment variable may give as text. */
function portOf(value: unknown, usual: number): number {
  if (value === undefined || value === null || value === "") return usual;
  const port = typeof value === "string" || typeof value === "number" ? Number(value) : NaN;
  if (Number.isInteger(port) && port >= PORT_NUMBER.min && port <= PORT_NUMBER.max) return port;
  throw incomplete(say`the port must be a number from 1 to 65535`);
}

/** "80, 8000": what is no port is refused. */
function portsOf(list: string): readonly number[] {
  const ports = list.split(/[\s,;]+/).filter((part) => part !== "");
  return ports.map((part) => {
    const port = /^\d{1,5}$/.test(part) ? Number(part) : NaN;
    if (port >= PORT_NUMBER.min && port <= PORT_NUMBER.max) return port;
    throw incomplete(say`the picture ports must be numbers from 1 to 65535`);
  });
}

function incomplete(what: Sentence): FatalError {
  return new FatalError(
    "badRequest",
    say`The device is not set up: ${what}. Open the device's settings and correct it.`,
  );
}
