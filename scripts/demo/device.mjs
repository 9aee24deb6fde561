/** The demo's device: the virtual device of the tests as an 8-channel NVR, playing its day. */

/**
 * @param {{ zone?: string }} options zone: the device's own, POSIX
 * @returns {Promise<import("../../test/virtual-device").VirtualDevice>} to be closed
 */
export async function startVirtualNvr(options = {}) {
  const { require: requireTypeScript } = await import("tsx/cjs/api");
  const { startVirtualDevice, playDemo } = requireTypeScript("../../test/virtual-device/index.ts", import.meta.url);
  const device = await startVirtualDevice({ model: "nvr", name: "Demo recorder", password: "demo", ...options });
  playDemo(device);
  return device;
}
