import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import type { Check, CheckId, Report } from "../../src/diagnose/check";
import { Logins } from "../../src/http/login";
import { TimeFrame } from "../../src/time/time-frame";
import { computerZone } from "../../src/time/zone";
import { FakeClock } from "../support/fake-clock";
import {
  detectionsOff,
  disksOf,
  fingerprint,
  startVirtualDevice,
  type VirtualDevice,
  type VirtualDeviceOptions,
} from "../virtual-device";
import { look, type How } from "./look";
import { assertFinds, STATES } from "./states";

function found({ checks }: Report, id: CheckId): Check {
  const check = checks.find((candidate) => candidate.id === id);
  assert.ok(check, `no check "${id}" among ${checks.map((candidate) => candidate.id).join(", ")}`);
  return check;
}

const failures = ({ checks }: Report): string[] => checks.filter(({ ok }) => ok === false).map(({ id }) => id);

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
        assert.match(found(report, "device").text.toString(), /"Yard", firmware V/);
        const ids = ["port", "isapi", "login", "activated", "device", "channels", "clock", "rights", "stream"] as const;
        for (const id of [...ids, "heartbeat", "detection", "linkage", "schedule"] as const)
          assert.equal(found(report, id).ok, true, id);
        assert.equal(report.device?.model, device.profile.modelName);
        assert.deepEqual(report.told, report.checks);
        assert.equal(device.streams, 0, "the stream is closed again");
      });

      for (const state of STATES) {
        it(`finds out about one ${state.title}`, async () => {
          const device = await start({ model, ...state.options });
          await state.arrange?.(device);
          const { tls, fingerprint = "", ...entered } = state.entered?.(device) ?? {};
          const how: How = {
            ...entered,
            ...(tls && { tls: tls === "pinned" ? { mode: tls, fingerprint } : { mode: tls } }),
            ...(state.listening && { stream: { by: "stream", heard: device.options.heartbeat !== null } }),
            events: state.events ?? [],
            logins: new Logins(),
          };
          for (let time = 0; time < 2; time++) assertFinds(state, await look(device, how), device);
        });
      }

      it("calls no certificate right before a handshake: of a port without HTTPS, of one that answers nothing", async () => {
        const plain = await look(await start({ model }), { protocol: "https" });
        assert.deepEqual(failures(plain), ["tls"]);
        assert.match(found(plain, "tls").text.toString(), /does not speak HTTPS/);
        const device = await start({ model, tls: true });
        device.fail(/./, { kind: "reset" });
        const cut = await look(device, { tls: { mode: "pinned", fingerprint: fingerprint(device.certificate ?? "") } });
        assert.deepEqual(failures(cut), ["isapi"]);
        assert.notEqual(cut.checks.find(({ id }) => id === "tls")?.ok, false);
      });

      it("says that no heartbeat came to the stream that it opened", async () => {
        const device = await start({ model, heartbeat: null });
        const clock = new FakeClock();
        const report = look(device, { clock, events: ["VMD"] });
        while (device.streams === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        await new Promise((resolve) => setTimeout(resolve, 100));
        await clock.advance(15_000);
        assert.equal(found(await report, "heartbeat").ok, null);
        assert.match(found(await report, "heartbeat").text.toString(), /15 seconds/);
      });

      it("does not know of an event that no device lists, and does not call it a fault", async () => {
        const report = await look(await start({ model }), { events: ["ANPR"] });
        assert.deepEqual([found(report, "supported").ok, failures(report)], [null, []]);
      });

      it("uses a running stream, and opens no second one", async () => {
        const device = await start({ model });
        const report = await look(device, { stream: { by: "stream", heard: true } });
        assert.deepEqual([found(report, "stream").ok, found(report, "heartbeat").ok], [true, true]);
        assert.ok(device.requests.every(({ path }) => !path.endsWith("alertStream")));
      });

      it("does not know whether a device pushes before something came, and opens no stream for it", async () => {
        const device = await start({ model });
        for (const [heard, ok] of [
          [false, null],
          [true, true],
        ] as const) {
          assert.equal(found(await look(device, { stream: { by: "push", heard } }), "stream").ok, ok);
        }
        assert.ok(device.requests.every(({ path }) => !path.endsWith("alertStream")));
      });

      it("reports a device that goes offline in the middle", async () => {
        const device = await start({ model });
        device.fail(/Event\/triggers|Storage|users|alertStream/, { kind: "reset" });
        const report = await look(device);
        assert.equal(report.ok, false);
        assert.equal(found(report, "stream").code, "offline");
      });
    });
  }

  it("reports of each channel whether the chosen event is on", async () => {
    const device = await start({ model: "nvr" });
    detectionsOff(device).add("motionDetection/5");
    const check = found(await look(device, { events: ["VMD"] }), "detection");
    assert.equal(check.text.toString(), "Motion on channel 1–4, 6–8 is switched on; on channel 5 it is off.");
    assert.deepEqual(check.channels, [1, 2, 3, 4, 6, 7, 8]);
  });

  it("names a recorder's channels without a picture", async () => {
    const device = await start({ model: "nvr", channels: ["Gate", "Yard"] });
    device.profile.channels[1]!.online = false;
    const check = found(await look(device), "online");
    assert.match(check.text.toString(), /No picture from channel 2 "Yard"/);
    assert.deepEqual(check.channels, [2]);
  });

  it("says what the times of recordings mean, and where that is a guess", async () => {
    const device = await start({ model: "nvr", zone: "CST-8:00:00" });
    const zone = async (how: How = {}): Promise<unknown[]> => {
      const { ok, text, remedy } = found(await look(device, how), "zone");
      return [ok, text.toString(), remedy?.toString()];
    };
    assert.deepEqual(await zone(), [
      null,
      "It is guessed that the times of recordings are the device's local time: nothing recorded lately shows it.",
      'If recordings are hours off, set the device\'s time zone to "UTC".',
    ]);
    const time = { frame: () => Promise.resolve(new TimeFrame(computerZone, "utc", false)) };
    assert.deepEqual(await zone({ time }), [true, "The times of recordings are UTC.", undefined]);
    disksOf(device).pop();
    assert.ok(
      (await look(device)).checks.every(({ id }) => id !== "zone"),
      "nothing is recorded without a disk",
    );
  });

  it("reports the free space of the disks; a full one is not a fault", async () => {
    const device = await start({ model: "nvr" });
    const storage = async (): Promise<unknown[]> => {
      const { ok, text } = found(await look(device), "storage");
      return [ok, text.toString()];
    };
    assert.deepEqual(await storage(), [true, "Disk 1 works, all 1907.7 GB in use."]);
    disksOf(device)[0] = { status: "sleeping", capacity: 4000, freeSpace: 1500 };
    assert.deepEqual(await storage(), [true, "Disk 1 is idle, 1.5 of 4 GB free."]);
    disksOf(device)[0] = { status: "reparing", capacity: 4000, freeSpace: 1500 };
    assert.deepEqual(await storage(), [false, 'Disk 1 reports "reparing".']);
    disksOf(device).pop();
    assert.deepEqual(await storage(), [null, "No disk or memory card is in it."]);
  });

  it("reports a name that does not resolve", async () => {
    const device = await start();
    const report = await look(device, { host: "no-such-camera.invalid" });
    assert.deepEqual(failures(report), ["name"]);
    assert.equal(report.checks.length, 1);
  });

  it("calls no certificate valid before it was shown: what speaks no HTTPS says so", async () => {
    const device = await start();
    const closing = createServer((socket) => socket.on("error", () => undefined).end());
    const chatty = createServer((socket) => socket.on("error", () => undefined).end("SSH-2.0-x\r\n"));
    for (const server of [closing, chatty]) {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { checks } = await look(device, { port: (server.address() as AddressInfo).port, protocol: "https" });
      assert.deepEqual(
        checks.map(({ id, ok, code }) => [id, ok, code]),
        [
          ["port", true, undefined],
          ["tls", false, "tls"],
        ],
      );
      assert.match(String(checks[1]?.text), /does not speak HTTPS/);
      server.close();
    }
    const plain = await look(device, { protocol: "https" });
    assert.deepEqual(failures(plain), ["tls"]);
    assert.match(String(found(plain, "tls").text), /does not speak HTTPS/);
  });

  it("calls a certificate valid that was shown, whatever came afterwards", async () => {
    const device = await start({ tls: true });
    device.fail(/deviceInfo/, { kind: "reset" }, { stage: "login" });
    const report = await look(device, { tls: { mode: "pinned", fingerprint: fingerprint(device.certificate ?? "") } });
    assert.equal(found(report, "tls").ok, true);
    assert.deepEqual(failures(report), ["isapi"]);
  });

  it("reports a server that does not speak HTTP", async () => {
    const server = createServer((socket) => socket.on("error", () => undefined).end("SSH-2.0-x\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const report = await look(await start(), { port: (server.address() as AddressInfo).port });
    assert.deepEqual(failures(report), ["isapi"]);
    server.close();
  });
});
