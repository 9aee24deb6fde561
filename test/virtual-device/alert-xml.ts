/** The frame of every alert: the common elements in the order and spelling of each family. */
import type { DeviceTime } from "./device-time";
import { pictureLeaves, pictureParts, type PictureFields } from "./event-picture";
import type { PictureSource } from "./picture-source";
import type { Channel, Profile } from "./profile";
import { PROLOG, element, leaf } from "./xml";
import type { Part } from "./wire";

/** What an alert needs to know of the device that sends it. */
export interface AlertSource {
  readonly profile: Profile;
  readonly time: DeviceTime;
  readonly pictures: PictureSource;
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** true: the stream was opened without /ISAPI, and speaks ver10 (seen on Wi-Fi cameras, pyHik#62). */
  readonly legacy: boolean;
}

/** One notification and its pictures. Made when it is sent, so that it carries the device's time and names. */
export type Alert = (source: AlertSource) => readonly Part[];

export interface AlertFields extends PictureFields {
  /** From 1; null = the device itself. Default 1. */
  readonly channel?: number | null;
  readonly state?: "active" | "inactive";
  /** activePostCount; default 1. */
  readonly count?: number;
  /** dateTime as written; default: the device's time. */
  readonly dateTime?: string;
  /** Overrides the channel's own name. */
  readonly channelName?: string;
  /** isDataRetransmission: the device sends it once more. */
  readonly replayed?: boolean;
  /** false: history, sent by terminals after a connect. */
  readonly currentEvent?: boolean;
  /** Overrides the vendor's spelling. */
  readonly eventType?: string;
  readonly description?: string;
  /** Override the root's attributes. */
  readonly version?: string;
  readonly xmlns?: string;
}

export const XML = 'application/xml; charset="UTF-8"';
export const JSON_TYPE = 'application/json; charset="UTF-8"';

/** `inner` stands behind eventDescription, where devices put what belongs to the event. */
export function alertParts(
  source: AlertSource,
  type: string,
  fields: AlertFields,
  description: string,
  inner = "",
): readonly Part[] {
  const { profile } = source;
  const camera = profile.model === "camera";
  const named = fields.channel === null ? undefined : channelOf(source, fields.channel ?? 1);
  const dateTime = fields.dateTime ?? source.time.stamp();
  const body =
    leaf("ipAddress", source.host) +
    leaf("portNo", source.port) +
    leaf(camera ? "protocol" : "protocolType", source.secure ? "HTTPS" : "HTTP") +
    leaf("macAddress", profile.macAddress) +
    channelLeaves(profile, named) +
    leaf("dateTime", dateTime) +
    leaf("activePostCount", fields.count ?? 1) +
    leaf("eventType", fields.eventType ?? type) +
    leaf("eventState", fields.state ?? "active") +
    leaf("eventDescription", fields.description ?? description) +
    inner +
    leaf("channelName", fields.channelName ?? named?.name ?? "") +
    pictureLeaves(source, fields) +
    (fields.replayed === undefined ? "" : leaf("isDataRetransmission", fields.replayed)) +
    (fields.currentEvent === undefined ? "" : leaf("currentEvent", fields.currentEvent)) +
    (profile.model === "dvr" ? extensions(profile, type, named, dateTime) : "");
  const [version, xmlns] = source.legacy
    ? ["1.0", "http://www.hikvision.com/ver10/XMLSchema"]
    : [fields.version ?? profile.version, fields.xmlns ?? profile.xmlns];
  const document = element("EventNotificationAlert", body, `version="${version}" xmlns="${xmlns}"`);
  return [{ contentType: XML, body: camera ? document : PROLOG + document }, ...pictureParts(fields.pictures)];
}

/** The JSON form; `inner` is merged in. */
export function jsonAlertParts(
  source: AlertSource,
  type: string,
  fields: AlertFields,
  description: string,
  inner: object,
): readonly Part[] {
  const named = fields.channel === null ? undefined : channelOf(source, fields.channel ?? 1);
  const body = {
    ipAddress: source.host,
    portNo: source.port,
    protocol: source.secure ? "HTTPS" : "HTTP",
    macAddress: source.profile.macAddress,
    channelID: named?.alertId ?? 0,
    dateTime: fields.dateTime ?? source.time.stamp(),
    activePostCount: fields.count ?? 1,
    isDataRetransmission: fields.replayed ?? false,
    ...(fields.currentEvent === undefined ? {} : { currentEvent: fields.currentEvent }),
    eventType: fields.eventType ?? type,
    eventState: fields.state ?? "active",
    eventDescription: fields.description ?? description,
    channelName: fields.channelName ?? named?.name ?? "",
    ...inner,
  };
  return [{ contentType: JSON_TYPE, body: JSON.stringify(body, null, "\t") }, ...pictureParts(fields.pictures)];
}

function channelOf(source: AlertSource, number: number): Channel {
  const channel = source.profile.channels.find((c) => c.number === number);
  if (!channel) throw new Error(`This ${source.profile.model} has no channel ${number}.`);
  return channel;
}

/** Cameras: channelID. NVRs: dynChannelID and channelID. Hybrid DVRs: channelID, and only dynChannelID for IP channels. */
function channelLeaves(profile: Profile, channel: Channel | undefined): string {
  if (profile.model === "nvr")
    return leaf("dynChannelID", channel?.alertId ?? "") + leaf("channelID", channel?.alertId ?? "");
  return leaf(channel?.source === "ip" ? "dynChannelID" : "channelID", channel?.alertId ?? 0);
}

function extensions(profile: Profile, type: string, channel: Channel | undefined, dateTime: string): string {
  const psia = 'xmlns="urn:selfextension:psiaext-ver10-xsd"';
  return element(
    "Extensions",
    `<serialNumber ${psia}>${profile.serial}</serialNumber>\n` +
      `<eventPush ${psia}>${type}&amp;&amp;${profile.serial},${dateTime},${channel?.alertId ?? 0},1.0</eventPush>\n`,
    'version="1.0" xmlns="urn:psialliance-org"',
  );
}
