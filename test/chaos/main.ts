/** `npm run chaos [-- words of a title]`: every cell of the fault matrix, and a table of what became of each. */
import { helper } from "../support/flow";
import { runCell, type Outcome } from "./cell";
import { CONVERSATIONS } from "./conversations";
import { FAULTS, nameOf } from "./faults";
import { CELLS, type MatrixCell } from "./matrix";

const wanted = process.argv.slice(2).join(" ");
const NAME_WIDTH = 36;
const COLUMN_WIDTH = 17;

const results = new Map<string, string>();
const failures: string[] = [];
const unexpected: string[] = [];
let holds = 0;

for (const event of ["unhandledRejection", "uncaughtException"] as const)
  process.on(event, (error: unknown) => unexpected.push(`${event}: ${String(error)}`));

async function attempt({ title, conversation, fault }: MatrixCell): Promise<void> {
  let outcome: Outcome | undefined;
  let problem: unknown;
  try {
    outcome = await runCell(conversation, fault);
    if (unexpected.length > 0) problem = unexpected.splice(0).join("; ");
  } catch (error) {
    problem = error instanceof Error ? error.message : error;
  }
  if (problem === undefined && outcome) {
    results.set(title, `${outcome.became} ${outcome.seconds}s ${outcome.requests}`);
    holds += 1;
  } else {
    results.set(title, "FAILS");
    failures.push(`${title}: ${String(problem)}`);
  }
}

function table(): string {
  const head = "".padEnd(NAME_WIDTH) + CONVERSATIONS.map(({ name }) => name.padEnd(COLUMN_WIDTH)).join("");
  const rows = FAULTS.map((fault) => {
    const cells = CONVERSATIONS.map(({ name }) => results.get(`${name} × ${nameOf(fault)}`) ?? "");
    return nameOf(fault).padEnd(NAME_WIDTH) + cells.map((cell) => cell.padEnd(COLUMN_WIDTH)).join("");
  });
  return [head, ...rows].map((row) => row.trimEnd()).join("\n");
}

async function main(): Promise<void> {
  const began = Date.now();
  await new Promise<void>((resolve) => helper.startServer(() => resolve()));
  const cells = CELLS.filter(({ title }) => title.includes(wanted));
  for (const [index, cell] of cells.entries()) {
    await attempt(cell);
    console.log(`${index + 1}/${cells.length} ${cell.title}: ${results.get(cell.title)}`);
  }
  await new Promise<void>((resolve) => helper.stopServer(() => resolve()));
  console.log("\nWhat became of it, after how many seconds, with how many requests and connections\n");
  console.log(table());
  const seconds = Math.round((Date.now() - began) / 1000);
  console.log(`\n${holds} cells hold, ${failures.length} fail (${seconds} s)`);
  for (const failure of failures) console.log(`✗ ${failure}`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}

void main();
