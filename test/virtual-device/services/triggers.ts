/** Event/triggers: which event makes the device do what. An event reaches nobody unless "center" is among it. */
import type { VirtualDevice } from "../device";
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { PROLOG, element, leaf, readLeaf } from "../xml";
import { rootAttributes } from "./system";

/** One trigger. Its list of entries is kept as text, byte for byte as it was put. */
export class Trigger {
  #entries = "";
  #isSent = false;
  readonly #recurrence: boolean;

  constructor(
    readonly id: string,
    readonly eventType: string,
    readonly place: { readonly channel?: number; readonly input?: number },
    /** Cameras write a recurrence, recorders none (dumps of maciej-or/hikvision_next). */
    recurrence: boolean,
    methods: readonly string[],
  ) {
    this.#recurrence = recurrence;
    this.methods = methods;
  }

  /** What stands between the tags of its EventTriggerNotificationList. */
  get entries(): string {
    return this.#entries;
  }

  set entries(entries: string) {
    this.#entries = entries;
    this.#isSent = this.methods.includes("center");
  }

  /** Only then does its event leave the device. */
  get isSent(): boolean {
    return this.#isSent;
  }

  /** notificationMethod: "center", "record", "email", "beep", "IO" … To be changed as a user would. */
  get methods(): readonly string[] {
    return [...this.entries.matchAll(/<notificationMethod>\s*(\w+)\s*</g)].map(([, method]) => method ?? "");
  }

  set methods(methods: readonly string[]) {
    this.entries = methods.length === 0 ? "" : `\n${methods.map((method) => this.#entry(method)).join("")}`;
  }

  #entry(method: string): string {
    const channel = this.place.channel ?? 1;
    return element(
      ENTRY,
      leaf("id", method === "record" ? `record-${channel}` : method) +
        leaf("notificationMethod", method) +
        (this.#recurrence ? leaf("notificationRecurrence", "beginning") : "") +
        (method === "record" ? leaf("videoInputID", channel) : ""),
    );
  }
}

/** How firmware differs; for tests to change. */
export const triggerHabits = perDevice((): { unknown: "notSupport" | "deviceBusy"; echo: boolean } => ({
  unknown: "deviceBusy",
  /** The complete document is answered OK, and what is missing in it stays (getdoover/cameras, DS-2CD2387G3 V5.8). */
  echo: false,
}));

const LIST = "EventTriggerNotificationList";
const ENTRY = "EventTriggerNotification";
type Writer = (device: VirtualDevice, trigger: Trigger, attributes: string) => string;

const WHOLE_LIST = new RegExp(`<(${LIST}[^>]*?)(?:/>|>([^]*)</${LIST}>)`);
const WHOLE_ENTRY = new RegExp(`<${ENTRY}>([^]*?)</${ENTRY}>`, "g");
const LEAVES = [
  "id",
  "notificationMethod",
  "notificationRecurrence",
  "videoInputID",
  "dynVideoInputID",
  "outputIOPortID",
];
const RECURRENCES = ["beginning", "beginningandend", "recurring"];
const METHODS = ["center", "HTTP", "record", "email", "beep", "FTP", "IO", "monitorAlarm", "whiteLight", "audio"];
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
export const triggersOf = perDevice(({ profile }): Trigger[] => {
  const recurrence = profile.model === "camera";
  return [
    ...Array.from({ length: profile.alarmInputs }, (_, i) => {
      return new Trigger(`IO-${i + 1}`, "IO", { input: i + 1 }, recurrence, ["center"]);
    }),
    ...profile.channels.flatMap(({ number }) =>
      CHANNEL_EVENTS.map((eventType) => {
        const id = `${eventType === "tamperdetection" ? "tamper" : eventType}-${number}`;
        return new Trigger(id, eventType, { channel: number }, recurrence, ["center", "record"]);
      }),
    ),
    ...DEVICE_EVENTS.map((eventType) => new Trigger(eventType, eventType, {}, recurrence, ["center"])),
  ];
});

function notificationList({ entries }: Trigger, attributes = ""): string {
  const head = `<${LIST}${attributes && ` ${attributes}`}`;
  return entries === "" ? `${head}/>\n` : `${head}>${entries}</${LIST}>\n`;
}

function notifications(_device: VirtualDevice, trigger: Trigger, attributes: string): string {
  return notificationList(trigger, attributes);
}

