/** Event/triggers: which event makes the device do what. An event reaches nobody unless "center" is among it. */
import type { VirtualDevice } from "../device";
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { element, leaf } from "../xml";
import { rootAttributes } from "./system";

export interface Trigger {
  readonly id: string;
  readonly eventType: string;
  readonly channel?: number;
  readonly input?: number;
  /** notificationMethod: "center", "record", "email", "beep", "IO" … */
  methods: string[];
}

const CHANNEL_EVENTS = [
  "VMD",
  "tamperdetection",
  "videoloss",
  "linedetection",
  "fielddetection",
  "regionEntrance",
  "regionExiting",
];
const DEVICE_EVENTS = ["diskfull", "diskerror", "nicbroken", "ipconflict", "illaccess"];

/** The triggers of a device; tests change `methods` as a user would. */
export const triggersOf = perDevice(({ profile }): Trigger[] => [
  ...Array.from({ length: profile.alarmInputs }, (_, i) => ({
    id: `IO-${i + 1}`,
    eventType: "IO",
    input: i + 1,
    methods: ["center"],
  })),
  ...profile.channels.flatMap(({ number }) =>
    CHANNEL_EVENTS.map((eventType) => ({
      id: `${eventType === "tamperdetection" ? "tamper" : eventType}-${number}`,
      eventType,
      channel: number,
      methods: ["center", "record"],
    })),
  ),
  ...DEVICE_EVENTS.map((eventType) => ({ id: eventType, eventType, methods: ["center"] })),
]);

function notificationList(trigger: Trigger, attributes = ""): string {
  const entries = trigger.methods.map((method) =>
    element(
      "EventTriggerNotification",
      leaf("id", method === "record" ? `record-${trigger.channel ?? 1}` : method) +
        leaf("notificationMethod", method) +
        leaf("notificationRecurrence", "beginning") +
        (method === "record" ? leaf("videoInputID", trigger.channel ?? 1) : ""),
    ),
  );
  return element("EventTriggerNotificationList", entries.join(""), attributes);
}

function triggerXml(device: VirtualDevice, trigger: Trigger, attributes = ""): string {
  const tag = device.profile.model === "camera" ? "videoInputChannelID" : "dynVideoInputChannelID";
  return element(
    "EventTrigger",
    leaf("id", trigger.id) +
      leaf("eventType", trigger.eventType) +
      leaf("eventDescription", `${trigger.eventType} Event trigger Information`) +
      (trigger.input === undefined ? "" : leaf("inputIOPortID", trigger.input)) +
      (trigger.channel === undefined ? "" : leaf(tag, trigger.channel)) +
      notificationList(trigger),
    attributes,
  );
}

/** Newer firmware answers with the list; DVRs wrap it in EventNotification. */
function listTriggers(exchange: Exchange): void {
  const { device } = exchange;
  const all = triggersOf(device).map((trigger) => triggerXml(device, trigger));
  if (device.profile.model === "dvr") {
    exchange.xml(element("EventNotification", element("EventTriggerList", all.join("")), rootAttributes(device)));
  } else exchange.xml(element("EventTriggerList", all.join(""), rootAttributes(device)));
}

function withTrigger(exchange: Exchange, use: (trigger: Trigger) => void): void {
  const trigger = triggersOf(exchange.device).find(({ id }) => id === exchange.param("id"));
  if (trigger) use(trigger);
  else exchange.status("notSupport");
}

function setNotifications(exchange: Exchange, trigger: Trigger): void {
  const body = exchange.xmlBody("EventTriggerNotificationList");
  if (body === undefined) return;
  trigger.methods = [...body.matchAll(/<notificationMethod>\s*(\w+)\s*</g)].map((match) => match[1] ?? "");
  exchange.status("ok");
}

function capabilities(exchange: Exchange): void {
  const { device } = exchange;
  const all = device.profile.channels.map(({ number }) =>
    element(
      "ChannelEventCap",
      `<eventType opt="${CHANNEL_EVENTS.join(",").replace("tamperdetection", "Shelteralarm")}"/>\n` +
        `<channelID min="1" max="${device.profile.channels.length}">${number}</channelID>\n`,
    ),
  );
  exchange.xml(element("ChannelEventCapList", all.join(""), rootAttributes(device)));
}

export const triggers: readonly Route[] = [
  route("GET", "/ISAPI/Event/channels/capabilities", capabilities),
  route("GET", "/ISAPI/Event/triggers", listTriggers),
  route("GET", "/ISAPI/Event/triggers/:id", (exchange) =>
    withTrigger(exchange, (trigger) =>
      exchange.xml(triggerXml(exchange.device, trigger, rootAttributes(exchange.device))),
    ),
  ),
  route("GET", "/ISAPI/Event/triggers/:id/notifications", (exchange) =>
    withTrigger(exchange, (trigger) => exchange.xml(notificationList(trigger, rootAttributes(exchange.device)))),
  ),
  route("PUT", "/ISAPI/Event/triggers/:id/notifications", (exchange) =>
    withTrigger(exchange, (trigger) => setNotifications(exchange, trigger)),
  ),
];
