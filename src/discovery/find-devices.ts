/**
 * Searches for devices in every IPv4 network this computer is in: asks several times, because UDP loses packets, and reports
 * each device once. Owns its sockets. Answers come from anybody, so their number is bounded too.
 */
import { systemChance, systemClock, type Chance, type Clock } from "../lib/clock";
import { AbortedError, RetryableError } from "../lib/errors";
import { say } from "../lib/sentence";
import { systemNetwork, type SearchSocket, type NetworkInterface, type Network } from "./network";
import { namesOf } from "./same-device";
import { answerTo, inquiry, SADP_GROUP, SADP_PORT, type FoundDevice } from "./sadp";

/** What tests replace. */
export interface SearchEnvironment {
  readonly network?: Network;
  readonly clock?: Clock;
  readonly chance?: Pick<Chance, "token">;
}

const SEARCH_MS = 5_000;
const ASK_AGAIN_AFTER_MS = [1_000, 1_500];
/**
 * Some firmware answers to the group, for which the known port is needed; some to the asker, where any port will do.
 * A broadcast leaves by the interface that its socket is bound to, which the one with the known port is not.
 */
const SOCKETS = [
  { port: SADP_PORT, to: [SADP_GROUP] },
  { port: 0, to: [SADP_GROUP, "255.255.255.255"] },
];

const MOST_INTERFACES = 64;
const MOST_DEVICES = 1_000;
/** A device answers each of our packets, perhaps twice, and Linux gives an answer to the group to all our sockets. */
const MOST_FROM_ONE = 64;
const MOST_ANSWERS = 20_000;

/**
 * Calls `found` for each device as it answers; resolves after five seconds with the interfaces where it could ask.
 * Throws `offline` when there is none.
 */
export async function findDevices(
  found: (device: FoundDevice) => void,
  signal: AbortSignal,
  { network = systemNetwork, clock = systemClock, chance = systemChance }: SearchEnvironment = {},
): Promise<readonly NetworkInterface[]> {
  const interfaces = network.interfaces().slice(0, MOST_INTERFACES);
  if (interfaces.length === 0) {
    throw new RetryableError(
      "offline",
      say`The computer that Node-RED runs on is not connected to an IPv4 network. Check its cable or Wi-Fi.`,
    );
  }
  const uuid = uuidFrom(chance);
  const admission = admissions();
  const ended = new AbortController();
  const onMessage = (bytes: Buffer, sender: string): void => {
    if (ended.signal.aborted || signal.aborted || !admission.accept(sender)) return;
    const device = answerTo(uuid, bytes, sender);
    if (device && admission.isNew(device)) found(device);
  };

  const targets = interfaces.flatMap((at) => SOCKETS.map(({ port, to }) => ({ at, port, to })));
  const tries = await Promise.allSettled(
    targets.map(async ({ at, port, to }) => ({ at, to, socket: await network.open(at, port, onMessage) })),
  );
  const sockets = tries.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  try {
    if (signal.aborted) throw new AbortedError();
    const deadline = clock.elapsed() + SEARCH_MS;
    const asked = await askAll(sockets, uuid);
    if (asked.size === 0) {
      throw new RetryableError(
        "offline",
        say`The search could not be sent into any network. Look at the computer's connection and firewall.`,
      );
    }
    for (const pause of ASK_AGAIN_AFTER_MS) {
      await clock.wait(pause, signal);
      for (const at of await askAll(sockets, uuid)) asked.add(at);
    }
    await clock.wait(Math.max(0, deadline - clock.elapsed()), signal);
    return interfaces.filter((at) => asked.has(at));
  } finally {
    ended.abort();
    for (const { socket } of sockets) socket.close();
  }
}

/** The interfaces where it could be sent. */
async function askAll(
  sockets: readonly { at: NetworkInterface; to: readonly string[]; socket: SearchSocket }[],
  uuid: string,
): Promise<Set<NetworkInterface>> {
  const bytes = inquiry(uuid);
  const asked = new Set<NetworkInterface>();
  await Promise.all(
    sockets.flatMap(({ at, to, socket }) =>
      to.map(async (host) => {
        if (await socket.send(bytes, SADP_PORT, host)) asked.add(at);
      }),
    ),
  );
  return asked;
}

/** Limits answers per sender and in all, and reports each device once. */
function admissions(): { accept(sender: string): boolean; isNew(device: FoundDevice): boolean } {
  const heard = new Map<string, number>();
  const known = new Set<string>();
  let answers = 0;
  let devices = 0;
  return {
    accept(sender) {
      const times = heard.get(sender) ?? 0;
      if (times >= MOST_FROM_ONE || answers >= MOST_ANSWERS) return false;
      answers += 1;
      heard.set(sender, times + 1);
      return true;
    },
    isNew(device) {
      const names = namesOf(device);
      const all = names.length > 0 ? names : [device.address];
      const isNew = devices < MOST_DEVICES && !all.some((name) => known.has(name));
      if (isNew) {
        devices += 1;
        for (const name of all) known.add(name);
      }
      return isNew;
    },
  };
}

/** RFC 4122 version 4, in capitals as the vendor's programs write it. */
function uuidFrom(chance: Pick<Chance, "token">): string {
  const hex = chance.token(16).toUpperCase();
  const variant = "89AB".charAt(parseInt(hex.charAt(16), 16) % 4);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
