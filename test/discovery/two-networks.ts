/**
 * Runs in a network namespace of its own: makes two networks to two further namespaces, a virtual device in each, searches, and
 * prints what was found. One device has an address of another subnet, as those fresh from their box.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { findDevices } from "../../src/discovery/find-devices";

const ip = (...words: string[]): void => void execFileSync("ip", words, { stdio: "inherit" });

/** One end here, the other in the namespace of a new process that is a device. */
async function network(name: string, here: string, there: string): Promise<() => Promise<void>> {
  const device = `
    const { startVirtualDevice } = require("./test/virtual-device");
    process.stdin.once("data", async () => {
      await startVirtualDevice({
        host: "${there}", port: 8000, sadp: { interface: "${there}" }, serial: "VC-2CD4B-V20260101AAWR-${name}",
        macAddress: "02:00:5e:10:02:${name === "left" ? "01" : "02"}",
      });
      console.log("ready");
    });
    console.log("up");
  `;
  const child = spawn("unshare", ["--net", process.execPath, "--require", "tsx/cjs", "-e", device], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", String(child.pid));
  ip("addr", "add", `${here}/24`, "dev", name);
  ip("link", "set", name, "up");
  const inside = ["-t", String(child.pid), "-n", "ip"];
  for (const words of [
    ["addr", "add", `${there}/24`, "dev", "eth0"],
    ["link", "set", "eth0", "up"],
    // A real device knows a way to everybody; an answer to the group needs one too.
    ["route", "add", "default", "dev", "eth0"],
  ]) {
    execFileSync("nsenter", [...inside, ...words], { stdio: "inherit" });
  }
  child.stdin.write("go\n");
  await once(child.stdout, "data");
  return async () => {
    child.kill();
    await once(child, "exit");
  };
}

async function run(): Promise<void> {
  const ends = [
    await network("left", "198.51.100.5", "198.51.100.20"),
    await network("right", "192.0.2.5", "203.0.113.64"),
  ];
  const devices: string[] = [];
  const asked = await findDevices(({ address }) => devices.push(address), new AbortController().signal);
  for (const end of ends) await end();
  console.log(JSON.stringify({ devices: devices.sort(), asked: asked.map(({ name }) => name).sort() }));
}

void run();
