/**
 * Downloads to disk beside `curl --digest -o` on the same device, alternately in one run: rate, processor time, memory.
 * Ours takes the SHA-256 on the way. Then one of twice the size: memory must not depend on it.
 * Run: npm run bench -- download [rounds] [MiB]
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { start } from "./support/child";
import { median, table } from "./support/figures";
import type { DownloadClient, DownloadCost, DownloadDevice, DownloadTarget } from "./support/protocol";

const ROUNDS = Number(process.argv[2] ?? 3);
const MIB = Number(process.argv[3] ?? 1024);
const execute = promisify(execFile);

async function curl(
  { host, port, username, password, playbackUri }: DownloadTarget,
  folder: string,
): Promise<DownloadCost> {
  const escaped = playbackUri.replaceAll("&", "&amp;");
  const body = `<downloadRequest><playbackURI>${escaped}</playbackURI></downloadRequest>`;
  const config = path.join(folder, "curl.cfg");
  writeFileSync(config, `user = "${username}:${password}"\n`);
  const request = ["--digest", "-s", "-f", "-X", "GET", "-H", "Content-Type: application/xml", "--data", body];
  const target = ["-o", path.join(folder, "curl.mpg"), `http://${host}:${port}/ISAPI/ContentMgmt/download`];
  const timed = 'TIMEFORMAT="%R %U %S"; time curl "$@"';
  const { stderr } = await execute("bash", ["-c", timed, "curl", "-K", config, ...request, ...target]);
  const [seconds = NaN, user = NaN, system = NaN] = stderr.trim().split(" ").map(Number);
  return { seconds, cpuSeconds: user + system, peakMb: NaN };
}

async function ours(target: DownloadTarget, folder: string): Promise<DownloadCost> {
  const client = start<DownloadClient>("download-client.ts");
  try {
    return await client.ask.download(target, folder);
  } finally {
    await client.stop();
  }
}

function row(name: string, mib: number, costs: readonly DownloadCost[]): string[] {
  const of = (pick: (cost: DownloadCost) => number): number => median(costs.map(pick));
  const rate = of(({ seconds }) => (mib * 1.048576) / seconds);
  return [name, rate.toFixed(0), of(({ cpuSeconds }) => cpuSeconds).toFixed(2), of(({ peakMb }) => peakMb).toFixed(0)];
}

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "hikflow-bench-"));
  const device = start<DownloadDevice>("download-device.ts");
  try {
    const target = await device.ask.recording(MIB * (1 << 20));
    const theirs: DownloadCost[] = [];
    const mine: DownloadCost[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      theirs.push(await curl(target, folder));
      mine.push(await ours(target, folder));
      for (const name of ["curl.mpg", "ours.mpg"]) {
        const { size } = statSync(path.join(folder, name));
        if (size !== MIB * (1 << 20)) throw new Error(`${name} has ${size} bytes`);
      }
    }
    const twice = await ours(await device.ask.recording(MIB * 2 * (1 << 20)), folder);
    console.log(
      table(
        ["", "MB/s", "CPU s", "peak MB"],
        [
          row("curl --digest -o", MIB, theirs),
          row("download", MIB, mine),
          row("download, twice the size", MIB * 2, [twice]),
        ],
      ),
    );
    const ratio = (pick: (cost: DownloadCost) => number): number => median(mine.map(pick)) / median(theirs.map(pick));
    console.log(
      `\nrate ${(100 / ratio(({ seconds }) => seconds)).toFixed(0)} % of curl's (at least 50), CPU ${ratio(({ cpuSeconds }) => cpuSeconds).toFixed(2)} × curl's (at most 2.5)`,
    );
  } finally {
    await device.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
