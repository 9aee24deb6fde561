/** The devices' process: virtual devices that send events a second apart, or all at once. */
import { alerts, padJpeg, plainPictures, startVirtualDevices, type Fleet } from "../../test/virtual-device";
import { serve } from "./child";
import type { FarmCommands, Sighting } from "./protocol";

/** Brings the motion event to the 770 bytes that cameras send. */
const DESCRIPTION = "Motion alarm".padEnd(103, ".");
const LINGER_MS = 200;

let fleet: Fleet | undefined;

const farm: FarmCommands = {
  async devices(count) {
    await fleet?.close();
    // Digest as always; Basic is offered for the bare clients that this is compared with.
    fleet = await startVirtualDevices(count, { auth: { schemes: ["digest", "basic"] } });
    return fleet.devices.map(({ host, port, username, password }) => ({ host, port, username, password }));
  },

  async trickle(seconds) {
    const sent: Sighting[] = [];
    const devices = fleet?.devices ?? [];
    await Promise.all(
      devices.map(async (device, index) => {
        // Evenly spread over the second: devices do not know of each other.
        await sleep((1000 * index) / devices.length);
        const first = performance.now();
        for (let sequence = 1; sequence <= seconds; sequence++) {
          const { startedAt } = await device.emit(event(sequence));
          sent.push([index, sequence, startedAt]);
          await sleep(first + sequence * 1000 - performance.now());
        }
      }),
    );
    await sleep(LINGER_MS);
    return sent;
  },

  async volley({ device: index, events, pictureBytes }) {
    const device = fleet?.devices[index];
    if (!device) throw new Error("There is no device.");
    const data = pictureBytes > 0 ? padJpeg(scene(), pictureBytes) : undefined;
    const all = Array.from({ length: events }, (_, i) => (data ? pictured(i + 1, data) : event(i + 1)));
    const last = alerts.tampering({ channel: 1, count: events + 1 });
    // A general multipart parser finishes a part only when another follows.
    const { startedAt, bytes } = await device.emit(alerts.together(...all, last, alerts.heartbeat()));
    return { startedAt, bytes };
  },
};

function event(count: number): alerts.Alert {
  return alerts.motion({ channel: 1, count, description: DESCRIPTION });
}

function pictured(count: number, data: Buffer): alerts.Alert {
  return alerts.intrusion({ channel: 1, count, pictures: [{ name: "fieldDetectionImage", data }] });
}

function scene(): Buffer {
  return plainPictures.scene({
    width: 640,
    height: 360,
    channel: 1,
    stamp: "2026-03-01 12:00:00",
    channelName: "Bench",
  });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

serve(farm);