function triggerXml(device: VirtualDevice, trigger: Trigger, attributes = ""): string {
  const tag = device.profile.model === "camera" ? "videoInputChannelID" : "dynVideoInputChannelID";
  const { channel, input } = trigger.place;
  return element(
    "EventTrigger",
    leaf("id", trigger.id) +
      leaf("eventType", trigger.eventType) +
      leaf("eventDescription", `${trigger.eventType} Event trigger Information`) +
      (input === undefined ? "" : leaf("inputIOPortID", input)) +
      (channel === undefined ? "" : leaf(tag, channel)) +
      notificationList(trigger, device.profile.model === "dvr" ? attributes : ""),
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

/** "Device Busy" is the word for a trigger that it does not know (Key-Information-Solutions/DVRtool, 17 recorders). */
function withTrigger(exchange: Exchange, use: (trigger: Trigger) => void): void {
  const trigger = triggersOf(exchange.device).find(({ id }) => id === exchange.param("id"));
  if (trigger) use(trigger);
  else exchange.status(triggerHabits(exchange.device).unknown);
}

const show =
  (write: Writer) =>
  (exchange: Exchange): void =>
    withTrigger(exchange, (trigger) => exchange.xml(write(exchange.device, trigger, rootAttributes(exchange.device))));

/** Takes new entries; all around them has to be as the device wrote it: what was made anew is refused. */
const change =
  (root: string, write: Writer) =>
  (exchange: Exchange): void =>
    withTrigger(exchange, (trigger) => {
      const body = exchange.xmlBody(root);
      if (body === undefined) return;
      const { echo } = triggerHabits(exchange.device);
      const written = PROLOG + write(exchange.device, trigger, rootAttributes(exchange.device));
      const entries = WHOLE_LIST.exec(body)?.[2] ?? "";
      const bare = echo && isBare(exchange.device, trigger, body);
      const good = (bare || envelope(body) === envelope(written)) && entriesFit(entries);
      if (good && (bare || !echo || addsOnly(trigger.entries, entries))) trigger.entries = entries;
      exchange.status(good ? "ok" : "badXmlContent");
    });

/** Nothing but what names the trigger, as `fixtures/control/doover` has it. */
function isBare({ profile }: VirtualDevice, { id, eventType, place }: Trigger, body: string): boolean {
  const leaves = [
    ["id", id],
    ["eventType", eventType],
    ...(place.input === undefined ? [] : [["inputIOPortID", place.input]]),
    ...(place.channel === undefined || profile.model !== "camera" ? [] : [["videoInputChannelID", place.channel]]),
  ];
  const named = leaves.map(([name, value]) => `<${name}>${value}</${name}>`).join("");
  return envelope(body.trim()) === `<EventTrigger>${named}<${LIST}/></EventTrigger>`;
}

function addsOnly(before: string, after: string): boolean {
  const methods = (entries: string): readonly string[] =>
    [...entries.matchAll(/<notificationMethod>\s*(\w+)/g)].map(([, method]) => method ?? "");
  return methods(before).every((method) => methods(after).includes(method));
}

/** A document without its entries. */
function envelope(document: string): string {
  return document.replace(WHOLE_LIST, "<$1/>");
}

/** Each has an id of its own, a known method, and nothing that no device writes. */
function entriesFit(entries: string): boolean {
  const ids = new Set<string>();
  let rest = entries;
  for (const [whole, inner = ""] of entries.matchAll(WHOLE_ENTRY)) {
    const id = readLeaf(inner, "id");
    const names = [...inner.matchAll(/<(\w+)>/g)].map(([, name]) => name ?? "");
    if (id === undefined || id === "" || ids.has(id)) return false;
    if (!METHODS.includes(readLeaf(inner, "notificationMethod") ?? "")) return false;
    if (!RECURRENCES.includes(readLeaf(inner, "notificationRecurrence") ?? "beginning")) return false;
    if (new Set(names).size < names.length || !names.every((name) => LEAVES.includes(name))) return false;
    ids.add(id);
    rest = rest.replace(whole, "");
  }
  return rest.trim() === "";
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
  route("GET", "/ISAPI/Event/triggers/:id", show(triggerXml)),
  route("PUT", "/ISAPI/Event/triggers/:id", change("EventTrigger", triggerXml)),
  route("GET", "/ISAPI/Event/triggers/:id/notifications", show(notifications)),
  route("PUT", "/ISAPI/Event/triggers/:id/notifications", change(LIST, notifications)),
];
