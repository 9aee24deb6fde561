/** What an alert says, as messages keep it (docs/contract.md), and what goes with it. `state`, `device` and `synthetic` are event-in's. */
import type { Sentence } from "../lib/sentence";
import type { Details } from "./decode/details";
import type { Region } from "./decode/regions";

/** The part of `msg.payload` that comes from the alert itself. */
export interface EventFacts extends Details {
  /** Canonical spelling of the table; an unknown type as sent. */
  type: string;
  /** English. */
  label: string;
  /** Counts from 1; null: the device itself. */
  channel: number | null;
  channelName?: string;
  /** ISO 8601 with offset, as the device stamped it; undefined: it sent none that can be read. */
  time?: string;
  /** `activePostCount`. */
  count?: number;
  description?: string;
  /** "human", "vehicle", "animal" …: of all regions, each once. */
  targets: string[];
  regions: Region[];
  inputPort?: number;
  outputPort?: number;
  disk?: number;
  recordingChannels?: number[];
  /** Sent again by the device. Set by the pipeline. */
  replayed?: true;
  /** The alert as parsed, strings untouched. */
  raw: Record<string, unknown>;
}

/** A picture that an alert says will follow as a part of the stream, or lies at a URL. */
export interface AnnouncedPicture {
  /** What to call it; never empty. */
  readonly name: string;
  /** "plate", "vehicle", "scene", "background", "face" …, where the device says it. */
  readonly role?: string;
  /** Where to fetch it, as sent: may be a path alone. Absent: it follows as a binary part. */
  readonly url?: string;
  /** Names by which its part may be known (name, filename, Content-ID), lower case. Empty: any part will do. */
  readonly keys: readonly string[];
  /** `URLCertificationType`: does the URL want the device's digest login? Undefined: not said. */
  readonly digest?: boolean;
}

/** One alert, decoded. Pictures come later, in a {@link DeviceEvent}. */
export interface Notification extends EventFacts {
  /** Only shows that the device is alive: never an event for a flow. */
  readonly heartbeat: boolean;
  /** False: the device says it is over. Without eventState: true. */
  readonly active: boolean;
  /** It reports something done (a plate, a count): no start, no end. */
  readonly reports: boolean;
  /** Of a `duration`: the canonical type that is still going on. */
  readonly continues?: string;
  /** `currentEvent`, where sent: false is history. */
  readonly current?: boolean;
  /** `isDataRetransmission` is true. */
  readonly retransmitted: boolean;
  /** The device reports its end for certain, so silence does not end it. */
  readonly endIsReported?: true;
  /** What the device tells apart within the type, by its own numbers and words; where it does. */
  readonly subtype?: string;
  readonly announced: readonly AnnouncedPicture[];
}

export interface Picture {
  name: string;
  contentType: string;
  /** null: it did not come, see `error`. */
  data: Buffer | null;
  role?: string;
  url?: string;
  error?: { code: string; message: Sentence };
}

/** A notification with its pictures: those that came, and those that did not, with the reason. */
export interface DeviceEvent {
  readonly notification: Notification;
  /** Wall time, ms since 1970, of the alert's last byte. */
  readonly receivedAt: number;
  readonly pictures: Picture[];
}
