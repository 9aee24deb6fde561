/** Real sockets: on the loopback, and in two networks of namespaces, with virtual devices that answer. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import path from "node:path";
import { findDevices } from "../../src/discovery/find-devices";
import { systemNetwork, type Network } from "../../src/discovery/network";
import type { FoundDevice } from "../../src/discovery/sadp";
import { root } from "../support/project";
import { startVirtualDevice, type SadpOptions, type VirtualDevice } from "../virtual-device";

/** A network of this test's own: all of 127.0.0.0/8 is on the loopback. */
const HOST = `127.37.${(process.pid >> 8) & 255}.${process.pid & 255}`;
const loopback: Network = { ...systemNetwork, interfaces: () => [{ name: "lo", address: HOST }] };

describe("the network", function () {
  this.timeout(60_000).slow(6_000);
  const open: VirtualDevice[] = [];

  before(function () {
    if (process.platform !== "linux") this.skip(); // only there any 127.x.y.z is this computer
  });
  afterEach(async () => {
    for (const device of open.splice(0)) await device.close();
  });

  async function start(serial: string, sadp: SadpOptions = {}): Promise<VirtualDevice> {
    const device = await startVirtualDevice({
      serial: `VC-2CD4B-V20260101AAWR00000000${serial}`,
      macAddress: `02:00:5e:10:01:0${serial}`,
      sadp: { interface: HOST, ...sadp },
    });
    open.push(device);
    return device;
  }

  /** Until `count` have come, or for the whole time. */
  async function search(count = Infinity, network = loopback): Promise<FoundDevice[]> {
    const found: FoundDevice[] = [];
    const enough = new AbortController();
    const hear = (device: FoundDevice): void => {
      if (found.push(device) === count) enough.abort();
    };
    await findDevices(hear, enough.signal, { network }).catch((error: unknown) => {
      if (!enough.signal.aborted) throw error;
    });
    return found;
  }
  const serials = (found: readonly FoundDevice[]): string[] =>
    found.map(({ serialNumber }) => serialNumber?.slice(-1) ?? "").sort();

  it("finds devices that answer to the group, to the asker, twice, late, among garbage; each once, and none that is away", async () => {
    await start("1");
    await start("2", { to: "asker" });
    await start("3", { misbehave: "twice" });
    await start("4", { misbehave: "late" });
    await start("5", { misbehave: "garbage" });
    await start("6", { misbehave: "otherUuid" });
    const away = await start("7");
    await away.disconnect();
    const device = open[0]!;
    const found = await search();
    assert.deepEqual(serials(found), ["1", "2", "3", "4", "5"]);
    assert.deepEqual(
      found.find(({ serialNumber }) => serialNumber?.endsWith("1")),
      {
        address: "127.0.0.1",
        model: "VC-2CD4B-V",
        serialNumber: "VC-2CD4B-V20260101AAWR000000001",
        macAddress: "02:00:5e:10:01:01",
        firmware: "V5.7.15 build 260101",
        httpPort: device.port,
        activated: true,
        dhcp: true,
      },
    );
  });

  it("finds devices that answer to the asker even where another program holds the port exclusively", async () => {
    await start("1", { to: "asker" });
    const taken: Network = {
      ...loopback,
      open: (at, port, heard) =>
        port === 0 ? systemNetwork.open(at, port, heard) : Promise.reject(new Error("bind EADDRINUSE")),
    };
    assert.deepEqual(serials(await search(1, taken)), ["1"]);
  });

  it("refuses a port that is held, and an address that this computer does not have", async () => {
    const holder = createSocket({ type: "udp4" });
    holder.bind(0);
    await once(holder, "listening");
    const nobody = (): void => undefined;
    const at = { name: "lo", address: HOST };
    await assert.rejects(systemNetwork.open(at, holder.address().port, nobody), { code: "EADDRINUSE" });
    await assert.rejects(systemNetwork.open({ name: "eth9", address: "203.0.113.1" }, 0, nobody));
    await assert.rejects(systemNetwork.open({ name: "eth9", address: "203.0.113.1" }, 37_020, nobody));
    holder.close();
  });

  it("finds devices in two networks at once, those of another subnet among them", async function () {
    if (!canMakeNetworks()) this.skip(); // needs root and iproute2
    const found = await inTwoNetworks();
    assert.deepEqual(found, { devices: ["198.51.100.20", "203.0.113.64"], asked: ["left", "right"] });
  });
});

function canMakeNetworks(): boolean {
  try {
    execFileSync("unshare", ["--net", "ip", "link", "add", "left", "type", "veth", "peer", "name", "right"], {
      stdio: "ignore",
    });
    return true;
  } catch {
    return false;
  }
}

/** What a search in a namespace of its own finds that is in two others. Nothing of it leaves them. */
async function inTwoNetworks(): Promise<unknown> {
  const script = path.join(root, "test/discovery/two-networks.ts");
  const child = spawn("unshare", ["--net", process.execPath, "--require", "tsx/cjs", script], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_V8_COVERAGE: undefined },
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  await once(child, "close");
  return JSON.parse(said);
}
