/**
 * Where the switch of a detection stands: each kind has a path of its own, and a recorder asks its cameras at another than a camera
 * its own inputs. Sources: the ISAPI guide, trs56/HubitatPublic, maciej-or/hikvision_next, the web pages of cameras and recorders.
 */
import { table } from "../lib/table";
import type { Channel } from "./channels";
import type { Trigger } from "./event-triggers";

/** Below the video input. */
const BASIC = table<string>({
  VMD: "motionDetection",
  tamperdetection: "tamperDetection",
  videoloss: "videoLoss",
});
/** Below /ISAPI/Smart, the same on cameras and recorders. Newer firmware tells upper from lower case here. */
const SMART = table<string>({
  linedetection: "LineDetection",
  fielddetection: "FieldDetection",
  regionEntrance: "regionEntrance",
  regionExiting: "regionExiting",
  loitering: "loitering",
  group: "group",
  rapidMove: "rapidMove",
  parking: "parking",
  unattendedBaggage: "unattendedBaggage",
  attendedBaggage: "attendedBaggage",
  scenechangedetection: "SceneChangeDetection",
  defocus: "DefocusDetection",
  facedetection: "FaceDetect",
  audioexception: "AudioDetection/channels",
});
/** Functions that measure, and go on unless somebody names them. */
const MEASURING = table<(channel: number) => string>({
  PeopleCounting: (channel) => `/ISAPI/System/Video/inputs/channels/${channel}/counting`,
  heatmap: (channel) => `/ISAPI/System/Video/inputs/channels/${channel}/heatMap`,
  ANPR: (channel) => `/ISAPI/Traffic/channels/${channel}/vehicleDetect`,
  vehicledetection: (channel) => `/ISAPI/Traffic/channels/${channel}/vehicleDetect`,
});

/** What a camera may detect, in the order of the tables. Canonical types. */
export const DETECTION_TYPES: readonly string[] = [
  ...Object.keys(BASIC),
  ...Object.keys(SMART),
  "fireDetection",
  "PIR",
];

/** The paths of a detection's switch, the usual one first; empty: none is known. `type`: canonical. */
export function switchPaths(
  { type, channel, input }: Pick<Trigger, "type" | "channel" | "input">,
  kind: Channel["kind"] | undefined,
): readonly string[] {
  if (type === "PIR") return ["/ISAPI/WLAlarm/PIR"];
  // A recorder counts the inputs of its cameras from 101, the camera's number before the input's (DS-7616NI-K2).
  if (type === "IO" && input !== undefined)
    return [input > 100 ? `/ISAPI/ContentMgmt/IOProxy/inputs/${input}` : `/ISAPI/System/IO/inputs/${input}`];
  if (channel === undefined) return [];
  const smart = SMART[type];
  if (smart !== undefined) return [`/ISAPI/Smart/${smart}/${channel}`];
  if (type === "fireDetection") return [`/ISAPI/Thermal/channels/${channel}/fireDetection`];
  const measuring = MEASURING[type];
  if (measuring) return [measuring(channel)];
  const basic = BASIC[type];
  if (basic === undefined) return [];
  if (kind === "digital") return [`/ISAPI/ContentMgmt/InputProxy/channels/${channel}/video/${basic}`];
  const own = `/ISAPI/System/Video/inputs/channels/${channel}/${basic}`;
  // Cameras before ISAPI (trs56/HubitatPublic).
  return type === "VMD" ? [own, `/MotionDetection/${channel}`] : [own];
}
