/** The device that a form's question is about: the running one, or one made for the question from what the form holds. */
import type { Node, NodeAPI } from "node-red";
import {
  Device,
  type DeviceAddress,
  type DeviceSettings,
  type DeviceSink,
  FatalError,
  normalizeFingerprint,
  say,
  type Tls,
} from "../../src";
import { deviceNodeOf, findDeviceNode, type DeviceNode } from "../shared/device-node";
import { propertiesOf, textIn } from "../shared/unknown-values";
import { deviceSettings, type DeviceCredentials, type DeviceDef } from "../device/settings";

/** The stored password would have to go where it was never meant to go. Not an error of the device: no code of errors.ts fits. */
export class PasswordNeeded extends Error {
  readonly code = "passwordNeeded";
  readonly sentence = say`Enter the password again: the stored one is used only toward the host, port and protocol that were deployed,
    and under no weaker rules for certificate and login.`;
}

/** Of a device that lives for one question. */
export const NO_SUBSCRIBERS: DeviceSink = {
  warn: () => undefined,
  state: () => undefined,
  notification: () => undefined,
  event: () => undefined,
  wantsPictures: () => false,
};

/** Runs `ask` on the device. One made for the question is closed afterwards. */
export async function withDevice<T>(
  RED: NodeAPI,
  scope: "deployed" | "form",
  body: unknown,
  ask: (device: Device) => Promise<T>,
): Promise<T> {
  if (scope === "deployed") return ask(deviceNodeOf(RED, textIn(propertiesOf(body)["id"])).device);
  const device = new Device(formSettings(RED, body), NO_SUBSCRIBERS);
  try {
    return await ask(device);
  } finally {
    await device.close();
  }
}

/** What the form holds, `${ENV}` filled in. Throws `badRequest` with the field's name, or {@link PasswordNeeded}. */
export function formSettings(RED: NodeAPI, body: unknown): DeviceSettings {
  const sent = propertiesOf(propertiesOf(body)["connection"]);
  const id = textIn(sent["id"]) ?? "";
  const node = findDeviceNode(RED, id);
  const filled = (name: string): string | undefined => fillIn(RED, node, textIn(sent[name]));
  const def = {
    id,
    type: "hikvision-device",
    name: "",
    z: "",
    ...optional("host", filled("host")),
    ...optional("port", filled("port")),
    ...optional("protocol", filled("protocol")),
    ...optional("tls", filled("tls")),
    ...optional("fingerprint", filled("fingerprint")),
    ...optional("http", filled("http")),
    ...optional("timeZone", filled("timeZone")),
    basic: sent["basic"] === true,
  } as DeviceDef;
  const password = filled("password");
  if (password !== undefined)
    return deviceSettings(def, { username: filled("username") ?? storedUser(node), password });
  const settings = deviceSettings(def, undefined);
  return { ...settings, credentials: storedFor(node, settings, filled("username")) };
}

/** The stored login, if the settings are those it was deployed with. */
function storedFor(
  node: DeviceNode | undefined,
  settings: DeviceSettings,
  username: string | undefined,
): { username: string; password: string } {
  const stored: DeviceCredentials = node?.credentials ?? {};
  if (stored.password === undefined || stored.password === "")
    return { username: username ?? storedUser(node), password: "" };
  if (!isDeployedWith(node, settings)) throw new PasswordNeeded();
  return { username: username ?? storedUser(node), password: stored.password };
}

/** The device itself, whoever asks. */
export function deviceKey({ host, port }: DeviceAddress): string {
  return `${host.toLowerCase()}:${port}`;
}

/** Is this what the stored secrets are meant for: host, port, protocol, the certificate's rule, and Basic where it may go? */
export function isDeployedWith(
  node: DeviceNode | undefined,
  { address, tls, basic }: Pick<DeviceSettings, "address" | "tls" | "basic">,
): boolean {
  const http = node?.device?.http;
  if (!http || !isDeployedAt(node, address)) return false;
  if (address.protocol === "http") return !basic || http.mayUseBasic;
  return tls.mode === http.tls.mode && pinOf(tls) === pinOf(http.tls);
}

function pinOf(tls: Tls): string {
  if (tls.mode !== "pinned") return "";
  return normalizeFingerprint(tls.fingerprint) ?? tls.fingerprint;
}

/** Is this the host, port and protocol that were deployed? */
export function isDeployedAt(node: DeviceNode | undefined, address: DeviceAddress): boolean {
  const deployed = node?.device?.http.address;
  return (
    deployed?.host.toLowerCase() === address.host.toLowerCase() &&
    deployed.port === address.port &&
    deployed.protocol === address.protocol
  );
}

function storedUser(node: DeviceNode | undefined): string {
  return node?.credentials.username ?? "";
}

/** `${NAME}` from the environment of the node's flow, else of the process. */
function fillIn(RED: NodeAPI, node: Node | undefined, sent: string | undefined): string | undefined {
  if (sent === undefined || !/^\$\{[^}]+\}$/.test(sent)) return sent;
  const value: unknown = RED.util.evaluateNodeProperty(sent, "env", (node ?? null) as unknown as Node, {});
  if (typeof value === "string" && value !== "") return value;
  throw new FatalError(
    "badRequest",
    say`The environment variable ${sent.slice(2, -1)} is not set where Node-RED runs.`,
  );
}

function optional(name: string, value: string | undefined): Readonly<Record<string, string>> {
  return value === undefined ? {} : { [name]: value };
}
