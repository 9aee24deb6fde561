/** A device keeps an event to itself unless its trigger notifies the surveillance center ("center"). */
import { eventType } from "../../src/events/event-types";
import type { Alert } from "./alerts";
import type { VirtualDevice } from "./device";
import { triggersOf } from "./services/triggers";
import { readLeaf } from "./xml";
import type { Part } from "./wire";

/** The same alert without the notifications that the device would not send, and without their pictures. */
export function linked(device: VirtualDevice, alert: Alert): Alert {
  if (triggersOf(device).every(({ isSent }) => isSent)) return alert;
  return (source) => {
    let sent = true;
    return alert(source).filter((part) => {
      if (/xml|json/.test(part.contentType)) sent = isSent(device, part);
      return sent;
    });
  };
}

/** What has no trigger is always sent: heartbeats, and events that no list of triggers names. */
function isSent(device: VirtualDevice, { body }: Part): boolean {
  const text = body.toString();
  const value = (name: string): string =>
    readLeaf(text, name) ?? new RegExp(`"${name}":\\s*"?(\\w+)`).exec(text)?.[1] ?? "";
  const type = eventType(value("eventType")).type.toLowerCase();
  const input = value("inputIOPortID");
  const alertId = value("dynChannelID") || value("channelID");
  const channel = device.profile.channels.find((one) => String(one.alertId) === alertId)?.number;
  const mine = triggersOf(device).filter(({ eventType: name }) => name.toLowerCase() === type);
  const trigger = mine.find(({ place }) =>
    place.input === undefined
      ? place.channel === undefined || place.channel === channel
      : String(place.input) === input,
  );
  const isHeartbeat = type === "videoloss" && value("eventState") === "inactive" && value("activePostCount") === "0";
  return isHeartbeat || (trigger?.isSent ?? true);
}
