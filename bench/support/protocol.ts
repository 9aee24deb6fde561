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
