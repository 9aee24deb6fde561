/**
 * Live video through Node-RED: first picture, delay, CPU per stream, memory per viewer. The recorder and Node-RED are processes
 * of their own, this one is the browsers. Needs ffmpeg, for the film. Run: npm run bench -- video [streams] [viewers] [seconds]
 */
import { spawnSync } from "node:child_process";
import http from "node:http";
import { start } from "./support/child";
import { median, quantile, table } from "./support/figures";
import type { VideoDevice, VideoServer } from "./support/protocol";

const STREAMS = Number(process.argv[2] ?? 16);
const VIEWERS = Number(process.argv[3] ?? 50);
const SECONDS = Number(process.argv[4] ?? 20);
/** Each opens a session of its own. */
const COLD = 8;
const STAMP = Buffer.from("HIKFLOW-BENCH-AT");

const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Viewer {
  /** Ms until the first picture. */
  readonly first: Promise<number>;
  /** Ms from the sending of each picture to its arrival. */
  readonly delays: number[];
  bytes: number;
  close(): void;
}

function watch(port: number, path: string): Viewer {
  const asked = monotonic();
  const delays: number[] = [];
  let shown: (ms: number) => void = () => undefined;
  const request = http.get({ host: "127.0.0.1", port, path, agent: false });
  const viewer: Viewer = {
    first: new Promise((resolve) => (shown = resolve)),
    delays,
    bytes: 0,
    close: () => void request.destroy(),
  };
  request.on("error", () => undefined);
  request.on("response", (response) => {
    response.on("error", () => undefined);
    response.on("data", (chunk: Buffer) => {
      viewer.bytes += chunk.length;
      for (let at = chunk.indexOf(STAMP); at >= 0; at = chunk.indexOf(STAMP, at + 1)) {
        const sent = Number(chunk.toString("latin1", at + STAMP.length, at + STAMP.length + 20));
        if (sent > 0) delays.push(monotonic() - sent);
        shown(monotonic() - asked);
      }
    });
  });
  return viewer;
}

async function main(): Promise<void> {
  if (spawnSync("ffmpeg", ["-version"]).status !== 0) {
    console.log("Left out: no ffmpeg here, which makes the film.");
    return;
  }
  const device = start<VideoDevice>("video-device.ts");
  const server = start<VideoServer>("video-server.ts");
  try {
    const port = await server.ask.start(await device.ask.device(STREAMS + COLD));
    const addresses: string[] = [];
    for (let channel = 1; channel <= STREAMS + COLD; channel++) addresses.push(await server.ask.address(channel));

    const cold: number[] = [];
    const joined: number[] = [];
    for (const address of addresses.slice(STREAMS)) {
      const viewer = watch(port, address);
      cold.push(await viewer.first);
      await sleep(300 + 100 * cold.length);
      const second = watch(port, address);
      joined.push(await second.first);
      viewer.close();
      second.close();
    }
    await sleep(6_000);

    const streams = addresses.slice(0, STREAMS).map((address) => watch(port, address));
    await Promise.all(streams.map(({ first }) => first));
    await sleep(2_000);
    for (const one of streams) {
      one.delays.length = 0;
      one.bytes = 0;
    }
    const before = await server.ask.usage();
    const began = monotonic();
    await sleep(SECONDS * 1000);
    const after = await server.ask.usage();
    const seconds = (monotonic() - began) / 1000;
    const delays = streams.flatMap((one) => one.delays);
    const megabits = (streams.reduce((sum, one) => sum + one.bytes, 0) * 8) / 1e6 / seconds / STREAMS;
    const cpu = (after.cpuMs - before.cpuMs) / seconds / 10 / STREAMS;

    const [address = ""] = addresses;
    const viewers = Array.from({ length: VIEWERS }, () => watch(port, address));
    await Promise.all(viewers.map(({ first }) => first));
    await sleep(5_000);
    const crowd = await server.ask.usage();
    const each = (value: "rss" | "used"): number => (crowd[value] - after[value]) / VIEWERS / 1e6;
    for (const one of [...streams, ...viewers]) one.close();

    console.log(
      table(
        ["", "p50", "p99", "at most"],
        [
          ["first picture, new session, ms", median(cold).toFixed(0), Math.max(...cold).toFixed(0), "1000"],
          ["first picture, session is there, ms", median(joined).toFixed(0), Math.max(...joined).toFixed(0), ""],
          ["picture sent → at the viewer, ms", median(delays).toFixed(1), quantile(delays, 0.99).toFixed(1), "1500"],
        ],
      ),
    );
    console.log(
      `\n${STREAMS} streams of ${megabits.toFixed(2)} Mbit/s: ${cpu.toFixed(2)} % of a core each (at most 3);` +
        ` ${VIEWERS} viewers of one: ${each("used").toFixed(2)} MB each in use, ${each("rss").toFixed(2)} MB resident (at most 10)`,
    );
    const kept = median(cold) <= 1000 && quantile(delays, 0.99) <= 1500 && cpu <= 3 && each("rss") <= 10;
    if (!kept) {
      console.log("NOT KEPT");
      process.exitCode = 1;
    }
  } finally {
    await Promise.all([device.stop(), server.stop()]);
  }
}

void main();
