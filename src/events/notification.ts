/** Notifications as `msg.payload`, and a copy for each receiver. */
import { Sentence } from "../lib/sentence";
import { pickDetails } from "./decode/details";
import type { DeviceEvent, EventFacts, Notification } from "./types";

/**
 * What goes into `msg.payload`, in its documented order. Not a copy: the receiver of the only, or last, reference may
 * take it as it is; for the others call {@link copyNotification} before.
 */
export function payloadFacts(n: Notification, receivedAt: number): EventFacts & { time: string; receivedAt: string } {
  const received = new Date(receivedAt).toISOString();
  return {
    type: n.type,
    label: n.label,
    channel: n.channel,
    ...(n.channelName !== undefined && { channelName: n.channelName }),
    time: n.time ?? received,
    receivedAt: received,
    ...(n.count !== undefined && { count: n.count }),
    ...(n.description !== undefined && { description: n.description }),
    targets: n.targets,
    regions: n.regions,
    ...(n.inputPort !== undefined && { inputPort: n.inputPort }),
    ...(n.outputPort !== undefined && { outputPort: n.outputPort }),
    ...(n.disk !== undefined && { disk: n.disk }),
    ...(n.recordingChannels && { recordingChannels: n.recordingChannels }),
    ...pickDetails(n),
    ...(n.replayed && { replayed: n.replayed }),
    raw: n.raw,
  };
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
  for (const [key, item] of Object.entries(value)) if (key !== "__proto__") result[key] = copy(item);
  return result as T;
}
