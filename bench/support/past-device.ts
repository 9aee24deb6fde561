/** A recorder with many recordings, past whose cameras many plates go while it is off the network. */
import { archiveOf, passPlate, platesOf, startVirtualDevice, type VirtualDevice } from "../../test/virtual-device";
import { serve } from "./child";
import type { PastDevice } from "./protocol";

const MINUTE_MS = 60_000;
/** Half a second apart: the last ones are stamped hours ahead of the clock, since waiting for them would take as long. */
const APART_MS = 500;

let device: VirtualDevice | undefined;

const past: PastDevice = {
  async device(recordings) {
    device = await startVirtualDevice({ model: "nvr" });
    const endMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
    for (let index = recordings; index > 0; index--) {
      const startMs = endMs - index * MINUTE_MS;
      archiveOf(device).add({ startMs, endMs: startMs + MINUTE_MS - 1_000 });
    }
    const { host, port, username, password } = device;
    return { host, port, username, password };
  },

  isListened: () => Promise.resolve((device?.streams ?? 0) > 0),

  async outage(plates, page) {
    if (!device) return;
    await device.disconnect();
    platesOf(device).pageLimit = page;
    for (let index = 0; index < plates; index++)
      await passPlate(device, { plate: `B${100_000 + index}` }, { stream: false, agoMs: -index * APART_MS });
    await device.connect();
  },
};

serve(past);
