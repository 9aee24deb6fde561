import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { systemClock } from "../../src/clock";
import { diagnose, type DiagnoseOptions } from "../../src/diagnose/diagnose";
import type { Check, Report } from "../../src/diagnose/check";
import { DeviceHttp } from "../../src/http/device-http";
import { Logins } from "../../src/http/login";
import type { Tls } from "../../src/http/tls";
import { Isapi } from "../../src/isapi/isapi";
import { FakeClock } from "../support/fake-clock";
import {
  detectionsOff,
  disksOf,
  fingerprint,
  PAGES,
  startVirtualDevice,
  status,
  triggersOf,
  type VirtualDevice,
  type VirtualDeviceOptions,
} from "../virtual-device";

interface How extends Partial<Pick<DiagnoseOptions, "events" | "stream" | "clock">> {
  readonly password?: string;
  readonly tls?: Tls;
  readonly logins?: Logins;
  readonly host?: string;
  readonly port?: number;
}

async function look(device: VirtualDevice, how: How = {}): Promise<Report & { readonly told: readonly Check[] }> {
  const { password = device.password, tls = { mode: "verify" }, host = device.host, port = device.port } = how;
  const http = new DeviceHttp({
    identity: { id: "d", name: "Front", host },
    address: { protocol: device.secure ? "https" : "http", host, port },
    credentials: { username: device.username, password },
    tls,
    basic: false,
    logins: how.logins ?? new Logins(),
  });
  const told: Check[] = [];
  try {
    const options = {
      isapi: new Isapi(http),
      http,
      events: [],
      stream: "try",
      clock: systemClock,
      ...how,
    } as const;
    const report = await diagnose(options, new AbortController().signal, (check) => told.push(check));
    return { ...report, told };
  } finally {
    await http.close();
  }
}

function found({ checks }: Report, id: string): Check {
  const check = checks.find((candidate) => candidate.id === id);
  assert.ok(check, `no check "${id}" among ${checks.map((candidate) => candidate.id).join(", ")}`);
  return check;
}

const failures = ({ checks }: Report): string[] => checks.filter(({ ok }) => ok === false).map(({ id }) => id);
const logins = (device: VirtualDevice): number => device.requests.filter(({ credentials }) => credentials).length;

