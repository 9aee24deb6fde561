/** Starts one device. */
import { VirtualDevice } from "./device";
import { resolveOptions, type VirtualDeviceOptions } from "./options";

/** Listens when it resolves. The caller closes it. */
export async function startVirtualDevice(options: VirtualDeviceOptions = {}): Promise<VirtualDevice> {
  return VirtualDevice.open(resolveOptions(options));
}
