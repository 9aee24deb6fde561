/** Node-RED that asks for a long list of recordings, and that gets all plates of an outage. */
import { serve } from "./child";
import { Loop } from "./loop-delay";
import { startNodeRed, type RedApi } from "./start-node-red";
import type { ListCost, PastFlow } from "./protocol";

/** Of a plate with its id, or of all recordings. */
interface Message {
  readonly payload?: { readonly id?: string } | readonly Recording[];
}

interface Recording {
  readonly name: string;
}

const LOOK_MS = 20;
const LONGEST_MS = 10 * 60_000;

/** What is counted at the moment. */
class Count {
  readonly #seen = new Set<string>();
  readonly #loop = new Loop();
  readonly #began = performance.now();
  readonly #cpu = process.cpuUsage();
  readonly #before = used();
  #peak = 0;
  #doubled = 0;

  constructor() {
    this.#loop.begin();
  }

  get found(): number {
    return this.#seen.size;
  }

  add(id: string): void {
    if (this.#seen.has(id)) this.#doubled += 1;
    this.#seen.add(id);
  }

  look(): void {
    this.#peak = Math.max(this.#peak, inUse());
  }

  async until(done: () => boolean): Promise<ListCost> {
    while (!done() && performance.now() - this.#began < LONGEST_MS) {
      this.look();
      await sleep(LOOK_MS);
    }
    const seconds = (performance.now() - this.#began) / 1000;
    const { user, system } = process.cpuUsage(this.#cpu);
    const { longest } = this.#loop.end();
    const [found, doubled] = [this.found, this.#doubled];
    this.#seen.clear();
    const megabytes = (bytes: number): number => (bytes - this.#before) / 1e6;
    return {
      ...{ found, doubled, seconds, cpuSeconds: (user + system) / 1e6, longestMs: longest },
      ...{ peakMb: megabytes(this.#peak), keptMb: megabytes(used()) },
    };
  }
}

let red: RedApi<Message> | undefined;
let count = new Count();
let answered = false;

function note({ payload }: Message): void {
  if (isList(payload)) {
    for (const { name } of payload) count.add(name);
    answered = true;
  } else if (payload?.id !== undefined) count.add(payload.id);
}

function isList(payload: Message["payload"]): payload is readonly Recording[] {
  return Array.isArray(payload);
}

const flow: PastFlow = {
  async deploy({ host, port, username, password }) {
    red = await startNodeRed<Message>(note);
    const place = { z: "tab", x: 100, y: 100, device: "recorder" };
    const flows = [
      { id: "tab", type: "tab", label: "Bench" },
      { id: "recorder", type: "hikvision-device", name: "", host, port, protocol: "http" },
      {
        id: "list",
        type: "hikvision-recordings",
        ...place,
        channel: "1",
        end: "now",
        endType: "str",
        wires: [["end"]],
      },
      { id: "plates", type: "hikvision-plate-in", ...place, channels: [1], pictures: false, wires: [["end"], ["end"]] },
      { id: "end", type: "debug", z: "tab", x: 400, y: 100, active: false, complete: "payload", wires: [] },
    ];
    const credentials = { recorder: { username, password } };
    await red.runtime.flows.setFlows({ flows: { flows, credentials }, deploymentType: "full" });
  },

  recordings(start) {
    count = new Count();
    answered = false;
    red?.nodes.getNode("list")?.receive({ start });
    return count.until(() => answered);
  },

  begin() {
    count = new Count();
    return Promise.resolve();
  },

  plates: (wanted) => count.until(() => count.found >= wanted),
};

/** Bytes, of what nobody uses collected. */
function used(): number {
  globalThis.gc?.();
  return inUse();
}

function inUse(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

serve(flow);
