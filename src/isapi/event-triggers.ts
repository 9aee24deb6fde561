/** The event types that a device has triggers for (`/ISAPI/Event/triggers`): what it can report, as far as it tells. */
import type { Isapi } from "./isapi";
import { child, list, text } from "./xml";

/** Each type once, as the device spells it, in its order. Throws what {@link Isapi.get} throws. */
export async function readTriggerTypes(isapi: Pick<Isapi, "get">, signal?: AbortSignal): Promise<readonly string[]> {
  const { value } = await isapi.get("/ISAPI/Event/triggers", {
    purpose: "the list of event types",
    ...(signal && { signal }),
  });
  // Older firmware wraps the list in EventNotification (DS-2TD1228-2-QA).
  const triggers = list(child(value, "EventTriggerList") ?? value, "EventTrigger");
  return [...new Set(triggers.flatMap((trigger) => text(trigger, "eventType") ?? []))];
}
