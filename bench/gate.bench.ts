/**
 * From a plate to a barrier, through a real Node-RED: the last byte of the plate sent → the command for the barrier received.
 * The camera is another process. Run: npm run bench -- gate [plates]
 */
import { start } from "./support/child";
import { median, quantile, table } from "./support/figures";
import type { GateDevice, GateFlow } from "./support/protocol";

const PLATES = Number(process.argv[2] ?? 100);
/** The first command finds out which path the camera has, and code that has not run yet is slow. */
const WARM_UP = 10;
const BUDGET_MS = 20;

async function main(): Promise<void> {
  const camera = start<GateDevice>("gate-device.ts");
  const flow = start<GateFlow>("gate-flow.ts");
  try {
    await flow.ask.deploy(await camera.ask.device());
    while (!(await camera.ask.isListened())) await new Promise((resolve) => setTimeout(resolve, 20));
    const [first = NaN] = await camera.ask.pass(WARM_UP);
    const delays = await camera.ask.pass(PLATES);
    const opened = delays.filter((delay) => !Number.isNaN(delay));
    const middle = median(opened);
    console.log(
      table(
        ["plate → barrier", "first ms", "p50 ms", "p99 ms", "not opened"],
        [
          [
            `${PLATES} plates`,
            first.toFixed(1),
            middle.toFixed(2),
            quantile(opened, 0.99).toFixed(2),
            String(PLATES - opened.length),
          ],
        ],
      ),
    );
    const kept = middle <= BUDGET_MS && opened.length === PLATES;
    console.log(`\nmedian ${middle.toFixed(2)} ms (at most ${BUDGET_MS})${kept ? "" : ": NOT KEPT"}`);
    if (!kept) process.exitCode = 1;
  } finally {
    await Promise.all([camera.stop(), flow.stop()]);
  }
}

void main();
