/** The switch of each detection: below the video input, for a recorder's cameras below InputProxy, smart ones below Smart. */
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { element, leaf } from "../xml";
import { rootAttributes } from "./system";

const ROOTS: Readonly<Record<string, string>> = {
  motionDetection: "MotionDetection",
  tamperDetection: "TamperDetection",
  videoLoss: "VideoLoss",
  FieldDetection: "FieldDetection",
  LineDetection: "LineDetection",
  regionEntrance: "RegionEntrance",
  regionExiting: "RegionExiting",
};

/** What is off, as "motionDetection/1"; all else is on. For tests to change. */
export const detectionsOff = perDevice(() => new Set<string>());

/** A camera answers for its own inputs, a recorder asks its cameras. */
const show =
  (source: "own" | "ip" | "any") =>
  (exchange: Exchange): void => {
    const { device } = exchange;
    const [kind, number] = [exchange.param("kind"), exchange.param("channel")];
    const channel = device.profile.channels.find((entry) => String(entry.number) === number);
    const root = ROOTS[kind];
    if (!channel || root === undefined || (source !== "any" && channel.source !== source))
      exchange.status("notSupport");
    else if (channel.source === "ip" && !channel.online) exchange.status("deviceError");
    else {
      const on = !detectionsOff(device).has(`${kind}/${number}`);
      exchange.xml(element(root, leaf("enabled", on), rootAttributes(device)));
    }
  };

export const detection: readonly Route[] = [
  route("GET", "/ISAPI/System/Video/inputs/channels/:channel/:kind", show("own")),
  route("GET", "/ISAPI/ContentMgmt/InputProxy/channels/:channel/video/:kind", show("ip")),
  route("GET", "/ISAPI/Smart/:kind/:channel", show("any")),
];
