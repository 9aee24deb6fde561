/** What the benchmark's processes say to each other. Times are the machine's monotonic clock in ms. */

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

/** One event: which device, the count it carries, when. */
export type Sighting = readonly [device: number, sequence: number, at: number];

/** Of the event that ends a volley: the only one that a filter of the bench lets pass. */
export const LAST_TYPE = "tamperdetection";

/** What was sent as fast as it goes. */
export interface Volley {
  readonly startedAt: number;
  readonly bytes: number;
}

/** The process that plays the devices. */
export interface FarmCommands {
  /** Starts so many devices; those of before are closed. */
  devices(count: number): Promise<readonly Address[]>;
  /** Each device sends an event a second for so long, then all that were sent. */
  trickle(seconds: number): Promise<readonly Sighting[]>;
  /** A device sends `events` in one go, each with a picture of so many bytes (0: none), then one of {@link LAST_TYPE}, and a heartbeat. */
  volley(load: { readonly device: number; readonly events: number; readonly pictureBytes: number }): Promise<Volley>;
}

/** What an idle connection costs. */
export interface ConnectionCost {
  /** Memory in KB: resident, and in use by the program. */
  readonly residentKb: number;
  readonly usedKb: number;
}

export interface Heard {
  readonly sightings: readonly Sighting[];
  /** Events that came with all the bytes of their picture. */
  readonly pictures: number;
  readonly bytes: number;
  /** When the last of it came. */
  readonly lastAt: number;
  readonly cpuMs: number;
  readonly elapsedMs: number;
  readonly residentMb: number;
}

/** A process that listens to devices: Node-RED with our nodes, or something to compare with. */
export interface ListenerCommands {
  /** Resolves when all streams are open. */
  connect(addresses: readonly Address[]): Promise<void>;
  /** Counting starts anew. */
  begin(): Promise<void>;
  /** What came since `begin`, once so many events or bytes are there, or nothing more comes. */
  heard(until: { readonly events?: number; readonly bytes?: number }): Promise<Heard>;
  /** Beside the time before `connect`. */
  cost(): Promise<ConnectionCost>;
}

/** A large recording, and how to get at it. */
export interface DownloadTarget {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly playbackUri: string;
}

export interface DownloadDevice {
  recording(bytes: number): Promise<DownloadTarget>;
}

export interface DownloadCost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** MB, of the process. */
  readonly peakMb: number;
}

export interface DownloadClient {
  download(target: DownloadTarget, directory: string): Promise<DownloadCost>;
}

/** The process that plays an entrance camera. */
export interface GateDevice {
  device(): Promise<Address>;
  /** Is its event stream open? */
  isListened(): Promise<boolean>;
  /** So many plates pass, one after the other; for each the ms from its last byte sent to the command for the barrier. */
  pass(plates: number): Promise<readonly number[]>;
}

/** Node-RED with a flow from plates to a barrier. */
export interface GateFlow {
  deploy(address: Address): Promise<void>;
}

/** A recorder with a film of 2 Mbit/s on every channel. */
export interface VideoDevice {
  device(channels: number): Promise<{ host: string; port: number; username: string; password: string }>;
}

/** Node-RED with the package, which turns it into what browsers play. */
export interface VideoServer {
  /** The port of its HTTP. */
  start(device: { host: string; port: number; username: string; password: string }): Promise<number>;
  /** Of a channel's video. */
  address(channel: number): Promise<string>;
  usage(): Promise<{ cpuMs: number; rss: number; used: number }>;
}

/** The process that plays a device with a long past. */
export interface PastDevice {
  /** A recorder with so many recordings of a minute each, one after the other. */
  device(recordings: number): Promise<Address>;
  isListened(): Promise<boolean>;
  /** Off the network, so many plates pass, back again. They are listed in pages of so many. */
  outage(plates: number, page: number): Promise<void>;
}

/** What a long list costs who reads it. */
export interface ListCost {
  readonly found: number;
  /** Entries that came more than once. */
  readonly doubled: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** The longest that the event loop stood still, ms. */
  readonly longestMs: number;
  /** MB in use above what was in use before, at most and in the end. */
  readonly peakMb: number;
  readonly keptMb: number;
}

/** Node-RED with a recordings node and a plate-in at one device. */
export interface PastFlow {
  deploy(address: Address): Promise<void>;
  /** All recordings since that time, ISO 8601. */
  recordings(start: string): Promise<ListCost>;
  /** Begins to count plates. */
  begin(): Promise<void>;
  /** What came until so many plates were there. */
  plates(count: number): Promise<ListCost>;
}

/** The process that plays what keeps a Node-RED busy. */
export interface LoopDevice {
  device(): Promise<Address>;
  isListened(): Promise<boolean>;
  /** So many events a second, each with a picture of so many bytes (0: none), for so long. */
  events(load: { readonly perSecond: number; readonly pictureBytes: number; readonly seconds: number }): Promise<void>;
  /** What a search answers from now on: a list of so many bytes of matches. */
  answer(bytes: number): Promise<void>;
}

/** How the event loop of a Node-RED did. */
export interface LoopDelay {
  /** Of the event loop, ms. */
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  /** The longest pause for collecting garbage in it, ms. */
  readonly longestCollection: number;
  /** Messages that came. */
  readonly messages: number;
}

/** Node-RED with an event-in, a recordings node and an announcement at one device. */
export interface LoopFlow {
  deploy(address: Address): Promise<void>;
  begin(): Promise<void>;
  end(): Promise<LoopDelay>;
  /** A search, as often as wanted one after the other; how they ended. */
  search(times: number): Promise<string>;
  /** Begins an announcement of a minute, WAV at 44.1 kHz. */
  talk(): Promise<void>;
}
