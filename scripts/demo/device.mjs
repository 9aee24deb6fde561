/** The demo's device: the virtual device of the tests as an 8-channel NVR, with drawn pictures and scenarios. */

/**
 * @param {{ zone?: string }} options zone: the device's own, POSIX
 * @returns {Promise<import("../../test/virtual-device").VirtualDevice>} to be closed
 */
export async function startVirtualNvr(options = {}) {
  const { require: requireTypeScript } = await import("tsx/cjs/api");
  const { startVirtualDevice } = requireTypeScript("../../test/virtual-device/index.ts", import.meta.url);
  const { drawnFilms, drawnPictures, playDemo } = requireTypeScript("./index.ts", import.meta.url);
  const recorder = {
    model: "nvr",
    name: "Demo recorder",
    password: "demo",
    pictures: drawnPictures,
    films: drawnFilms,
  };
  const device = await startVirtualDevice({ ...recorder, ...options });
  playDemo(device);
  return device;
}
