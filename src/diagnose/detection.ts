/** Is an event's detection switched on? Each kind has a path of its own, and recorders ask their cameras at another. */
import type { Channel } from "../isapi/channels";
import type { Isapi } from "../isapi/isapi";
import { isWithheld } from "../isapi/withheld";
import { boolean } from "../isapi/xml";
import { codeOf } from "../errors";
import { say } from "../words";

/** Below the video input. */
const BASIC: Readonly<Record<string, string>> = {
  VMD: "motionDetection",
  tamperdetection: "tamperDetection",
  videoloss: "videoLoss",
};
/** Below /ISAPI/Smart. */
const SMART: Readonly<Record<string, string>> = {
  fielddetection: "FieldDetection",
  linedetection: "LineDetection",
  regionEntrance: "regionEntrance",
  regionExiting: "regionExiting",
  scenechangedetection: "SceneChangeDetection",
  facedetection: "FaceDetect",
};

/** Undefined: the device does not tell. Throws only when it cannot be talked to. */
export async function isSwitchedOn(
  isapi: Pick<Isapi, "get">,
  type: string,
  channel: number,
  kind: Channel["kind"] | undefined,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const path = switchPath(type, channel, kind);
  if (path === undefined) return undefined;
  try {
    return boolean(
      (await isapi.get(path, { purpose: say`whether the event is switched on`, signal })).value,
      "enabled",
    );
  } catch (error) {
    // A recorder asks the camera, which may be off or slow: that is no reason to give up the others.
    if (isWithheld(error) || codeOf(error) === "busy" || codeOf(error) === "timeout") return undefined;
    throw error;
  }
}

function switchPath(type: string, channel: number, kind: Channel["kind"] | undefined): string | undefined {
  const smart = SMART[type];
  if (smart !== undefined) return `/ISAPI/Smart/${smart}/${channel}`;
  const basic = BASIC[type];
  if (basic === undefined) return undefined;
  return kind === "digital"
    ? `/ISAPI/ContentMgmt/InputProxy/channels/${channel}/video/${basic}`
    : `/ISAPI/System/Video/inputs/channels/${channel}/${basic}`;
}
