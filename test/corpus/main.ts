/** The command: replays all captures of the folders given and says what became of them. Exit code 1: something failed. */
import { existsSync } from "node:fs";
import path from "node:path";
import { findCaptures, type NoAlert } from "./captures";
import { checkCapture, type Result } from "./check";
import { replay } from "./replay";
import { table } from "./table";
import { ThroughFlow } from "./through-flow";

/** The same result, with what a flow's messages lacked. */
function withFlow(result: Result, complaints: readonly string[]): Result {
  const all = new Map(result.complaints);
  for (const complaint of complaints) all.set(complaint, [...(all.get(complaint) ?? []), "through event-in"]);
  return { ...result, replays: result.replays + 1, complaints: all };
}

async function main(folders: readonly string[]): Promise<boolean> {
  const missing = folders.find((folder) => !existsSync(folder));
  if (folders.length === 0 || missing !== undefined) {
    console.error(
      missing === undefined ? "Usage: npm run test:corpus -- <folder> …" : `There is no folder ${missing}.`,
    );
    return false;
  }
  const flow = await ThroughFlow.open();
  try {
    return await replayAll(folders, flow);
  } finally {
    await flow.close();
  }
}

async function replayAll(folders: readonly string[], flow: ThroughFlow): Promise<boolean> {
  const results: Result[] = [];
  const suspects: NoAlert[] = [];
  for (const folder of folders) {
    const { captures, others } = findCaptures(folder);
    const found: Result[] = [];
    for (const capture of captures)
      found.push(withFlow(await checkCapture(capture, replay), await flow.check(capture)));
    results.push(...found);
    suspects.push(...others.filter(({ suspect }) => suspect));
    console.log(`${folder}\n`);
    console.log(table(found, (file) => path.relative(folder, file) || path.basename(file)));
    const reasons = new Map<string, number>();
    for (const { reason } of others) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    console.log(`Files without an alert: ${others.length}`);
    for (const [reason, count] of [...reasons].sort(([, a], [, b]) => b - a)) console.log(`  ${count} × ${reason}`);
    console.log("");
  }
  for (const { file, reason } of suspects)
    console.log(`FAILED  ${file}: speaks of an alert, but none was found (${reason})`);
  const failed = results.filter(({ complaints }) => complaints.size > 0).length + suspects.length;
  const replays = results.reduce((sum, result) => sum + result.replays, 0);
  const alerts = results.reduce((sum, result) => sum + result.alerts, 0);
  console.log(`${alerts} alerts in ${results.length} captures, ${replays} replays`);
  console.log(`${results.length + suspects.length - failed} passed, ${failed} failed`);
  return failed === 0;
}

void main(process.argv.slice(2)).then((ok) => {
  process.exitCode = ok ? 0 : 1;
});
