/** Node-RED with one device node and one event-in node per device, all wired to one node, at which the messages are noted. */
import { serve } from "./child";
import { Cost, Hearing } from "./hearing";
import type { Address, ListenerCommands } from "./protocol";
import { type RedApi, startNodeRed } from "./start-node-red";

interface Payload {
  readonly type: string;
  readonly state: string;
  readonly count?: number;
  readonly device: { readonly id: string };
  readonly pictures?: readonly { readonly data: Buffer | null }[];
}

const PICTURE_BYTES = Number(process.argv[2] ?? 0);
const LAST = "bench-last";
const hearing = new Hearing();
const cost = new Cost();
let online = 0;
let started: Promise<RedApi<Payload>> | undefined;

function note(payload: Payload): void {
  if (payload.type === "connection") {
    if (payload.state === "online") online += 1;
    return;
  }
  if (payload.count === undefined) return;
  const pictured = payload.pictures?.some(({ data }) => data?.length === PICTURE_BYTES) ?? false;
  hearing.event(Number(payload.device.id), payload.count, pictured);
}

function flows(addresses: readonly Address[]): object[] {
  return [
    { id: "tab", type: "tab", label: "Bench" },
    { id: LAST, type: "debug", z: "tab", x: 400, y: 100, active: false, complete: "payload", wires: [] },
    ...addresses.flatMap(({ host, port }, index) => [
      { id: String(index), type: "hikvision-device", name: "", host, port, protocol: "http" },
      {
        id: `in-${index}`,
        type: "hikvision-event-in",
        z: "tab",
        x: 100,
        y: 100,
        device: String(index),
        emit: "all",
        connection: true,
        wires: [[LAST]],
      },
    ]),
  ];
}

const listener: ListenerCommands = {
  async connect(addresses) {
    const RED = await (started ??= startNodeRed(note));
    await cost.before(addresses.length);
    const logins = addresses.map(({ username, password }, index) => [String(index), { username, password }]);
    await RED.runtime.flows.setFlows({
      flows: { flows: flows(addresses), credentials: Object.fromEntries(logins) as object },
      deploymentType: "full",
    });
    while (online < addresses.length) await new Promise((resolve) => setTimeout(resolve, 20));
  },
  begin: () => hearing.begin(),
  heard: (until) => hearing.heard(until),
  cost: () => cost.now(),
};

serve(listener);
