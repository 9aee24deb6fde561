/** Node-RED with a flow that gets events, asks for recordings and speaks, and how its event loop does meanwhile. */
import { serve } from "./child";
import { Loop } from "./loop-delay";
import type { LoopFlow } from "./protocol";
import { startNodeRed, type RedApi } from "./start-node-red";

interface Message {
  readonly _msgid: string;
  readonly payload: unknown;
  readonly error?: { readonly message: string };
}

const RATE = 44_100;
const LONGEST_MS = 120_000;
const SINCE = "2026-01-01T00:00:00Z";

let red: RedApi<Message> | undefined;
const loop = new Loop();
let messages = 0;
const ends = new Map<string, (how: string) => void>();

function note({ _msgid, error, payload }: Message): void {
  messages += 1;
  // Not the question itself, which a node receives, too.
  if (!error && !Array.isArray(payload)) return;
  ends.get(_msgid)?.(error ? error.message : `${(payload as readonly unknown[]).length} recordings`);
  ends.delete(_msgid);
}

/** What becomes of a message that a node is given. */
async function ask(node: string, message: Readonly<Record<string, unknown>>): Promise<string> {
  const _msgid = Math.random().toString(16);
  const ended = new Promise<string>((resolve) => ends.set(_msgid, resolve));
  red?.nodes.getNode(node)?.receive({ _msgid, ...message });
  const timer = setTimeout(() => ends.get(_msgid)?.("nothing came"), LONGEST_MS);
  return ended.finally(() => clearTimeout(timer));
}

/** Stereo, 16 bits: a tone of 440 Hz. */
function wav(seconds: number): Buffer {
  const samples = Buffer.alloc(seconds * RATE * 4);
  for (let i = 0; i < seconds * RATE; i++) {
    const value = Math.round(8000 * Math.sin((2 * Math.PI * 440 * i) / RATE));
    samples.writeInt16LE(value, 4 * i);
    samples.writeInt16LE(value, 4 * i + 2);
  }
  const head = Buffer.alloc(44);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(36 + samples.length, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(2, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(4 * RATE, 28);
  head.writeUInt16LE(4, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

const sound = wav(60);

const flow: LoopFlow = {
  async deploy({ host, port, username, password }) {
    red = await startNodeRed<Message>(note);
    const place = { z: "tab", x: 100, y: 100, device: "camera" };
    const flows = [
      { id: "tab", type: "tab", label: "Bench" },
      { id: "camera", type: "hikvision-device", name: "", host, port, protocol: "http" },
      { id: "in", type: "hikvision-event-in", ...place, emit: "all", offDelay: 3600, pictures: true, wires: [["end"]] },
      {
        id: "list",
        type: "hikvision-recordings",
        ...place,
        channel: "1",
        end: "now",
        endType: "str",
        wires: [["end"]],
      },
      { id: "talk", type: "hikvision-audio", ...place, channel: "1", action: "talk", wires: [["end"]] },
      { id: "catch", type: "catch", z: "tab", x: 100, y: 200, scope: ["list", "talk"], wires: [["end"]] },
      { id: "end", type: "debug", z: "tab", x: 400, y: 100, active: false, complete: "payload", wires: [] },
    ];
    const credentials = { camera: { username, password } };
    await red.runtime.flows.setFlows({ flows: { flows, credentials }, deploymentType: "full" });
  },

  begin() {
    messages = 0;
    globalThis.gc?.();
    loop.begin();
    return Promise.resolve();
  },

  end: () => Promise.resolve({ ...loop.end(), messages }),

  async search(times) {
    let how = "";
    for (let i = 0; i < times; i++) how = await ask("list", { start: SINCE });
    return how;
  },

  talk() {
    red?.nodes.getNode("talk")?.receive({ payload: sound });
    return Promise.resolve();
  },
};

serve(flow);
