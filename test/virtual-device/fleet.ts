/**
 * Many devices in one process. Each has its own port, because a client tells devices apart by host and port;
 * a thousand with an open alert stream each cost about as much as their sockets (see README.md).
 */
import type { VirtualDevice } from "./device";
import type { VirtualDeviceOptions } from "./options";
import { startVirtualDevice } from "./start";

const AT_A_TIME = 50;

/** Starts `count` devices; `options` may differ from device to device. All are closed again if one cannot start. */
export async function startVirtualDevices(
  count: number,
  options: VirtualDeviceOptions | ((index: number) => VirtualDeviceOptions) = {},
): Promise<Fleet> {
  const fleet = new Fleet();
  try {
    for (let first = 0; first < count; first += AT_A_TIME) {
      const batch = Array.from({ length: Math.min(AT_A_TIME, count - first) }, (_, i) => first + i);
      await Promise.all(
        batch.map(async (index) => {
          const own = typeof options === "function" ? options(index) : { name: `Device ${index + 1}`, ...options };
          fleet.devices[index] = await startVirtualDevice(own);
        }),
      );
    }
  } catch (error) {
    await fleet.close();
    throw error;
  }
  return fleet;
}

export class Fleet {
  readonly devices: VirtualDevice[] = [];

  async close(): Promise<void> {
    await Promise.all(this.devices.map((device) => device.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
