/** What the device does when an event happens: `/ISAPI/Event/triggers`. An event reaches nobody unless "center" is among it. */
import { eventType } from "../events/event-types";
import type { Isapi } from "../isapi/isapi";
import { list, number, text } from "../isapi/xml";

export interface Trigger {
  /** "VMD-1" */
  readonly id: string;
  /** Canonical. */
  readonly type: string;
  /** Of the event, from 1; undefined for inputs and the device itself. */
  readonly channel: number | undefined;
  /** Notification methods as sent: "center", "record", "email" … */
  readonly methods: readonly string[];
}

export const TRIGGERS = "/ISAPI/Event/triggers";
/** "Notify Surveillance Center" on the device's web page. */
export const CENTER = "center";

/** Throws what {@link Isapi.get} throws. */
export async function readTriggers(isapi: Pick<Isapi, "get">, signal: AbortSignal): Promise<readonly Trigger[]> {
  const { value } = await isapi.get(TRIGGERS, { purpose: "its list of events", signal });
  // DVRs put the list into an EventNotification (iDS-7204HUHI-M1 V4.75).
  const all = [...list(value, "EventTrigger"), ...list(value, "EventTriggerList", "EventTrigger")];
  return all.flatMap((node) => {
    const [id, type] = [text(node, "id"), text(node, "eventType")];
    if (id === undefined || type === undefined) return [];
    const isInput = number(node, "inputIOPortID") ?? number(node, "dynInputIOPortID");
    const channel = number(node, "videoInputChannelID") ?? number(node, "dynVideoInputChannelID");
    return {
      id,
      type: eventType(type).type,
      channel: isInput === undefined ? channel : undefined,
      methods: list(node, "EventTriggerNotificationList", "EventTriggerNotification").flatMap(
        (method) => text(method, "notificationMethod") ?? [],
      ),
    };
  });
}

export function isSent({ methods }: Trigger): boolean {
  return methods.includes(CENTER);
}
