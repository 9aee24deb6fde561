/** Paths that a device's own capabilities name, for the list of a form. Free text stays possible: no device names all it has. */
import { type Channel, readChannels } from "../isapi/channels";
import type { Isapi } from "../isapi/isapi";
import { isUnavailable } from "../isapi/unavailable";
import { boolean, number, type XmlNode } from "../isapi/xml";

export interface OfferedPath {
  readonly path: string;
  /** The channel's name, where the path is one of a channel. */
  readonly name?: string;
}

/** On every device. */
const ALWAYS = [
  "/ISAPI/System/deviceInfo",
  "/ISAPI/System/capabilities",
  "/ISAPI/System/status",
  "/ISAPI/System/time",
  "/ISAPI/System/reboot",
  "/ISAPI/Event/triggers",
  "/ISAPI/Streaming/channels",
] as const;

/** Flag in System/capabilities, below its root → path. Spellings are the devices'. */
const BY_FLAG: readonly (readonly [flag: readonly string[], path: string])[] = [
  [["SysCap", "isSupportHolidy"], "/ISAPI/System/Holidays"],
  [["SysCap", "isSupportGettingWorkingStatus"], "/ISAPI/System/workingstatus?format=json"],
  [["SysCap", "NetworkCap", "isSupportNtp"], "/ISAPI/System/time/ntpServers/1"],
  [["SysCap", "NetworkCap", "isSupportHttps"], "/ISAPI/Security/adminAccesses"],
  [["SecurityCap", "isSupportOnlineUser"], "/ISAPI/Security/onlineUser"],
  [["RacmCap", "isSupportSMARTTest"], "/ISAPI/ContentMgmt/Storage/hdd"],
  [["WLAlarmCap", "isSupportPIR"], "/ISAPI/WLAlarm/PIR"],
];
/** The same, once per channel. */
const BY_CHANNEL_FLAG: readonly (readonly [flag: readonly string[], path: (channel: number) => string])[] = [
  [["SmartCap", "isSupportLineDetection"], (channel) => `/ISAPI/Smart/LineDetection/${channel}`],
  [["SmartCap", "isSupportFieldDetection"], (channel) => `/ISAPI/Smart/FieldDetection/${channel}`],
  [["SmartCap", "isSupportRegionEntrance"], (channel) => `/ISAPI/Smart/regionEntrance/${channel}`],
  [["SmartCap", "isSupportRegionExiting"], (channel) => `/ISAPI/Smart/regionExiting/${channel}`],
  [["SmartCap", "isSupportSceneChangeDetection"], (channel) => `/ISAPI/Smart/SceneChangeDetection/${channel}`],
  [["SmartCap", "isSupportDefocusDetection"], (channel) => `/ISAPI/Smart/DefocusDetection/${channel}`],
  [["SmartCap", "isSupportFaceDetect"], (channel) => `/ISAPI/Smart/FaceDetect/${channel}`],
  [["SmartCap", "isSupportAudioDetection"], (channel) => `/ISAPI/Smart/AudioDetection/channels/${channel}`],
];
const MOST_CHANNELS = 64;

/** Three or four requests. Throws only when the device does not answer System/capabilities at all. */
export async function readOfferedPaths(
  isapi: Pick<Isapi, "get">,
  signal?: AbortSignal,
): Promise<readonly OfferedPath[]> {
  const options = { ...(signal && { signal }) };
  const [{ value }, channels] = await Promise.all([
    isapi.get("/ISAPI/System/capabilities", options),
    readChannels(isapi, options).then(
      ({ channels: all }) => all.slice(0, MOST_CHANNELS),
      (error: unknown) => {
        if (isUnavailable(error)) return [];
        throw error;
      },
    ),
  ]);
  const paths: OfferedPath[] = ALWAYS.map((path) => ({ path }));
  for (const [flag, path] of BY_FLAG) if (isOffered(value, flag)) paths.push({ path });
  const outputs = number(value, "SysCap", "IOCap", "IOOutputPortNums") ?? 0;
  const inputs = number(value, "SysCap", "IOCap", "IOInputPortNums") ?? 0;
  if (inputs > 0) paths.push({ path: "/ISAPI/System/IO/inputs" });
  if (outputs > 0) paths.push({ path: "/ISAPI/System/IO/outputs" });
  return [...paths, ...channels.flatMap((channel) => ofChannel(channel, value))];
}

function ofChannel({ number: channel, name, kind }: Channel, capabilities: XmlNode | string): OfferedPath[] {
  const inputs = `/ISAPI/System/Video/inputs/channels/${channel}`;
  const proxy = `/ISAPI/ContentMgmt/InputProxy/channels/${channel}`;
  const common =
    kind === "digital"
      ? [proxy, `${proxy}/video/motionDetection`, `${inputs}/overlays`]
      : [inputs, `${inputs}/motionDetection`, `${inputs}/overlays`, `/ISAPI/Image/channels/${channel}`];
  const flagged = BY_CHANNEL_FLAG.filter(([flag]) => isOffered(capabilities, flag)).map(([, path]) => path(channel));
  return [...common, `/ISAPI/Streaming/channels/${channel}01`, ...flagged].map((path) => ({
    path,
    ...(name !== undefined && { name }),
  }));
}

function isOffered(capabilities: XmlNode | string, flag: readonly string[]): boolean {
  return boolean(capabilities, ...flag) === true;
}
