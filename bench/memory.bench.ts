/**
 * Does memory stay what it is? A real Node-RED with many devices that each send an event a second, for minutes; after each minute its
 * garbage is collected and what is left is read. Run: npm run bench -- memory [devices] [minutes]
 */
import { start } from "./support/child";
import { table } from "./support/figures";
import type { FarmCommands, ListenerCommands } from "./support/protocol";

const DEVICES = Number(process.argv[2] ?? 200);
const MINUTES = Number(process.argv[3] ?? 10);
/** The rest of each minute goes to the collection. */
const BUSY_S = 55;
const SETTLE_MS = 12_000;

async function main(): Promise<void> {
  const farm = start<FarmCommands>("farm.ts");
  const listener = start<ListenerCommands>("node-red-listener.ts");
  try {
    await listener.ask.connect(await farm.ask.devices(DEVICES));
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const rows: string[][] = [];
    const note = async (minute: number, events: number, lost: number): Promise<void> => {
      const { usedKb, residentKb } = await listener.ask.cost();
      const megabytes = (kb: number): string => ((kb * DEVICES) / 1000).toFixed(1);
      rows.push([String(minute), String(events), String(lost), megabytes(usedKb), megabytes(residentKb)]);
    };
    await note(0, 0, 0);
    for (let minute = 1; minute <= MINUTES; minute++) {
      await listener.ask.begin();
      const sent = await farm.ask.trickle(BUSY_S);
      const { sightings } = await listener.ask.heard({ events: sent.length });
      // What was noted is no memory of the nodes.
      await listener.ask.begin();
      await note(minute, sent.length, sent.length - sightings.length);
    }
    console.log(table([`minute, ${DEVICES} devices`, "events", "lost", "in use MB", "resident MB"], rows));
  } finally {
    await listener.stop();
    await farm.stop();
  }
}

void main();