describe("the diagnosis", () => {
  const open: VirtualDevice[] = [];
  async function start(options: VirtualDeviceOptions = {}): Promise<VirtualDevice> {
    const device = await startVirtualDevice(options);
    open.push(device);
    return device;
  }
  afterEach(async () => {
    for (const device of open.splice(0)) await device.close();
  });

  for (const model of ["camera", "nvr"] as const) {
    describe(`of a ${model}`, () => {
      it("finds nothing wrong with one that works, and tells each check as it ends", async () => {
        const device = await start({ model, name: "Yard" });
        const report = await look(device, { events: ["VMD"] });
        assert.deepEqual(failures(report), []);
        assert.equal(report.ok, true);
        assert.match(found(report, "login").text.toString(), /^Digest/);
        assert.match(found(report, "device").text.toString(), /"Yard", firmware V/);
        for (const id of [
          "port",
          "isapi",
          "activated",
          "channels",
          "clock",
          "stream",
          "heartbeat",
          "detection",
          "linkage",
        ])
          assert.equal(found(report, id).ok, true, id);
        assert.equal(found(report, "schedule").ok, null);
        assert.equal(report.device?.model, device.profile.modelName);
        assert.deepEqual(report.told, report.checks);
        assert.equal(device.streams, 0, "the stream is closed again");
      });

      it("says that the password is wrong after a single try, and never tries it again", async () => {
        const device = await start({ model });
        const shared = new Logins();
        for (let time = 1; time <= 3; time++) {
          const report = await look(device, { password: "wrong", logins: shared });
          assert.deepEqual(failures(report), ["login"]);
          assert.equal(found(report, "login").code, "unauthorized");
        }
        assert.equal(logins(device), 1);
      });

      it("says that the account is locked, and for how long", async () => {
        const device = await start({ model });
        for (let time = 0; time < 8 && !device.gate.locked; time++) await look(device, { password: `wrong ${time}` });
        assert.ok(device.gate.locked);
        const check = found(await look(device), "login");
        assert.equal(check.code, "locked");
        assert.match(check.text.toString(), /locked this user for (about )?\d+ (minutes|seconds)/);
      });

      it("says that it is not activated", async () => {
        const report = await look(await start({ model, activated: false }));
        assert.deepEqual([failures(report), found(report, "activated").code], [["activated"], "notActivated"]);
      });

      it("says that nothing listens there, and asks nothing else", async () => {
        const device = await start({ model });
        await device.disconnect();
        const report = await look(device);
        assert.deepEqual([failures(report), found(report, "port").code], [["port"], "offline"]);
        assert.equal(report.checks.length, 1);
      });

      it("says that something else answers, without showing it a password", async () => {
        const device = await start({ model });
        device.fail(/./, PAGES.router, { stage: "login" });
        const report = await look(device);
        assert.deepEqual([failures(report), found(report, "isapi").code], [["isapi"], "notIsapi"]);
        assert.equal(logins(device), 0);
      });

      it("says that the certificate is not trusted; a pinned one is", async () => {
        const device = await start({ model, tls: true });
        const refused = await look(device);
        assert.deepEqual([failures(refused), found(refused, "tls").code], [["tls"], "tls"]);
        assert.equal(device.requests.length, 0);
        const pinned = await look(device, { tls: { mode: "pinned", fingerprint: fingerprint(device.certificate!) } });
        assert.equal(found(pinned, "tls").ok, true);
        assert.equal(found(await look(device, { tls: { mode: "insecure" } }), "tls").ok, null);
      });

      it("says that no event connection is free", async () => {
        const device = await start({ model, slots: 0 });
        const report = await look(device);
        assert.deepEqual([failures(report), found(report, "stream").code], [["stream"], "noSlots"]);
      });

      it("says that no heartbeat came", async () => {
        const device = await start({ model, heartbeat: null });
        const clock = new FakeClock();
        const report = look(device, { clock, events: ["VMD"] });
        while (device.streams === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        await new Promise((resolve) => setTimeout(resolve, 100));
        await clock.advance(15_000);
        assert.equal(found(await report, "heartbeat").ok, null);
        assert.match(found(await report, "heartbeat").text.toString(), /15 seconds/);
      });

      it("says that a chosen event is switched off", async () => {
        const device = await start({ model });
        for (const { number } of device.profile.channels) detectionsOff(device).add(`motionDetection/${number}`);
        const report = await look(device, { events: ["VMD", "linedetection"] });
        assert.deepEqual(failures(report), ["detection"]);
        assert.match(
          report.checks.find(({ ok }) => ok === false)?.text.toString() ?? "",
          /^Motion on channel 1(, \d+)* is switched off/,
        );
      });

      it("says that an event is not sent to Node-RED, and on which channel", async () => {
        const device = await start({ model });
        triggersOf(device).find(({ id }) => id === "VMD-1")!.methods = ["record"];
        for (const events of [["VMD"], []]) {
          const report = await look(device, { events });
          assert.deepEqual(failures(report), ["linkage"]);
          const check = report.checks.find(({ ok }) => ok === false)!;
          assert.match(check.text.toString(), /^Motion on channel 1 is not sent/);
          assert.match(check.remedy?.toString() ?? "", /Notify Surveillance Center/);
        }
      });

      it("says that the device has no such event, unless such a list is not complete anyway", async () => {
        const report = await look(await start({ model }), { events: ["loitering", "ANPR"] });
        const supported = report.checks.filter(({ id }) => id === "supported");
        assert.deepEqual(
          supported.map(({ ok, code }) => [ok, code]),
          [
            [false, "notSupported"],
            [null, undefined],
          ],
        );
      });

      it("says how wrong the clock is", async () => {
        const device = await start({ model, driftMs: -2 * 3_600_000 });
        const check = found(await look(device), "clock");
        assert.equal(check.ok, false);
        assert.match(check.text.toString(), /2 hours behind .* UTC\+0[12]:00/);
      });

      it("does not know what old firmware has no path for, and goes on", async () => {
        const device = await start({ model });
        for (const path of ["/ISAPI/Event/triggers", "/ISAPI/System/time", "/ISAPI/ContentMgmt/Storage"]) {
          device.fail(path, status("notSupport"));
        }
        const report = await look(device);
        assert.deepEqual(failures(report), []);
        for (const id of ["linkage", "clock", "storage"]) assert.equal(found(report, id).ok, null, id);
        assert.equal(found(report, "stream").ok, true);
      });

      it("counts a running stream, and opens no second", async () => {
        const device = await start({ model });
        assert.equal(found(await look(device, { stream: "open" }), "stream").ok, true);
        assert.ok(device.requests.every(({ path }) => !path.endsWith("alertStream")));
      });

      it("does not know whether a device pushes, and opens no stream for it", async () => {
        const device = await start({ model });
        assert.equal(found(await look(device, { stream: "push" }), "stream").ok, null);
        assert.ok(device.requests.every(({ path }) => !path.endsWith("alertStream")));
      });

      it("survives a device that goes away in the middle", async () => {
        const device = await start({ model });
        device.fail(/Event\/triggers|Storage|alertStream/, { kind: "reset" });
        const report = await look(device);
        assert.equal(report.ok, false);
        assert.equal(found(report, "stream").code, "offline");
      });
    });
  }

  it("names a recorder's channels without a picture, and its broken disk", async () => {
    const device = await start({ model: "nvr", channels: ["Gate", "Yard"] });
    device.profile.channels[1]!.online = false;
    disksOf(device).push({ status: "error", capacity: 1000, freeSpace: 500 });
    const report = await look(device);
    assert.match(found(report, "online").text.toString(), /No picture from channel 2 "Yard"/);
    assert.deepEqual(
      [found(report, "storage").ok, found(report, "storage").text.toString()],
      [false, "Disk 2: error, 0.5 of 1 GB free"],
    );
    disksOf(device).pop();
    assert.match(found(await look(device), "storage").text.toString(), /^Disk 1: ok, 0 of 1907\.7 GB free$/);
  });

  it("says that a name leads nowhere", async () => {
    const device = await start();
    const report = await look(device, { host: "no-such-camera.invalid" });
    assert.deepEqual(failures(report), ["name"]);
    assert.equal(report.checks.length, 1);
  });

  it("says that what answers speaks no HTTP", async () => {
    const server = createServer((socket) => socket.on("error", () => undefined).end("SSH-2.0-x\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const report = await look(await start(), { port: (server.address() as AddressInfo).port });
    assert.deepEqual(failures(report), ["isapi"]);
    server.close();
  });
});
