/** Event/schedules: when an event is armed. One list per kind of event with all channels, as NVRs give it. */
import type { VirtualDevice } from "../device";
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { element, leaf } from "../xml";
import { rootAttributes } from "./system";

/** 1 is Monday; times as "08:00" or "24:00". */
export interface Block {
  readonly day: number;
  readonly begin: string;
  readonly end: string;
}

/** All week round. */
export const ALWAYS: readonly Block[] = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, begin: "00:00", end: "24:00" }));

const EVENTS: Readonly<Record<string, string>> = {
  motionDetections: "VMD",
  tamperDetections: "tamperdetection",
  videolosses: "videoloss",
  fieldDetections: "fielddetection",
  lineDetections: "linedetection",
  regionEntrances: "regionEntrance",
  regionExitings: "regionExiting",
};

/** What is not armed all the time, by "motionDetections/1". For tests to change. */
export const schedulesOf = perDevice(() => new Map<string, readonly Block[]>());

function schedule(device: VirtualDevice, kind: string, number: number): string {
  const event = EVENTS[kind] ?? kind;
  const blocks = (schedulesOf(device).get(`${kind}/${number}`) ?? ALWAYS).map(({ day, begin, end }) =>
    element(
      "TimeBlock",
      leaf("dayOfWeek", day) + element("TimeRange", leaf("beginTime", begin) + leaf("endTime", end)),
    ),
  );
  const holiday = element("TimeBlock", element("TimeRange", leaf("beginTime", "00:00") + leaf("endTime", "24:00")));
  const tag = device.profile.model === "camera" ? "videoInputChannelID" : "dynVideoInputChannelID";
  return element(
    "Schedule",
    leaf("id", `${event}_video${number}`) +
      leaf("eventType", event) +
      leaf(tag, number) +
      element("TimeBlockList", blocks.join("") + holiday, 'size="8"'),
  );
}

function listSchedules(exchange: Exchange): void {
  const { device } = exchange;
  const kind = exchange.param("kind");
  if (EVENTS[kind] === undefined) {
    exchange.status("notSupport");
    return;
  }
  const all = device.profile.channels.map(({ number }) => schedule(device, kind, number));
  exchange.xml(element("ScheduleList", all.join(""), rootAttributes(device)));
}

export const schedules: readonly Route[] = [route("GET", "/ISAPI/Event/schedules/:kind", listSchedules)];
