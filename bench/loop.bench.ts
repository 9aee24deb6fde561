/**
 * How long the event loop of a real Node-RED stands still while this package is at work, beside the same Node-RED at rest. The device is
 * another process. Run: npm run bench -- loop [seconds]
 */
import { start } from "./support/child";
import { table } from "./support/figures";
import type { LoopDelay, LoopDevice, LoopFlow } from "./support/protocol";

const SECONDS = Number(process.argv[2] ?? 10);
const SETTLE_MS = 5_000;
const EVENTS_PER_SECOND = 1_000;
const PICTURES_PER_SECOND = 5;
const PICTURE_BYTES = 2 << 20;
/** Near the most that is read of an answer, 4 MiB. */
const LARGEST_ANSWER = 3.5 * 1024 * 1024;
const TOO_LARGE_ANSWER = 20 << 20;
const SEARCHES = 5;

interface Work {
  readonly name: string;
  /** Gives what came of it, where that is no matter of course. */
  readonly run: (device: LoopDevice, flow: LoopFlow) => Promise<unknown>;
}

const events = (device: LoopDevice): Promise<void> =>
  device.events({ perSecond: EVENTS_PER_SECOND, pictureBytes: 0, seconds: SECONDS });
const pictures = (device: LoopDevice): Promise<void> =>
  device.events({ perSecond: PICTURES_PER_SECOND, pictureBytes: PICTURE_BYTES, seconds: SECONDS });
const search =
  (bytes: number) =>
  async (device: LoopDevice, flow: LoopFlow): Promise<string> => {
    await device.answer(bytes);
    return flow.search(SEARCHES);
  };
const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1000 * SECONDS));

const WORK: readonly Work[] = [
  { name: "at rest", run: rest },
  { name: `${EVENTS_PER_SECOND} events a second`, run: events },
  { name: `${PICTURES_PER_SECOND} pictures of 2 MiB a second`, run: pictures },
  { name: "a search answer of 3.5 MiB", run: search(LARGEST_ANSWER) },
  { name: "a search answer of 20 MiB", run: search(TOO_LARGE_ANSWER) },
  { name: "an announcement, WAV to G.711", run: (_, flow) => flow.talk().then(rest) },
  {
    name: "events, pictures and the announcement",
    run: (device) => Promise.all([events(device), pictures(device)]).then(),
  },
];

async function measure(device: LoopDevice, flow: LoopFlow, { run }: Work): Promise<[LoopDelay, string]> {
  await flow.begin();
  const how = await run(device, flow);
  return [await flow.end(), typeof how === "string" ? how : ""];
}

async function main(): Promise<void> {
  const device = start<LoopDevice>("loop-device.ts");
  const flow = start<LoopFlow>("loop-flow.ts");
  try {
    await flow.ask.deploy(await device.ask.device());
    while (!(await device.ask.isListened())) await new Promise((resolve) => setTimeout(resolve, 100));
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const rows: string[][] = [];
    for (const work of WORK) {
      const [{ p50, p99, longest, longestCollection, messages }, how] = await measure(device.ask, flow.ask, work);
      const figures = [p50, p99, longest, longestCollection].map((ms) => ms.toFixed(1));
      rows.push([work.name, ...figures, String(messages), how.slice(0, 60)]);
    }
    console.log(
      table(["the event loop is late by", "p50 ms", "p99 ms", "longest ms", "of that GC ms", "messages", ""], rows),
    );
  } finally {
    await flow.stop();
    await device.stop();
  }
}

void main();
