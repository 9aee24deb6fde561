/** /ISAPI/System: who the device is, what it can do, what time it has. */
import type { VirtualDevice } from "../device";
import type { Exchange } from "../exchange";
import { route, type Route } from "../router";
import { element, leaf, readLeaf } from "../xml";
import { exclusiveOf } from "./exclusive-functions";
import { pastCapabilities } from "./past";

/** `version` and `xmlns` as this family writes them. */
export function rootAttributes({ profile }: VirtualDevice): string {
  return `version="${profile.version}" xmlns="${profile.xmlns}"`;
}

function deviceInfo(exchange: Exchange): void {
  const { profile } = exchange.device;
  const inner =
    leaf("deviceName", profile.name) +
    leaf("deviceID", "76697274-7561-6c00-0000-000000000001") +
    leaf("model", profile.modelName) +
    leaf("serialNumber", profile.serial) +
    leaf("macAddress", profile.macAddress) +
    leaf("firmwareVersion", profile.firmware) +
    leaf("firmwareReleasedDate", "build 240126") +
    leaf("encoderVersion", "V7.3") +
    leaf("encoderReleasedDate", "build 240110") +
    leaf("deviceType", profile.deviceType) +
    leaf("telecontrolID", 88);
  exchange.xml(element("DeviceInfo", inner, rootAttributes(exchange.device)));
}

function renameDevice(exchange: Exchange): void {
  const body = exchange.xmlBody("DeviceInfo");
  if (body === undefined) return;
  exchange.device.profile.name = readLeaf(body, "deviceName") ?? exchange.device.profile.name;
  exchange.status("ok");
}

function capabilities(exchange: Exchange): void {
  const { profile } = exchange.device;
  const own = profile.channels.filter((channel) => channel.source === "own").length;
  const ip = profile.channels.length - own;
  const camera = profile.model === "camera";
  const inner =
    element(
      "SysCap",
      leaf("isSupportDst", true) +
        element("NetworkCap", leaf("isSupportHttps", true) + leaf("isSupportNtp", true)) +
        element(
          "IOCap",
          leaf("IOInputPortNums", profile.alarmInputs) + leaf("IOOutputPortNums", profile.alarmOutputs),
        ) +
        element(
          "VideoCap",
          leaf("videoInputPortNums", camera ? 0 : own) + leaf("videoOutputPortNums", camera ? 0 : 1),
        ) +
        element("AudioCap", leaf("audioInputNums", 1) + leaf("audioOutputNums", 1)) +
        leaf("isSupportSubscribeEvent", true),
    ) +
    leaf("voicetalkNums", 1) +
    leaf("isSupportSnapshot", true) +
    racmCap(camera ? "" : leaf("inputProxyNums", ip), pastCapabilities(exchange.device)) +
    element("SecurityCap", leaf("isSupportUserCheck", true)) +
    leaf("isSupportPTZCtrlProxy", !camera) +
    (camera ? "" : leaf("isSupportGetmutexFuncErrMsg", exclusiveOf(exchange.device).announced));
  exchange.xml(element("DeviceCap", inner, rootAttributes(exchange.device)));
}

function racmCap(inputs: string, past: string): string {
  return inputs + past === "" ? "" : element("RacmCap", inputs + past);
}

function getTime(exchange: Exchange): void {
  const { time } = exchange.device;
  const inner = leaf("timeMode", time.mode) + leaf("localTime", time.stamp()) + leaf("timeZone", time.zone);
  exchange.xml(element("Time", inner, rootAttributes(exchange.device)));
}

function setTime(exchange: Exchange): void {
  const body = exchange.xmlBody("Time");
  if (body === undefined) return;
  const { time } = exchange.device;
  const mode = readLeaf(body, "timeMode");
  const zone = readLeaf(body, "timeZone");
  const localTime = readLeaf(body, "localTime");
  if (mode !== "NTP" && mode !== "manual" && mode !== "platform") {
    exchange.status("badXmlContent");
    return;
  }
  try {
    if (zone) time.zone = zone;
  } catch {
    exchange.status("badParameters");
    return;
  }
  time.mode = mode;
  if (mode === "manual" && localTime) time.set(localTime);
  exchange.status("ok");
}

function reboot(exchange: Exchange): void {
  exchange.status("ok");
  const { device, response } = exchange;
  response.once("finish", () => void device.reboot(2000));
}

export const system: readonly Route[] = [
  route("GET", "/ISAPI/System/deviceInfo", deviceInfo),
  route("PUT", "/ISAPI/System/deviceInfo", renameDevice),
  route("GET", "/ISAPI/System/capabilities", capabilities),
  route("GET", "/ISAPI/System/time", getTime),
  route("PUT", "/ISAPI/System/time", setTime),
  route("PUT", "/ISAPI/System/reboot", reboot),
];
