/** Options of a virtual device, and their defaults. */
import type { AlertStreamOptions, HeartbeatOptions } from "./alert-stream";
import { selfSigned } from "./certificate";
import { realClock, type DeviceClock } from "./clock";
import { Dump } from "./dump";
import { DEFAULT_AUTH, type AuthOptions, type Credentials } from "./authenticator";
import type { Tls } from "./listener";
import { plainPictures, type PictureSource } from "./picture-source";
import type { ProfileOptions } from "./profile";
import type { FilmSource } from "./rtsp/film";
import type { SadpOptions } from "./sadp";
import { WIRES, type Wire } from "./wire";

export interface VirtualDeviceOptions extends ProfileOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  /** HTTPS with a self-signed certificate, made at start. */
  readonly tls?: boolean;
  readonly username?: string;
  readonly password?: string;
  readonly auth?: Partial<AuthOptions>;
  /** Alert streams open at once; default 4. */
  readonly slots?: number;
  /** Default: every 10 s, the first one at once; null: none. */
  readonly heartbeat?: HeartbeatOptions | null;
  /** How parts are written when all is well; default: as the model's family does. */
  readonly wire?: Wire;
  /** Transfer-Encoding: chunked on the alert stream; default false (ends with the connection). */
  readonly chunked?: boolean;
  /** Old firmware: the alert stream is only at /Event/notification/alertStream. */
  readonly legacyStream?: boolean;
  /** An NVR that gives pictures only under ContentMgmt/StreamingProxy, as seen in pyHik#119. */
  readonly snapshotByProxy?: boolean;
  /** POSIX, as in System/time; default: central Europe. */
  readonly zone?: string;
  /** How far the device's clock is ahead, ms. */
  readonly driftMs?: number;
  readonly activated?: boolean;
  /** Answers as a recorded device did; login and alert stream stay the virtual device's own. A file's path, or what was read. */
  readonly dump?: Dump | string;
  /** Lets itself be found in the network; default: not. */
  readonly sadp?: SadpOptions;
  /** Pictures of snapshots, events and plates; default: plain grey ones. */
  readonly pictures?: PictureSource;
  /** What its RTSP server plays; default: it has none. */
  readonly films?: FilmSource;
  /** How RTSP asks for the login, where that is not as HTTP does; without qop by default. */
  readonly rtspAuth?: Partial<AuthOptions>;
  readonly clock?: DeviceClock;
}

export interface ResolvedOptions extends ProfileOptions, AlertStreamOptions, Credentials {
  readonly host: string;
  readonly port: number;
  readonly tls: Tls | undefined;
  readonly auth: AuthOptions;
  readonly legacyStream: boolean;
  readonly snapshotByProxy: boolean;
  readonly zone: string;
  readonly driftMs: number;
  readonly activated: boolean;
  readonly dump: Dump | undefined;
  readonly sadp?: SadpOptions;
  readonly pictures: PictureSource;
  readonly films?: FilmSource;
  readonly rtspAuth?: Partial<AuthOptions>;
  readonly clock: DeviceClock;
}

const CENTRAL_EUROPE = "CST-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00";

export function resolveOptions(given: VirtualDeviceOptions): ResolvedOptions {
  const dump = typeof given.dump === "string" ? Dump.read(given.dump) : given.dump;
  const options = { ...dump?.profile, ...given };
  return {
    ...options,
    dump,
    host: options.host ?? "127.0.0.1",
    port: options.port ?? 0,
    tls: options.tls ? selfSigned() : undefined,
    username: options.username ?? "admin",
    password: options.password ?? "correct horse 7",
    auth: { ...DEFAULT_AUTH, ...options.auth },
    slots: options.slots ?? 4,
    heartbeat: options.heartbeat === undefined ? { ms: 10_000 } : options.heartbeat,
    wire: options.wire ?? WIRES[options.model ?? "camera"],
    chunked: options.chunked ?? false,
    legacyStream: options.legacyStream ?? false,
    snapshotByProxy: options.snapshotByProxy ?? false,
    zone: options.zone ?? CENTRAL_EUROPE,
    driftMs: options.driftMs ?? 0,
    activated: options.activated ?? true,
    pictures: options.pictures ?? plainPictures,
    clock: options.clock ?? realClock,
  };
}
