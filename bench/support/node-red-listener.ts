/**
 * Node-RED with one node per device that listens to its alert stream, all wired to one node, at which the messages are noted.
 * What listens: "ours" (device and event-in), "refusing" (event-in with a filter that no event of the bench passes but the last),
 * "without-pictures", or one that ours is compared with: "incumbent", "collector", "discard".
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { serve } from "./child";
import { counter } from "./discard-node";
import { Cost, Hearing } from "./hearing";
import { LAST_TYPE, type Address, type ListenerCommands } from "./protocol";
import { type RedApi, startNodeRed } from "./start-node-red";

interface Message {
  readonly payload: Payload;
  /** Of those that ours is compared with. */
  readonly picture?: Buffer;
}

interface Payload {
  readonly type?: string;
  readonly state?: string;
  readonly count?: number;
  readonly activePostCount?: number;
  readonly device?: { readonly id: string };
  readonly pictures?: readonly { readonly data: Buffer | null }[];
}

/** What ours is compared with: nodes of the bench. */
const OTHERS = ["incumbent", "collector", "discard"] as const;
type Other = (typeof OTHERS)[number];
type Mode = "ours" | "refusing" | "without-pictures" | Other;

const PICTURE_BYTES = Number(process.argv[2] ?? 0);
const mode = (process.argv[3] ?? "ours") as Mode;
const LAST = "bench-last";
const hearing = new Hearing();
const cost = new Cost();
let online = 0;
let started: Promise<RedApi<Message>> | undefined;

function addNodes(userDir: string): void {
  for (const name of OTHERS) addNode(userDir, name);
}

/** Makes one of the nodes beside this file known to Node-RED. */
function addNode(userDir: string, name: Other): void {
  const folder = path.join(userDir, "nodes");
  mkdirSync(folder, { recursive: true });
  const file = JSON.stringify(path.join(__dirname, `${name}-node.ts`));
  writeFileSync(path.join(folder, `${name}.js`), `module.exports = require(${file}).${name};\n`);
  writeFileSync(
    path.join(folder, `${name}.html`),
    `<script type="text/html" data-template-name="bench-${name}"></script>\n`,
  );
}

function note({ payload, picture }: Message): void {
  if (payload.type === "connection") {
    if (payload.state === "online") online += 1;
    return;
  }
  const count = payload.count ?? payload.activePostCount;
  // A heartbeat counts 0.
  if (!count) return;
  const pictured = picture ? picture.length === PICTURE_BYTES : hasPicture(payload);
  hearing.event(Number(payload.device?.id ?? 0), count, pictured);
}

function hasPicture({ pictures }: Payload): boolean {
  return pictures?.some(({ data }) => data?.length === PICTURE_BYTES) ?? false;
}

function isOther(name: Mode): name is Other {
  return OTHERS.some((other) => other === name);
}

function flows(addresses: readonly Address[]): object[] {
  return [
    { id: "tab", type: "tab", label: "Bench" },
    { id: LAST, type: "debug", z: "tab", x: 400, y: 100, active: false, complete: "payload", wires: [] },
    ...addresses.flatMap((address, index): object[] => {
      const place = { id: `in-${index}`, z: "tab", x: 100, y: 100, wires: [[LAST]] };
      if (isOther(mode)) return [{ ...place, ...address, type: `bench-${mode}`, pictured: PICTURE_BYTES > 0 }];
      const { host, port } = address;
      return [
        { id: String(index), type: "hikvision-device", name: "", host, port, protocol: "http" },
        {
          ...place,
          type: "hikvision-event-in",
          device: String(index),
          emit: "all",
          // Else a busy machine makes ends of its own, which look doubled.
          offDelay: 3600,
          connection: true,
          pictures: mode !== "without-pictures",
          events: mode === "refusing" ? [LAST_TYPE] : [],
        },
      ];
    }),
  ];
}

const listener: ListenerCommands = {
  async connect(addresses) {
    counter.count = (bytes) => hearing.bytes(bytes);
    const RED = await (started ??= startNodeRed(note, addNodes));
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
