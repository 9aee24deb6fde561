/** Alerts and parts as bytes, for tests of what reads them. Shapes follow captures of real devices, the contents do not. */
import type { DecodeContext } from "../../src/events/decode/decode";
import { decode } from "../../src/events/decode/decode";
import { VideoLosses } from "../../src/events/decode/heartbeat";
import { putFacts } from "../../src/events/notification";
import type { EventFacts, Notification } from "../../src/events/types";
import type { Part } from "../../src/multipart/part-reader";

/** What a message says of a notification. */
export function payloadFacts(notification: Notification, receivedAt: number): EventFacts & { receivedAt: string } {
  const { type, label, channel, raw } = notification;
  const facts = { type, label, channel } as EventFacts & { receivedAt: string };
  putFacts(notification, receivedAt, facts);
  facts.raw = raw;
  return facts;
}

export function part(body: string | Buffer, headers: Record<string, string> = {}): Part {
  return { headers, body: Buffer.from(body) };
}

/** An alert in XML. `fields` come after, or instead of, the usual ones; `undefined` leaves one out. */
export function xmlAlert(
  fields: Record<string, string | number | undefined>,
  inner = "",
  open = `<EventNotificationAlert version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">`,
): string {
  const all: Record<string, string | number | undefined> = {
    ipAddress: "192.0.2.64",
    portNo: 80,
    protocol: "HTTP",
    macAddress: "44:47:00:11:22:33",
    channelID: 1,
    dateTime: "2026-03-01T12:00:00+01:00",
    activePostCount: 1,
    eventType: "VMD",
    eventState: "active",
    eventDescription: "Motion alarm",
    ...fields,
  };
  const leaves = Object.entries(all).map(([name, value]) =>
    value === undefined ? "" : `<${name}>${value}</${name}>\n`,
  );
  return `${open}\n${leaves.join("")}${inner}</EventNotificationAlert>\n`;
}

export function context(more: Partial<DecodeContext> = {}): DecodeContext {
  return { videoLosses: new VideoLosses(), ...more };
}

/** All notifications of one document. */
export function decoded(body: string | Buffer, more: Partial<DecodeContext> = {}): Notification[] {
  return decode(part(body), context(more));
}

/** The one notification of one document; fails when there are more or none. */
export function decodedOne(body: string | Buffer, more: Partial<DecodeContext> = {}): Notification {
  const [only, ...others] = decoded(body, more);
  if (!only || others.length > 0)
    throw new Error(`${others.length + Number(only !== undefined)} notifications in ${String(body)}`);
  return only;
}

/** What was made of an alert, without the alert itself. */
export function withoutRaw(notification: Notification): Omit<Notification, "raw"> {
  return Object.fromEntries(Object.entries(notification).filter(([name]) => name !== "raw")) as Omit<
    Notification,
    "raw"
  >;
}
