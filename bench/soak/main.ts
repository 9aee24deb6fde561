/** A real Node-RED with 20 virtual devices for some minutes: storms of events, commands, redeploys, power cuts. Does anything grow? */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { installLinked } from "../../test/support/linked-package";
import { RunningNodeRed } from "../../test/support/running-node-red";
import { alerts, startVirtualDevices, type VirtualDevice } from "../../test/virtual-device";
import { plot } from "./plot";
import { verdicts, type Sample } from "./verdict";

const DEVICES = 20;
const STORM_EVERY_MS = 1_000;
/** Of each device in a storm. */
const STORM_EVENTS = 5;
const CUT_EVERY_MS = 4_000;
const AWAY_MS = 2_500;
const REDEPLOY_EVERY_MS = 20_000;
/** Everything was loaded, compiled and connected once. */
const WARM_AFTER_S = 45;
const COMMANDS = [
  { type: "hikvision-snapshot", channel: "1", channelType: "num", stream: "main", streamType: "str" },
  { type: "hikvision-ptz", channel: "1", channelType: "num", action: "status", values: {} },
  { type: "hikvision-output", action: "status", output: "1", outputType: "str" },
];

const minutes = Number(process.argv[2] ?? 30);
const counts = { events: 0, cuts: 0, deploys: 0 };

function flow(devices: readonly VirtualDevice[]): object[] {
  return [
    { id: "tab", type: "tab", label: `Soak ${counts.deploys}` },
    { id: "last", type: "debug", z: "tab", active: false, complete: "payload", wires: [] },
    { id: "catch", type: "catch", z: "tab", scope: null, wires: [["last"]] },
    ...devices.flatMap(({ host, port }, index) => [
      { id: `d${index}`, type: "hikvision-device", name: `Device ${index}`, host, port, protocol: "http" },
      {
        id: `in${index}`,
        type: "hikvision-event-in",
        z: "tab",
        device: `d${index}`,
        emit: "all",
        connection: true,
        wires: [["last"]],
      },
      {
        id: `tick${index}`,
        type: "inject",
        z: "tab",
        repeat: "1",
        once: false,
        props: [],
        wires: [COMMANDS.map((_, one) => `c${index}-${one}`)],
      },
      ...COMMANDS.map((command, one) => ({
        ...command,
        id: `c${index}-${one}`,
        z: "tab",
        device: `d${index}`,
        wires: [["last"]],
      })),
    ]),
  ];
}

/** Calls again and again until the end; what fails is said and ends nothing. */
function every(ms: number, run: () => Promise<void>): () => void {
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    run()
      .catch((error: unknown) => console.log(String(error)))
      .finally(() => (busy = false));
  }, ms);
  return () => clearInterval(timer);
}

async function storm(devices: readonly VirtualDevice[]): Promise<void> {
  for (const device of devices)
    for (let i = 0; i < STORM_EVENTS; i++) {
      counts.events += 1;
      await device.emit(i === 0 ? alerts.intrusion({ withPictures: true }) : alerts.motion());
    }
}

async function cutPower(devices: readonly VirtualDevice[]): Promise<void> {
  const device = devices[counts.cuts++ % devices.length]!;
  if (counts.cuts % 3 === 0) device.stream.cut();
  else await device.reboot(AWAY_MS);
}

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "hikflow-soak-"));
  const samplesFile = path.join(folder, "samples");
  const fleet = await startVirtualDevices(DEVICES, { heartbeat: { ms: 2_000 } });
  const { devices } = fleet;
  const logins = Object.fromEntries(
    devices.map(({ username, password }, index) => [`d${index}`, { username, password }]),
  );
  process.env["SOAK_SAMPLES"] = samplesFile;
  process.env["NODE_OPTIONS"] = `--require ${path.join(__dirname, "probe.cjs")}`;
  const userDir = path.join(folder, "node-red");
  installLinked(userDir);
  const nodeRed = await RunningNodeRed.start(userDir);
  try {
    await nodeRed.deploy(flow(devices), logins);
    const stops = [
      every(STORM_EVERY_MS, () => storm(devices)),
      every(CUT_EVERY_MS, () => cutPower(devices)),
      every(REDEPLOY_EVERY_MS, async () => {
        counts.deploys += 1;
        await nodeRed.deploy(flow(devices), logins);
      }),
    ];
    await new Promise((resolve) => setTimeout(resolve, minutes * 60_000));
    for (const stop of stops) stop();
    report(readFileSync(samplesFile, "utf8"), nodeRed.log);
  } finally {
    await nodeRed.stop();
    await fleet.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(lines: string, log: string): void {
  const samples = lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Sample);
  const warm = samples.filter(({ seconds }) => seconds > WARM_AFTER_S);
  const results = verdicts(warm.length > 2 ? warm : samples);
  console.log(`${counts.events} events, ${counts.cuts} power cuts, ${counts.deploys} redeploys, ${minutes} minutes\n`);
  for (const { metric, mean, growth, allowed } of results) {
    const mark = growth <= allowed ? "✓" : "✗";
    console.log(
      `${mark} ${metric.padEnd(11)} mean ${mean.toFixed(1)}, slope ${growth.toFixed(1)} in all (up to ${allowed.toFixed(1)})`,
    );
  }
  const file = path.resolve("soak.svg");
  writeFileSync(
    file,
    plot(
      samples,
      results.map(({ metric }) => metric),
    ),
  );
  const defects = log.split("\n").filter((line) => /uncaught|should not happen|TypeError|Maximum call/i.test(line));
  for (const line of defects.slice(0, 5)) console.log(`✗ ${line}`);
  const good = defects.length === 0 && results.every(({ growth, allowed }) => growth <= allowed);
  console.log(good ? `\nNothing grows. The plot: soak.svg` : `\nSomething grows or broke. The plot: soak.svg`);
  process.exitCode = good ? 0 : 1;
}

void main();
