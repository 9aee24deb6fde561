/** What the device does when an event happens: `/ISAPI/Event/triggers`. An event reaches nobody unless "center" is among it. */
import { say } from "../words";
import type { Isapi } from "./isapi";
import { list, number, text } from "./xml";

export interface Trigger {
  /** As in the path of its notifications: "VMD-1". Not every device keeps them apart by it (DS-7608NXI-I2). */
  readonly id: string;
  /** As the device spells it. */
  readonly type: string;
  /** Of the event, from 1; undefined for inputs and the device itself. */
  readonly channel: number | undefined;
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
  const all = [...list(value, "EventTrigger"), ...list(value, "EventTriggerList", "EventTrigger")];
  return all.flatMap((node) => {
    const [id, type] = [text(node, "id"), text(node, "eventType")];
    if (id === undefined || type === undefined) return [];
    const isInput = number(node, "inputIOPortID") ?? number(node, "dynInputIOPortID");
    const channel = number(node, "videoInputChannelID") ?? number(node, "dynVideoInputChannelID");
    return {
      id,
      type,
      // Cameras write the channel of an input, too (DS-2CD2T46G2-ISU).
      channel: isInput === undefined ? channel : undefined,
      methods: list(node, "EventTriggerNotificationList", "EventTriggerNotification").flatMap(
        (method) => text(method, "notificationMethod") ?? [],
      ),
    };
  });
}

/** Does the event reach the alert stream, and the hosts that the device calls? */
export function isSent({ methods }: Pick<Trigger, "methods">): boolean {
  return methods.includes(CENTER);
}
