/**
 * Long lists through a real Node-RED: 10,000 recordings in one answer of a recordings node, 100,000 plates that passed while the camera was
 * off the network. The recorder is another process. Run: npm run bench -- lists [recordings] [plates]
 */
import { start } from "./support/child";
import { table } from "./support/figures";
import type { ListCost, PastDevice, PastFlow } from "./support/protocol";

const RECORDINGS = Number(process.argv[2] ?? 10_000);
const PLATES = Number(process.argv[3] ?? 100_000);
/** Plates in one answer of the device. */
const PAGE = 200;
const SETTLE_MS = 5_000;

function row(name: string, wanted: number, cost: ListCost): string[] {
  const { found, doubled, seconds, cpuSeconds, longestMs, peakMb, keptMb } = cost;
  return [
    name,
    String(wanted - found),
    String(doubled),
    seconds.toFixed(1),
    ((1e6 * cpuSeconds) / Math.max(1, found)).toFixed(0),
    longestMs.toFixed(0),
    peakMb.toFixed(0),
    keptMb.toFixed(1),
  ];
}

async function main(): Promise<void> {
  const device = start<PastDevice>("past-device.ts");
  const flow = start<PastFlow>("past-flow.ts");
  try {
    await flow.ask.deploy(await device.ask.device(RECORDINGS));
    while (!(await device.ask.isListened())) await sleep(100);
    await sleep(SETTLE_MS);
    const since = new Date(Date.now() - (RECORDINGS + 10) * 60_000).toISOString();
    // The first answer is that of code that has not run yet.
    await flow.ask.recordings(new Date(Date.now() - 3_600_000).toISOString());
    const recordings = await flow.ask.recordings(since);
    await flow.ask.begin();
    await device.ask.outage(PLATES, PAGE);
    const plates = await flow.ask.plates(PLATES);
    const heads = ["a long list", "lost", "doubled", "s", "µs CPU each", "longest stretch ms", "peak MB", "kept MB"];
    const rows = [
      row(`${RECORDINGS} recordings, one message`, RECORDINGS, recordings),
      row(`${PLATES} plates of an outage, a message each`, PLATES, plates),
    ];
    console.log(table(heads, rows));
  } finally {
    await flow.stop();
    await device.stop();
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

void main();
