/** Disks: /ISAPI/ContentMgmt/Storage. */
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { element, leaf } from "../xml";
import { rootAttributes } from "./system";

export interface Disk {
  /** "ok", "error", "unformatted" … */
  status: string;
  /** MB */
  capacity: number;
  freeSpace: number;
}

/** The disks of a device, for tests to change; a camera has none. */
export const disksOf = perDevice(({ profile }): Disk[] =>
  profile.model === "camera" ? [] : [{ status: "ok", capacity: 1_907_729, freeSpace: 0 }],
);

function show(exchange: Exchange): void {
  const disks = disksOf(exchange.device).map(({ status, capacity, freeSpace }, index) =>
    element(
      "hdd",
      leaf("id", index + 1) +
        leaf("hddName", `hdd${index + 1}`) +
        leaf("hddType", "SATA") +
        leaf("status", status) +
        leaf("capacity", capacity) +
        leaf("freeSpace", freeSpace) +
        leaf("property", "RW"),
    ),
  );
  const inner = element("hddList", disks.join("")) + "<nasList/>\n" + leaf("workMode", "quota");
  exchange.xml(element("storage", inner, rootAttributes(exchange.device)));
}

export const storage: readonly Route[] = [route("GET", "/ISAPI/ContentMgmt/Storage", show)];
