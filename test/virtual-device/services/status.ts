/** /ISAPI/System/status: load, memory and who listens; values as texts with decimals, as devices write them. */
import { route, type Route } from "../router";
import { element, leaf } from "../xml";
import { perDevice } from "../per-device";
import { rootAttributes } from "./system";

export interface Load {
  /** Percent. */
  cpu: number;
  /** MB. */
  memoryUsed: number;
  memoryFree: number;
}

/** For tests to change. */
export const loadOf = perDevice((): Load => ({ cpu: 31, memoryUsed: 295.42, memoryFree: 217.11 }));

export const status: readonly Route[] = [
  route("GET", "/ISAPI/System/status", (exchange) => {
    const { device } = exchange;
    const { cpu, memoryUsed, memoryFree } = loadOf(device);
    const inner =
      leaf("currentDeviceTime", device.time.stamp()) +
      leaf("deviceUpTime", Math.floor(device.clock.elapsed() / 1000)) +
      element("CPUList", element("CPU", leaf("cpuDescription", "2616.00") + leaf("cpuUtilization", cpu))) +
      element(
        "MemoryList",
        element(
          "Memory",
          leaf("memoryDescription", "DDR Memory") +
            leaf("memoryUsage", memoryUsed.toFixed(2)) +
            leaf("memoryAvailable", memoryFree.toFixed(2)),
        ),
      ) +
      leaf("openFileHandles", 0);
    exchange.xml(element("DeviceStatus", inner, rootAttributes(device)));
  }),
];
