/**
 * What an event costs, as fast as they go: event-in in a real Node-RED beside the incumbent's pipeline in another, and bare undici,
 * alternately in one run. Devices are another process.
 * Run: npm run bench -- events [rounds] [plain | pictures]
 */
import { median, table } from "./support/figures";
import { start, type Child } from "./support/child";
import type { FarmCommands, ListenerCommands } from "./support/protocol";

const ROUNDS = Number(process.argv[2] ?? 7);
const only = process.argv[3];
const PICTURE_BYTES = 300 << 10;
/** Until all that the start asks of a device is over. */
const SETTLE_MS = 2_000;
/** Not counted: code that has not run yet is slow. */
const WARM_UP_ROUNDS = 6;

interface Speed {
  readonly eventsPerSecond: number;
  readonly megabytesPerSecond: number;
  readonly cpuPerEvent: number;
  readonly wrong: number;
}

interface Subject {
  readonly name: string;
  readonly script: "node-red-listener.ts" | "undici-listener.ts";
  readonly mode: string;
  /** What of a volley comes out: all events, the last alone, or bytes that nobody counts as events. */
  readonly hears: "all" | "last" | "bytes";
}

interface Load {
  readonly title: string;
  readonly events: number;
  readonly pictureBytes: number;
  /** The first is what the others are compared with. */
  readonly subjects: readonly Subject[];
}

const inNodeRed = { script: "node-red-listener.ts", hears: "all" } as const;
const bare = { script: "undici-listener.ts" } as const;

const LOADS: Readonly<Record<string, Load>> = {
  plain: {
    title: "770 bytes",
    events: 3000,
    pictureBytes: 0,
    subjects: [
      { name: "incumbent's pipeline", ...inNodeRed, mode: "incumbent" },
      { name: "event-in", ...inNodeRed, mode: "ours" },
      { name: "event-in, filter refuses", ...inNodeRed, mode: "refusing", hears: "last" },
      { name: "undici, discarded", ...bare, mode: "discard", hears: "bytes" },
    ],
  },
  pictures: {
    title: "300 KiB picture",
    events: 600,
    pictureBytes: PICTURE_BYTES,
    subjects: [
      { name: "incumbent's pipeline", ...inNodeRed, mode: "incumbent" },
      { name: "event-in", ...inNodeRed, mode: "ours" },
      { name: "minimal collector", ...inNodeRed, mode: "collector" },
      { name: "event-in, no pictures", ...inNodeRed, mode: "without-pictures" },
      { name: "undici in Node-RED, discarded", ...inNodeRed, mode: "discard", hears: "bytes" },
      { name: "undici, discarded", ...bare, mode: "discard", hears: "bytes" },
    ],
  },
};

async function speed(
  farm: FarmCommands,
  listener: ListenerCommands,
  { events, pictureBytes }: Load,
  { hears, mode }: Subject,
  device: number,
): Promise<Speed> {
  // The minimal collector sees pictures alone, the others also the event without one that ends the volley.
  const extra = mode === "collector" || (mode === "incumbent" && pictureBytes > 0) ? 0 : 1;
  const expected = hears === "last" ? 1 : events + extra;
  await listener.begin();
  const { startedAt, bytes } = await farm.volley({ device, events, pictureBytes });
  const heard = await listener.heard(hears === "bytes" ? { bytes } : { events: expected });
  const seconds = (heard.lastAt - startedAt) / 1000;
  const came = new Set(heard.sightings.map(([, sequence]) => sequence)).size;
  const pictures = mode === "without-pictures" ? 0 : events;
  const wrong =
    Math.abs(heard.sightings.length - expected) +
    Math.abs(came - expected) +
    (pictureBytes > 0 ? Math.abs(heard.pictures - pictures) : 0);
  return {
    eventsPerSecond: events / seconds,
    megabytesPerSecond: bytes / 1e6 / seconds,
    cpuPerEvent: (1000 * heard.cpuMs) / events,
    wrong: hears === "bytes" ? 0 : wrong,
  };
}

/** Each subject once per round, so that a busy machine disturbs all alike. */
async function measure(farm: FarmCommands, load: Load): Promise<Map<Subject, Speed[]>> {
  const { subjects, pictureBytes } = load;
  const addresses = await farm.devices(subjects.length);
  const listeners: Child<ListenerCommands>[] = [];
  try {
    for (const [device, { script, mode }] of subjects.entries()) {
      const args = script === "undici-listener.ts" ? [mode, String(pictureBytes)] : [String(pictureBytes), mode];
      const listener = start<ListenerCommands>(script, args);
      listeners.push(listener);
      await listener.ask.connect(addresses.slice(device, device + 1));
    }
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const results = new Map(subjects.map((subject): [Subject, Speed[]] => [subject, []]));
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      for (const [device, subject] of subjects.entries()) {
        const listener = listeners[device];
        if (!listener) continue;
        const result = await speed(farm, listener.ask, load, subject, device);
        if (round >= 0) results.get(subject)?.push(result);
      }
    }
    return results;
  } finally {
    await Promise.all(listeners.map((listener) => listener.stop()));
  }
}

function rowsOf({ title, subjects }: Load, results: ReadonlyMap<Subject, readonly Speed[]>): string[][] {
  const [yardstick] = subjects;
  const base = (yardstick && results.get(yardstick)) ?? [];
  return [...results].map(([{ name, hears }, rounds]) => {
    const middle = (key: keyof Speed): number => median(rounds.map((round) => round[key]));
    // Of the same round: what disturbs the machine for longer than a round disturbs both.
    const ratio = (key: keyof Speed): number => median(rounds.map((round, i) => round[key] / (base[i]?.[key] ?? NaN)));
    return [
      `${title}: ${name}`,
      middle("cpuPerEvent").toFixed(1),
      ratio("cpuPerEvent").toFixed(2),
      middle("eventsPerSecond").toFixed(0),
      ratio("eventsPerSecond").toFixed(2),
      middle("megabytesPerSecond").toFixed(0),
      hears === "bytes" ? "" : String(rounds.reduce((sum, { wrong }) => sum + wrong, 0)),
    ];
  });
}

async function main(): Promise<void> {
  const farm = start<FarmCommands>("farm.ts");
  try {
    const rows: string[][] = [];
    for (const [name, load] of Object.entries(LOADS)) {
      if (only !== undefined && only !== name) continue;
      rows.push(...rowsOf(load, await measure(farm.ask, load)));
    }
    const heads = ["as fast as they go", "µs CPU/event", "ratio", "events/s", "ratio", "MB/s", "lost or doubled"];
    console.log(table(heads, rows));
  } finally {
    await farm.stop();
  }
}

void main();
