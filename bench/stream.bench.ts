/**
 * The alert stream through a real Node-RED, beside bare clients on the same bytes, alternately in one run:
 * latency with 1, 200 and 1000 devices. Devices are another process.
 * Run: npm run bench -- stream [rounds] [seconds]
 */
import { median, quantile, table } from "./support/figures";
import { start } from "./support/child";
import type { FarmCommands, ListenerCommands, Sighting } from "./support/protocol";

const ROUNDS = Number(process.argv[2] ?? 3);
const SECONDS = Number(process.argv[3] ?? 10);
/** Until all that the start asks of a device is over, and the connections that it needed are closed again. */
const SETTLE_MS = 12_000;
/** Code that has not run yet is slow. */
const WARM_UP_SECONDS = 3;

interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly lost: number;
  readonly doubled: number;
  readonly cpuPercent: number;
  readonly residentKb: number;
  readonly usedKb: number;
}

type Subject = readonly [name: string, script: string, ...args: string[]];

const OURS = "node-red + event-in";
const YARDSTICK = "bare undici";

async function latency(farm: FarmCommands, [, script, ...args]: Subject, addresses: Addresses): Promise<Latency> {
  const listener = start<ListenerCommands>(script, args);
  try {
    await listener.ask.connect(addresses);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const cost = await listener.ask.cost();
    await farm.trickle(WARM_UP_SECONDS);
    await listener.ask.begin();
    const sent = await farm.trickle(SECONDS);
    const heard = await listener.ask.heard({ events: sent.length });
    const cpuPercent = (100 * heard.cpuMs) / heard.elapsedMs;
    return { ...compare(sent, heard.sightings), cpuPercent, ...cost };
  } finally {
    await listener.stop();
  }
}

type Addresses = Awaited<ReturnType<FarmCommands["devices"]>>;

function compare(
  sent: readonly Sighting[],
  seen: readonly Sighting[],
): Pick<Latency, "p50" | "p99" | "lost" | "doubled"> {
  const left = new Map(sent.map(([device, sequence, at]) => [`${device}/${sequence}`, at]));
  const delays: number[] = [];
  let doubled = 0;
  for (const [device, sequence, at] of seen) {
    const sentAt = left.get(`${device}/${sequence}`);
    if (sentAt === undefined) doubled += 1;
    else delays.push(at - sentAt);
    left.delete(`${device}/${sequence}`);
  }
  return { p50: median(delays), p99: quantile(delays, 0.99), lost: left.size, doubled };
}

/** Each subject once per round, so that a busy machine disturbs all alike. */
async function alternately<T>(
  subjects: readonly Subject[],
  measure: (subject: Subject) => Promise<T>,
): Promise<Map<string, T[]>> {
  const results = new Map<string, T[]>(subjects.map(([name]) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const subject of subjects) results.get(subject[0])?.push(await measure(subject));
  }
  return results;
}

async function latencies(farm: FarmCommands): Promise<void> {
  const subjects: readonly Subject[] = [
    [OURS, "node-red-listener.ts"],
    [YARDSTICK, "undici-listener.ts", "note"],
  ];
  const rows: string[][] = [];
  for (const devices of [1, 200, 1000]) {
    const addresses = await farm.devices(devices);
    const results = await alternately(subjects, (subject) => latency(farm, subject, addresses));
    for (const [name, rounds] of results) {
      const middle = (key: keyof Latency): number => median(rounds.map((round) => round[key]));
      const total = (key: keyof Latency): number => rounds.reduce((sum, round) => sum + round[key], 0);
      rows.push([
        `${devices} × ${name}`,
        middle("p50").toFixed(2),
        middle("p99").toFixed(2),
        String(total("lost")),
        String(total("doubled")),
        middle("cpuPercent").toFixed(1),
        // One connection is less than what the process itself goes up and down by.
        devices === 1 ? "" : middle("residentKb").toFixed(0),
        devices === 1 ? "" : middle("usedKb").toFixed(0),
      ]);
    }
  }
  const heads = ["an event a second per device", "p50 ms", "p99 ms", "lost", "doubled", "CPU %", "KB/conn", "in use"];
  console.log(table(heads, rows));
}

async function main(): Promise<void> {
  const farm = start<FarmCommands>("farm.ts");
  try {
    await latencies(farm.ask);
  } finally {
    await farm.stop();
  }
}

void main();
