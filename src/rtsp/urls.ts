/**
 * RTSP addresses of Hikvision devices: `/Streaming/Channels/<id>` live, `/Streaming/tracks/<id>` recorded (the vendor's guide, 4.3.1 and
 * 5.3.1). Pure functions: no request is sent.
 */
import { FatalError } from "../lib/errors";
import type { Credentials } from "../http/digest";
import { say } from "../lib/sentence";

export interface RtspServer {
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** RTSP over TLS. */
  readonly secure: boolean;
}

export type Transport = "unicast" | "multicast";

/** @param id channel * 100 + stream. */
export function liveUrl(server: RtspServer, id: number, transport: Transport): string {
  return `${origin(server)}/Streaming/Channels/${id}?transportmode=${transport}`;
}

/**
 * @param track channel * 100 + 1.
 * @param start as the device writes it, "20210818T151815Z"; so is `end`. Without an end the playback continues.
 */
export function trackUrl(server: RtspServer, track: number, start: string, end?: string): string {
  // Devices write the slash before the question mark themselves (NVR V4.60, DS-2CD2F12FWD-IWS).
  return `${origin(server)}/Streaming/tracks/${track}/?starttime=${start}${end === undefined ? "" : `&endtime=${end}`}`;
}

/**
 * Makes a `playbackURI` of a search playable: replaces host and port by those where we reach the device, and percent-encodes what a URL
 * cannot hold (the guide's example has spaces in its times).
 * @throws {FatalError} `badRequest` for the address of a picture, and for other text.
 */
export function recordingUrl(server: RtspServer, playbackUri: string): string {
  const [, scheme = "", path = ""] = /^([a-z]+):\/\/[^/?#\s]+(\/.+)$/is.exec(playbackUri.trim()) ?? [];
  if (/^https?$/i.test(scheme) || (trackOf(path) ?? 0) % 100 === 3) {
    throw new FatalError("badRequest", say`This recording is a picture, not a video: get it with a download node.`);
  }
  if (!/^rtsps?$/i.test(scheme) || !/^\/(?:[a-z]+\/)?streaming\/tracks\/\d+/i.test(path)) {
    throw new FatalError(
      "badRequest",
      say`"${playbackUri.slice(0, 60)}" is not the address of a recording. Give a recording of a recordings node, its name, or its playbackUri.`,
    );
  }
  return origin(server) + path.replace(UNSAFE, escape);
}

/** The track in a `playbackURI`: channel * 100 + 1. Undefined when there is none. */
export function trackOf(playbackUri: string): number | undefined {
  const digits = /\/streaming\/tracks\/(\d{1,9})/i.exec(playbackUri)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Adds user name and password, percent-encoded. Everybody who sees the URL can read them. */
export function withCredentials(url: string, { username, password }: Credentials): string {
  return url.replace("://", () => `://${encode(username)}:${encode(password)}@`);
}

/** The parts of an address that {@link withCredentials} made, or of one without a login. Undefined: no RTSP address. */
export function splitUrl(
  url: string,
): { server: RtspServer; credentials: Credentials; origin: string; path: string } | undefined {
  const parts = /^(rtsps?):\/\/(?:([^:@/]*):([^@/]*)@)?(\[[^\]/]+\]|[^:/]+)(?::(\d{1,5}))?(\/.*)$/i.exec(url);
  if (!parts) return undefined;
  const [, scheme = "", username = "", password = "", name = "", port, path = ""] = parts;
  const secure = scheme.toLowerCase() === "rtsps";
  const host = name.replace(/^\[|\]$/g, "");
  const server = { host, port: port === undefined ? (secure ? 322 : 554) : Number(port), secure };
  const credentials = { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  return { server, credentials, origin: origin(server), path };
}

/** What RFC 3986 does not allow in a path or a query, and a % that is no escape. */
const UNSAFE = /[^\w.~!$&'()*+,;=:@/?%-]|%(?![0-9a-f]{2})/giu;

function encode(text: string): string {
  return escape(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Through a Buffer, because encodeURIComponent throws on a lone surrogate. */
function escape(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

function origin({ host, port, secure }: RtspServer): string {
  return `${secure ? "rtsps" : "rtsp"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
