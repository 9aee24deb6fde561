/** Is an event's detection switched on? Each kind has a path of its own, and recorders ask their cameras at another. */
import type { Channel } from "../isapi/channels";
import type { Trigger } from "../isapi/event-triggers";
import type { Isapi } from "../isapi/isapi";
import { isUnavailable } from "../isapi/unavailable";
import { boolean } from "../isapi/xml";
import { codeOf } from "../lib/errors";
import { say } from "../lib/sentence";
import { table } from "../lib/table";

/** Below the video input. */
const BASIC = table<string>({
  VMD: "motionDetection",
  tamperdetection: "tamperDetection",
  videoloss: "videoLoss",
});
/** Below /ISAPI/Smart. The last three: trs56/HubitatPublic (camera driver), and Hikvision's own recorder pages. */
const SMART = table<string>({
  fielddetection: "FieldDetection",
  linedetection: "LineDetection",
  regionEntrance: "regionEntrance",
  regionExiting: "regionExiting",
  scenechangedetection: "SceneChangeDetection",
  facedetection: "FaceDetect",
  attendedBaggage: "attendedBaggage",
  unattendedBaggage: "unattendedBaggage",
  defocus: "DefocusDetection",
});

/** `trigger.type`: canonical. Undefined: not known. Throws only when it is not reachable. */
export async function isSwitchedOn(
  isapi: Pick<Isapi, "get">,
  trigger: Trigger,
  kind: Channel["kind"] | undefined,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const path = switchPath(trigger, kind);
  if (path === undefined) return undefined;
  try {
    return boolean(
      (await isapi.get(path, { purpose: say`whether the event is switched on`, signal })).value,
      "enabled",
    );
  } catch (error) {
    // A recorder asks its camera, which may be off or slow: the other channels are still checked.
    if (isUnavailable(error) || codeOf(error) === "busy" || codeOf(error) === "timeout") return undefined;
    throw error;
  }
}

function switchPath({ type, channel, input }: Trigger, kind: Channel["kind"] | undefined): string | undefined {
  if (type === "PIR") return "/ISAPI/WLAlarm/PIR";
  // A recorder counts the inputs of its cameras from 101, the camera's number before the input's (DS-7616NI-K2).
  if (type === "IO" && input !== undefined)
    return input > 100 ? `/ISAPI/ContentMgmt/IOProxy/inputs/${input}` : `/ISAPI/System/IO/inputs/${input}`;
  if (channel === undefined) return undefined;
  const smart = SMART[type];
  if (smart !== undefined) return `/ISAPI/Smart/${smart}/${channel}`;
  const basic = BASIC[type];
  if (basic === undefined) return undefined;
  return kind === "digital"
    ? `/ISAPI/ContentMgmt/InputProxy/channels/${channel}/video/${basic}`
    : `/ISAPI/System/Video/inputs/channels/${channel}/${basic}`;
}
