/** Who the device says it is: `/ISAPI/System/deviceInfo`. Every field is optional: firmware leaves out what it likes. */
import { say } from "../lib/sentence";
import type { Isapi } from "./isapi";
import { refusal } from "./refusals";
import { defined } from "../lib/defined";
import { text, type XmlDocument } from "./xml";

export interface DeviceInfo {
  readonly name?: string;
  /** "DS-2CD2346G2-ISU/SL" */
  readonly model?: string;
  readonly serialNumber?: string;
  /** Lower case with colons: "44:19:b6:00:00:01". */
  readonly macAddress?: string;
  /** "V5.7.18" */
  readonly firmware?: string;
  /** "2024-08-26", from "build 240826"; else as sent. */
  readonly firmwareDate?: string;
  /** "IPCamera", "IPDome", "NVR", "DVR", "ACS" … as sent. */
  readonly type?: string;
}

const PATH = "/ISAPI/System/deviceInfo";

/** Asks the device. Throws `notIsapi` when something else answers, else what {@link Isapi.get} throws. */
export async function readDeviceInfo(isapi: Pick<Isapi, "get">, signal?: AbortSignal): Promise<DeviceInfo> {
  return parseDeviceInfo(await isapi.get(PATH, { purpose: say`its name and model`, ...(signal && { signal }) }));
}

/** Throws `notIsapi` when the document is none of a Hikvision device. */
export function parseDeviceInfo({ root, value }: XmlDocument): DeviceInfo {
  if (root !== "DeviceInfo") throw refusal("notIsapi", { statusCode: 200 }, { path: PATH });
  return defined({
    name: text(value, "deviceName"),
    model: text(value, "model"),
    serialNumber: text(value, "serialNumber"),
    macAddress: plainMac(text(value, "macAddress")) ?? text(value, "macAddress"),
    firmware: text(value, "firmwareVersion"),
    firmwareDate: buildDate(text(value, "firmwareReleasedDate")),
    type: text(value, "deviceType"),
  });
}

/** A MAC in lower case with colons, however it was written; undefined when it is none. */
export function plainMac(sent: string | undefined): string | undefined {
  const digits = sent?.replace(/[-:. ]/g, "").toLowerCase();
  return digits !== undefined && /^[0-9a-f]{12}$/.test(digits) ? digits.replace(/..(?=.)/g, "$&:") : undefined;
}

function buildDate(sent: string | undefined): string | undefined {
  const [, year, month, day] = /^build\s*(\d\d)([01]\d)([0-3]\d)$/i.exec(sent ?? "") ?? [];
  return year === undefined ? sent : `20${year}-${month}-${day}`;
}
