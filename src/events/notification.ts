/**
 * What an alert says, in the form that messages keep (design.md 4), and how to hand each receiver a copy of its own.
 * `state`, `device` and `synthetic` are not in it: event-in adds them.
 */
import { Sentence } from "../lib/sentence";

export interface Point {
  x: number;
  y: number;
}

export interface Box extends Point {
  width: number;
  height: number;
}

/** A rule's region and, where the device says it, the target that was in it. All numbers 0…1, origin top left, y down. */
export interface Region {
  id: string;
  target?: string;
  /** As set in the device, usually 0…100. */
  sensitivity?: number;
  /** Two points: a line. None: the device did not say where. */
  polygon: Point[];
  /** The target's place. */
  box?: Box;
}

export interface Density {
  level?: number;
  people?: number;
  frames?: number;
  /** `trigger`, `timing`, `PDC`, `PQA`, `DSA`: as the device spelled it. */
  source?: string;
  regionId?: string;
  regionName?: string;
}

export interface Counting {
  enter?: number;
  exit?: number;
  pass?: number;
  /** `realTime`, `timeRange`: as the device spelled it. */
  method?: string;
}

export interface Vehicle {
  /** A word: the guide's types 0–8 translated, everything else as sent. */
  type?: string;
  color?: string;
  /** Text as sent; most devices send the number of a table that no public source gives. */
  brand?: string;
  subBrand?: string;
  model?: string;
  /** km/h, as measured by the device. */
  speed?: number;
  /** What was sent about the vehicle, untouched. */
  raw: Record<string, unknown>;
}

export interface PlateReading {
  /** To the letter; `""` when unread. */
  plate: string;
  unread?: true;
  /** 0…100. */
  confidence: number | null;
  /** 0…100, one per character. */
  characterConfidence?: number[];
  country?: string;
  region?: string;
  direction?: "approach" | "away" | "unknown";
  lane?: number;
  plateType?: string;
  plateColor?: string;
  list: "allow" | "block" | "other" | null;
  vehicle: Vehicle;
  /** Where the plate is in the picture, 0…1, origin top left. */
  rect?: Box;
}

/** The part of `msg.payload` that comes from the alert itself. */
export interface EventFacts {
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
  density?: Density;
  counting?: Counting;
  anpr?: PlateReading;
  /** Sent again by the device. Set by who knows the device's clock. */
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
  /** A sign of life of the device, never an event for a flow. */
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
  /** Its end will be told for certain, so silence is none. */
  readonly endIsTold?: true;
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
    ...(n.density && { density: n.density }),
    ...(n.counting && { counting: n.counting }),
    ...(n.anpr && { anpr: n.anpr }),
    ...(n.replayed && { replayed: n.replayed }),
    raw: n.raw,
  };
}

/** A deep copy: whoever gets it may change it. */
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
