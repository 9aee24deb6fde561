/** Notifications as `msg.payload`, and a copy for each receiver. */
import { Sentence } from "../lib/sentence";
import { putDetails } from "./decode/details";
import type { DeviceEvent, EventFacts, Notification } from "./types";

/**
 * Puts what goes into `msg.payload` behind the channel into `to`, in its documented order; `raw` is the caller's. Not a copy: the
 * receiver of the only, or last, reference may take it as it is; for the others call {@link copyNotification} before.
 */
export function putFacts(n: Notification, receivedAt: number, to: EventFacts & { receivedAt: string }): void {
  const received = new Date(receivedAt).toISOString();
  if (n.channelName !== undefined) to.channelName = n.channelName;
  to.time = n.time ?? received;
  to.receivedAt = received;
  if (n.count !== undefined) to.count = n.count;
  if (n.description !== undefined) to.description = n.description;
  to.targets = n.targets;
  to.regions = n.regions;
  if (n.inputPort !== undefined) to.inputPort = n.inputPort;
  if (n.outputPort !== undefined) to.outputPort = n.outputPort;
  if (n.disk !== undefined) to.disk = n.disk;
  if (n.recordingChannels) to.recordingChannels = n.recordingChannels;
  putDetails(n, to);
  if (n.replayed) to.replayed = n.replayed;
}

/** A deep copy, for a receiver that may change it. */
export function copyNotification(notification: Notification): Notification {
  return copy(notification);
}

/**
 * A deep copy, pictures' bytes included. With several receivers: copies for all but the last, who takes the original;
 * so the bytes of an event that only one node wants are never copied.
 */
export function copyEvent(event: DeviceEvent): DeviceEvent {
  return copy(event);
}

/** structuredClone is slower on small objects and turns a Buffer into a Uint8Array. */
function copy<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Buffer.isBuffer(value)) return Buffer.from(value) as T;
  if (value instanceof Sentence) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => copy(item)) as T;
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[key];
    if (key !== "__proto__") result[key] = typeof item === "object" ? copy(item) : item;
  }
  return result as T;
}
