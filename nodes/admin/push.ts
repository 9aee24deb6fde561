/**
 * What the device form asks about push: where Node-RED listens, and our place in the device's list of hosts.
 * The token comes in a body only, or from the stored credentials, and never goes out.
 */
import os from "node:os";
import type { NodeAPI } from "node-red";
import {
  FatalError,
  HttpHosts,
  type PushAddress,
  type PushPlan,
  type ReplacedHost,
  RetryableError,
  say,
  type Sentence,
} from "../../src";
import { deviceKey, formSettings, isDeployedWith, withDevice } from "./target-device";
import { propertiesOf, textIn } from "../shared/unknown-values";
import { findDeviceNode } from "../shared/device-node";
import { PUSH_PATH, rootObstacle } from "../device/push-route";

/** What a form's question is about. */
interface RequestedPush {
  readonly address: PushAddress;
  /** Paths that were ours at this device. */
  readonly former: readonly string[];
  /** The device, as {@link written} knows it. */
  readonly device: string;
}

/** What was written into devices, deployed or not: forgotten when Node-RED stops. By the device's host and port. */
const written = new Map<string, { readonly path: string; readonly replaced: ReplacedHost | undefined }>();

/** Where devices can push to, and why they cannot. `addresses`: of this computer, for an editor that was opened as "localhost". */
export function pushRoot(RED: NodeAPI): { path: string; addresses: readonly string[]; obstacle?: Sentence } {
  const obstacle = rootObstacle(RED)?.sentence;
  return { path: rootPath(RED), addresses: ownAddresses(), ...(obstacle !== undefined && { obstacle }) };
}

/** What would change on the device. Changes nothing. */
export async function planPush(
  RED: NodeAPI,
  body: unknown,
  signal: AbortSignal,
): Promise<Pick<PushPlan, "places" | "place" | "changes">> {
  const { address, former } = requestedPush(RED, body);
  return withDevice(RED, "form", body, async ({ isapi }) => {
    const { places, place, changes } = await new HttpHosts(isapi).plan(address, former, signal);
    return { places, place, changes };
  });
}

/** Writes our address into the place that was shown (`place`), nowhere else. */
export async function writePush(RED: NodeAPI, body: unknown, signal: AbortSignal): Promise<{ place: string }> {
  const { address, former, device } = requestedPush(RED, body);
  return withDevice(RED, "form", body, async ({ isapi }) => {
    const hosts = new HttpHosts(isapi);
    const plan = await hosts.plan(address, former, signal);
    const { place, before } = plan;
    if (place !== textIn(propertiesOf(body)["place"])) {
      throw new RetryableError("busy", say`The device's list has changed since it was shown. Look at it again.`);
    }
    const known = written.get(device)?.replaced;
    const replaced = before === undefined ? known : { place, before };
    // Noted first: a device that takes the address and then fails to answer has it all the same.
    if (plan.changes) written.set(device, { path: address.path, replaced });
    await hosts.apply(plan, address, signal);
    return { place };
  });
}

/** Puts back what our address replaced, or frees its place. */
export async function removePush(RED: NodeAPI, body: unknown, signal: AbortSignal): Promise<{ removed: boolean }> {
  const { address, former, device } = requestedPush(RED, body);
  return withDevice(RED, "form", body, async ({ isapi }) => {
    const paths = [address.path, ...former];
    const removed = await new HttpHosts(isapi).restore(paths, written.get(device)?.replaced, signal);
    written.delete(device);
    return { removed };
  });
}

function requestedPush(RED: NodeAPI, body: unknown): RequestedPush {
  const sent = propertiesOf(propertiesOf(body)["push"]);
  const device = deviceKey(formSettings(RED, body).address);
  const stored = storedToken(RED, body);
  const token = textIn(sent["token"]) ?? stored;
  if (token === undefined) {
    throw refused(say`The stored address is used only toward the device it was deployed for. Make a new one.`);
  }
  if (!/^[\w-]{16,128}$/.test(token))
    throw refused(say`The secret of a push address has at least 16 letters or digits.`);
  const path = (secret: string): string => rootPath(RED) + secret;
  const known = written.get(device)?.path;
  return {
    address: { ...hostAndPort(sent), path: path(token) },
    former: [...(stored === undefined ? [] : [path(stored)]), ...(known === undefined ? [] : [known])],
    device,
  };
}

function hostAndPort(sent: Readonly<Record<string, unknown>>): Omit<PushAddress, "path"> {
  const host = (textIn(sent["host"]) ?? "").trim();
  if (!/^[\w.-]+$/.test(host)) {
    throw refused(say`Enter the name or the IPv4 address under which the device can reach Node-RED.`);
  }
  const port = Number(textIn(sent["port"]) ?? "");
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw refused(say`The port is a number from 1 to 65535.`);
  return { protocol: sent["protocol"] === "https" ? "https" : "http", host, port };
}

/** Of the deployed node, if the form still leads to its device. */
function storedToken(RED: NodeAPI, body: unknown): string | undefined {
  const node = findDeviceNode(RED, textIn(propertiesOf(propertiesOf(body)["connection"])["id"]));
  const token = node?.credentials.pushToken;
  return token && isDeployedWith(node, formSettings(RED, body)) ? token : undefined;
}

/** Ends in "/". */
function rootPath(RED: NodeAPI): string {
  const { httpNodeRoot } = RED.settings as { httpNodeRoot?: unknown };
  const root =
    typeof httpNodeRoot === "string"
      ? httpNodeRoot
          .split("/")
          .filter((part) => part !== "")
          .join("/")
      : "";
  return (root === "" ? "" : `/${root}`) + PUSH_PATH;
}

function ownAddresses(): string[] {
  const all = Object.values(os.networkInterfaces()).flatMap((list) => list ?? []);
  return all.filter(({ family, internal }) => family === "IPv4" && !internal).map(({ address }) => address);
}

function refused(sentence: Sentence): FatalError {
  return new FatalError("badRequest", sentence);
}
