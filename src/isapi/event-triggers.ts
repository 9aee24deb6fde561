/** What the device does when an event happens: `/ISAPI/Event/triggers`. An event reaches nobody unless "center" is among it. */
import { codeOf, FatalError, isHikvisionError } from "../lib/errors";
import { say } from "../lib/sentence";
import { flatMapInSteps, inSlices } from "../lib/slices";
import type { Isapi } from "./isapi";
import { list, number, text, type XmlNode } from "./xml";

export interface Trigger {
  /** As in the path of its notifications: "VMD-1". Not every device keeps them apart by it (DS-7608NXI-I2). */
  readonly id: string;
  /** As the device spells it. */
  readonly type: string;
  /** Of the event, from 1; undefined for inputs and the device itself. */
  readonly channel: number | undefined;
  /** Of an alarm input: 1, and 301 for the first of a recorder's third camera. */
  readonly input: number | undefined;
  /** What is done, as sent: "center", "record", "email" … */
  readonly methods: readonly string[];
}

export const TRIGGERS = "/ISAPI/Event/triggers";
/** "Notify Surveillance Center" on the device's web page. */
export const CENTER = "center";

/** All that the device lists, in its order. Throws what {@link Isapi.get} throws. */
export async function readTriggers(isapi: Pick<Isapi, "get">, signal?: AbortSignal): Promise<readonly Trigger[]> {
  const { value } = await isapi.get(TRIGGERS, { purpose: say`its list of events`, ...(signal && { signal }) });
  // Older firmware wraps the list in EventNotification (DS-2TD1228-2-QA).
  const nodes = [...list(value, "EventTrigger"), ...list(value, "EventTriggerList", "EventTrigger")];
  return inSlices(flatMapInSteps(nodes, triggersIn), signal);
}

/**
 * One by its id, for what a list leaves out: cameras of V5.7 answer for "scenechangedetection-1" only when asked
 * (DS-2CD2386G2-IU). Throws what {@link Isapi.get} throws, and `notFound` where the device says "busy": that is its word for
 * a trigger that it does not know (Key-Information-Solutions/DVRtool, 17 recorders), so it is not asked again.
 */
export async function readTrigger(
  isapi: Pick<Isapi, "get">,
  id: string,
  signal?: AbortSignal,
): Promise<Trigger | undefined> {
  const path = `${TRIGGERS}/${encodeURIComponent(id)}`;
  const options = { purpose: say`what it does at the event`, retryBusy: false, ...(signal && { signal }) };
  try {
    const { value } = await isapi.get(path, options);
    return typeof value === "string" ? undefined : triggersIn(value)[0];
  } catch (error) {
    throw codeOf(error) === "busy" ? noSuchTrigger(error) : error;
  }
}

/** What "busy" means below {@link TRIGGERS}. */
export function noSuchTrigger(busy: unknown): FatalError {
  const { statusCode, device } = isHikvisionError(busy) ? busy.cause : {};
  return new FatalError(
    "notFound",
    say`The device has no such trigger: it says "busy" to those that it does not know. Ask /ISAPI/Event/triggers for all.`,
    { ...(statusCode !== undefined && { statusCode }), ...(device && { device }) },
  );
}

function triggersIn(node: XmlNode): readonly Trigger[] {
  const [id, type] = [text(node, "id"), text(node, "eventType")];
  if (id === undefined || type === undefined) return [];
  const input = number(node, "inputIOPortID") ?? number(node, "dynInputIOPortID");
  const channel = number(node, "videoInputChannelID") ?? number(node, "dynVideoInputChannelID");
  return [
    {
      id,
      type,
      // Cameras write a channel beside the input (DS-2CD2T46G2-ISU), thermal ones none at all: "VMD-1" (DS-2TD1228-2-QA).
      channel: input === undefined ? (channel ?? channelOf(id)) : undefined,
      input,
      methods: list(node, "EventTriggerNotificationList", "EventTriggerNotification").flatMap(
        (method) => text(method, "notificationMethod") ?? [],
      ),
    },
  ];
}

function channelOf(id: string): number | undefined {
  const digits = /-([1-9]\d{0,3})$/.exec(id)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Does the event reach the alert stream, and the hosts that the device calls? */
export function isSent({ methods }: Pick<Trigger, "methods">): boolean {
  return methods.includes(CENTER);
}
