/** `npm run fuzz -- <stream mutations> [reader] [seed]`: the others get a tenth of that. Prints the seed of every run. */
import { fuzzNodes } from "./nodes";
import { READERS } from "./readers";
import { fuzz, FuzzFailure } from "./run";

const [count = "1000000", only = "", givenSeed] = process.argv.slice(2);
const seed = givenSeed === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(givenSeed);
const most = Number(count);
const BATCH_SHARE = 10;

async function main(): Promise<void> {
  console.log(`Seed ${seed}: npm run fuzz -- ${most} "${only}" ${seed}\n`);
  for (const reader of READERS) {
    if (!reader.name.includes(only)) continue;
    try {
      const inputs = reader.name === "stream" ? most : Math.ceil(most / BATCH_SHARE);
      const { seconds, slowestMs } = await fuzz(reader, seed, { inputs });
      const rate = Math.round(inputs / seconds);
      console.log(`✓ ${reader.name}: ${inputs} inputs, ${rate} a second, the slowest ${slowestMs.toFixed(1)} ms`);
    } catch (error) {
      process.exitCode = 1;
      console.log(`✗ ${error instanceof FuzzFailure ? error.message : String(error)}`);
    }
  }
  if (!"messages, settings, admin bodies".includes(only)) return;
  try {
    const { messages, questions, flows } = await fuzzNodes(Math.ceil(most / BATCH_SHARE), seed);
    console.log(`✓ nodes: ${messages} messages and ${questions} questions in ${flows} flows`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`✗ ${String(error)}`);
  }
}

void main();
