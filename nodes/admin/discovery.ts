/**
 * "Find devices" of the device form: each device in the network as it answers, and which nodes are it already. A device that a node
 * knows by serial number or MAC is recognized at another address. Nothing is sent to a device but the search.
 */
import { isIP } from "node:net";
import type { NodeAPI } from "node-red";
import {
  type DeviceAddress,
  findDevices,
  type FoundDevice,
  namesOf,
  RetryableError,
  sameDevice,
  say,
  type SearchEnvironment,
} from "../../src";
import { DEFAULT_PORTS } from "../device/fields";
import { findDeviceNode } from "../shared/device-node";

/** A line of the answer. */
export interface FoundLine {
  readonly found: FoundDevice;
  /** The deployed nodes that are this device. */
  readonly setUp: readonly SetUp[];
}

interface SetUp {
  /** Of the config node. */
  readonly id: string;
  readonly name: string;
  /** It does not answer at the address it is deployed for, `was`, but here. */
  readonly moved: boolean;
  /** "192.0.2.10", "192.0.2.10:8080" */
  readonly was: string;
}

const MOST_AT_ONCE = 4;
let running = 0;

/** `asked`: where it was searched, as "eth0 (192.0.2.5)". Throws `offline` when that is nowhere. */
export async function findInNetwork(
  RED: NodeAPI,
  signal: AbortSignal,
  sendLine: (line: FoundLine) => void,
  environment?: SearchEnvironment,
): Promise<{ readonly asked: readonly string[] }> {
  if (running >= MOST_AT_ONCE)
    throw new RetryableError("busy", say`Others are searching already. Try again in a few seconds.`);
  running += 1;
  try {
    const asked = await findDevices((found) => sendLine({ found, setUp: setUpAs(RED, found) }), signal, environment);
    return { asked: asked.map(({ name, address }) => `${name} (${address})`) };
  } finally {
    running -= 1;
  }
}

function setUpAs(RED: NodeAPI, found: FoundDevice): SetUp[] {
  const all: SetUp[] = [];
  RED.nodes.eachNode(({ id }) => {
    const node = findDeviceNode(RED, id);
    if (!node?.device) return;
    const { identity, http, alerts } = node.device;
    const known = node.identity?.known ?? {};
    const here = isAt(http.address, found);
    // Whoever is at the address of a device that is known to be another is not it.
    const byName = namesOf(known).length > 0 && namesOf(found).length > 0;
    if (!(byName ? sameDevice(known, found) : here)) return;
    // A name is followed by who gives names, and a stream that runs proves that the address is right, by whatever way.
    const moved = !here && isIP(http.address.host) !== 0 && alerts.state.phase !== "online";
    all.push({ id, name: identity.name, moved, was: addressText(http.address) });
  });
  return all;
}

/** A port that the device keeps to itself may be any. */
function isAt({ protocol, host, port }: DeviceAddress, found: FoundDevice): boolean {
  const said = protocol === "https" ? found.httpsPort : found.httpPort;
  return (
    (host === found.address || host.toLowerCase() === found.ipv6?.toLowerCase()) &&
    (said === undefined || said === port)
  );
}

function addressText({ protocol, host, port }: DeviceAddress): string {
  if (port === DEFAULT_PORTS[protocol]) return host;
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
