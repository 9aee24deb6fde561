/** Feeds a reader with changed input until a count or a time is over; what fails is told so that it can become a test. */
import { performance } from "node:perf_hooks";
import { mutate, randomFrom } from "./mutate";
import type { Reader } from "./readers";

export interface Fuzzed {
  readonly inputs: number;
  readonly seconds: number;
  /** The longest that one input took, ms: as long the event loop stood. */
  readonly slowestMs: number;
}

/** Under load an input may seem slow that is not: it is tried again, by the time of the processor, before it counts. */
const SLOW_MS = 100;
const LOOK_AT_CLOCK = 64;

export class FuzzFailure extends Error {
  constructor(
    readonly reader: string,
    readonly seed: number,
    readonly input: Buffer,
    problem: unknown,
  ) {
    const why = problem instanceof Error ? (problem.stack ?? problem.message) : String(problem);
    super(`${reader}, seed ${seed}: ${why}\ninput (base64): ${input.toString("base64")}`);
  }
}

/** Rejects with a {@link FuzzFailure}. */
export async function fuzz(reader: Reader, seed: number, limit: { inputs?: number; ms?: number }): Promise<Fuzzed> {
  const { inputs: most = Infinity, ms = Infinity } = limit;
  const random = randomFrom(seed);
  const began = performance.now();
  let inputs = 0;
  let slowestMs = 0;
  while (inputs < most && (inputs % LOOK_AT_CLOCK > 0 || performance.now() - began < ms)) {
    const good = reader.seeds[Math.floor(random() * reader.seeds.length)] ?? Buffer.alloc(0);
    const input = mutate(good, reader.seeds, random);
    inputs += 1;
    try {
      const before = performance.now();
      await reader.read(input);
      let tookMs = performance.now() - before;
      if (tookMs > SLOW_MS) tookMs = Math.min(tookMs, await cpuMs(reader, input), await cpuMs(reader, input));
      slowestMs = Math.max(slowestMs, tookMs);
      if (tookMs > SLOW_MS) throw new Error(`takes ${Math.round(tookMs)} ms`);
    } catch (error) {
      throw new FuzzFailure(reader.name, seed, input, error);
    }
  }
  return { inputs, seconds: (performance.now() - began) / 1000, slowestMs };
}

/** What it computes, whatever else the machine has to do. To ask for it costs as much as many a reader. */
async function cpuMs({ read }: Reader, input: Buffer): Promise<number> {
  const cpu = process.cpuUsage();
  await read(input);
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 1000;
}
