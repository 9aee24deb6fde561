/** State that a service keeps for each device, made when first asked for. */
import type { VirtualDevice } from "./device";

export function perDevice<T>(make: (device: VirtualDevice) => T): (device: VirtualDevice) => T {
  const states = new WeakMap<VirtualDevice, T>();
  return (device) => {
    let state = states.get(device);
    if (state === undefined) {
      state = make(device);
      states.set(device, state);
    }
    return state;
  };
}
